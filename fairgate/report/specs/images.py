"""Define the charts of images: confusion, accuracy against coverage, values of pixels."""

import altair as alt

from fairgate.report.charts import ALWAYS
from fairgate.report.specs.marks import (
    Layered,
    gap,
    hollow,
    layered,
    model_colour,
    model_fill,
    model_shape,
    params,
    rows_of,
)
from fairgate.report.theme import AMOUNT, BLUE

_PARTS = [alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("count:Q", format=",.0f")]


def pixels(table: str, title: str) -> Layered:
    """Draw how many pixels have a value in each bin; `title` says which value. Columns low, high (edges of the bin), count."""
    bars = (
        rows_of(table)
        .mark_bar(color=BLUE, opacity=0.85)
        .encode(
            x=alt.X("low:Q", title=title, bin=alt.BinParams(binned=True)),
            x2="high:Q",
            y=alt.Y("count:Q", title="pixels", axis=alt.Axis(format="~s", tickCount=5)),
            tooltip=["low:Q", "high:Q", alt.Tooltip("count:Q", format=",.0f")],
        )
    )
    return alt.layer(bars).properties(height=200)


def confusion() -> Layered:
    """Draw what the model of parameter `model` calls each class. Columns model, label, predicted, count, share (of the row)."""
    rows = rows_of("confusion").transform_filter("datum.model == model")
    x = alt.X("predicted:N", title="predicted", scale=alt.Scale(domain=[gap("classes")]), axis=alt.Axis(labelAngle=-40))
    y = alt.Y("label:N", title="true class", scale=alt.Scale(domain=[gap("classes")]))
    colour = alt.Color("share:Q", title="share of the class", scale=alt.Scale(range=AMOUNT, domain=[0, 1]), legend=None)
    cells = rows.mark_rect(stroke="#ffffff", strokeOpacity=0.5).encode(
        x=x, y=y, color=colour, tooltip=["label:N", "predicted:N", *_PARTS]
    )
    numbers = rows.transform_filter("datum.count > 0").mark_text(color="#16191d", fontSize=11).encode(x=x, y=y, text="count:Q")
    total = rows.transform_aggregate(n="sum(count)", groupby=["label"]).transform_calculate(says="'n ' + format(datum.n, ',.0f')")
    sizes = total.mark_text(align="left", dx=6, fontSize=11).encode(y=y, x=alt.value("width"), text="says:N")
    return layered(cells, numbers, sizes, controls=params("model"), height={"step": 30})


def coverage() -> Layered:
    """Draw the accuracy among the examples that a model decides, against their share, one line per model and decision rule.

    Columns model, rule, limit, coverage, accuracy, n. Shown are the rule on confidence and that of parameter `rule`, at first the
    first of the others.
    """
    zoomed = alt.Scale(zero=False)
    chosen = rows_of("coverage").transform_filter(f"datum.rule == {ALWAYS!r} || datum.rule == rule")
    shown = chosen.encode(
        x=alt.X("coverage:Q", title="share of examples that are decided", axis=alt.Axis(format=".0%"), scale=zoomed),
        y=alt.Y("accuracy:Q", title="accuracy among them", axis=alt.Axis(format=".1%"), scale=zoomed),
        color=model_colour(),
    )
    dashes = alt.StrokeDash(
        "rule:N", title=None, legend=alt.Legend(symbolType="stroke", symbolStrokeColor="currentColor", columns=1)
    )
    lines = shown.mark_line(strokeWidth=2).encode(strokeDash=dashes, order="limit:Q")
    number = [alt.Tooltip("coverage:Q", format=".1%"), alt.Tooltip("accuracy:Q", format=".2%"), alt.Tooltip("n:Q", format=",.0f")]
    points = shown.mark_point(size=55, opacity=1).encode(
        fill=model_fill(), fillOpacity=hollow(1), shape=model_shape(), tooltip=["model:N", "rule:N", "limit:Q", *number]
    )
    return layered(lines, points, controls=params("rule"), height=300)
