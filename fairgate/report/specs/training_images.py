"""Define the chart of the mean of each pixel."""

import altair as alt

from fairgate.report.specs.marks import Layered, rows_of
from fairgate.report.theme import AMOUNT, BLUE


def pixel_means() -> Layered:
    """Draw the mean of each pixel as the brightness of its place. Columns row, column, count, mean, std, min, max."""
    numbers = [("count", ",.0f"), ("mean", ".3f"), ("std", ".3f"), ("min", ".0f"), ("max", ".0f")]
    places = (
        rows_of("pixel_statistics")
        .mark_rect()
        .encode(
            x=alt.X("column:O", title="column", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("row:O", title="row", axis=alt.Axis(labelOverlap=True)),
            color=alt.Color(
                "mean:Q", scale=alt.Scale(range=[AMOUNT[0], BLUE]), legend=alt.Legend(title="mean", direction="horizontal")
            ),
            tooltip=["row:O", "column:O", *(alt.Tooltip(f"{name}:Q", format=form) for name, form in numbers)],
        )
    )
    return alt.layer(places).properties(height=320)
