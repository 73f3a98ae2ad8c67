"""Show scores example by example: baseline against candidate, and how the scores of either are spread."""

import math
from collections.abc import Iterator

import altair as alt
import pandas as pd

from fairgate.names import OVERALL
from fairgate.report.charts import FEW, Y_VALUE, ChartState, Figure, Layered, Source, hollow, layered
from fairgate.report.section import Parts, Section, register
from fairgate.report.tallies import RIGHT_OR_WRONG
from fairgate.report.theme import CLASSES
from fairgate.report.view import ReportView

_UNIT = alt.Scale(domain=[0, 1])
_STILL_POINTS = 300  # of a scatter, in a still picture


TEMPLATE = """\
<section class="part" id="scores" aria-labelledby="scores-title">
<h2 id="scores-title">Scores, example by example</h2>
<p>A random sample of <bdi data-says="focus">{{ view.start.focus }}</bdi>:
<span data-says="sampled">{{ sampled }}</span> examples. Points above the diagonal score higher with the candidate. Click a point
to see its example.</p>
<div class="explore">
{{ chart('scatter') }}
<div class="panel controls" data-js hidden><h3>Picked example</h3><ol class="wrong" id="picked">
<li class="muted">None yet: click a point.</li></ol></div>
</div>
{% if 'histogram_candidate' in figures %}
<h3>Spread of the scores: <bdi data-says="focus">{{ view.start.focus }}</bdi></h3>
<div class="pair">
{% for model in view.models %}
{{ chart('histogram_' ~ model) }}
{% endfor %}
</div>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the scatter, where a baseline scored the examples, and the histograms."""
    examples = view.tables.get("examples")
    if examples is None or not examples["baseline"].notna().any():
        return None
    sampled = sum(view.start.focus in slices for slices in examples.loc[examples["sampled"], "slices"])
    return Parts("Scores", {"scatter": _scatter(examples, view.start), **dict(_histograms(view))}, {"sampled": sampled})


def _scatter(examples: pd.DataFrame, state: ChartState) -> Figure:
    meaning = "score" if math.isfinite(state.threshold) else "probability of the true class"
    caption = f"One point per example: the baseline’s {meaning} against the candidate’s, by label."
    if math.isfinite(state.threshold):
        caption += " Dotted lines mark the threshold."
    chart = scatter(alt.NamedData("examples"), sorted(examples["label"].unique()), state)
    plain = examples.drop(columns=["text", "image"], errors="ignore")
    return Figure(chart, ("examples",), caption, {"examples": plain[plain["sampled"]].head(_STILL_POINTS)})


def _histograms(view: ReportView) -> Iterator[tuple[str, Figure]]:
    table = view.tables.get("histograms")
    if table is None:
        return
    labels, caption = sorted(table["label"].astype(str).unique()), "Scores of the {}, by label, with n."
    if set(labels) <= set(RIGHT_OR_WRONG):
        labels, caption = list(RIGHT_OR_WRONG), "Confidence of the {}, when it is right and when it is wrong, with n."
    still = {"histograms": table[table["slice"] == view.start.focus]}
    for model in sorted(table["model"].unique()):
        chart = histogram(alt.NamedData("histograms"), labels, model, view.start)
        says = f"{caption.format(model)} Hollow: fewer than {FEW} examples."
        yield f"histogram_{model}", Figure(chart, ("histograms",), says, still)


