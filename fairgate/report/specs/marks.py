"""Define marks, axes and parameters that the charts of several sections share.

Parameters `metric`, `threshold`, `chosen`, `focus`, `by`, `labels` are set by the page or a notebook. Expressions are fixed text:
names and values from data reach a chart only as rows, parameter values and what fills its gaps (`gap`).

Slices are told apart by their names; labels, which two slices could share, are looked up where they are written. A mark is hollow
where it rests on fewer than `FEW` examples.
"""

from typing import Any

import altair as alt

from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.charts import FEW
from fairgate.report.theme import CLASSES, MODELS, VERMILLION
from fairgate.report.vega import GAP

Layered = alt.LayerChart | alt.FacetChart  # what Altair says that a layered chart may be

AT_THRESHOLD = "(!isValid(datum.threshold) || datum.threshold == threshold)"
OF_METRIC = f"datum.metric == metric && {AT_THRESHOLD}"
RESTS_ON_FEW = f"isValid(datum.n) && datum.n < {FEW}"
LABEL = "labels[datum.value] || datum.value"
_CHOSEN = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
_RANK = (
    f"datum.slice == '{OVERALL}' ? -1e9 : datum.model != '{CANDIDATE}' ? 1e9 : by == 'value' ? -datum.value :"
    " by == 'difference' ? -abs(datum.difference_to_overall) : datum.order"
)
OF_JUDGED = "datum.model == judged"
SAYS_N = "'n ' + format(datum.n, ',.0f')"
_OPENING: dict[str, Any] = {"chosen": [], "by": "order", "labels": {}, "named": {}}
X_VALUE: Any = alt.XValue  # without types in Altair
Y_VALUE: Any = alt.YValue
MODELS_STEP = {"step": 13, "for": "offset"}  # height of the row of a slice, for each model


def gap(name: str) -> Any:
    """Return what stands in a specification for a value that only the page knows, where Vega takes no parameter."""
    return GAP.format(name)


def layered(*marks: alt.Chart, controls: list[alt.Parameter], height: Any) -> Layered:
    """Lay marks over each other.

    A chart is layered once, and gets its parameters then: Altair copies all layers of a layered chart whenever it is changed or
    laid into another one.

    Args:
        marks: none of them layered.
        controls: parameters that the page or a notebook sets.
        height: of the plot in pixels, or the step of a row.
    """
    return alt.layer(*marks, params=[each.param for each in controls], height=height)


def rows_of(table: str) -> alt.Chart:
    """Return a chart without a mark of the rows of a table of the view."""
    return alt.Chart(alt.NamedData(table))


def per_slice() -> alt.Chart:
    """Return the rows of the chosen metric, threshold and slices with `rank`, the place of their slice; see `slice_controls`."""
    rows = rows_of("metrics").transform_filter(OF_METRIC).transform_filter(_CHOSEN)
    ranked: alt.Chart = rows.transform_calculate(rank=_RANK)
    return ranked


def params(*names: str) -> list[alt.Parameter]:
    """Return parameters; those that `charts.Chart` has to fill are null."""
    return [alt.param(name=name, value=_OPENING.get(name)) for name in names]


def slice_controls() -> list[alt.Parameter]:
    """Return the parameters that `per_slice` and `count_column` read."""
    return params("metric", "threshold", "chosen", "labels", "by", "judged")


def limit_marks(test: str) -> alt.Chart:
    """Draw the limit of each rule as a vermillion stroke across the slices, and at the threshold, that the rule judges.

    Args:
        test: Vega expression over `datum.measure` that picks the marks.
    """
    rows = rows_of("limits").transform_filter(f"{OF_METRIC} && {test}").transform_filter(_CHOSEN)
    marks = rows.transform_calculate(rank="1e9").mark_tick(color=VERMILLION, thickness=3, size=24)  # the slices' own rank counts
    strokes: alt.Chart = marks.encode(x=alt.X("limit:Q"), y=slice_axis(), tooltip=limit_tooltip())
    return strokes


def limit_tooltip() -> list[alt.Tooltip]:
    """Return what the mark of a limit shows when it is pointed at."""
    return [alt.Tooltip("rule:N"), alt.Tooltip("slice:N"), alt.Tooltip("limit:Q", format=".3f")]


