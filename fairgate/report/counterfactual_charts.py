"""Charts of the counterfactual test: decisions that flip and scores that move when an identity term is swapped.

In: a source with the columns of `ReportContent.counterfactual`. Out: Altair charts; the page's choice of threshold reaches them.
"""

import math
from typing import Any

import altair as alt

from fairgate.report.slice_charts import Layered, Source, View, model_colour, model_shape

_HEIGHT = {"step": 22}


def flips(source: Source, view: View) -> Layered:
    """Share of decisions that change when a comment's term is swapped, per term and model, with intervals."""
    rows = alt.Chart(source).transform_filter(f"datum.test == 'swaps' && {_AT_THRESHOLD}")
    x = alt.X("value:Q", title="decisions that flip", axis=alt.Axis(format=".0%"))
    return _per_term(rows, x, ("low", "high"), view)


def shifts(source: Source, view: View, test: str) -> Layered:
    """How much higher a text scores with a term than with the others of its group, per term and model, with intervals.

    Args:
        source: see the module.
        view: what the page opens with.
        test: "swaps" or "probes".
    """
    rows = alt.Chart(source).transform_filter(f"datum.test == '{test}' && {_AT_THRESHOLD}")
    x = alt.X("score_shift:Q", title="score with the term minus score with the others", axis=alt.Axis(format="+.2f"))
    level = alt.Chart(alt.InlineData([{}])).transform_calculate(level="0").mark_rule(opacity=0.6).encode(x="level:Q")
    return alt.layer(level, _per_term(rows, x, ("shift_low", "shift_high"), view))


_AT_THRESHOLD = "(!isValid(datum.threshold) || datum.threshold == threshold)"


def _per_term(rows: alt.Chart, x: alt.X, ends: tuple[str, str], view: View) -> Layered:
    y = alt.Y("term:N", title=None, sort=alt.EncodingSortField(field="score_shift", op="max", order="descending"))
    ranges = rows.mark_rule(strokeWidth=4, opacity=0.3).encode(y=y, x=f"{ends[0]}:Q", x2=f"{ends[1]}:Q", color=model_colour())
    numbers = ("value", "low", "high", "score_shift", "shift_low", "shift_high")
    tooltip = ["term:N", "group:N", "model:N", *(alt.Tooltip(f"{name}:Q", format=".4f") for name in numbers)]
    points = rows.mark_point(filled=True, size=95, opacity=1).encode(
        y=y, x=x, color=model_colour(), shape=model_shape(), tooltip=[*tooltip, alt.Tooltip("n:Q", format=",.0f")]
    )
    threshold: Any = None if math.isnan(view.threshold) else view.threshold
    return alt.layer(ranges, points).add_params(alt.param(name="threshold", value=threshold)).properties(height=_HEIGHT)
