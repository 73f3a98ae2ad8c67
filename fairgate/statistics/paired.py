"""Compare two models on the same examples: intervals that use in how many examples both, one or neither succeed.

In: a `Paired` slice. Out: `Estimate`s of candidate - baseline, or candidate / baseline. Two models err on much the same examples,
so that these intervals are far narrower than those of independent rates.

Weighted examples: the joint weights are scaled to effective counts, so that the variance of the linearised difference (or log
ratio) is the sandwich variance Σ sq·u² / W², where u is the influence of an example of each cell and sq the cell's squared
weights. With equal weights these are the counts themselves.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fairgate.measurement import MetricKey, Paired, PairedBuckets, PairedRate, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import KEPT, Estimate, cluster_effect, contrast, estimate, problem_of, standard_error
from fairgate.statistics.effective import (
    LEAST_CLUSTERS,
    NOT_ENOUGH_CLUSTERS,
    UNUSABLE_WEIGHTS,
    design_effects,
    student,
    whole_but_for_rounding,
)
from fairgate.statistics.intervals import Array, Interval, critical_value
from fairgate.statistics.roots import crossing

_NOISE = 1e-9  # relative: a variance of the difference of two equal models, which is 0 up to rounding


def tango(
    candidate_alone: npt.ArrayLike, baseline_alone: npt.ArrayLike, n: npt.ArrayLike, confidence: float | Array = 0.95
) -> Interval:
    """Return the score interval of the difference of two paired rates, candidate - baseline (Tango 1998), found by search.

    Args:
        candidate_alone: examples in which the candidate alone succeeds; may be effective counts.
        baseline_alone: likewise, of the baseline.
        n: examples.
        confidence: level; arrays broadcast.
    """
    counts = np.broadcast_arrays(candidate_alone, baseline_alone, n)
    gained, lost, total = counts
    z = critical_value(confidence) * np.array([1.0, -1.0]).reshape(2, *[1] * total.ndim)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (gained - lost) / total
        error = np.sqrt(gained + lost + 1) / total  # a little too large: it is not 0 where the models do not differ
        start = np.where(total > 0, centre - z * error, np.nan)
        ends = crossing(_score_beyond, start, centre, (z, gained, lost, total), (-1.0, 1.0))
    return Interval(ends[0][()], ends[1][()])


_found_once = functools.lru_cache(KEPT)(tango)


def _score_beyond(difference: Array, z: Array, gained: Array, lost: Array, n: Array) -> Array:
    return _score(difference, gained, lost, n) - z


def _score(difference: Array, gained: Array, lost: Array, n: Array) -> Array:
    """Return the score statistic of a difference, which falls as the difference rises."""
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    root = np.sqrt(np.maximum(b * b - 8 * n * c, 0.0))
    # The likeliest share of the baseline's own successes: the larger root of a quadratic, in the form that does not cancel.
    likeliest = np.where(b > 0, -2 * c / (b + root), (root - b) / (4 * n))
    variance = n * (2 * likeliest + difference * (1 - difference))
    score = (gained - lost - n * difference) / np.sqrt(np.maximum(variance, 0.0))
    return np.asarray(np.where(np.isnan(score), 0.0, score))


def bonett_price(
    both: npt.ArrayLike, baseline_alone: npt.ArrayLike, candidate_alone: npt.ArrayLike, confidence: float | Array = 0.95
) -> Interval:
    """Return the interval of the ratio of two paired rates, candidate / baseline (Bonett and Price 2006, hybrid Wilson).

    Examples in which neither model succeeds say nothing of the ratio.

    Returns:
        low is 0 where the candidate never succeeds, high is infinite where the baseline never does; NaN where neither does.
    """
    both, baseline_alone, candidate_alone = map(np.asarray, (both, baseline_alone, candidate_alone))
    ours, theirs, n = both + candidate_alone, both + baseline_alone, both + baseline_alone + candidate_alone
    of_ratio = np.sqrt((baseline_alone + candidate_alone + 2) / ((ours + 1) * (theirs + 1)))
    of_rates = (np.sqrt((1 - (successes + 1) / (n + 2)) / (successes + 1)) for successes in (ours, theirs))
    z2 = (critical_value(confidence) * of_ratio / (next(of_rates) + next(of_rates))) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        (low, high), (other_low, other_high) = (_wilson_of(successes, n, z2) for successes in (ours, theirs))
        return Interval((low / other_high)[()], (high / other_low)[()])


def _wilson_of(successes: Array, n: Array, z2: Array) -> tuple[Array, Array]:
    """Return Wilson's interval for a squared critical value."""
    middle, spread = successes + z2 / 2, np.sqrt(z2 * (successes * (n - successes) / n + z2 / 4))
    low, high = np.where(successes > 0, (middle - spread) / (n + z2), 0.0), (middle + spread) / (n + z2)
    return np.where(n > 0, low, np.nan), high


