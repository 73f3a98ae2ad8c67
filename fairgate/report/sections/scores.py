"""Show scores example by example: baseline against candidate, and how the scores of either are spread."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fairgate.frame import Frame
from fairgate.report.charts import FEW, Chart, ChartState, Figure
from fairgate.report.section import Parts, Section, register
from fairgate.report.tallies import RIGHT_OR_WRONG
from fairgate.report.theme import CLASSES
from fairgate.report.view import ReportView

_SHAPES = ("triangle-up", "circle", "square", "diamond", "cross")
_STILL_POINTS = 300  # of a scatter, in a still picture


TEMPLATE = """\
<section class="part" id="scores" aria-labelledby="scores-title">
<h2 id="scores-title">Scores, example by example</h2>
<p>A random sample of <bdi data-says="focus">{{ view.start.focus }}</bdi>:
<span data-says="sampled">{{ sampled }}</span> examples. Points above the diagonal score higher with the candidate. Click a point
to see its example.</p>
<div class="explore">
{{ chart('scatter') }}
<div class="panel controls" data-js hidden><h3>Picked example</h3><ol class="wrong" id="picked">
<li class="muted">None yet: click a point.</li></ol></div>
</div>
{% if 'histogram_candidate' in figures %}
<h3>Spread of the scores: <bdi data-says="focus">{{ view.start.focus }}</bdi></h3>
<div class="pair">
{% for model in view.models %}
{{ chart('histogram_' ~ model) }}
{% endfor %}
</div>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the scatter, where a baseline scored the examples, and the histograms."""
    examples = view.tables.get("examples")
    if examples is None or not (~np.isnan(examples["baseline"])).any():
        return None
    sampled = sum(view.start.focus in slices for slices in examples["slices"][examples["sampled"]])
    return Parts("Scores", {"scatter": _scatter(examples, view.start), **dict(_histograms(view))}, {"sampled": sampled})


def _scatter(examples: Frame, state: ChartState) -> Figure:
    meaning = "score" if math.isfinite(state.threshold) else "probability of the true class"
    caption = f"One point per example: the baseline’s {meaning} against the candidate’s, by label."
    if math.isfinite(state.threshold):
        caption += " Dotted lines mark the threshold."
    chart = Chart("scatter", {**state.signals, "score": meaning, **_of_labels(sorted(set(examples["label"])))})
    plain = examples.select(name for name in examples.columns if name not in ("text", "image"))
    shown = np.flatnonzero(plain["sampled"])[:_STILL_POINTS]
    return Figure(chart, ("examples",), caption, {"examples": plain.take(shown)})


def _histograms(view: ReportView) -> Iterator[tuple[str, Figure]]:
    table = view.tables.get("histograms")
    if table is None:
        return
    labels, caption = sorted(set(map(str, table["label"]))), "Scores of the {}, by label, with n."
    if set(labels) <= set(RIGHT_OR_WRONG):
        labels, caption = list(RIGHT_OR_WRONG), "Confidence of the {}, when it is right and when it is wrong, with n."
    still = {"histograms": table.where(table["slice"] == view.start.focus)}
    score = "score" if math.isfinite(view.start.threshold) else "confidence"
    for model in sorted(set(table["model"])):
        chart = Chart("histogram", {**view.start.signals, "score": score, "model": model, **_of_labels(labels)})
        says = f"{caption.format(model)} Hollow: fewer than {FEW} examples."
        yield f"histogram_{model}", Figure(chart, ("histograms",), says, still)


def _of_labels(labels: list[str]) -> dict[str, Any]:
    """Return what a chart of labels is filled with; in a row of its legend are as many as a phone has room for."""
    width = 34 + 7 * max(len(label) for label in labels)
    return {
        "classes": labels,
        "colours": [CLASSES[place % len(CLASSES)] for place in range(len(labels))],
        "shapes": [_SHAPES[place % len(_SHAPES)] for place in range(len(labels))],
        "columns": max(1, 320 // width),
    }


register(Section("scores", TEMPLATE, parts, explored=True))
