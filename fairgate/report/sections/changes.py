"""Show what the candidate fixes and breaks: decisions that were wrong and are right, and the reverse, on every slice."""

import altair as alt

from fairgate.gate.verdict import ChangeLine, Verdict
from fairgate.names import OVERALL
from fairgate.report.charts import (
    AT_THRESHOLD,
    FEW,
    ChartState,
    Figure,
    Layered,
    Source,
    count_marks,
    hollow,
    layered,
    level_mark,
    slice_axis,
    slice_params,
    threshold_param,
)
from fairgate.report.rows import at_threshold
from fairgate.report.section import Parts, Section, register
from fairgate.report.theme import GREEN, VERMILLION
from fairgate.report.view import ReportView

_WORDS = {"fixed": "fixed: wrong → right", "broken": "broken: right → wrong"}


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
    figure = Figure(changes(alt.NamedData("changes"), view.start), ("changes",), caption, {"changes": here})
    rows = _judged(view.verdict, view.start)
    timed = any(row.threshold is not None for row in rows)
    return Parts("Fixes and breaks", {"changes": figure}, {"rows": rows, "timed": timed})


def _judged(verdict: Verdict, state: ChartState) -> list[ChangeLine]:
    """Return every slice at the thresholds that rules judge, or else at the opening one: overall first, then most breaks."""
    judged: set[float | None] = {rule.threshold for rule in verdict.rules if rule.metric and rule.threshold is not None}
    wanted = {None, *(judged or {state.threshold_or_none})}
    lines = [line for line in verdict.changes if line.threshold in wanted]
    return sorted(lines, key=lambda line: (line.threshold or 0.0, line.slice != OVERALL, -line.broken))


def changes(source: Source, state: ChartState) -> Layered:
    """Draw the shares of changed decisions per slice: fixed to the right, broken to the left, the most broken first.

    Args:
        source: columns slice, threshold, n, fixed, broken.
        state: what the page opens with.
    """
    chosen = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
    words = " : ".join(f"datum.kind == '{kind}' ? '{text}'" for kind, text in _WORDS.items())
    rows = (
        alt.Chart(source)
        .transform_filter(AT_THRESHOLD)
        .transform_filter(f"datum.n > 0 && ({chosen})")
        .transform_calculate(rank=f"datum.slice == '{OVERALL}' ? -1e9 : -datum.broken / datum.n")
        .transform_fold(list(_WORDS), as_=["kind", "count"])
        .transform_calculate(share="(datum.kind == 'broken' ? -1 : 1) * datum.count / datum.n", change=f"{words} : ''")
    )
    axis = alt.Axis(labelExpr="format(abs(datum.value), '.1~%')")
    scale = alt.Scale(domain=list(_WORDS.values()), range=[GREEN, VERMILLION])
    counts = [alt.Tooltip(f"{name}:Q", format=",.0f") for name in ("fixed", "broken", "n")]
    bars = rows.mark_bar(cursor="pointer", strokeWidth=1.2).encode(
        y=slice_axis(),
        x=alt.X("share:Q", title=None, stack=None, axis=axis),
        color=alt.Color("change:N", title=None, scale=scale, legend=alt.Legend(direction="vertical")),  # fits a phone
        stroke=alt.Stroke("change:N", title=None, scale=scale, legend=None),
        fillOpacity=hollow(),
        tooltip=[alt.Tooltip("slice:N"), alt.Tooltip("threshold:Q"), *counts],
    )
    sizes = count_marks(rows.transform_filter("datum.kind == 'fixed'"), slice_axis())
    params = [threshold_param(state), *slice_params(state)]
    return layered(bars, level_mark("0"), sizes, params=params, height={"step": 20})


register(Section("changes", TEMPLATE, parts, explored=True))
