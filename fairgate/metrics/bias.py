"""Scalar metrics of scores, from cells: AUC and its variants for identity groups, calibration, equality differences. Pure numpy.

Sources:
    Borkan, Dixon, Sorensen, Thain, Vasserman (2019), "Nuanced Metrics for Measuring Unintended Bias with Real Data for Text
    Classification". Dixon, Li, Sorensen, Thain, Vasserman (2018), "Measuring and Mitigating Unintended Bias in Text
    Classification". Jigsaw Unintended Bias in Toxicity Classification (Kaggle, 2019), page "Evaluation".
    DeLong, DeLong, Clarke-Pearson (1988), "Comparing the Areas under Two or More Correlated Receiver Operating Characteristic
    Curves". Guo, Pleiss, Sun, Weinberger (2017), "On Calibration of Modern Neural Networks".
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import LABEL_SHIFT, Floats, ScoreCells
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings
from fairgate.measurement import Rate, Scalar

JIGSAW_POWER = -5.0
JIGSAW_WEIGHT = 0.25  # of the overall AUC and of each of the three bias AUCs
CALIBRATION_BINS = 15


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of the examples of one label in some group.

    Attributes:
        cells: of that label only, see ScoreCells.one_label.
        squares: sum of the squared example weights.
    """

    cells: ScoreCells
    squares: float

    @property
    def effective(self) -> float:
        """Kish's effective number of examples, (Σw)² / Σw²."""
        return float(self.cells.weights.sum()) ** 2 / self.squares if self.squares > 0 else 0.0

    def without(self, part: "Scores") -> "Scores":
        """The scores outside of `part`, a subset: the background of a group."""
        return Scores(self.cells.without(part.cells), max(self.squares - part.squares, 0.0))


def by_label(counts: Counts, settings: CountSettings) -> tuple[Scores, Scores]:
    """The scores of the negative and of the positive examples of a binary task's slice."""
    squares = layout(settings).read(counts.totals)["squares"]
    negative, positive = (Scores(counts.series[0].one_label(label), float(squares[label])) for label in (0, 1))
    return negative, positive


def auc(positive: Scores, negative: Scores) -> Scalar:
    """Area under the ROC curve: the probability that a positive example scores above a negative one, ties counted half.

    Returns:
        The (example-weighted) area and its standard error after DeLong et al. 1988; NaN without examples of both labels, a NaN
        error where a label has a single example.
    """
    above = _placements(positive.cells, negative.cells)
    below = 1 - _placements(negative.cells, positive.cells)
    if not above.size or not below.size:
        return Scalar(math.nan)
    weights = positive.cells.weights / positive.cells.weights.sum()
    value = float(weights @ above)
    variance = _variance_of_mean(above, positive, value) + _variance_of_mean(below, negative, value)
    return Scalar(value, math.sqrt(variance))


def bias_aucs(group: tuple[Scores, Scores], overall: tuple[Scores, Scores]) -> tuple[Scalar, Scalar, Scalar]:
    """Subgroup AUC, BPSN AUC and BNSP AUC of a group (Borkan et al. 2019).

    The background is everyone outside the group. Subgroup: both labels from the group. BPSN: positives from the background,
    negatives from the group; low when the group's negatives are scored too high. BNSP: negatives from the background, positives
    from the group.

    Args:
        group: negative and positive scores of the group.
        overall: negative and positive scores of all examples, the group's among them.
    """
    negative, positive = group
    return (
        auc(positive, negative),
        auc(overall[1].without(positive), negative),
        auc(positive, overall[0].without(negative)),
    )


