"""Charts of metrics per slice: Fairness Indicators, gaps, thresholds, intersections, and the overall comparison.

In: a source (a table, or the name under which the page supplies one) with the columns of `frames.with_gaps` and `order`.
Out: Altair charts with parameters `metric`, `threshold`, `chosen`, `focus`, `by`, `measure`, `pair`; the page or a notebook
    sets them.
Expressions are fixed text: names and values from data reach a chart only as rows and parameter values.
"""

import math
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.theme import GREY, LOW_TO_HIGH, MODELS, VERMILLION

Source = pd.DataFrame | alt.Data
Layered = alt.LayerChart | alt.FacetChart  # what Altair says that a layered chart may be

AT_THRESHOLD = "(!isValid(datum.threshold) || datum.threshold == threshold)"
OF_METRIC = f"datum.metric == metric && {AT_THRESHOLD}"
# "gender:male × race:black" -> "male × black", underscores as spaces.
SHORT_LABEL = "replace(replace(datum.label, regexp('(^|× )[^:×]*:', 'g'), '$1'), regexp('_', 'g'), ' ')"
_RANK = (
    f"datum.slice == '{OVERALL}' ? -1e9 : datum.model != '{CANDIDATE}' ? 1e9 :"
    " by == 'value' ? -datum.value : by == 'gap' ? -abs(datum.gap) : datum.order"
)
_RELATIVE = "(measure == 'ratio' || measure == 'rest_ratio')"
_GAP_LABEL = f"{_RELATIVE} ? format(datum.value, '.2f') + ' ×' : format(datum.value, '+.2f')"
_SPACED = "replace(datum.label, regexp('_', 'g'), ' ')"
_STEP = {"step": 13, "for": "offset"}


@dataclass(frozen=True)
class View:
    """What a chart shows when it opens.

    Attributes:
        metric: name of a metric.
        threshold: decision threshold; NaN when the metrics have none.
        metrics, thresholds: the choices of a notebook's controls; empty for charts whose controls are the page's.
        slices: the slices shown; empty for all.
        focus: the slice whose thresholds are shown.
    """

    metric: str
    threshold: float = math.nan
    metrics: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    slices: tuple[str, ...] = ()
    focus: str = OVERALL


def indicators(source: Source, limits: Source, view: View) -> Layered:
    """One bar per slice and model with its interval; dashed lines are each model's overall value and the policy's limits."""
    y, offset, colour = _slice_axis(), _model_offset(), model_colour()
    bars = (
        alt.Chart()
        .mark_bar(opacity=0.9, cursor="pointer")
        .encode(y=y, yOffset=offset, x=alt.X("value:Q", title=None), color=colour, tooltip=slice_tooltip())
    )
    whiskers = (
        alt.Chart()
        .mark_rule(strokeWidth=1.4, opacity=0.75, aria=False)
        .encode(y=y, yOffset=offset, x=alt.X("low:Q"), x2="high:Q")
    )
    overall = (
        alt.Chart()
        .transform_filter(f"datum.slice == '{OVERALL}'")
        .mark_rule(strokeDash=[4, 3], strokeWidth=1.4)
        .encode(x="value:Q", color=colour)
    )
    shown = _per_slice(alt.layer(bars, whiskers, overall, data=source), view)
    return alt.layer(shown, _limits(limits, "datum.measure == 'value'"))


def gaps(source: Source, limits: Source, view: View) -> Layered:
    """How far each slice lies from overall or from the rest, with intervals; vermillion lines are the limits.

    Parameter `measure`: one of the columns ratio, gap, rest_ratio, rest_gap. `limits` has the columns metric, threshold,
    measure, limit and rule.
    """
    y = _slice_axis()
    x = alt.X("shown:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(labelExpr=_GAP_LABEL, tickCount=7))
    offset, colour = _model_offset(), model_colour()
    ranges = alt.Chart().mark_rule(strokeWidth=4, opacity=0.35).encode(y=y, yOffset=offset, x="from:Q", x2="to:Q", color=colour)
    points = (
        alt.Chart()
        .mark_point(filled=True, size=85, opacity=1, cursor="pointer")
        .encode(y=y, yOffset=offset, x=x, color=colour, shape=model_shape(), tooltip=slice_tooltip())
    )
    ends = {"shown": "datum[measure]", "from": "datum[measure + '_low']", "to": "datum[measure + '_high']"}
    marks = alt.layer(ranges, points, data=source).transform_calculate(**ends).transform_filter("isValid(datum.shown)")
    slices = _per_slice(marks, view)
    level = (
        alt.Chart(alt.InlineData([{}]))
        .transform_calculate(level=f"{_RELATIVE} ? 1 : 0")
        .mark_rule(opacity=0.6)
        .encode(x="level:Q")
    )
    return alt.layer(level, _limits(limits, "datum.measure == measure"), slices).add_params(
        alt.param(name="measure", value="ratio")
    )


def thresholds(source: Source, view: View) -> Layered:
    """A metric over the decision thresholds for one slice; the dashed line is overall, the dotted one the threshold."""
    x = alt.X("threshold:Q", title="decision threshold", scale=alt.Scale(domain=[0, 1]))
    colour = model_colour()
    rows = alt.Chart(source).transform_filter("datum.metric == metric && isValid(datum.threshold)")
    focused = rows.transform_filter("datum.slice == focus")
    band = focused.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour)
    line = focused.mark_line(strokeWidth=2.4, point=alt.OverlayMarkDef(size=60)).encode(
        x=x, y=alt.Y("value:Q", title=None), color=colour, tooltip=slice_tooltip()
    )
    overall = (
        rows.transform_filter(f"datum.slice == '{OVERALL}'")
        .mark_line(strokeDash=[4, 3], strokeWidth=1.4)
        .encode(x=x, y="value:Q", color=colour)
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(x="threshold").mark_rule(strokeDash=[1, 3]).encode(x="x:Q")
    params = [_metric(view), _threshold(view), alt.param(name="focus", value=view.focus)]
    return alt.layer(band, overall, line, here).add_params(*params).properties(height=200)


def overall(source: Source, view: View) -> Layered:
    """Both models on everything, one line per metric that lies between 0 and 1."""
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("place", op="min"))
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, 1]))
    rows = alt.Chart(source).transform_filter(
        f"datum.slice == '{OVERALL}' && {AT_THRESHOLD} && datum.value >= 0 && datum.value <= 1 && datum.metric != 'loss'"
    )
    paths = rows.mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(y=y, x=x, detail="name:N")
    ranges = rows.mark_rule(strokeWidth=5, opacity=0.3, clip=True).encode(y=y, x="low:Q", x2="high:Q", color=model_colour())
    points = rows.mark_point(filled=True, size=95, opacity=1).encode(
        y=y, x=x, color=model_colour(), shape=model_shape(), tooltip=slice_tooltip()
    )
    return alt.layer(paths, ranges, points).add_params(_threshold(view)).properties(height={"step": 26})


