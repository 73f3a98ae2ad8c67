"""Make the tables of a report that are read from the counts of the evaluation: score histograms per slice, the confusion matrix.

In: `EvaluationCounts`. Out: tables as `content.ReportContent` describes them. Imports pandas, not TensorFlow.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fairgate.counting import histograms
from fairgate.counting.counts import Counts
from fairgate.counting.detail import EvaluationCounts
from fairgate.names import OVERALL

BINS = 20
RIGHT_OR_WRONG = ("wrong", "right")


def score_histograms(detail: EvaluationCounts, bins: int = BINS) -> pd.DataFrame:
    """Count how each model's scores are spread, per slice and label.

    Args:
        detail: of the evaluation. Several classes have no one score: their confidence is counted, by whether they were right.
        bins: of equal width; a bin includes its upper edge.

    Returns:
        columns model, slice, label, low, high (edges of the bin), count, share (of this label's examples in the slice; 0
        where there are none).
    """
    labels = detail.settings.classes if detail.settings.kind == "binary" else RIGHT_OR_WRONG
    parts = [
        part.assign(model=model, slice=name)
        for model, slices in detail.counts.items()
        for name, counts in slices.items()
        for part in _histograms(counts, labels, bins)
    ]
    return pd.concat(parts, ignore_index=True)[["model", "slice", "label", "low", "high", "count", "share"]]


def confusion(detail: EvaluationCounts) -> pd.DataFrame:
    """Count what every class is called.

    Returns:
        columns model, label, predicted, count, share (of the label's examples; NaN where there are none), every pair of
        classes once per model.
    """
    classes = detail.settings.classes
    names = {"label": np.repeat(classes, len(classes)), "predicted": np.tile(classes, len(classes))}
    parts = []
    for model, slices in detail.counts.items():
        counts = histograms.confusion(slices[OVERALL], detail.settings)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
        parts.append(pd.DataFrame({"model": model, **names, "count": counts.ravel(), "share": shares.ravel()}))
    return pd.concat(parts, ignore_index=True)


def _histograms(counts: Counts, labels: tuple[str, ...], bins: int) -> Iterator[pd.DataFrame]:
    found = histograms.histogram(counts.series[0], bins)
    for label, weights in zip(labels, found.weights, strict=True):
        total = weights.sum()
        columns = {"low": found.edges[:-1], "high": found.edges[1:], "count": weights}
        yield pd.DataFrame(columns).assign(label=label, share=weights / total if total > 0 else 0.0)
