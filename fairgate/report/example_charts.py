"""Charts of scores and of learning: scatter of both models, score histograms, training curves.

In: a source (a table, or the name under which the page supplies one); columns as in `content.ReportContent`. Out: Altair charts.
Expressions are fixed text: names and values from data reach a chart only as rows and parameter values.
"""

import math
from typing import Any

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.slice_charts import Layered, Source, View, model_colour
from fairgate.report.theme import CLASSES

_UNIT = alt.Scale(domain=[0, 1])


def scatter(source: Source, labels: list[str], view: View) -> Layered:
    """One point per example: the baseline's score against the candidate's, coloured by label.

    Points off the diagonal are where the models differ; dotted lines mark the decision threshold, so the upper left and
    lower right fields hold the examples on which the decision flips. Parameter `focus`: the slice shown.
    """
    score = "score" if math.isfinite(view.threshold) else "probability of the true class"
    x = alt.X("baseline:Q", title=f"{score}, baseline", scale=_UNIT)
    y = alt.Y("candidate:Q", title=f"{score}, candidate", scale=_UNIT)
    rows = alt.Chart(source).transform_filter("datum.sampled && indexof(datum.slices, focus) >= 0")
    points = rows.mark_point(filled=True, size=42, opacity=0.55, cursor="pointer").encode(
        x=x,
        y=y,
        color=label_colour(labels),
        shape=_label_shape(labels),
        tooltip=["label:N", _score("baseline"), _score("candidate")],
    )
    corners = alt.InlineData([{"at": 0}, {"at": 1}])
    diagonal = alt.Chart(corners).mark_line(strokeWidth=1, opacity=0.4, color="currentColor").encode(x="at:Q", y="at:Q")
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(at="threshold").transform_filter("isValid(datum.at)")
    lines = [here.mark_rule(strokeDash=[1, 3]).encode(x="at:Q"), here.mark_rule(strokeDash=[1, 3]).encode(y="at:Q")]
    return alt.layer(diagonal, *lines, points).add_params(*_params(view)).properties(height=440)


def histogram(source: Source, labels: list[str], model: str, view: View) -> Layered:
    """How one model's scores (or confidence) are spread over the examples of a slice, by label (shares of that label's).

    The source has the columns model, slice, label, low, high (edges of the bin), share. Parameter `focus`: the slice shown.
    """
    rows = alt.Chart(source).transform_filter("datum.model == model && datum.slice == focus")
    bars = rows.mark_bar(opacity=0.6).encode(
        x=alt.X(
            "low:Q", title="score" if math.isfinite(view.threshold) else "confidence", bin=alt.BinParams(binned=True), scale=_UNIT
        ),
        x2="high:Q",
        y=alt.Y("share:Q", stack=None, title="share of the examples", axis=alt.Axis(format=".0%", tickCount=4)),
        color=label_colour(labels),
        tooltip=[
            "label:N",
            alt.Tooltip("low:Q"),
            alt.Tooltip("high:Q"),
            alt.Tooltip("count:Q", format=",.0f"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(at="threshold").transform_filter("isValid(datum.at)")
    line = here.mark_rule(strokeDash=[1, 3]).encode(x="at:Q")
    return alt.layer(bars, line).add_params(alt.param(name="model", value=model), *_params(view)).properties(height=180)


def curves(source: Source, metric: str) -> Layered:
    """One metric over training, per model and split."""
    rows = alt.Chart(source).transform_filter("datum.metric == curve")
    lines = rows.mark_line(strokeWidth=2).encode(
        x=alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=model_colour(),
        strokeDash=alt.StrokeDash("split:N", title=None, scale=alt.Scale(range=[[1, 0], [5, 3], [1, 2]])),
        tooltip=["model:N", "split:N", "step:Q", alt.Tooltip("value:Q", format=".4f")],
    )
    return alt.layer(lines).add_params(alt.param(name="curve", value=metric)).properties(height=240)


def label_colour(labels: list[str]) -> alt.Color:
    """Colours of labels, apart from those of the models."""
    scale = alt.Scale(domain=labels, range=[CLASSES[i % len(CLASSES)] for i in range(len(labels))])
    return alt.Color("label:N", title=None, scale=scale, legend=_label_legend(labels))


def _label_shape(labels: list[str]) -> alt.Shape:
    shapes = ["triangle-up", "circle", "square", "diamond", "cross"]
    scale = alt.Scale(domain=labels, range=[shapes[i % len(shapes)] for i in range(len(labels))])
    return alt.Shape("label:N", title=None, scale=scale, legend=_label_legend(labels))


def _label_legend(labels: list[str]) -> alt.Legend:
    """As many labels in a row as a phone has room for."""
    width = 34 + 7 * max(len(label) for label in labels)
    return alt.Legend(columns=max(1, 320 // width))


def _score(model: str) -> alt.Tooltip:
    return alt.Tooltip(f"{model}:Q", format=".4f")


def _params(view: View) -> list[alt.Parameter]:
    threshold: Any = None if math.isnan(view.threshold) else view.threshold
    return [alt.param(name="threshold", value=threshold), alt.param(name="focus", value=view.focus or OVERALL)]
