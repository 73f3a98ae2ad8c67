"""Register the metrics of scores: ranking, calibration, means.

Sources:
    DeLong, DeLong, Clarke-Pearson (1988), "Comparing the Areas under Two or More Correlated Receiver Operating Characteristic
    Curves". Guo, Pleiss, Sun, Weinberger (2017), "On Calibration of Modern Neural Networks".
"""

import math

import numpy as np

from fairgate.counting.cells import LABEL_SHIFT, Floats, ScoreCells, dot
from fairgate.counting.histograms import bins_of
from fairgate.measurement import Scalar
from fairgate.metrics.counted import Counted, Scores, proportion
from fairgate.metrics.registry import Metric, register

CALIBRATION_BINS = 15
ONE = 1 + 1e-9  # effective examples: so many are a single one, of which rounding leaves more or less than its weight


def auc(positive: Scores, negative: Scores) -> Scalar:
    """Return the area under the ROC curve: the probability that a positive example scores above a negative one, ties half.

    Returns:
        The (example-weighted) area and its standard error after DeLong et al. 1988; NaN without examples of both labels, a NaN
        error where a label has a single example.
    """
    above = _placements(positive.cells, negative.cells)
    below = 1 - _placements(negative.cells, positive.cells)
    if not above.size or not below.size:
        return Scalar(math.nan)
    weights = positive.cells.weights / positive.cells.weights.sum()
    value = dot(weights, above)
    variance = _variance_of_mean(above, positive, value) + _variance_of_mean(below, negative, value)
    return Scalar(value, math.sqrt(variance))


def auc_error(cells: ScoreCells) -> float:
    """Return by how much at most the AUC of a table of scores differs from that of the scores: half the pairs in one cell.

    0 where the table lost no bits of the scores, and where a label has no examples.
    """
    negative, positive = cells.one_label(0), cells.one_label(1)
    total = float(negative.weights.sum()) * float(positive.weights.sum())
    if not (cells.level and total > 0):
        return 0.0
    _, own, other = np.intersect1d(positive.keys, negative.keys, assume_unique=True, return_indices=True)
    return dot(positive.weights[own], negative.weights[other]) / (2 * total)


def calibration_error(cells: ScoreCells) -> Scalar:
    """Return the expected calibration error (Guo et al. 2017): Σ over 15 equal bins of share · |mean label - mean score|.

    Args:
        cells: of both labels. For a multi-class task the label says whether the prediction was right, the score is the
            confidence.

    Returns:
        The error, and a standard error that takes the scores as given and the labels of each bin as binomial, weighted.
    """
    total = float(cells.weights.sum())
    if total <= 0:
        return Scalar(math.nan)
    bins = bins_of(cells.means(), CALIBRATION_BINS)
    label = (cells.keys >> LABEL_SHIFT).astype(np.float64)
    weight, positive, score = (
        np.bincount(bins, values, CALIBRATION_BINS) for values in (cells.weights, cells.weights * label, cells.sums)
    )
    with np.errstate(invalid="ignore"):
        share = (positive / weight)[bins]
    error = math.sqrt(dot(cells.squared(), np.square(label - share))) / total
    return Scalar(float(np.sum(np.abs(positive - score)) / total), error)


def mean(cells: ScoreCells) -> Scalar:
    """Return the mean score and its standard error; NaN without examples."""
    total = float(cells.weights.sum())
    if total <= 0:
        return Scalar(math.nan)
    value = float(cells.sums.sum()) / total
    return Scalar(value, math.sqrt(dot(cells.squared(), (cells.means() - value) ** 2)) / total)


def _mean_label(counted: Counted) -> Scalar:
    negative, positive = counted.fields["squares"].tolist()
    return proportion(float(counted.positive.cells.weights.sum()), counted.weight, (positive, negative))


def _placements(cells: ScoreCells, others: ScoreCells) -> Floats:
    """Return float64[K]: for every cell the share of `others` that scores lower, ties counted half; empty without others."""
    level = max(cells.level, others.level)
    keys = cells.keys & ~np.int64((1 << level) - 1)
    others = others.coarser(level)
    total = np.concatenate(([0.0], np.cumsum(others.weights)))
    if not others.keys.size:
        return np.zeros(0)
    lower = total[np.searchsorted(others.keys, keys, side="left")]
    not_higher = total[np.searchsorted(others.keys, keys, side="right")]
    placements: Floats = (lower + not_higher) / (2 * total[-1])
    return placements


def _variance_of_mean(placements: Floats, scores: Scores, value: float) -> float:
    """Return the variance of the weighted mean of placements: Σw²(v - mean)² / (Σw)², times n / (n - 1) of the effective n.

    That is DeLong's where all weights are equal, and right too where they go with the label or the score.
    """
    if scores.effective <= ONE:
        return math.nan
    squares = dot(scores.cells.squared(), (placements - value) ** 2)
    return squares / float(scores.cells.weights.sum()) ** 2 * scores.effective / (scores.effective - 1)


AUC = register(
    Metric(
        "auc",
        "AUC",
        "Chance that a random positive scores above a random negative.",
        "higher",
        task="binary",
        needs=frozenset({"labels", "scores"}),
        compute=lambda c: auc(c.positive, c.negative),
    )
)
CALIBRATION_ERROR = register(
    Metric(
        "calibration_error",
        "Calibration error",
        "Mean distance between confidence and what came true.",
        "lower",
        needs=frozenset({"labels", "scores"}),
        compute=lambda c: calibration_error(c.cells),
    )
)
MEAN_LABEL = register(
    Metric(
        "mean_label",
        "Mean label",
        "Share of positives among the examples.",
        "neither",
        task="binary",
        needs=frozenset({"labels"}),
        compute=_mean_label,
    )
)
MEAN_SCORE = register(
    Metric(
        "mean_score",
        "Mean score",
        "Mean score that the model gives.",
        "neither",
        task="binary",
        needs=frozenset({"scores"}),
        compute=lambda c: mean(c.cells),
    )
)