def intersections(source: Source, view: View, pair: str) -> Layered:
    """A map of two features: colour is the candidate's gap to overall, the number its value.

    The source has the columns of the others and `first`, `second` (values of the two features) and `pair` (their names).
    """
    rows = alt.Chart(source).transform_filter(f"datum.pair == pair && datum.model == '{CANDIDATE}' && {OF_METRIC}")
    x = alt.X("second:N", title=None, sort=None, axis=alt.Axis(labelExpr=_SPACED, labelAngle=-30))
    y = alt.Y("first:N", title=None, sort=None, axis=alt.Axis(labelExpr=_SPACED))
    scale = alt.Scale(domainMid=0, range=LOW_TO_HIGH)
    colour = alt.Color("gap:Q", title="gap to overall", scale=scale, legend=alt.Legend(format="+.2f", gradientLength=160))
    cells = rows.mark_rect(cursor="pointer", stroke="#ffffff", strokeOpacity=0.4).encode(
        x=x, y=y, color=colour, tooltip=slice_tooltip()
    )
    numbers = rows.mark_text(color="#16191d").encode(x=x, y=y, text=alt.Text("value:Q", format=".2f"))
    params = [_metric(view), _threshold(view), alt.param(name="pair", value=pair)]
    return alt.layer(cells, numbers).add_params(*params).properties(height={"step": 34})


def model_colour() -> alt.Color:
    """Grey for the baseline, blue for the candidate."""
    names, colours = MODELS
    return alt.Color("model:N", title=None, scale=alt.Scale(domain=names, range=colours))


def model_shape() -> alt.Shape:
    """A second mark of the model beside its colour."""
    return alt.Shape("model:N", title=None, scale=alt.Scale(domain=MODELS[0], range=["diamond", "circle"]))


def slice_tooltip() -> list[alt.Tooltip]:
    """What a mark of one slice tells when it is pointed at."""
    numbers = [("value", "value", ".4f"), ("low", "from", ".4f"), ("high", "to", ".4f"), ("n", "n", ",.0f")]
    against = [("gap", "gap to overall", "+.4f"), ("ratio", "ratio to overall", ".2f")]
    names = [alt.Tooltip("slice:N"), alt.Tooltip("model:N"), alt.Tooltip("metric:N"), alt.Tooltip("threshold:Q")]
    return names + [alt.Tooltip(f"{field}:Q", title=title, format=form) for field, title, form in numbers + against]


def _per_slice(chart: Layered, view: View) -> Layered:
    """Keeps the rows of the chosen metric, threshold and slices, and ranks the slices."""
    chosen = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
    shown = chart.transform_filter(OF_METRIC).transform_filter(chosen).transform_calculate(rank=_RANK)
    params = [_metric(view), _threshold(view), alt.param(name="chosen", value=list(view.slices)), _order(view)]
    return shown.add_params(*params).properties(height=_STEP)


def _limits(limits: Source, test: str) -> Layered:
    tooltip = [alt.Tooltip("rule:N"), alt.Tooltip("limit:Q", format=".3f")]
    line = (
        alt.Chart(limits)
        .transform_filter(f"{OF_METRIC} && {test}")
        .mark_rule(color=VERMILLION, strokeDash=[6, 3], strokeWidth=1.6)
    )
    return alt.layer(line.encode(x="limit:Q", tooltip=tooltip))


def _slice_axis() -> alt.Y:
    return alt.Y("slice:N", title=None, sort=alt.EncodingSortField("rank", op="min"), axis=alt.Axis(labelExpr=SHORT_LABEL))


def _model_offset() -> alt.YOffset:
    return alt.YOffset("model:N", sort=None, scale=alt.Scale(domain=MODELS[0]))


def _metric(view: View) -> alt.Parameter:
    bind = alt.binding_select(options=list(view.metrics), name="metric ") if view.metrics else alt.Undefined
    return alt.param(name="metric", value=view.metric, bind=bind)


def _threshold(view: View) -> alt.Parameter:
    value: Any = None if math.isnan(view.threshold) else view.threshold
    bind = alt.binding_select(options=list(view.thresholds), name="threshold ") if view.thresholds else alt.Undefined
    return alt.param(name="threshold", value=value, bind=bind)


def _order(view: View) -> alt.Parameter:
    bind = alt.binding_select(options=["order", "value", "gap"], name="order by ") if view.metrics else alt.Undefined
    return alt.param(name="by", value="order", bind=bind)