def count_column(rows: alt.Chart) -> alt.Chart:
    """Write how many examples the judged model's value of each slice rests on, at the right of the plot."""
    own = rows.transform_filter(f"{OF_JUDGED} && isValid(datum.n)")
    return count_marks(own, slice_axis())


def count_marks(rows: alt.Chart, y: alt.Y) -> alt.Chart:
    """Write n of each row at the right of the plot."""
    marks = rows.transform_calculate(says=SAYS_N).mark_text(align="left", dx=6, fontSize=11)
    says: alt.Chart = marks.encode(y=y, x=X_VALUE("width"), text=alt.Text("says:N"))
    return says


def level_mark(level: str) -> alt.Chart:
    """Draw a vertical line at the value of a Vega expression: "0" where there is no difference."""
    rows = alt.Chart(alt.InlineData([{}])).transform_calculate(level=level)
    rule: alt.Chart = rows.mark_rule(opacity=0.6).encode(x=alt.X("level:Q"))
    return rule


def hollow(full: float = 0.9) -> alt.FillOpacityValue:
    """Return the fill of a mark: `full` as a rule, almost none where it rests on few examples."""
    return alt.FillOpacityValue(full, condition={"test": RESTS_ON_FEW, "value": 0.12})


def model_colour() -> alt.Color:
    """Return the colour of a model: grey for the baseline, blue for the candidate; its legend is the only one of the models."""
    names, colours = MODELS
    legend = alt.Legend(symbolType="circle")  # written out, or a fill or an outline without a legend would take it away
    return alt.Color("model:N", title=None, scale=alt.Scale(domain=names, range=colours), legend=legend)


def slice_colour() -> alt.Color:
    """Return the colour of a slice among those of a feature; its legend writes the label and the number of examples."""
    legend = alt.Legend(
        labelExpr="named[datum.value] || datum.value", direction="vertical", labelLimit=300, symbolFillColor="transparent"
    )
    return alt.Color("slice:N", title=None, scale=alt.Scale(range=CLASSES), legend=legend)


def slice_fill() -> alt.Fill:
    """Return the fill of a mark in the colour of `slice_colour`, whose legend is the only one."""
    return alt.Fill("slice:N", scale=alt.Scale(range=CLASSES), legend=None)


def model_outline() -> alt.Stroke:
    """Return the colour of a model as an outline, which a hollow mark keeps; its legend is that of `model_colour`."""
    names, colours = MODELS
    return alt.Stroke("model:N", title=None, scale=alt.Scale(domain=names, range=colours), legend=None)


def model_fill() -> alt.Fill:
    """Return the colour of a model as a fill, which a hollow mark lacks; its legend is that of `model_colour`."""
    names, colours = MODELS
    return alt.Fill("model:N", title=None, scale=alt.Scale(domain=names, range=colours), legend=None)


def model_shape() -> alt.Shape:
    """Return the shape of a model, a second mark beside its colour."""
    return alt.Shape("model:N", title=None, scale=alt.Scale(domain=MODELS[0], range=["diamond", "circle"]))


def model_offset() -> alt.YOffset:
    """Return the offset that puts the models of one slice side by side."""
    return alt.YOffset("model:N", sort=None, scale=alt.Scale(domain=MODELS[0]))


def slice_axis() -> alt.Y:
    """Return the axis of slices, in the order of their rank."""
    return alt.Y("slice:N", title=None, sort=alt.EncodingSortField("rank", op="min"), axis=alt.Axis(labelExpr=LABEL))


def slice_tooltip() -> list[alt.Tooltip]:
    """Return what a mark of one slice shows when it is pointed at."""
    numbers = [("value", "value", ".4f"), ("low", "from", ".4f"), ("high", "to", ".4f"), ("n", "n", ",.0f")]
    against = [("difference_to_overall", "difference to overall", "+.4f"), ("ratio_to_overall", "ratio to overall", ".2f")]
    names = [alt.Tooltip("slice:N"), alt.Tooltip("model:N"), alt.Tooltip("metric:N"), alt.Tooltip("threshold:Q")]
    return names + [alt.Tooltip(f"{field}:Q", title=title, format=form) for field, title, form in numbers + against]
