"""Define the chart of both models on all examples."""

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.specs.marks import (
    AT_THRESHOLD,
    Layered,
    layered,
    model_colour,
    model_shape,
    params,
    rows_of,
    slice_tooltip,
)
from fairgate.report.theme import GREY


def overall() -> Layered:
    """Draw both models on everything, one line per metric that lies between 0 and 1."""
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("place", op="min"))
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, 1]))
    rows = rows_of("metrics").transform_filter(
        f"datum.slice == '{OVERALL}' && {AT_THRESHOLD} && datum.value >= 0 && datum.value <= 1 && datum.metric != 'loss'"
    )
    paths = rows.mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(y=y, x=x, detail=alt.Detail("name:N"))
    ranges = rows.mark_rule(strokeWidth=5, opacity=0.3, clip=True).encode(
        y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=model_colour()
    )
    points = rows.mark_point(filled=True, size=95, opacity=1).encode(
        y=y, x=x, color=model_colour(), shape=model_shape(), tooltip=slice_tooltip()
    )
    return layered(paths, ranges, points, controls=params("threshold"), height={"step": 26})
