"""Define marks, axes and parameters that the charts of several sections share.

In: a source (a table, or the name under which the page supplies one) with the columns of `rows.with_comparisons` and `order`.
Out: parts of Altair charts with parameters `metric`, `threshold`, `chosen`, `focus`, `by`; the page or a notebook sets them.
Expressions are fixed text: names and values from data reach a chart only as rows and parameter values.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd

from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.theme import MODELS, VERMILLION

Source = pd.DataFrame | alt.Data
Layered = alt.LayerChart | alt.FacetChart  # what Altair says that a layered chart may be

AT_THRESHOLD = "(!isValid(datum.threshold) || datum.threshold == threshold)"
OF_METRIC = f"datum.metric == metric && {AT_THRESHOLD}"
# "gender:male × race:black" -> "male × black", underscores as spaces.
_SHORT_LABEL = "replace(replace(datum.label, regexp('(^|× )[^:×]*:', 'g'), '$1'), regexp('_', 'g'), ' ')"
_RANK = (
    f"datum.slice == '{OVERALL}' ? -1e9 : datum.model != '{CANDIDATE}' ? 1e9 : by == 'value' ? -datum.value :"
    " by == 'difference' ? -abs(datum.difference_to_overall) : datum.order"
)
_STEP = {"step": 13, "for": "offset"}


@dataclass(frozen=True)
class ChartState:
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


def per_slice(chart: Layered, state: ChartState) -> Layered:
    """Keep the rows of the chosen metric, threshold and slices, and rank the slices."""
    chosen = f"datum.slice == '{OVERALL}' || length(chosen) == 0 || indexof(chosen, datum.slice) >= 0"
    shown = chart.transform_filter(OF_METRIC).transform_filter(chosen).transform_calculate(rank=_RANK)
    params = [metric_param(state), threshold_param(state), alt.param(name="chosen", value=list(state.slices)), _order(state)]
    return shown.add_params(*params).properties(height=_STEP)


def limit_lines(limits: Source, test: str) -> Layered:
    """Draw the policy's limits as dashed vermillion lines.

    Args:
        limits: columns metric, threshold, measure, limit, rule.
        test: Vega expression over `datum.measure` that picks the lines.
    """
    tooltip = [alt.Tooltip("rule:N"), alt.Tooltip("limit:Q", format=".3f")]
    line = (
        alt.Chart(limits)
        .transform_filter(f"{OF_METRIC} && {test}")
        .mark_rule(color=VERMILLION, strokeDash=[6, 3], strokeWidth=1.6)
    )
    return alt.layer(line.encode(x="limit:Q", tooltip=tooltip))


def model_colour() -> alt.Color:
    """Return the colour of a model: grey for the baseline, blue for the candidate."""
    names, colours = MODELS
    return alt.Color("model:N", title=None, scale=alt.Scale(domain=names, range=colours))


def model_shape() -> alt.Shape:
    """Return the shape of a model, a second mark beside its colour."""
    return alt.Shape("model:N", title=None, scale=alt.Scale(domain=MODELS[0], range=["diamond", "circle"]))


def model_offset() -> alt.YOffset:
    """Return the offset that puts the models of one slice side by side."""
    return alt.YOffset("model:N", sort=None, scale=alt.Scale(domain=MODELS[0]))


def slice_axis() -> alt.Y:
    """Return the axis of slices, in the order of their rank."""
    return alt.Y("slice:N", title=None, sort=alt.EncodingSortField("rank", op="min"), axis=alt.Axis(labelExpr=_SHORT_LABEL))


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
