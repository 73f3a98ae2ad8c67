"""Define the charts of Fairness Indicators: every slice by a metric, and a slice at every threshold."""

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.specs.marks import (
    MODELS_STEP,
    Layered,
    count_column,
    hollow,
    layered,
    limit_marks,
    limit_tooltip,
    model_colour,
    model_fill,
    model_offset,
    model_outline,
    params,
    per_slice,
    rows_of,
    slice_axis,
    slice_controls,
    slice_tooltip,
)
from fairgate.report.theme import VERMILLION


def indicators() -> Layered:
    """Draw one bar per slice and model with its interval, each model's overall value as a dashed line, and what rules allow."""
    y, offset, colour = slice_axis(), model_offset(), model_colour()
    rows = per_slice()
    bars = rows.mark_bar(cursor="pointer", strokeWidth=1.2).encode(
        y=y,
        yOffset=offset,
        x=alt.X("value:Q", title=None),
        color=colour,
        stroke=model_outline(),
        fillOpacity=hollow(),
        tooltip=slice_tooltip(),
    )
    whiskers = rows.mark_rule(strokeWidth=1.4, opacity=0.75, aria=False)
    ranges = whiskers.encode(y=y, yOffset=offset, x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    whole = rows.transform_filter(f"datum.slice == '{OVERALL}'").mark_rule(strokeDash=[4, 3], strokeWidth=1.4)
    overall = whole.encode(x=alt.X("value:Q"), color=colour)
    marks = (bars, ranges, overall, count_column(rows), limit_marks("datum.measure == 'value'"))
    return layered(*marks, controls=slice_controls(), height=MODELS_STEP)


def thresholds() -> Layered:
    """Draw a metric over the decision thresholds for one slice; the dashed line is overall, the dotted one the threshold.

    The limits of rules on the slice are strokes at the thresholds that they judge.
    """
    x = alt.X("threshold:Q", title="decision threshold", scale=alt.Scale(domain=[0, 1]))
    colour = model_colour()
    rows = rows_of("metrics").transform_filter("datum.metric == metric && isValid(datum.threshold)")
    focused = rows.transform_filter("datum.slice == focus")
    band = focused.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour)
    line = focused.mark_line(strokeWidth=2.4).encode(x=x, y=alt.Y("value:Q", title=None), color=colour)
    points = focused.mark_point(size=60, opacity=1).encode(
        x=x, y=alt.Y("value:Q"), color=colour, fill=model_fill(), fillOpacity=hollow(1), tooltip=slice_tooltip()
    )
    allowed = (
        rows_of("limits")
        .transform_filter(
            "datum.metric == metric && datum.measure == 'value' && datum.slice == focus && isValid(datum.threshold)"
        )
        .mark_tick(color=VERMILLION, thickness=3, size=24, orient="horizontal")
        .encode(x=x, y=alt.Y("limit:Q"), tooltip=limit_tooltip())
    )
    overall = (
        rows.transform_filter(f"datum.slice == '{OVERALL}'")
        .mark_line(strokeDash=[4, 3], strokeWidth=1.4)
        .encode(x=x, y=alt.Y("value:Q"), color=colour)
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(x="threshold").mark_rule(strokeDash=[1, 3]).encode(x=alt.X("x:Q"))
    controls = params("metric", "threshold", "focus")
    return layered(band, overall, line, points, allowed, here, controls=controls, height=200)
