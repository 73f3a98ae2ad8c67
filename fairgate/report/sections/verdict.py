"""Show the first section: the outcome, its reasons, what each group was judged on, the policy, and every rule on every group."""

from collections.abc import Sequence

from fairgate.gate import grid, selection, sentences
from fairgate.gate.outcome import CHECK, RuleLine
from fairgate.names import OVERALL
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_SHOWN_ROWS = 40  # of the grid; what stands behind them is folded
_MOST_ROWS = 400
_LONGEST = 40  # characters of a group in a line of several
_MOST_GROUPS = 6  # that one line of the first screen names
_STYLES = {
    "failed": "bad",
    "proven": "good",
    "passed": "good",
    "not disproven": "note",
    "no rule": "muted",
    "not applicable": "muted",
    "better than the worst": "muted",
    "not enough data": "muted",
}

TEMPLATE = """\
{% macro cells(rows) %}
{% call scrolling('Groups and rules') %}
<table class="grid">
<thead><tr><th scope="col">Group</th>{% for rule in grid.rules %}
<th scope="col">{{ rule.id | breakable }}<span class="words">{{ rule.words }}{% if rule.trials %} (n:
{{ rule.trials }}s){% endif %}</span></th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi>{% if row.note %}<span class="words">{{ row.note }}</span>{% endif %}
</th>{% for cell in row.cells %}
<td class="{{ styles.get(cell.result, 'open') }}"{% if cell.reason %} title="{{ cell.reason }}"{% endif %}><span
aria-hidden="true">{{ signs[cell.result] }}</span><span class="visually-hidden">{{ cell.result }}, n =</span>
{{ cell.n | number(0) if cell.n is not none }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endmacro %}
<section class="part" id="verdict" aria-label="Verdict">
<div class="banner {{ verdict.outcome }}">
<span class="mark" aria-hidden="true">{{ {'blessed': '✓', 'refused': '✕', 'reported': 'i'}.get(verdict.outcome, '?') }}</span>
<h2>{{ verdict.outcome | capitalize }}</h2>
<p>{{ verdict.summary }}</p>
</div>
{% if verdict.data.generated %}
<p class="notice"><strong>Generated data</strong> with a planted and stated bias: the numbers say nothing about real people.</p>
{% endif %}
{% for model, count in verdict.invalid_scores.items() if count %}
<p class="notice"><strong>{{ count | number }} scores of the {{ model }} were not finite</strong> and are in no count.</p>
{% endfor %}
{% if reasons %}
<ul class="reasons">
{% for rule in reasons[:3] %}
<li>{{ rule.reason | unbroken }}</li>
{% endfor %}
</ul>
{% if reasons | length > 3 %}
<details class="more"><summary>{{ reasons | length - 3 }} more</summary>
<ul class="reasons">
{% for rule in reasons[3:] %}
<li>{{ rule.reason | unbroken }}</li>
{% endfor %}
</ul>
</details>
{% endif %}
{% endif %}
{% if covered %}
<h3>What was judged</h3>
{% call scrolling('What was judged') %}
<table class="covered">
<thead><tr><th scope="col">Groups</th><th scope="col">Judged on</th><th scope="col">Not judged on</th></tr></thead>
<tbody>
{% for names, each in covered %}
<tr><th scope="row">{{ names }}</th><td data-head="Judged on">{{ each.judged_words }}</td>
<td data-head="Not judged on">{{ each.not_judged_words or '–' }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
<dl class="sheet who">
{% if stands_out %}
<dt>Where no rule judges</dt><dd>{% for words, names in stands_out %}The {{ words }} {{ names }}.<br>
{% endfor %}<a href="#not_judged">Each with its value</a></dd>
{% endif %}
<dt>Policy by</dt><dd>{{ verdict.policy.author or 'nobody named: the policy has no author' }}.
{{ verdict.policy.rationale or 'It gives no rationale.' }}</dd>
</dl>
{% if judged and grid.rules and grid.rows %}
<h3>Groups and rules</h3>
<p class="legend small">{% for result in legend %}<span class="{{ styles.get(result, 'open') }}">{{ signs[result] }}
{{ result }}</span> {% endfor %} <span>The number is n.</span></p>
{{ cells(grid.rows[:shown_rows]) }}
{% if grid.rows | length > shown_rows %}
<details><summary>{{ grid.rows | length - shown_rows }} more slices</summary>
{{ cells(grid.rows[shown_rows:most_rows]) }}
{% if grid.rows | length > most_rows %}
<p class="muted">{{ grid.rows | length - most_rows }} more are in verdict.json.</p>
{% endif %}
</details>
{% endif %}
{% if whys %}
<details><summary>Why these rules</summary>
<dl class="sheet">
{% for rule in whys %}
<dt>{{ rule.id }}</dt><dd>{{ rule.words }}. {{ rule.rationale }}</dd>
{% endfor %}
</dl>
</details>
{% endif %}
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
{% if lines %}
<details{{ ' open' if lines | length <= 12 }}>
<summary>{{ 'Every comparison and check (' ~ results ~ ')' if judged else 'Every check' }}</summary>
{% call scrolling('Rules' if judged else 'Checks', lines | length > 12) %}
<table>
<thead><tr><th>{{ 'Rule' if judged else 'Check' }}</th><th>Reason</th><th>Slice</th><th class="num">Value</th>
{% if judged %}<th class="num">Limit</th>{% endif %}
<th class="num">n</th></tr></thead>
<tbody>
{% for rule, proof in lines %}
<tr><th scope="row">{{ badge('unproven' if 'limit' in proof else rule.outcome, rule.outcome) }}
{% if proof %}<span class="badge {{ 'muted' if proof == 'proven' else 'open' }}">{{ proof }}</span>{% endif %}
<span class="rule">{{ rule.id }}</span></th>
<td class="wide">{{ rule.reason | unbroken | breakable }}
{% if rule.needed and rule.needed.sentence not in rule.reason %}
<span class="muted">{{ rule.needed.sentence | unbroken | breakable }}</span>
{% endif %}
</td><td><bdi>{{ (rule.slice or '–') | breakable }}</bdi></td>
<td class="num">{{ rule.value | number }}{% if rule.interval %}{{ range(*rule.interval) }}{% endif %}</td>
{% if judged %}<td class="num">{{ rule.limit | number }}</td>{% endif %}
<td class="num">{{ rule.n | number(0) if rule.n else '–' }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
</details>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the grid, who was judged, and the rules, the gravest results first, with how sure each result is.

    Of a policy that sets no pass mark there are only the checks: its rules were held to no limit.
    """
    verdict = view.verdict
    judged = verdict.outcome != "reported"
    rules = selection.gravest_first([rule for rule in verdict.rules if judged or rule.kind == CHECK])
    says_proof = selection.says_proof(rules)
    proofs = [selection.proof(rule) if says_proof or rule.breaks_limit else "" for rule in rules]
    made = grid.grid(verdict)
    return Parts(
        "Verdict",
        values={
            "judged": judged,
            "lines": list(zip(rules, proofs, strict=True)),
            "results": selection.count_rules(verdict.rules).words,
            "reasons": _reasons(view),
            "grid": made,
            "legend": made.results(),
            "signs": grid.SIGNS,
            "styles": _STYLES,
            "shown_rows": _SHOWN_ROWS,
            "most_rows": _MOST_ROWS,
            "covered": [(_listed(each.slices), each) for each in grid.coverage(verdict, made)] if judged and made.rules else [],
            "stands_out": [
                (words, _listed(names)) for words, names in grid.standing_out(verdict.not_judged if judged else ()).items()
            ],
            "whys": [rule for rule in verdict.policy.rules if rule.rationale],
        },
    )


def _listed(slices: Sequence[str]) -> str:
    """Return "all examples", "gender:male" or "2 groups: gender:female and gender:male"."""
    if list(slices) == [OVERALL]:
        return "all examples"
    names = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in slices]
    counted = f"{sentences.count(len(names))} groups: " if len(names) > 1 else ""
    return f"{counted}{sentences.listed(names, _MOST_GROUPS)}"


def _reasons(view: ReportView) -> list[RuleLine]:
    """Return the lines that led to a refusal or left it open, and those that a waiver excuses."""
    waived = [rule for rule in view.verdict.rules if rule.outcome == "waived"]
    return [*(view.decisive if view.verdict.outcome in ("refused", "inconclusive") else ()), *waived]


register(Section("verdict", TEMPLATE, parts))
