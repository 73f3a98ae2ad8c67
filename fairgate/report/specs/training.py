"""Define the chart of a metric over training.

Gaps: `unit`, what the axis counts ("epoch" or "step"); `splits`, on which the metric was measured, the first as a solid line.
"""

import altair as alt

from fairgate.report.specs.marks import (
    Layered,
    gap,
    layered,
    model_colour,
    params,
    rows_of,
)


def curves() -> Layered:
    """Draw one metric, that of parameter `curve`, over training, per model and split."""
    rows = rows_of("curves").transform_filter("datum.metric == curve")
    dashes = alt.Scale(domain=[gap("splits")], range=[[1, 0], [5, 3], [1, 2]])
    lines = rows.mark_line(strokeWidth=2).encode(
        x=alt.X("epoch:Q", title=gap("unit"), axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=model_colour(),
        strokeDash=alt.StrokeDash("split:N", title=None, scale=dashes),
        tooltip=["model:N", "split:N", "epoch:Q", "step:Q", alt.Tooltip("value:Q", format=".4f")],
    )
    return layered(lines, controls=params("curve"), height=240)
