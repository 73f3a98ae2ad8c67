"""Define the charts of scores: baseline against candidate, and how the scores of a model are spread.

Gaps: `score` (what the axis calls the scores), `classes`, and for each of them `colours` and `shapes`. Parameter `columns`:
of the legend.
"""

import altair as alt

from fairgate.report.specs.marks import (
    Y_VALUE,
    Layered,
    gap,
    hollow,
    layered,
    params,
    rows_of,
)

_UNIT = alt.Scale(domain=[0, 1])


def scatter() -> Layered:
    """Draw one point per example: the baseline's score against the candidate's, coloured by label.

    Points off the diagonal are where the models differ; dotted lines mark the decision threshold, so the upper left and
    lower right fields hold the examples on which the decision flips. Parameter `focus`: the slice shown.
    """
    x = alt.X("baseline:Q", title=f"{gap('score')}, baseline", scale=_UNIT)
    y = alt.Y("candidate:Q", title=f"{gap('score')}, candidate", scale=_UNIT)
    rows = rows_of("examples").transform_filter("datum.sampled && indexof(datum.slices, focus) >= 0")
    points = rows.mark_point(filled=True, size=42, opacity=0.55, cursor="pointer").encode(
        x=x,
        y=y,
        color=_label_colour(),
        shape=_label_shape(),
        tooltip=[alt.Tooltip("label:N"), _score("baseline"), _score("candidate")],
    )
    corners = alt.InlineData([{"at": 0}, {"at": 1}])
    diagonal = (
        alt.Chart(corners).mark_line(strokeWidth=1, opacity=0.4, color="currentColor").encode(x=alt.X("at:Q"), y=alt.Y("at:Q"))
    )
    here = alt.Chart(alt.InlineData([{}])).transform_calculate(at="threshold").transform_filter("isValid(datum.at)")
    lines = [here.mark_rule(strokeDash=[1, 3]).encode(x=alt.X("at:Q")), here.mark_rule(strokeDash=[1, 3]).encode(y=alt.Y("at:Q"))]
    return layered(diagonal, *lines, points, controls=params("threshold", "focus", "columns"), height=440)


def histogram() -> Layered:
    """Draw how one model's scores (or confidence) are spread over the examples of a slice, by label (shares of that label's).

    Columns model, slice, label, low, high (edges of the bin), count, share. Parameters `model` and `focus`: the slice shown.
    The number of examples of each label stands above.
    """
    rows = rows_of("histograms").transform_filter("datum.model == model && datum.slice == focus")
    bars = (
        rows.transform_joinaggregate(n="sum(count)", groupby=["label"])
        .mark_bar(strokeWidth=1)
        .encode(
            x=alt.X("low:Q", title=gap("score"), bin=alt.BinParams(binned=True), scale=_UNIT),
            x2=alt.X2("high:Q"),
            y=alt.Y("share:Q", stack=None, title="share of the examples", axis=alt.Axis(format=".0%", tickCount=4)),
            color=_label_colour(),
            stroke=alt.Stroke("label:N", title=None, scale=_label_scale(), legend=None),
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
    return layered(bars, line, sizes, controls=params("model", "threshold", "focus", "columns"), height=180)


def _label_colour() -> alt.Color:
    return alt.Color("label:N", title=None, scale=_label_scale(), legend=_label_legend())


def _label_scale() -> alt.Scale:
    return alt.Scale(domain=[gap("classes")], range=[gap("colours")])


def _label_shape() -> alt.Shape:
    scale = alt.Scale(domain=[gap("classes")], range=[gap("shapes")])
    return alt.Shape("label:N", title=None, scale=scale, legend=_label_legend())


def _label_legend() -> alt.Legend:
    return alt.Legend(columns=alt.ExprRef("columns"))


def _score(model: str) -> alt.Tooltip:
    return alt.Tooltip(f"{model}:Q", format=".4f")
