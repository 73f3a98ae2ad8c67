"""Compute the covariance of the two models' AUCs on the same examples, from their scores in bins.

Source: DeLong, DeLong, Clarke-Pearson (1988), see `fairgate.metrics.scores`. Weighted examples: each placement's squared distance
from the mean counts with the squared weight (the sandwich estimator).
"""

import math
from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import Floats, Ints
from fairgate.counting.joint import JointCells, codes_of
from fairgate.counting.ranks import RankCells
from fairgate.measurement import MetricKey
from fairgate.metrics.bias import BNSP_AUC, BPSN_AUC, SUBGROUP_AUC
from fairgate.metrics.counted import Counted
from fairgate.metrics.registry import Metric
from fairgate.metrics.scores import AUC, ONE
from fairgate.names import OVERALL

BINNED_TOLERANCE = 0.002  # an AUC of bins that is further from the exact one than this says too little of it
FEW_BINS = 1 << 14


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


def auc_covariances(ranks: RankCells, overall: RankCells | None, baseline: Counted, candidate: Counted) -> dict[MetricKey, float]:
    """Return the covariance of baseline and candidate for every AUC of a slice for which it is known.

    With the standard errors of the exact AUCs it gives the variance of their difference that the bins have. (The bins' own
    covariance would not: where two models are nearly alike, what the bins blur is as large as the difference's variance.)

    Args:
        ranks: of the slice.
        overall: of all examples, for the AUCs of a group against its background, which are as coarse as these ranks; None where
            they are not known.
        baseline: the slice under that model.
        candidate: likewise.
    """
    known: dict[MetricKey, float] = {}
    for metric, (positive, negative) in _sides(ranks, overall, baseline.name).items():
        binned = binned_aucs(positive, negative)
        exact = [counted.scalar(metric) for counted in (baseline, candidate)]
        differences = (exact[0].value - binned.baseline, exact[1].value - binned.candidate)
        variances = [one.standard_error**2 for one in exact]
        covariance = (sum(variances) - binned.variance) / 2
        if max(map(abs, differences)) <= BINNED_TOLERANCE and math.isfinite(covariance):
            known[MetricKey(metric.name)] = covariance
    return known


def binned_aucs(positive: RankCells, negative: RankCells) -> BinnedAucs:
    """Return both models' AUCs of binned positives and negatives, and DeLong's variance of their difference.

    NaN without weight in both; a NaN variance where either rests on a single (effective) example.
    """
    level = max(positive.level, negative.level)
    positive, negative = positive.coarser(level), negative.coarser(level)
    above, below = _placements(positive, negative), 1 - _placements(negative, positive)
    weights = positive.cells.weights
    if not (weights.sum() > 0 and negative.cells.weights.sum() > 0):
        return BinnedAucs(math.nan, math.nan, math.nan)
    values = above @ weights / weights.sum()
    variance = _variance_of_mean(above[1] - above[0], positive.cells) + _variance_of_mean(below[1] - below[0], negative.cells)
    return BinnedAucs(float(values[0]), float(values[1]), variance)


def _sides(ranks: RankCells, overall: RankCells | None, name: str) -> dict[Metric, tuple[RankCells, RankCells]]:
    """Return the positives and the negatives that each AUC compares."""
    negative, positive = ranks.of_label(0), ranks.of_label(1)
    sides = {AUC: (positive, negative)}
    if name == OVERALL:
        return sides
    sides[SUBGROUP_AUC] = (positive, negative)
    if overall is not None:
        sides[BPSN_AUC] = (overall.of_label(1).without(positive), negative)
        sides[BNSP_AUC] = (positive, overall.of_label(0).without(negative))
    return sides


def _placements(ranks: RankCells, others: RankCells) -> Floats:
    """Return float64[2, K]: for every cell, by model, the weighted share of `others` in lower bins, its own counted half."""
    weights = others.cells.weights
    return np.stack([_shares(bins, theirs, weights) for bins, theirs in zip(ranks.bins(), others.bins(), strict=True)])


def _shares(bins: Ints, of_others: Ints, weights: Floats) -> Floats:
    if max(bins.max(initial=0), of_others.max(initial=0)) > FEW_BINS:  # most of so many are empty
        _, codes = codes_of(np.concatenate([bins, of_others]))
        bins, of_others = codes[: bins.size], codes[bins.size :]
    width = int(max(bins.max(initial=0), of_others.max(initial=0))) + 1
    table = np.bincount(of_others, weights, width).astype(np.float64)
    with np.errstate(invalid="ignore"):
        shares: Floats = (table.cumsum() - table / 2)[bins] / float(weights.sum())
    return shares


def _variance_of_mean(values: Floats, cells: JointCells) -> float:
    weight, squares = float(cells.weights.sum()), float(cells.squares.sum())
    effective = weight**2 / squares
    if effective <= ONE:
        return math.nan
    mean = float(cells.weights @ values) / weight
    return float(cells.squares @ (values - mean) ** 2) / weight**2 * effective / (effective - 1)
