"""Show ROC, precision–recall and calibration curves: the slices of a feature that the reader picks, beside all examples."""

from collections.abc import Iterator

import numpy as np

from fairgate.frame import Frame
from fairgate.metrics.words import metric_words
from fairgate.names import OVERALL, feature_of
from fairgate.report.charts import FEW, Chart, ChartState, Figure
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_TABLES = ("roc", "calibration")


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
    single = view.slices.where(~view.slices["pair"])
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


def _figures(tables: dict[str, Frame], state: ChartState, feature: str) -> Iterator[tuple[str, Figure]]:
    values = {**state.signals, "curve_feature": feature, "curve_model": state.judged}
    still = {
        name: table.where(np.isin(table["feature"], [OVERALL, feature]) & (table["model"] == state.judged))
        for name, table in tables.items()
    }
    if "roc" in tables:
        caption = "ROC curves of the slices of a feature; the marks are the threshold above."
        yield "roc", Figure(Chart("roc", values), ("roc",), caption, still)
        caption = "Precision against recall of the slices of a feature; the marks are the threshold above."
        yield "precision_recall", Figure(Chart("precision_recall", values), ("roc",), caption, still)
    if "calibration" in tables:
        several = "roc" not in tables
        what = "Share of right answers against confidence" if several else "Share of positive examples against the mean score"
        chart = Chart("confidence" if several else "calibration", values)
        yield "calibration", Figure(chart, ("calibration",), f"{what}, in bins of the score, with intervals.", still)


register(Section("slice_curves", TEMPLATE, parts, explored=True))
