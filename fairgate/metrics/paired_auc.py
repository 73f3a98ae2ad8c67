"""Compute the covariance of the two models' AUCs on the same examples, from their scores in bins.

The ranks of a slice may be finer than those of its background, which are as coarse as the ranks of all examples. So an AUC
against the background brings neither to the other's level: it places the cells of each side among the other side's scores under
one model at a time.

Source: DeLong, DeLong, Clarke-Pearson (1988), see `fairgate.metrics.scores`. Weighted examples: each placement's squared distance
from the mean counts with the squared weight (the sandwich estimator).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import Floats, Ints, dot
from fairgate.counting.joint import JointCells
from fairgate.counting.ranks import RANK_BINS, RankCells, bins_of
from fairgate.measurement import MetricKey
from fairgate.metrics.bias import BNSP_AUC, BPSN_AUC, SUBGROUP_AUC
from fairgate.metrics.counted import Counted, Scores
from fairgate.metrics.registry import Metric
from fairgate.metrics.scores import AUC, ONE
from fairgate.names import OVERALL

BINNED_TOLERANCE = 0.002  # an AUC of bins that is further from the exact one than this says too little of it
HEAVY = 16  # times the mean weight: a cell that may hold many equal scores


@dataclass(frozen=True, eq=False)
class BinnedAucs:
    """The AUCs of both models from binned scores.

    Attributes:
        baseline, candidate: the AUCs.
        variance: of their difference.
    """

    baseline: float
    candidate: float
    variance: float


@dataclass(frozen=True, eq=False)
class ComparedSide:
    """The examples of one label that an AUC compares.

    Attributes:
        ranks: under both models together.
        scores: of each model by itself; finer than ranks that lost bits.
    """

    ranks: RankCells
    scores: tuple[Scores, ...]

    def shares_below(self, first: Ints, end: Ints, model: int) -> Floats:
        """Return float64[K], the share of these examples below each range of bins under one model, those in the range half.

        Taken from the ranks if they lost no bits, else from the scores. Where these lost bits too, the share rises linearly from
        one cell to the next, except beside a cell that is so heavy that many of its scores may be equal.
        """
        if not self.ranks.level:
            bins, _ = self.ranks.bins()[model]
            order = np.argsort(bins)
            return _steps(bins[order], self.ranks.cells.weights[order], first, end)
        cells = self.scores[model].cells
        positions, weights = cells.means() * RANK_BINS, cells.weights
        steps = _steps(bins_of(cells.means()), weights, first, end)
        if not cells.level:
            return steps
        linear = np.interp((first + end) / 2, positions, np.cumsum(weights) - weights / 2) / weights.sum()
        heavy = np.cumsum(np.pad(weights > HEAVY * weights.mean(), (2, 1)))
        beside = heavy[np.searchsorted(positions, end) + 2] > heavy[np.searchsorted(positions, first)]
        return np.where(beside, steps, linear)

    def without(self, part: "ComparedSide") -> "ComparedSide":
        """Return the examples outside of `part`, a subset."""
        scores = (whole.without(of_part) for whole, of_part in zip(self.scores, part.scores, strict=True))
        return ComparedSide(self.ranks.without(part.ranks), tuple(scores))


def auc_covariances(ranks: RankCells, overall: RankCells | None, baseline: Counted, candidate: Counted) -> dict[MetricKey, float]:
    """Return the covariance of baseline and candidate for every AUC of a slice for which it is known.

    With the standard errors of the exact AUCs it gives the variance of their difference that the bins have. (The bins' own
    covariance would not: where two models are nearly alike, what the bins blur is as large as the difference's variance.)

    Args:
        ranks: of the slice.
        overall: of all examples, for the AUCs of a group against its background; None where they are not known.
        baseline: the slice under that model.
        candidate: likewise.
    """
    known: dict[MetricKey, float] = {}
    for metrics, positive, negative in _sides(ranks, overall, baseline, candidate):
        binned = binned_aucs(positive, negative)
        for metric in metrics:
            exact = [counted.scalar(metric) for counted in (baseline, candidate)]
            differences = (exact[0].value - binned.baseline, exact[1].value - binned.candidate)
            covariance = (sum(one.standard_error**2 for one in exact) - binned.variance) / 2
            if max(map(abs, differences)) <= BINNED_TOLERANCE and math.isfinite(covariance):
                known[MetricKey(metric.name)] = covariance
    return known


def binned_aucs(positive: ComparedSide, negative: ComparedSide) -> BinnedAucs:
    """Return both models' AUCs of binned positives and negatives, and DeLong's variance of their difference.

    NaN without weight in both; a NaN variance where either rests on a single (effective) example.
    """
    cells, others = positive.ranks.cells, negative.ranks.cells
    if not (cells.weights.sum() > 0 and others.weights.sum() > 0):
        return BinnedAucs(math.nan, math.nan, math.nan)
    above, below = _placements(positive.ranks, negative), 1 - _placements(negative.ranks, positive)
    finer, weights = (above, cells.weights) if positive.ranks.level <= negative.ranks.level else (below, others.weights)
    values = [dot(of_model, weights) / weights.sum() for of_model in finer]
    variance = _variance_of_mean(above[1] - above[0], cells) + _variance_of_mean(below[1] - below[0], others)
    return BinnedAucs(float(values[0]), float(values[1]), variance)


def _sides(
    ranks: RankCells, overall: RankCells | None, baseline: Counted, candidate: Counted
) -> list[tuple[tuple[Metric, ...], ComparedSide, ComparedSide]]:
    """Return the positives and the negatives that the AUCs compare, with the metrics that are their AUC."""
    negative, positive = _by_label(ranks, (baseline, candidate))
    if baseline.name == OVERALL:
        return [((AUC,), positive, negative)]
    sides: list[tuple[tuple[Metric, ...], ComparedSide, ComparedSide]] = [((AUC, SUBGROUP_AUC), positive, negative)]
    if overall is not None:
        all_negative, all_positive = _by_label(overall, (baseline.overall, candidate.overall))
        sides.append(((BPSN_AUC,), all_positive.without(positive), negative))
        sides.append(((BNSP_AUC,), positive, all_negative.without(negative)))
    return sides


def _by_label(ranks: RankCells, both: Sequence[Counted]) -> tuple[ComparedSide, ComparedSide]:
    return (
        ComparedSide(ranks.of_label(0), tuple(counted.negative for counted in both)),
        ComparedSide(ranks.of_label(1), tuple(counted.positive for counted in both)),
    )


def _placements(ranks: RankCells, others: ComparedSide) -> Floats:
    """Return float64[2, K]: for every cell, by model, the weighted share of `others` below, see `ComparedSide.shares_below`."""
    return np.stack([others.shares_below(*bounds, model) for model, bounds in enumerate(ranks.bins())])


def _steps(bins: Ints, weights: Floats, first: Ints, end: Ints) -> Floats:
    """Return float64[K], the weighted share of ascending bins that are below `first`, those below `end` half."""
    below = np.concatenate(([0.0], np.cumsum(weights)))
    shares: Floats = (below[np.searchsorted(bins, first)] + below[np.searchsorted(bins, end)]) / (2 * below[-1])
    return shares


def _variance_of_mean(values: Floats, cells: JointCells) -> float:
    weight, squares = float(cells.weights.sum()), float(cells.squares.sum())
    effective = weight**2 / squares
    if effective <= ONE:
        return math.nan
    mean = dot(cells.weights, values) / weight
    return dot(cells.squares, (values - mean) ** 2) / weight**2 * effective / (effective - 1)
