"""Define ROC, precision–recall and calibration curves by slice.

Parameters `curve_feature`: the feature whose slices are drawn; `curve_model`: the model; `named`: slice -> its entry in the
legend.
"""

from collections.abc import Sequence

import altair as alt

from fairgate.names import OVERALL
from fairgate.report.charts import FEW
from fairgate.report.specs.marks import (
    AT_THRESHOLD,
    Layered,
    hollow,
    layered,
    params,
    rows_of,
    slice_colour,
    slice_fill,
)

_UNIT = alt.Scale(domain=[0, 1])
_PERCENT = alt.Axis(format=".0%", tickCount=5)
_LINE = [1, 0]
_DOTTED = [2, 3]


def curve(kind: str) -> Layered:
    """Draw the ROC or the precision–recall curves of the slices of parameter `curve_feature` under the model `curve_model`.

    Args:
        kind: "roc" or "precision_recall".
    """
    across, up = ("false_positive_rate", "true_positive_rate") if kind == "roc" else ("true_positive_rate", "precision")
    titles = {"false_positive_rate": "false positive rate", "precision": "precision"}
    titles["true_positive_rate"] = "true positive rate" if kind == "roc" else "recall (true positive rate)"
    x = alt.X(f"{across}:Q", title=titles[across], scale=_UNIT, axis=_PERCENT)
    y = alt.Y(f"{up}:Q", title=titles[up], scale=_UNIT, axis=_PERCENT)
    rows = _of_model("roc").transform_calculate(way="datum.false_positive_rate + datum.true_positive_rate")
    rows = rows.transform_filter(f"isValid(datum.{up})")
    lines = (
        _of_feature(rows)
        .mark_line(strokeWidth=2)
        .encode(x=x, y=y, order=alt.Order("way:Q"), color=slice_colour(), strokeDash=_few_dotted())
    )
    whole = rows.transform_filter(f"datum.slice == '{OVERALL}'")
    overall = whole.mark_line(strokeDash=[6, 4], strokeWidth=1.6, color="currentColor").encode(x=x, y=y, order=alt.Order("way:Q"))
    here = rows.transform_filter(f"isValid(datum.threshold) && {AT_THRESHOLD}")
    numbers = [alt.Tooltip(f"{name}:Q", title=titles[name], format=".3f") for name in (across, up)]
    tooltip = [alt.Tooltip("slice:N"), alt.Tooltip("threshold:Q"), *numbers, alt.Tooltip("n:Q", format=",.0f")]
    marks = _of_feature(here).mark_point(size=70, strokeWidth=1.6, opacity=1, cursor="pointer")
    points = marks.encode(x=x, y=y, color=slice_colour(), fill=slice_fill(), fillOpacity=hollow(1), tooltip=tooltip)
    all_examples = here.transform_filter(f"datum.slice == '{OVERALL}'").mark_point(size=60, color="currentColor", opacity=1)
    return _with_params((overall, lines, all_examples.encode(x=x, y=y, tooltip=tooltip), points))


def calibration(*, several: bool) -> Layered:
    """Draw the share of positive (of right) examples against the mean score (the confidence) of each bin, per slice.

    Args:
        several: whether the task has several classes.
    """
    x = alt.X("score:Q", title="mean confidence" if several else "mean score", scale=_UNIT)
    y = alt.Y("share:Q", title="share that is right" if several else "share that is positive", scale=_UNIT, axis=_PERCENT)
    rows = _of_model("calibration")
    groups = _of_feature(rows)
    numbers = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("score", "share", "low", "high")]
    tooltip = [alt.Tooltip("slice:N"), *numbers, alt.Tooltip("n:Q", format=",.0f")]
    ranges = groups.mark_rule(strokeWidth=3, opacity=0.25).encode(
        x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=slice_colour()
    )
    lines = groups.mark_line(strokeWidth=1.4, opacity=0.5).encode(x=x, y=y, order=alt.Order("score:Q"), color=slice_colour())
    marks = groups.mark_point(size=60, strokeWidth=1.6, opacity=1)
    points = marks.encode(x=x, y=y, stroke=slice_colour(), fill=slice_fill(), fillOpacity=hollow(1), tooltip=tooltip)
    whole = rows.transform_filter(f"datum.slice == '{OVERALL}'")
    overall = whole.mark_line(strokeDash=[6, 4], strokeWidth=1.6, color="currentColor").encode(
        x=x, y=y, order=alt.Order("score:Q")
    )
    corners = alt.Chart(alt.InlineData([{"at": 0}, {"at": 1}]))
    diagonal = corners.mark_line(strokeWidth=1, opacity=0.4, color="currentColor").encode(x=alt.X("at:Q"), y=alt.Y("at:Q"))
    return _with_params((diagonal, ranges, overall, lines, points))


def _of_model(table: str) -> alt.Chart:
    return rows_of(table).transform_filter("datum.model == curve_model")


def _of_feature(rows: alt.Chart) -> alt.Chart:
    return rows.transform_filter("datum.feature == curve_feature")


def _few_dotted() -> alt.StrokeDashValue:
    return alt.StrokeDashValue(_LINE, condition={"test": f"datum.n < {FEW}", "value": _DOTTED})


def _with_params(marks: Sequence[alt.Chart]) -> Layered:
    return layered(*marks, controls=params("threshold", "named", "curve_feature", "curve_model"), height=340)