def scatter(source: Source, labels: list[str], state: ChartState) -> Layered:
    """Draw one point per example: the baseline's score against the candidate's, coloured by label.

    Points off the diagonal are where the models differ; dotted lines mark the decision threshold, so the upper left and
    lower right fields hold the examples on which the decision flips. Parameter `focus`: the slice shown.
    """
    score = "score" if math.isfinite(state.threshold) else "probability of the true class"
    x = alt.X("baseline:Q", title=f"{score}, baseline", scale=_UNIT)
    y = alt.Y("candidate:Q", title=f"{score}, candidate", scale=_UNIT)
    rows = alt.Chart(source).transform_filter("datum.sampled && indexof(datum.slices, focus) >= 0")
    points = rows.mark_point(filled=True, size=42, opacity=0.55, cursor="pointer").encode(
        x=x,
        y=y,
        color=_label_colour(labels),
        shape=_label_shape(labels),
        tooltip=[alt.Tooltip("label:N"), _score("baseline"), _score("candidate")],
    )
    corners = alt.InlineData([{"at": 0}, {"at": 1}])
    diagonal = (
        alt.Chart(corners).mark_line(strokeWidth=1, opacity=0.4, color="currentColor").encode(x=alt.X("at:Q"), y=alt.Y("at:Q"))
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(at="threshold").transform_filter("isValid(datum.at)")
    lines = [here.mark_rule(strokeDash=[1, 3]).encode(x=alt.X("at:Q")), here.mark_rule(strokeDash=[1, 3]).encode(y=alt.Y("at:Q"))]
    return layered(diagonal, *lines, points, params=_params(state), height=440)


def histogram(source: Source, labels: list[str], model: str, state: ChartState) -> Layered:
    """Draw how one model's scores (or confidence) are spread over the examples of a slice, by label (shares of that label's).

    The source has the columns model, slice, label, low, high (edges of the bin), count, share. Parameter `focus`: the slice
    shown. The number of examples of each label stands above.
    """
    rows = alt.Chart(source).transform_filter("datum.model == model && datum.slice == focus")
    title = "score" if math.isfinite(state.threshold) else "confidence"
    bars = (
        rows.transform_joinaggregate(n="sum(count)", groupby=["label"])
        .mark_bar(strokeWidth=1)
        .encode(
            x=alt.X("low:Q", title=title, bin=alt.BinParams(binned=True), scale=_UNIT),
            x2=alt.X2("high:Q"),
            y=alt.Y("share:Q", stack=None, title="share of the examples", axis=alt.Axis(format=".0%", tickCount=4)),
            color=_label_colour(labels),
            stroke=alt.Stroke("label:N", title=None, scale=_label_scale(labels), legend=None),
            fillOpacity=hollow(0.6),
            tooltip=[
                alt.Tooltip("label:N"),
                alt.Tooltip("low:Q"),
                alt.Tooltip("high:Q"),
                alt.Tooltip("count:Q", format=",.0f"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(at="threshold").transform_filter("isValid(datum.at)")
    line = here.mark_rule(strokeDash=[1, 3]).encode(x=alt.X("at:Q"))
    sizes = (
        rows.transform_aggregate(n="sum(count)", groupby=["label"])
        .transform_window(place="row_number()", sort=[alt.SortField("label")])
        .transform_calculate(says="datum.label + ': n ' + format(datum.n, ',.0f')")
        .mark_text(align="left", baseline="top", fontSize=11, dy=alt.expr("15 * (datum.place - 1)"))
        .encode(x=alt.XDatum(0.52), y=Y_VALUE(0), text=alt.Text("says:N"))  # most bars are low in the middle
    )
    return layered(bars, line, sizes, params=[alt.param(name="model", value=model), *_params(state)], height=180)


def _label_colour(labels: list[str]) -> alt.Color:
    return alt.Color("label:N", title=None, scale=_label_scale(labels), legend=_label_legend(labels))


def _label_scale(labels: list[str]) -> alt.Scale:
    return alt.Scale(domain=labels, range=[CLASSES[i % len(CLASSES)] for i in range(len(labels))])


def _label_shape(labels: list[str]) -> alt.Shape:
    shapes = ["triangle-up", "circle", "square", "diamond", "cross"]
    scale = alt.Scale(domain=labels, range=[shapes[i % len(shapes)] for i in range(len(labels))])
    return alt.Shape("label:N", title=None, scale=scale, legend=_label_legend(labels))


def _label_legend(labels: list[str]) -> alt.Legend:
    """Put as many labels in a row as a phone has room for."""
    width = 34 + 7 * max(len(label) for label in labels)
    return alt.Legend(columns=max(1, 320 // width))


def _score(model: str) -> alt.Tooltip:
    return alt.Tooltip(f"{model}:Q", format=".4f")


def _params(state: ChartState) -> list[alt.Parameter]:
    return [alt.param(name="threshold", value=state.threshold_or_none), alt.param(name="focus", value=state.focus or OVERALL)]


register(Section("scores", TEMPLATE, parts, explored=True))
