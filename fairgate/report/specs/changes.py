"""Define the chart of what the candidate fixes and breaks."""

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.specs.marks import (
    AT_THRESHOLD,
    Layered,
    count_marks,
    hollow,
    layered,
    level_mark,
    params,
    rows_of,
    slice_axis,
)
from fairgate.report.theme import GREEN, VERMILLION

_WORDS = {"fixed": "fixed: wrong → right", "broken": "broken: right → wrong"}


def changes() -> Layered:
    """Draw the shares of changed decisions per slice: fixed to the right, broken to the left, the most broken first.

    Table "changes": columns slice, threshold, n, fixed, broken.
    """
    chosen = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
    words = " : ".join(f"datum.kind == '{kind}' ? '{text}'" for kind, text in _WORDS.items())
    rows = (
        rows_of("changes")
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
    controls = params("threshold", "chosen", "labels")
    return layered(bars, level_mark("0"), sizes, controls=controls, height={"step": 20})
