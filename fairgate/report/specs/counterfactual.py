"""Define the charts of the counterfactual test."""

import altair as alt

from fairgate.report.specs.marks import (
    AT_THRESHOLD,
    LABEL,
    OF_JUDGED,
    Layered,
    count_marks,
    hollow,
    layered,
    level_mark,
    model_colour,
    model_fill,
    model_shape,
    params,
    rows_of,
)

_HEIGHT = {"step": 22}


def flips() -> Layered:
    """Draw the share of decisions that change when a comment's term is swapped, per term and model, with intervals."""
    rows = rows_of("counterfactual").transform_filter(f"datum.test == 'swaps' && {AT_THRESHOLD}")
    x = alt.X("value:Q", title="decisions that flip", axis=alt.Axis(format=".0%"))
    return _layered(_per_term(rows, x, ("low", "high")))


def shifts(test: str) -> Layered:
    """Draw how much higher a text scores with a term than with the others of its group, per term and model, with intervals.

    Args:
        test: "swaps" or "probes".
    """
    rows = rows_of("counterfactual").transform_filter(f"datum.test == '{test}' && {AT_THRESHOLD}")
    x = alt.X("score_shift:Q", title="score with the term minus score with the others", axis=alt.Axis(format="+.2f"))
    return _layered([level_mark("0"), *_per_term(rows, x, ("shift_low", "shift_high"))])


def _layered(marks: list[alt.Chart]) -> Layered:
    return layered(*marks, controls=params("threshold", "labels", "judged"), height=_HEIGHT)


def _per_term(rows: alt.Chart, x: alt.X, ends: tuple[str, str]) -> list[alt.Chart]:
    sort = alt.EncodingSortField(field="score_shift", op="max", order="descending")
    y = alt.Y("place:N", title=None, sort=sort, axis=alt.Axis(labelExpr=LABEL))
    ranges = rows.mark_rule(strokeWidth=4, opacity=0.3).encode(
        y=y, x=alt.X(f"{ends[0]}:Q"), x2=alt.X2(f"{ends[1]}:Q"), color=model_colour()
    )
    numbers = ("value", "low", "high", "score_shift", "shift_low", "shift_high")
    tooltip = [
        alt.Tooltip("term:N"),
        alt.Tooltip("group:N"),
        alt.Tooltip("model:N"),
        *(alt.Tooltip(f"{name}:Q", format=".4f") for name in numbers),
    ]
    points = rows.mark_point(size=95, opacity=1, strokeWidth=1.4).encode(
        y=y,
        x=x,
        color=model_colour(),
        fill=model_fill(),
        fillOpacity=hollow(1),
        shape=model_shape(),
        tooltip=[*tooltip, alt.Tooltip("n:Q", format=",.0f")],
    )
    own = rows.transform_filter(OF_JUDGED)
    return [ranges, points, count_marks(own, y)]
