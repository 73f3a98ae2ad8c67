"""Show what the candidate fixes and breaks: decisions that were wrong and are right, and the reverse, on every slice."""

from fairgate.gate.verdict import ChangeLine, Verdict
from fairgate.names import OVERALL
from fairgate.report.charts import FEW, Chart, ChartState, Figure
from fairgate.report.rows import at_threshold
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">Fixes and breaks</h2>
<p>Decisions in which the two models differ, as a share of the slice’s examples: wrong by the baseline and right by the
candidate, or the reverse.{% if view.thresholds %} The chart follows the threshold above.{% endif %}</p>
{{ chart('changes') }}
<details{{ ' open' if rows | length <= 12 }}>
<summary>{{ 'At the thresholds of the policy' if timed else 'In numbers' }} ({{ rows | length }})</summary>
{% call scrolling('Fixes and breaks', rows | length > 12) %}
<table><thead><tr><th>Slice</th>{% if timed %}<th class="num">Threshold</th>{% endif %}<th class="num">Examples</th>
<th class="num">Changed</th><th class="num">Wrong → right</th><th class="num">Right → wrong</th></tr></thead><tbody>
{% for row in rows %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi></th>
{% if timed %}<td class="num">{{ row.threshold }}</td>{% endif %}
<td class="num">{{ row.n | number(0) }}</td><td class="num">{{ (row.fixed + row.broken) | number(0) }}</td>
<td class="num">{{ row.fixed | number(0) }}</td><td class="num">{{ row.broken | number(0) }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
</details>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the chart, and the numbers at the policy's thresholds; nothing without a baseline."""
    table = view.tables.get("changes")
    if table is None:
        return None
    caption = (
        "Decisions that the candidate fixes (right) and breaks (left), as a share of each slice’s examples, n at the right."
        f" Hollow: fewer than {FEW} examples."
    )
    here = at_threshold(table, view.start.threshold)
    figure = Figure(Chart("changes", view.start.signals), ("changes",), caption, {"changes": here})
    rows = _judged(view.verdict, view.start)
    timed = any(row.threshold is not None for row in rows)
    return Parts("Fixes and breaks", {"changes": figure}, {"rows": rows, "timed": timed})


def _judged(verdict: Verdict, state: ChartState) -> list[ChangeLine]:
    """Return every slice at the thresholds that rules judge, or else at the opening one: overall first, then most breaks."""
    judged: set[float | None] = {rule.threshold for rule in verdict.rules if rule.metric and rule.threshold is not None}
    wanted = {None, *(judged or {state.threshold_or_none})}
    lines = [line for line in verdict.changes if line.threshold in wanted]
    return sorted(lines, key=lambda line: (line.threshold or 0.0, line.slice != OVERALL, -line.broken))


register(Section("changes", TEMPLATE, parts, explored=True))
