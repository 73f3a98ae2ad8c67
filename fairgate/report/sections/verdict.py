"""Show the first section: the outcome, its reasons, the waivers, and every rule that was judged."""

from collections import Counter

from fairgate.gate import selection
from fairgate.gate.outcome import RuleLine
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="verdict" aria-label="Verdict">
<div class="banner {{ verdict.outcome }}">
<span class="mark" aria-hidden="true">{{ {'blessed': '✓', 'refused': '✕', 'reported': 'i'}.get(verdict.outcome, '?') }}</span>
<h2>{{ verdict.outcome | capitalize }}</h2>
<p>{{ verdict.summary }}</p>
</div>
{% if verdict.data.generated %}
<p class="notice"><strong>Generated data.</strong> These examples are synthetic, with a planted and stated bias. The numbers
say nothing about real people or comments.</p>
{% endif %}
{% for model, count in verdict.invalid_scores.items() if count %}
<p class="notice"><strong>{{ count | number }} scores of the {{ model }} were not finite</strong> and are in no count.</p>
{% endfor %}
{% if reasons %}
<ul class="reasons">
{% for rule in reasons[:8] %}
<li>{{ rule.reason | unbroken }}</li>
{% endfor %}
{% if reasons | length > 8 %}
<li class="muted">{{ reasons | length - 8 }} more are in the table below.</li>
{% endif %}
</ul>
{% endif %}
{% if verdict.waivers %}
<h3>Waivers in force</h3>
<ul class="reasons">
{% for waiver in verdict.waivers %}
<li>{{ badge('waived') }} <strong>{{ waiver.rule }}</strong> on <bdi>{{ waiver.slice | breakable }}</bdi>, until
{{ waiver.until }}. {{ waiver.who }}: {{ waiver.why }}</li>
{% endfor %}
</ul>
{% endif %}
<details{{ ' open' if verdict.rules | length <= 12 or verdict.outcome == 'reported' }}>
<summary>Every rule that was judged ({{ verdict.rules | length }}{{ ': ' ~ results if results }})</summary>
{% call scrolling('Rules', verdict.rules | length > 12) %}
<table>
<thead><tr><th>Rule</th><th>Reason</th><th>Slice</th><th class="num">Value</th><th class="num">Limit</th>
<th class="num">n</th></tr></thead>
<tbody>
{% for rule, proof in lines %}
<tr><th scope="row">{{ badge(rule.outcome) }}
{% if proof %}<span class="badge {{ 'muted' if proof == 'proven' else 'open' }}">{{ proof }}</span>{% endif %}
<span class="rule">{{ rule.id }}</span></th>
<td class="wide">{{ rule.reason | unbroken | breakable }}
{% if rule.needed and rule.needed.sentence not in rule.reason %}
<span class="muted">{{ rule.needed.sentence | unbroken | breakable }}</span>
{% endif %}
</td><td><bdi>{{ (rule.slice or '–') | breakable }}</bdi></td>
<td class="num">{{ rule.value | number }}{% if rule.interval %}{{ range(*rule.interval) }}{% endif %}</td>
<td class="num">{{ rule.limit | number }}</td>
<td class="num">{{ rule.n | number(0) if rule.n else '–' }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
</details>
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the rules, the gravest results first, and how sure each result is, where the verdict says so."""
    verdict = view.verdict
    rules = selection.gravest_first(verdict.rules)
    results = Counter(rule.outcome for rule in rules)
    counts = ", ".join(f"{results[result]} {result}" for result in selection.GRAVITY if results[result])
    proofs = [selection.proof(rule) for rule in rules] if selection.says_proof(rules) else [""] * len(rules)
    lines = list(zip(rules, proofs, strict=True))
    return Parts("Verdict", values={"lines": lines, "results": counts if len(results) > 1 else "", "reasons": _reasons(view)})


def _reasons(view: ReportView) -> list[RuleLine]:
    """Return the lines that led to a refusal or left it open, and those that a waiver excuses."""
    waived = [rule for rule in view.verdict.rules if rule.outcome == "waived"]
    return [*(view.decisive if view.verdict.outcome in ("refused", "inconclusive") else ()), *waived]


register(Section("verdict", TEMPLATE, parts))
