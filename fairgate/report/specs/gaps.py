"""Define the chart of how far every slice lies from overall or from the rest."""

import altair as alt

from fairgate.report.specs.marks import (
    MODELS_STEP,
    Layered,
    count_column,
    hollow,
    layered,
    level_mark,
    limit_marks,
    model_colour,
    model_fill,
    model_offset,
    model_shape,
    params,
    per_slice,
    slice_axis,
    slice_controls,
    slice_tooltip,
)

_RELATIVE = "(measure == 'ratio_to_overall' || measure == 'ratio_to_rest')"
_LABEL = f"{_RELATIVE} ? format(datum.value, '.2f') + ' ×' : format(datum.value, '+.2f')"


def gaps() -> Layered:
    """Draw how far each slice lies from overall or from the rest, with intervals; vermillion strokes are what rules allow.

    Parameter `measure`: one of the columns ratio_to_overall, difference_to_overall, ratio_to_rest, difference_to_rest. Table
    "limits": columns slice, metric, threshold, measure, limit and rule.
    """
    y = slice_axis()
    x = alt.X("shown:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(labelExpr=_LABEL, tickCount=7))
    offset, colour = model_offset(), model_colour()
    ends = {"shown": "datum[measure]", "from": "datum[measure + '_low']", "to": "datum[measure + '_high']"}
    rows = per_slice().transform_calculate(**ends).transform_filter("isValid(datum.shown)")
    ranges = rows.mark_rule(strokeWidth=4, opacity=0.35).encode(
        y=y, yOffset=offset, x=alt.X("from:Q"), x2=alt.X2("to:Q"), color=colour
    )
    points = rows.mark_point(size=85, opacity=1, strokeWidth=1.4, cursor="pointer").encode(
        y=y,
        yOffset=offset,
        x=x,
        color=colour,
        fill=model_fill(),
        fillOpacity=hollow(1),
        shape=model_shape(),
        tooltip=slice_tooltip(),
    )
    level = level_mark(f"{_RELATIVE} ? 1 : 0")
    marks = (level, ranges, points, count_column(rows), limit_marks("datum.measure == measure"))
    return layered(*marks, controls=[*slice_controls(), *params("measure")], height=MODELS_STEP)
