"""Show ROC, precision–recall and calibration curves: the slices of a feature that the reader picks, beside all examples."""

from collections.abc import Iterator, Sequence

import altair as alt
import pandas as pd

from fairgate.metrics.words import metric_words
from fairgate.names import OVERALL, feature_of
from fairgate.report.charts import (
    AT_THRESHOLD,
    FEW,
    ChartState,
    Figure,
    Layered,
    Source,
    hollow,
    layered,
    slice_colour,
    slice_fill,
    threshold_param,
)
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_UNIT = alt.Scale(domain=[0, 1])
_PERCENT = alt.Axis(format=".0%", tickCount=5)
_TABLES = ("roc", "calibration")
_LINE = [1, 0]
_DOTTED = [2, 3]


TEMPLATE = """\
<section class="part" id="slice_curves" aria-labelledby="slice-curves-title">
<h2 id="slice-curves-title">Curves by slice</h2>
<p>The slices of one feature, and all examples as a dashed line. A dotted line or a hollow mark rests on fewer than {{ few }}
examples{% if 'roc' in figures %} (of the rarer label){% endif %}; each slice has its number of examples beside its name.</p>
<div class="row controls" data-js hidden role="group" aria-label="What the curves show">
<label class="field">Feature
<select id="curve-feature">{% for feature in features %}<option value="{{ feature }}">{{ feature }}</option>{% endfor %}</select>
</label>
{% if view.models | length > 1 %}
<label class="field">Model
<select id="curve-model">{% for model in view.models | reverse %}<option value="{{ model }}">{{ model }}</option>{% endfor %}
</select></label>
{% endif %}
</div>
{% if 'roc' in figures %}
<div class="pair">
<div><h3>ROC</h3><p class="muted small">Nearer to the upper left is better. {{ meanings.roc }}</p>{{ chart('roc') }}</div>
<div><h3>Precision and recall</h3><p class="muted small">Nearer to the upper right is better. {{ meanings.precision_recall }}</p>
{{ chart('precision_recall') }}</div>
</div>
{% endif %}
{% if 'calibration' in figures %}
<h3>Calibration</h3>
<p class="muted small">Nearer to the diagonal is better: above it the model is less sure than it could be, below it surer. A model
whose scores are set to a threshold rather than to probabilities lies off it on all examples; a slice that lies off the dashed
line is treated otherwise than the rest.</p>
{{ chart('calibration') }}
{% endif %}
{% for feature, left in left_out.items() %}
<p class="muted small">Of <bdi>{{ feature }}</bdi> the largest slices are drawn; {{ left }} more are not.</p>
{% endfor %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the charts of the curves that were kept; nothing where no feature has a slice with one."""
    tables = {name: view.tables[name] for name in _TABLES if name in view.tables}
    drawn = list(dict.fromkeys(name for table in tables.values() for name in table["slice"] if name != OVERALL))
    if not drawn:
        return None
    features = list(dict.fromkeys(map(feature_of, drawn)))
    single = view.slices[~view.slices["pair"]]
    left = {name: int((single["feature"] == name).sum()) - sum(feature_of(part) == name for part in drawn) for name in features}
    words = {name: metric_words(name).meaning for name in ("false_positive_rate", "true_positive_rate", "precision")}
    values = {
        "features": features,
        "few": FEW,
        "left_out": {name: count for name, count in left.items() if count > 0},
        "meanings": {
            "roc": f"Across: {words['false_positive_rate']} Up: {words['true_positive_rate']}",
            "precision_recall": f"Across: {words['true_positive_rate']} Up: {words['precision']}",
        },
    }
    return Parts("Curves by slice", dict(_figures(tables, view.start, features[0])), values)


def _figures(tables: dict[str, pd.DataFrame], state: ChartState, feature: str) -> Iterator[tuple[str, Figure]]:
    still = {
        name: table[table["feature"].isin([OVERALL, feature]) & (table["model"] == state.judged)]
        for name, table in tables.items()
    }
    if "roc" in tables:
        caption = "ROC curves of the slices of a feature; the marks are the threshold above."
        chart = curve(alt.NamedData("roc"), "roc", state, feature)
        yield "roc", Figure(chart, ("roc",), caption, still)
        caption = "Precision against recall of the slices of a feature; the marks are the threshold above."
        chart = curve(alt.NamedData("roc"), "precision_recall", state, feature)
        yield "precision_recall", Figure(chart, ("roc",), caption, still)
    if "calibration" in tables:
        several = "roc" not in tables
        what = "Share of right answers against confidence" if several else "Share of positive examples against the mean score"
        chart = calibration(alt.NamedData("calibration"), state, feature, several=several)
        yield "calibration", Figure(chart, ("calibration",), f"{what}, in bins of the score, with intervals.", still)


def curve(source: Source, kind: str, state: ChartState, feature: str) -> Layered:
    """Draw the ROC or the precision–recall curves of the slices of parameter `curve_feature` under the model `curve_model`.

    Args:
        source: columns of `ReportContent.roc` and feature.
        kind: "roc" or "precision_recall".
        state: what the page opens with.
        feature: that the chart opens with.
    """
    across, up = ("false_positive_rate", "true_positive_rate") if kind == "roc" else ("true_positive_rate", "precision")
    titles = {"false_positive_rate": "false positive rate", "precision": "precision"}
    titles["true_positive_rate"] = "true positive rate" if kind == "roc" else "recall (true positive rate)"
    x = alt.X(f"{across}:Q", title=titles[across], scale=_UNIT, axis=_PERCENT)
    y = alt.Y(f"{up}:Q", title=titles[up], scale=_UNIT, axis=_PERCENT)
    rows = _of_model(source).transform_calculate(way="datum.false_positive_rate + datum.true_positive_rate")
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
    return _with_params((overall, lines, all_examples.encode(x=x, y=y, tooltip=tooltip), points), state, feature)


def calibration(source: Source, state: ChartState, feature: str, *, several: bool) -> Layered:
    """Draw the share of positive (of right) examples against the mean score (the confidence) of each bin, per slice.

    Args:
        source: columns of `ReportContent.calibration` and feature.
        state: what the page opens with.
        feature: that the chart opens with.
        several: whether the task has several classes.
    """
    x = alt.X("score:Q", title="mean confidence" if several else "mean score", scale=_UNIT)
    y = alt.Y("share:Q", title="share that is right" if several else "share that is positive", scale=_UNIT, axis=_PERCENT)
    rows = _of_model(source)
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
    return _with_params((diagonal, ranges, overall, lines, points), state, feature)


def _of_model(source: Source) -> alt.Chart:
    return alt.Chart(source).transform_filter("datum.model == curve_model")


def _of_feature(rows: alt.Chart) -> alt.Chart:
    return rows.transform_filter("datum.feature == curve_feature")


def _few_dotted() -> alt.StrokeDashValue:
    return alt.StrokeDashValue(_LINE, condition={"test": f"datum.n < {FEW}", "value": _DOTTED})


def _with_params(marks: Sequence[alt.Chart], state: ChartState, feature: str) -> Layered:
    chosen = [alt.param(name="curve_feature", value=feature), alt.param(name="curve_model", value=state.judged)]
    return layered(*marks, params=[threshold_param(state), alt.param(name="named", value={}), *chosen], height=340)


register(Section("slice_curves", TEMPLATE, parts, explored=True))
