"""Define the map of two features."""

import altair as alt

from fairgate.names import CANDIDATE
from fairgate.report.specs.marks import (
    OF_METRIC,
    RESTS_ON_FEW,
    SAYS_N,
    Layered,
    layered,
    params,
    rows_of,
    slice_tooltip,
)
from fairgate.report.theme import LOW_TO_HIGH


def intersections() -> Layered:
    """Draw a map of two features: colour is the candidate's difference to overall, the number its value.

    Columns `first`, `second` (values of the two features) and `pair` (their names, which parameter `pair` picks).
    """
    rows = rows_of("metrics").transform_filter(f"datum.pair == pair && datum.model == '{CANDIDATE}' && {OF_METRIC}")
    x = alt.X("second:N", title=None, sort=None, axis=alt.Axis(labelAngle=-30))
    y = alt.Y("first:N", title=None, sort=None)
    scale = alt.Scale(domainMid=0, range=LOW_TO_HIGH)
    legend = alt.Legend(format="+.2f", gradientLength=160)
    colour = alt.Color("difference_to_overall:Q", title="difference to overall", scale=scale, legend=legend)
    cells = rows.mark_rect(cursor="pointer").encode(
        x=x,
        y=y,
        color=colour,
        opacity=alt.OpacityValue(1, condition={"test": RESTS_ON_FEW, "value": 0.55}),
        tooltip=slice_tooltip(),
    )
    few = rows.transform_filter(RESTS_ON_FEW)
    borders = few.mark_rect(filled=False, stroke="currentColor", strokeDash=[3, 3], strokeOpacity=0.7).encode(x=x, y=y)
    numbers = rows.mark_text(color="#16191d", dy=-6).encode(x=x, y=y, text=alt.Text("value:Q", format=".2f"))
    says = rows.transform_calculate(says=SAYS_N)
    sizes = says.mark_text(color="#16191d", dy=8, fontSize=10).encode(x=x, y=y, text=alt.Text("says:N"))
    return layered(cells, borders, numbers, sizes, controls=params("metric", "threshold", "pair"), height={"step": 40})
