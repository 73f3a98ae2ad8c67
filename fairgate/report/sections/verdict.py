"""Show the first section: the outcome, its reasons, and every rule that was judged."""

from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_GRAVITY = ("failed", "unproven", "not enough data", "not applicable", "passed")


TEMPLATE = """\
<section class="part" id="verdict" aria-label="Verdict">
<div class="banner {{ verdict.outcome }}">
<span class="mark" aria-hidden="true">{{ {'blessed': '✓', 'refused': '✕'}.get(verdict.outcome, '?') }}</span>
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
{% if verdict.outcome != 'blessed' %}
<ul class="reasons">
{% for rule in view.decisive[:8] %}
<li>{{ rule.reason | unbroken }}</li>
{% endfor %}
{% if view.decisive | length > 8 %}
<li class="muted">{{ view.decisive | length - 8 }} more are in the table below.</li>
{% endif %}
</ul>
{% endif %}
<details{{ ' open' if verdict.rules | length <= 12 }}>
<summary>Every rule that was judged ({{ verdict.rules | length }})</summary>
{% call scrolling('Rules', verdict.rules | length > 12) %}
<table>
<thead><tr><th>Rule</th><th>Reason</th><th>Slice</th><th class="num">Value</th><th class="num">Limit</th>
<th class="num">n</th></tr></thead>
<tbody>
{% for rule in rules %}
<tr><th scope="row">{{ badge(rule.outcome) }}<span class="rule">{{ rule.id }}</span></th>
<td class="wide">{{ rule.reason | unbroken }}</td><td><bdi>{{ (rule.slice or '–') | breakable }}</bdi></td>
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
    """Return the rules, the gravest outcomes first."""
    return Parts("Verdict", values={"rules": sorted(view.verdict.rules, key=lambda rule: _GRAVITY.index(rule.outcome))})


register(Section("verdict", TEMPLATE, parts))
