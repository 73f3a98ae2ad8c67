"""Turn counts back into weighted examples, so that TFMA's own metrics, validators and writers see what they know.

One row of extracts per slice (binary) or per slice, label and predicted class (multi-class). A binary row carries arrays: one
element per label and score cell, its weight the cell's weight, its prediction the cell's mean score, kept inside the cell's
decision interval.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgate.counting.cells import INTERVAL_BITS, LABEL_SHIFT, SCORE_BITS, Floats, ScoreCells, merge
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings

COARSE_CELLS = 0  # only labels and decision intervals
FINE_CELLS = 1000


@dataclass(frozen=True)
class RowNames:
    """Names of the extracts that a row fills, as TFMA calls them."""

    labels: str
    predictions: str
    weights: str


def binary_row(counts: Sequence[Counts], settings: CountSettings, limit: int) -> list[tuple[Floats, Floats, Floats]]:
    """Return per model the weighted examples of one slice: labels, predictions and weights, float64[K] each.

    Args:
        counts: of every model.
        settings: of the evaluation.
        limit: most elements; labels and decision intervals are never merged.
    """
    return [_elements(of_model.series[0], settings.thresholds, limit) for of_model in counts]


def class_rows(counts: Sequence[Counts], settings: CountSettings) -> Iterable[list[tuple[Floats, Floats, Floats]]]:
    """Yield the weighted examples of one slice, one per label and predicted class.

    Yields:
        Per model: label float64[1], mean probabilities float64[C], weight float64[1]. The models differ in what they predict, so
            the shorter list is filled up with copies of its last example, which have no weight.
    """
    per_model = [_classes(of_model, settings) for of_model in counts]
    longest = max(map(len, per_model))
    for at in range(longest):
        yield [rows[at] if at < len(rows) else (rows[-1][0], rows[-1][1], np.zeros(1)) for rows in per_model]


def keyed(models: Sequence[str], arrays: Sequence[tuple[Any, Any, Any]], names: RowNames) -> Mapping[str, Any]:
    """Return the extracts of one row. A single model is not keyed by name, as everywhere in TFMA."""
    fields = (names.labels, names.predictions, names.weights)
    if len(models) == 1:
        return dict(zip(fields, arrays[0], strict=True))
    return {field: {model: arrays[at][which] for at, model in enumerate(models)} for which, field in enumerate(fields)}


def _classes(counts: Counts, settings: CountSettings) -> list[tuple[Floats, Floats, Floats]]:
    fields = layout(settings).read(counts.totals)
    rows = []
    for label, predicted in zip(*np.nonzero(fields["confusion"]), strict=True):
        weight = fields["confusion"][label, predicted]
        mean = fields["probabilities"][label, predicted] / weight
        if mean.argmax() != predicted:  # rounding made a tie of a narrow lead
            mean[predicted] = np.nextafter(mean.max(), np.inf)
        rows.append((np.array([label], np.float64), mean, np.array([weight])))
    size = len(settings.classes)
    return rows or [(np.zeros(1), np.full(size, 1 / size), np.zeros(1))]


def _elements(cells: ScoreCells, thresholds: Sequence[float], limit: int) -> tuple[Floats, Floats, Floats]:
    if not cells.keys.size:  # TFMA cannot read an empty array; an element without weight counts nowhere
        return np.zeros(1), np.full(1, 0.5), np.zeros(1)
    cells = merge([cells], limit)
    interval = (cells.keys >> SCORE_BITS) & ((1 << INTERVAL_BITS) - 1)
    edges = np.concatenate(([-np.inf], np.asarray(thresholds, np.float64), [np.inf]))
    above, upto = np.nextafter(edges[interval], np.inf), edges[interval + 1]
    return (cells.keys >> LABEL_SHIFT).astype(np.float64), np.clip(cells.means(), above, upto), cells.weights
