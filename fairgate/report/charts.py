"""Define marks, axes and parameters that the charts of several sections share.

In: a source (a table, or the name under which the page supplies one) with the columns of `rows.with_comparisons` and `order`.
Out: parts of Altair charts with parameters `metric`, `threshold`, `chosen`, `focus`, `by`, `labels`; the page or a notebook sets
them. Expressions are fixed text: names and values from data reach a chart only as rows and parameter values.

Slices are told apart by their names; labels, which two slices could share, are looked up where they are written. A mark is hollow
where it rests on fewer than `FEW` examples.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd

from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.theme import CLASSES, MODELS, VERMILLION

Source = pd.DataFrame | alt.Data
Layered = alt.LayerChart | alt.FacetChart  # what Altair says that a layered chart may be

FEW = 100  # trials of a rate, or examples, below which a mark is hollow; as many as policies ask for by default

AT_THRESHOLD = "(!isValid(datum.threshold) || datum.threshold == threshold)"
OF_METRIC = f"datum.metric == metric && {AT_THRESHOLD}"
RESTS_ON_FEW = f"isValid(datum.n) && datum.n < {FEW}"
LABEL = "labels[datum.value] || datum.value"
_CHOSEN = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
_RANK = (
    f"datum.slice == '{OVERALL}' ? -1e9 : datum.model != '{CANDIDATE}' ? 1e9 : by == 'value' ? -datum.value :"
    " by == 'difference' ? -abs(datum.difference_to_overall) : datum.order"
)
SAYS_N = "'n ' + format(datum.n, ',.0f')"
X_VALUE: Any = alt.XValue  # without types in Altair
Y_VALUE: Any = alt.YValue
MODELS_STEP = {"step": 13, "for": "offset"}  # height of the row of a slice, for each model


@dataclass(frozen=True)
class ChartState:
    """What a chart shows when it opens.

    Attributes:
        metric: name of a metric.
        threshold: decision threshold; NaN when the metrics have none.
        metrics, thresholds: the choices of a notebook's controls; empty for charts whose controls are the page's.
        slices: the slices shown; empty for all.
        focus: the slice whose thresholds are shown.
        labels: slice and its label, see `rows.labels_of`.
        named: slice and its label with its number of examples, for legends.
        judged: the model whose numbers of examples are written beside a chart.
        measure: the comparison that the gaps open with.
    """

    metric: str
    threshold: float = math.nan
    metrics: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    slices: tuple[str, ...] = ()
    focus: str = OVERALL
    labels: tuple[tuple[str, str], ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    judged: str = CANDIDATE
    measure: str = "ratio_to_overall"

    @property
    def threshold_or_none(self) -> float | None:
        """Return the threshold, or None when there is none: JSON and Vega have no NaN."""
        return None if math.isnan(self.threshold) else self.threshold


@dataclass(frozen=True)
class Figure:
    """A chart.

    Attributes:
        chart: its sources are names of tables of the view.
        tables: these names.
        caption: what it shows, in a sentence; also for those who do not see it.
        still: name of a table -> the rows that a still picture needs, where it does not need all of them.
    """

    chart: alt.TopLevelMixin
    tables: tuple[str, ...]
    caption: str
    still: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def layered(*marks: alt.Chart, params: list[alt.Parameter], height: Any) -> Layered:
    """Lay marks over each other.

    A chart is layered once, and gets its parameters then: Altair copies all layers of a layered chart whenever it is changed or
    laid into another one.

    Args:
        marks: none of them layered.
        params: what the page or a notebook sets.
        height: of the plot in pixels, or the step of a row.
    """
    return alt.layer(*marks, params=[each.param for each in params], height=height)


def per_slice(source: Source) -> alt.Chart:
    """Return the rows of the chosen metric, threshold and slices with `rank`, the place of their slice; see `slice_controls`."""
    rows = alt.Chart(source).transform_filter(OF_METRIC).transform_filter(_CHOSEN)
    ranked: alt.Chart = rows.transform_calculate(rank=_RANK)
    return ranked


def slice_controls(state: ChartState) -> list[alt.Parameter]:
    """Return the parameters that `per_slice` reads."""
    return [metric_param(state), threshold_param(state), *slice_params(state), _order(state)]


def slice_params(state: ChartState) -> list[alt.Parameter]:
    """Return the parameters `chosen`, the slices shown, and `labels`, what the axis of slices writes."""
    return [alt.param(name="chosen", value=list(state.slices)), labels_param()]


def labels_param() -> alt.Parameter:
    """Return the parameter `labels`, slice -> label, without the labels: see `named`, which sets them in a compiled chart."""
    return alt.param(name="labels", value={})


def named(spec: Mapping[str, Any], state: ChartState) -> dict[str, Any]:
    """Return a compiled chart with the names of the slices; Altair would copy and check them with every layer."""
    names = {"labels": dict(state.labels), "named": dict(state.named)}
    signals = [
        {**item, "value": names.get(item["name"], item.get("value"))} if item["name"] in names else item
        for item in spec.get("signals", [])
    ]
    return {**spec, "signals": signals}


def limit_marks(limits: Source, test: str) -> alt.Chart:
    """Draw the limit of each rule as a vermillion stroke across the slices, and at the threshold, that the rule judges.

    Args:
        limits: columns slice, metric, threshold, measure, limit, rule.
        test: Vega expression over `datum.measure` that picks the marks.
    """
    rows = alt.Chart(limits).transform_filter(f"{OF_METRIC} && {test}").transform_filter(_CHOSEN)
    marks = rows.transform_calculate(rank="1e9").mark_tick(color=VERMILLION, thickness=3, size=24)  # the slices' own rank counts
    strokes: alt.Chart = marks.encode(x=alt.X("limit:Q"), y=slice_axis(), tooltip=limit_tooltip())
    return strokes


def limit_tooltip() -> list[alt.Tooltip]:
    """Return what the mark of a limit shows when it is pointed at."""
    return [alt.Tooltip("rule:N"), alt.Tooltip("slice:N"), alt.Tooltip("limit:Q", format=".3f")]


def count_column(rows: alt.Chart, state: ChartState) -> alt.Chart:
    """Write how many examples the judged model's value of each slice rests on, at the right of the plot."""
    own = rows.transform_filter(f"datum.model == '{state.judged}' && isValid(datum.n)")
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


def metric_param(state: ChartState) -> alt.Parameter:
    """Return the parameter `metric`, with a control where the state lists the choices."""
    bind = alt.binding_select(options=list(state.metrics), name="metric ") if state.metrics else alt.Undefined
    return alt.param(name="metric", value=state.metric, bind=bind)


def threshold_param(state: ChartState) -> alt.Parameter:
    """Return the parameter `threshold`, with a control where the state lists the choices."""
    value: Any = state.threshold_or_none
    bind = alt.binding_select(options=list(state.thresholds), name="threshold ") if state.thresholds else alt.Undefined
    return alt.param(name="threshold", value=value, bind=bind)


def _order(state: ChartState) -> alt.Parameter:
    bind = alt.binding_select(options=["order", "value", "difference"], name="order by ") if state.metrics else alt.Undefined
    return alt.param(name="by", value="order", bind=bind)