def final_score(overall: Scalar, aucs: Sequence[tuple[Scalar, Scalar, Scalar]]) -> Scalar:
    """The final score of the Jigsaw challenge: 0.25·AUC + 0.25·Σ M(a) over the three bias AUCs a.

    M is the power mean over the groups, with p = -5.

    Groups in which one of the AUCs is undefined are left out. (The challenge moreover left out groups of 500 examples or fewer.)

    Returns:
        The score; its standard error by the delta method, as if the AUCs were independent. NaN without any group.
    """
    defined = [group for group in aucs if not any(math.isnan(one.value) for one in group)]
    if not defined or math.isnan(overall.value):
        return Scalar(math.nan)
    value, variance = JIGSAW_WEIGHT * overall.value, (JIGSAW_WEIGHT * overall.standard_error) ** 2
    for kind in zip(*defined, strict=True):
        values = np.array([one.value for one in kind])
        mean = power_mean(values, JIGSAW_POWER)
        slopes = (values / mean) ** (JIGSAW_POWER - 1) / len(values) if mean > 0 else np.zeros(len(values))
        value += JIGSAW_WEIGHT * mean
        variance += float(np.sum((JIGSAW_WEIGHT * slopes * np.array([one.standard_error for one in kind])) ** 2))
    return Scalar(value, math.sqrt(variance))


def power_mean(values: Floats, power: float) -> float:
    """The generalised mean ((1/N) Σ vᵖ)^(1/p) of values in [0, 1]; with p = -5 the lowest weigh most, and a 0 makes it 0."""
    if power < 0 and (values <= 0).any():
        return 0.0
    return float(np.mean(values**power) ** (1 / power))


def calibration_error(cells: ScoreCells, effective: float) -> Scalar:
    """Expected calibration error (Guo et al. 2017): Σ over 15 bins of equal width of share · |mean label - mean score|.

    Args:
        cells: of both labels. For a multi-class task the label says whether the prediction was right, the score is the
            confidence.
        effective: effective number of examples.

    Returns:
        The error, and a standard error that takes the scores as given and the labels of each bin as binomial.
    """
    total = float(cells.weights.sum())
    if total <= 0:
        return Scalar(math.nan)
    bins = np.clip(np.ceil(cells.means() * CALIBRATION_BINS).astype(np.int64) - 1, 0, CALIBRATION_BINS - 1)
    label = (cells.keys >> LABEL_SHIFT).astype(np.float64)
    weight, positive, score = (
        np.bincount(bins, values, CALIBRATION_BINS) for values in (cells.weights, cells.weights * label, cells.sums)
    )
    used = weight > 0
    share, rate = positive[used] / weight[used], weight[used] / total
    variance = float(np.sum(rate * share * (1 - share))) / effective if effective > 0 else math.nan
    return Scalar(float(np.sum(np.abs(positive - score)) / total), math.sqrt(variance))


def mean(cells: ScoreCells, effective: float) -> Scalar:
    """The mean score and its standard error; NaN without examples."""
    total = float(cells.weights.sum())
    if total <= 0:
        return Scalar(math.nan)
    value = float(cells.sums.sum()) / total
    variance = float(cells.weights @ (cells.means() - value) ** 2) / total
    return Scalar(value, math.sqrt(variance / effective))


def proportion(share: float, effective: float) -> Scalar:
    """A share of examples as a scalar, with its binomial standard error."""
    return Scalar(share, math.sqrt(share * (1 - share) / effective)) if effective > 0 else Scalar(math.nan)


def equality_difference(overall: Rate, groups: Iterable[Rate]) -> Scalar:
    """Σ over groups of |overall rate - group rate|: Dixon et al. 2018, for the false positive and the false negative rate.

    Groups without trials add nothing.

    Returns:
        The sum; its standard error from the groups' binomial errors alone, as if the groups were disjoint.
    """
    defined = [group for group in groups if group.trials > 0]
    if not defined or overall.trials <= 0:
        return Scalar(math.nan)
    variance = sum(group.value * (1 - group.value) / group.trials for group in defined)
    return Scalar(sum(abs(overall.value - group.value) for group in defined), math.sqrt(variance))


def _placements(cells: ScoreCells, others: ScoreCells) -> Floats:
    """float64[K]: for every cell the share of `others` that scores lower, ties counted half; empty when there are no others."""
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
    if scores.effective <= 1:
        return math.nan
    weights = scores.cells.weights / scores.cells.weights.sum()
    return float(weights @ (placements - value) ** 2) / (scores.effective - 1)
