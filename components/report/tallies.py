"""Tables of a report that are counted from labels and scores: score histograms per slice, confusion matrices.

In: arrays with one entry per example. Out: tables as `content.ReportContent` describes them. Imports pandas, not TensorFlow.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

BINS = 20
Members = Mapping[str, npt.NDArray[np.bool_]]


def members(slices: Sequence[Sequence[str]]) -> dict[str, npt.NDArray[np.bool_]]:
    """Slice name -> bool[N], which examples are in it; `slices` names those of each example."""
    inside: dict[str, npt.NDArray[np.bool_]] = {}
    for row, names in enumerate(slices):
        for name in names:
            inside.setdefault(name, np.zeros(len(slices), dtype=bool))[row] = True
    return inside


def score_histograms(
    labels: npt.NDArray[np.str_], inside: Members, scores: Mapping[str, npt.NDArray[np.float64]], bins: int = BINS
) -> pd.DataFrame:
    """How each model's scores are spread, per slice and label.

    Args:
        labels: str[N], names of the labels.
        inside: slice -> bool[N].
        scores: model -> float[N] in [0, 1]; NaN is in no bin.
        bins: of equal width.

    Returns:
        columns model, slice, label, low, high (edges of the bin), count, share (of this label's examples in the slice; 0
        where there are none).
    """
    edges = np.linspace(0, 1, bins + 1)
    parts = []
    for model, score in scores.items():
        for name, member in inside.items():
            for label in np.unique(labels):
                counts, _ = np.histogram(score[member & (labels == label)], edges)
                columns = {
                    "model": model,
                    "slice": name,
                    "label": str(label),
                    "low": edges[:-1],
                    "high": edges[1:],
                    "count": counts,
                }
                parts.append(pd.DataFrame(columns).assign(share=counts / max(counts.sum(), 1)))
    return pd.concat(parts, ignore_index=True)


def confusion(
    labels: npt.NDArray[np.int64], predicted: Mapping[str, npt.NDArray[np.int64]], classes: Sequence[str]
) -> pd.DataFrame:
    """What every class is called.

    Args:
        labels: int[N], indices of classes.
        predicted: model -> int[N].
        classes: their names.

    Returns:
        columns model, label, predicted, count, share (of the label's examples; NaN where there are none), every pair of
        classes once per model.
    """
    parts = []
    for model, answers in predicted.items():
        counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
        np.add.at(counts, (labels, answers), 1)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
        names = {"label": np.repeat(classes, len(classes)), "predicted": np.tile(classes, len(classes))}
        parts.append(pd.DataFrame({"model": model, **names, "count": counts.ravel(), "share": shares.ravel()}))
    return pd.concat(parts, ignore_index=True)
