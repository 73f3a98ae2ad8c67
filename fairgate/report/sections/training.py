"""Show training curves: one chart per metric."""

import math

from fairgate.metrics.words import metric_words
from fairgate.names import TRAIN, VALIDATION
from fairgate.report.charts import FEW, Chart, Figure
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_LOSS = "loss"

TEMPLATE = """\
<section class="part" id="training" aria-labelledby="training-title">
<h2 id="training-title">Training curves</h2>
{% if by_epoch %}
<p>An epoch is one pass over the training examples, or one iteration of a solver that passes over all of them.{% if loss %} Loss
is the mean per example, whatever a model minimises: one that trains on the sum over its batches is drawn by the mean.
{% endif %}</p>
{% endif %}
<div class="pair">
{% for words in metrics %}
<div><h3>{{ words.label }}</h3><p class="muted small">{{ words.sentence }}</p>{{ chart('curve_' ~ loop.index0) }}</div>
{% endfor %}
</div>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return one chart per metric whose curve was kept, in the order of their first rows."""
    table, written = view.tables.get("curves"), view.content.curves
    if table is None or written is None:
        return None
    by_epoch = "epoch" in written
    names = table.distinct("metric")
    figures = {}
    for index, name in enumerate(names):
        splits = table.where(table["metric"] == name).distinct("split")
        unit = "epoch" if by_epoch else "step"
        caption = f"After each {unit}, per model, on {_drawn_splits(view, splits)}."
        chart = Chart("training", {"curve": name, "splits": splits, "unit": unit})
        figures[f"curve_{index}"] = Figure(chart, ("curves",), caption)
    values = {"metrics": [metric_words(name) for name in names], "by_epoch": by_epoch, "loss": _LOSS in names}
    return Parts("Training curves", figures, values)


def _drawn_splits(view: ReportView, splits: list[str]) -> str:
    """Return "train (solid, n = 40,000) and on validation (n = 300)"; a number that the report does not know is left out."""
    said = []
    for place, split in enumerate(splits):
        n = _examples(view, split)
        counted = "" if math.isnan(n) else f"n = {n:,.0f}{', few' if n < FEW else ''}"
        notes = ", ".join(note for note in ("solid" if place == 0 else "", counted) if note)
        said.append(f"{split} ({notes})" if notes else split)
    return " and on ".join(said)


def _examples(view: ReportView, split: str) -> float:
    """Return the examples of a split: those that the candidate was trained on, else those that its statistics count; or NaN."""
    trainings, statistics = view.content.trainings, view.content.statistics
    if trainings is not None and split in (TRAIN, VALIDATION):
        counts = trainings.loc[trainings["model"] == view.start.judged, "images" if split == TRAIN else "held_out"]
        return float(counts.max())
    if statistics is None:
        return math.nan
    own = statistics[statistics["split"] == split]
    return float((own["count"] + own["missing"]).max())


register(Section("training", TEMPLATE, parts))
