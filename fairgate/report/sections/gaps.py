"""Show how far every slice lies from overall or from the rest, as a ratio or a difference."""

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.charts import (
    FEW,
    MODELS_STEP,
    ChartState,
    Figure,
    Layered,
    Source,
    count_column,
    hollow,
    layered,
    level_mark,
    limit_marks,
    model_colour,
    model_fill,
    model_offset,
    model_shape,
    per_slice,
    slice_axis,
    slice_controls,
    slice_tooltip,
)
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_RELATIVE = "(measure == 'ratio_to_overall' || measure == 'ratio_to_rest')"
_MEASURES = {
    "ratio_to_overall": "ratio to overall",
    "difference_to_overall": "difference to overall",
    "ratio_to_rest": "ratio to the rest",
    "difference_to_rest": "difference to the rest",
}
_LABEL = f"{_RELATIVE} ? format(datum.value, '.2f') + ' ×' : format(datum.value, '+.2f')"


TEMPLATE = """\
<section class="part" id="gaps" aria-labelledby="gaps-title">
<h2 id="gaps-title">Gaps</h2>
<p>How far each slice lies from the others, for <strong data-says="metric">{{ view.start_words }}</strong>.
<span data-says="meaning">{{ view.chosen.meaning }}</span>
{% if view.limits | length %}A vermillion stroke is the limit of a rule that judges the slice by this measure at this threshold.
{% endif %}</p>
<div data-needs="gaps"{{ ' hidden' if not view.chosen.compared }}>
<div class="row controls" data-js hidden><label class="field">Measure
<select id="measure">{% for name, words in measures.items() %}
<option value="{{ name }}"{{ ' selected' if name == view.start.measure }}>{{ words }}</option>{% endfor %}
</select></label></div>
{{ chart('gaps') }}
</div>
<p class="muted" data-lacks="gaps"{{ ' hidden' if view.chosen.compared }}>This metric is not defined on all examples taken
together, so that no slice can be set against them. Pick another one above.</p>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the chart, where any slice can be compared with overall."""
    if not view.metrics.loc[view.metrics["slice"] != OVERALL, "difference_to_overall"].notna().any():
        return None
    caption = (
        "Each slice set against overall or against the rest, both models, with intervals, and n at the right."
        f" Hollow: fewer than {FEW} examples."
    )
    chart = gaps(alt.NamedData("metrics"), alt.NamedData("limits"), view.start)
    return Parts(
        "Gaps", {"gaps": Figure(chart, ("metrics", "limits"), caption, {"metrics": view.opening})}, {"measures": _MEASURES}
    )


def gaps(source: Source, limits: Source, state: ChartState) -> Layered:
    """Draw how far each slice lies from overall or from the rest, with intervals; vermillion strokes are what rules allow.

    Parameter `measure`: one of the columns ratio_to_overall, difference_to_overall, ratio_to_rest, difference_to_rest. `limits`
    has the columns slice, metric, threshold, measure, limit and rule.
    """
    y = slice_axis()
    x = alt.X("shown:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(labelExpr=_LABEL, tickCount=7))
    offset, colour = model_offset(), model_colour()
    ends = {"shown": "datum[measure]", "from": "datum[measure + '_low']", "to": "datum[measure + '_high']"}
    rows = per_slice(source).transform_calculate(**ends).transform_filter("isValid(datum.shown)")
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
    marks = (level, ranges, points, count_column(rows, state), limit_marks(limits, "datum.measure == measure"))
    params = [*slice_controls(state), alt.param(name="measure", value=state.measure)]
    return layered(*marks, params=params, height=MODELS_STEP)


register(Section("gaps", TEMPLATE, parts, explored=True))
