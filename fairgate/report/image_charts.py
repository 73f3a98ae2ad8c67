"""Charts of the image task: pixel intensities, confusion matrix, coverage against accuracy.

In: a source (a table, or the name under which the page supplies one); columns as in `content.ImageContent`. Out: Altair charts.
"""

import altair as alt

from fairgate.names import CANDIDATE
from fairgate.report.slice_charts import Layered, Source, model_colour, model_shape
from fairgate.report.theme import AMOUNT, BLUE

_PARTS = [alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("count:Q", format=",.0f")]


def pixels(source: Source) -> Layered:
    """How often each intensity occurs among pixels that are not zero. Columns low, high (edges of the bin), count."""
    bars = (
        alt.Chart(source)
        .mark_bar(color=BLUE, opacity=0.85)
        .encode(
            x=alt.X("low:Q", title="intensity (zeros left out)", bin=alt.BinParams(binned=True)),
            x2="high:Q",
            y=alt.Y("count:Q", title="pixels", axis=alt.Axis(format="~s", tickCount=5)),
            tooltip=["low:Q", "high:Q", alt.Tooltip("count:Q", format=",.0f")],
        )
    )
    return alt.layer(bars).properties(height=200)


def confusion(source: Source, classes: list[str]) -> Layered:
    """What the model of parameter `model` calls each class. Columns model, label, predicted, count, share (of the row)."""
    rows = alt.Chart(source).transform_filter("datum.model == model")
    x = alt.X("predicted:N", title="predicted", scale=alt.Scale(domain=classes), axis=alt.Axis(labelAngle=-40))
    y = alt.Y("label:N", title="true class", scale=alt.Scale(domain=classes))
    colour = alt.Color("share:Q", title="share of the class", scale=alt.Scale(range=AMOUNT, domain=[0, 1]), legend=None)
    cells = rows.mark_rect(stroke="#ffffff", strokeOpacity=0.5).encode(
        x=x, y=y, color=colour, tooltip=["label:N", "predicted:N", *_PARTS]
    )
    numbers = rows.transform_filter("datum.count > 0").mark_text(color="#16191d", fontSize=11).encode(x=x, y=y, text="count:Q")
    return alt.layer(cells, numbers).add_params(alt.param(name="model", value=CANDIDATE)).properties(height={"step": 30})


def coverage(source: Source) -> Layered:
    """Accuracy among the examples that a model decides, against their share, one line per model and decision rule.

    Columns model, rule, limit (of confidence or margin), coverage, accuracy, n.
    """
    zoomed = alt.Scale(zero=False)
    shown = alt.Chart(source).encode(
        x=alt.X("coverage:Q", title="share of examples that are decided", axis=alt.Axis(format=".0%"), scale=zoomed),
        y=alt.Y("accuracy:Q", title="accuracy among them", axis=alt.Axis(format=".1%"), scale=zoomed),
        color=model_colour(),
    )
    dashes = alt.StrokeDash("rule:N", title=None, legend=alt.Legend(symbolType="stroke", symbolStrokeColor="currentColor"))
    lines = shown.mark_line(strokeWidth=2).encode(strokeDash=dashes, order="coverage:Q")
    number = [alt.Tooltip("coverage:Q", format=".1%"), alt.Tooltip("accuracy:Q", format=".2%"), alt.Tooltip("n:Q", format=",.0f")]
    points = shown.mark_point(filled=True, size=55).encode(shape=model_shape(), tooltip=["model:N", "rule:N", "limit:Q", *number])
    return alt.layer(lines, points).properties(height=300)