def change(candidate: SliceMetrics, baseline: SliceMetrics, key: MetricKey, paired: Paired | None) -> Estimate:
    """Return candidate - baseline of a metric, paired where the joint counts or the covariance are known, else unpaired.

    Raises:
        KeyError: either lacks the metric.
    """
    ours, theirs = estimate(candidate, key), estimate(baseline, key)
    independent = replace(contrast(ours, theirs, "difference"), alone=None)  # one model gets no example without the other
    if independent.problem or paired is None:
        return independent
    if key in paired.rates and key in candidate.rates:
        buckets = candidate.rates[key].buckets
        if buckets is None:
            return difference(paired.rates[key])
        return independent if paired.rates[key].buckets is None else difference(paired.rates[key], buckets.least_effect)
    covariance = paired.covariances.get(key, math.nan)
    if math.isnan(covariance):
        return independent
    variance = standard_error(candidate, key) ** 2 + standard_error(baseline, key) ** 2
    if math.isnan(variance):
        return independent
    shared = 2 * covariance * math.sqrt(cluster_effect(candidate) * cluster_effect(baseline))
    remaining = variance - shared if variance - shared > _NOISE * variance else 0.0
    return _normal(ours.value - theirs.value, math.sqrt(remaining), independent.n)


def difference(pair: PairedRate, least: float | None = None) -> Estimate:
    """Return the difference of two paired rates, candidate - baseline, with Tango's interval.

    Args:
        pair: the joint counts.
        least: the least design effect of clustered examples, whose buckets `pair` then has; None where they are independent.
    """
    shares, _ = _shares(pair)
    value = float(shares[2] - shares[1])

    def interval_of(cells: Array, n: float, level: float | Array) -> Interval:
        return _found_once(float(cells[2]), float(cells[1]), n, float(level))

    return _of_pair(pair, least, value, difference_influence(value), (1.0, 1.0), interval_of)


