"""Define the charts of the history: a metric and the gaps, run after run."""

import altair as alt

from fairgate.gate.outcome import Outcome
from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.specs.marks import (
    OF_JUDGED,
    OF_METRIC,
    RESTS_ON_FEW,
    SAYS_N,
    Y_VALUE,
    Layered,
    hollow,
    layered,
    model_colour,
    model_fill,
    params,
    rows_of,
)
from fairgate.report.theme import BLUE, GREY, VERMILLION

_MOST_COUNTS = 12  # runs whose n is written out; of more, only small ones are
# "20261122T013608Z" -> "11-22 01:36"; the tooltip has the whole id.
_WHEN = (
    "test(regexp('^[0-9]{8}T[0-9]{6}Z$'), datum.label) ? substring(datum.label, 4, 6) + '-' + substring(datum.label, 6, 8) + ' '"
    " + substring(datum.label, 9, 11) + ':' + substring(datum.label, 11, 13) : datum.label"
)
_RUN_AXIS = alt.Axis(labelAngle=-30, labelLimit=130, labelExpr=_WHEN)
_MARKS: dict[Outcome, str] = {"blessed": "circle", "refused": "cross", "inconclusive": "triangle-up", "reported": "square"}
_SHAPES = alt.Scale(domain=list(_MARKS), range=list(_MARKS.values()))


def values() -> Layered:
    """Draw one metric of one slice over the runs, both models."""
    rows = rows_of("history").transform_filter(f"{OF_METRIC} && datum.slice == focus")
    x = alt.X("run:N", title=None, sort=alt.EncodingSortField("at", op="min"), axis=_RUN_AXIS)
    y = alt.Y("value:Q", title=None)
    colour = model_colour()
    ranges = rows.mark_rule(strokeWidth=4, opacity=0.3).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour)
    lines = rows.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, order=alt.Order("at:Q"))
    shape = alt.Shape("outcome:N", title=None, scale=_SHAPES, legend=alt.Legend(symbolFillColor="currentColor"))
    points = rows.mark_point(size=110, opacity=1, strokeWidth=1.6).encode(
        x=x, y=y, color=colour, fill=model_fill(), fillOpacity=hollow(1), shape=shape, tooltip=_tooltip()
    )
    own = rows.transform_filter(OF_JUDGED).transform_joinaggregate(runs="count()")
    told = own.transform_filter(f"datum.runs <= {_MOST_COUNTS} || {RESTS_ON_FEW}").transform_calculate(says=SAYS_N)
    sizes = told.mark_text(fontSize=10, baseline="top").encode(x=x, y=Y_VALUE(0), text=alt.Text("says:N"))
    return layered(ranges, lines, points, sizes, controls=params("metric", "threshold", "focus", "judged"), height=280)


def gaps() -> Layered:
    """Draw how far the candidate's slices lie from overall over the runs."""
    rows = rows_of("history").transform_filter(
        f"{OF_METRIC} && datum.model == '{CANDIDATE}' && datum.slice != '{OVERALL}' && isValid(datum.ratio_to_overall)"
    )
    x = alt.X("run:N", title=None, sort=alt.EncodingSortField("at", op="min"), axis=_RUN_AXIS)
    y = alt.Y("ratio_to_overall:Q", title="ratio to overall", scale=alt.Scale(zero=False))
    pale = alt.OpacityValue(1, condition={"test": RESTS_ON_FEW, "value": 0.4})
    marks = rows.mark_tick(color=GREY, thickness=2, size=22).encode(x=x, y=y, opacity=pale, tooltip=_tooltip())
    highest: list[alt.SortField | dict[str, str]] = [alt.SortField("ratio_to_overall", "descending")]
    ranked = rows.transform_window(place="row_number()", sort=highest, groupby=["run", "at"])
    worst = ranked.transform_filter("datum.place == 1")
    line = worst.mark_line(color=VERMILLION, strokeWidth=2).encode(x=x, y=y, order=alt.Order("at:Q"))
    points = worst.mark_point(size=60, color=VERMILLION, fill=VERMILLION, opacity=1).encode(
        x=x, y=y, fillOpacity=hollow(1), tooltip=_tooltip()
    )
    level = alt.Chart(alt.InlineData([{"level": 1}])).mark_rule(color=BLUE, strokeDash=[4, 3]).encode(y=alt.Y("level:Q"))
    return layered(level, marks, line, points, controls=params("metric", "threshold"), height=280)


def _tooltip() -> list[alt.Tooltip]:
    names = [alt.Tooltip(f"{name}:N") for name in ("run", "outcome", "model", "slice")]
    ratio = alt.Tooltip("ratio_to_overall:Q", title="ratio to overall", format=".2f")
    return [*names, alt.Tooltip("value:Q", format=".4f"), ratio, alt.Tooltip("n:Q", format=",.0f")]