def ratio(pair: PairedRate, least: float | None = None) -> Estimate:
    """Return the ratio of two paired rates, candidate / baseline, with Bonett and Price's interval; see `difference`."""
    shares, _ = _shares(pair)
    ours, theirs = float(shares[0] + shares[2]), float(shares[0] + shares[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(np.float64(ours) / theirs)
    scales = (1 / ours if ours else 0.0, 1 / theirs if theirs else 0.0)
    influence = np.array([scales[0] - scales[1], scales[1], scales[0], 0.0])
    return _of_pair(
        pair, least, value, influence, scales, lambda cells, _, level: bonett_price(cells[0], cells[1], cells[2], level)
    )


def _shares(pair: PairedRate) -> tuple[Array, float]:
    """Return the shares of the four cells, NaN without weights, and the sum of the weights."""
    weights = np.array(pair.weights)
    total = float(weights.sum())
    return (weights / total if total > 0 else np.full_like(weights, np.nan)), total


def _of_pair(
    pair: PairedRate,
    least: float | None,
    value: float,
    influence: Array,
    scales: tuple[float, float],
    interval_of: Callable[[Array, float, float | Array], Interval],
) -> Estimate:
    """Return an estimate from joint counts.

    Args:
        pair: the joint counts.
        least: as in `difference`.
        value: of the estimate.
        influence: float64[4]: by how much an example of each cell moves it up or down, times the number of examples.
        scales: what a success of the candidate, and one of the baseline, counts in the totals of a bucket.
        interval_of: effective cells, effective n, confidence -> the interval.
    """
    shares, total = _shares(pair)
    if math.isnan(value) and not total > 0:
        return Estimate(math.nan, 0.0, lambda _: (math.nan, math.nan))
    sizes = effective_sizes(shares, total, np.array(pair.squares), influence)
    kish, size = map(float, sizes)
    effect, clusters = (1.0, math.inf)
    if least is not None and pair.buckets is not None:
        with np.errstate(all="ignore"):
            variance = float((shares * influence**2).sum() / size)
        effect, clusters = _cluster_effect(pair.buckets, scales, variance, least)
    if clusters < LEAST_CLUSTERS:
        return problem_of(NOT_ENOUGH_CLUSTERS)
    if not (math.isfinite(size) and size > 0 and math.isfinite(kish) and effect > 0):
        return problem_of(UNUSABLE_WEIGHTS)
    return _scalable(shares, value, size / effect, min(size, kish) / effect, clusters - 1, interval_of)


def _scalable(
    shares: Array,
    value: float,
    size: float,
    n: float,
    degrees: float,
    interval_of: Callable[[Array, float, float | Array], Interval],
) -> Estimate:
    def recounted(cells: Array) -> Callable[[float], tuple[float, float]]:
        def interval(confidence: float) -> tuple[float, float]:
            low, high = interval_of(cells, float(cells.sum()), student(confidence, degrees))
            return float(low), float(high)

        return interval

    def scaled(factor: float) -> Estimate:
        return _scalable(shares, value, size * factor, n * factor, degrees, interval_of)

    cells = shares * size
    return Estimate(value, n, recounted(cells), scaled=scaled, degrees=degrees, cells=tuple(cells), recounted=recounted)


def effective_sizes(shares: Array, total: npt.ArrayLike, squares: Array, influence: Array) -> tuple[Array, Array]:
    """Return Kish's effective number of examples, and that by which the joint shares have the sandwich variance.

    Args:
        shares: float64[4, ...] of the joint cells.
        total: float64[...] sums of the weights.
        squares: float64[4, ...] squared weights of the cells.
        influence: float64[4, ...]: by how much an example of each cell moves the estimate up or down, times their number.
    """
    with np.errstate(all="ignore"):
        kish = total * (total / squares.sum(axis=0))
        binomial, sandwich = (shares * influence**2).sum(axis=0), (squares * influence**2).sum(axis=0)
        sizes = kish, np.where(binomial > 0, total * (binomial * total / sandwich), kish)
    return whole_but_for_rounding(sizes[0]), whole_but_for_rounding(sizes[1])


def difference_influence(value: npt.ArrayLike) -> Array:
    """Return the size of the influence, see `effective_sizes`, of the four joint cells on a difference of this value."""
    value = np.asarray(value)
    return np.array([value, 1 + value, 1 - value, value])


def _cluster_effect(buckets: PairedBuckets, scales: tuple[float, float], variance: float, least: float) -> tuple[float, float]:
    """Return the design effect of clustered pairs, see `effective.design_effects`, and the number of buckets with trials."""
    totals = np.array([[scales[0] * buckets.candidate - scales[1] * buckets.baseline], [buckets.trials]])
    clusters = float((buckets.trials > 0).sum()) if np.isfinite(totals).all() else 0.0
    effects = design_effects(totals, np.array([variance]), np.array([clusters]), np.array([least]))
    return float(effects[0]), clusters


def _normal(value: float, error: float, n: float) -> Estimate:
    def interval(confidence: float) -> tuple[float, float]:
        low, high = intervals.normal(value, error, confidence)
        return float(low), float(high)

    return Estimate(value, n, interval, scaled=lambda factor: _normal(value, error / math.sqrt(factor), n * factor))
