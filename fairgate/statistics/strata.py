"""Compare a group with the rest inside strata: the Mantel-Haenszel ratio and difference of two rates.

In: the metrics of K strata, and of the group in each of them. Out: `Stratified`, whose estimate has an interval.

With the rate p of n examples of the group and the rate q of the m others in a stratum, and w = n·m / (n + m), the ratio is
Σ w·p / Σ w·q and the difference Σ w·(p - q) / Σ w (Mantel and Haenszel 1959; Greenland and Robins 1985). A stratum that holds the
group alone, or the others alone, has the weight 0.

The variances hold for few large strata and for many small ones: Greenland and Robins 1985 for the ratio, Sato 1989 for the
difference. In both p(1 - p) and q(1 - q) are written as products of p and q, which are independent, so that no stratum need be
large. The interval consists of the values that a test with this variance, taken at the value itself, does not reject:
(Σ w·p - r·Σ w·q)² = z²·r·V for the ratio r, and Klingenberg's (2014) for the difference. Both have a closed form, and neither
needs a count above 0.

The group and the others of a stratum may come from the same clusters, and a cluster may lie in several strata: so the design
effect is that of the whole sum, from its parts by bucket.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairgate.measurement import MetricKey, Rate, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Ends, Estimate, Measure, problem_of, ratios, weight_scale
from fairgate.statistics.effective import (
    LEAST_CLUSTERS,
    NOT_ENOUGH_CLUSTERS,
    UNUSABLE_WEIGHTS,
    Weighed,
    effective,
    student,
)
from fairgate.statistics.intervals import Array, critical_value

NO_STRATUM = "has no stratum that holds both the slice and others"
_LEAST_OTHERS = 0.02  # of the group in a stratum: beside fewer others its examples are hardly compared
_NO_PART = "cannot be separated from that of the other examples"


@dataclass(frozen=True)
class Stratified:
    """A group against the rest of each stratum.

    Attributes:
        gap: the ratio or difference; its n is the effective number of the group's examples in the strata that count.
        rest: effective number of the other examples there.
        strata: how many hold both, and so count.
        silent: how many do not.
    """

    gap: Estimate
    rest: float = 0.0
    strata: int = 0
    silent: int = 0


@dataclass(frozen=True)
class _Sums:
    """What the ratio and the difference follow from; sums over the strata with the weights w.

    Attributes:
        group, rest: Σ w·p and Σ w·q.
        weight: Σ w.
        ratio_variance: V, so that Σ w·p - r·Σ w·q has the variance r·V.
        constant, slope: the variance of Σ w·(p - q) is constant + slope·difference.
        standardised: effective counts of both, the rates weighed by w.
        degrees: of freedom of Student's t.
    """

    group: float
    rest: float
    weight: float
    ratio_variance: float
    constant: float
    slope: float
    standardised: tuple[Rate, Rate]
    degrees: float

    def times(self, factor: float) -> "_Sums":
        """Return the sums of that many times the examples."""
        return _Sums(
            self.group * factor,
            self.rest * factor,
            self.weight * factor,
            self.ratio_variance * factor,
            self.constant * factor,
            self.slope * factor,
            (_scaled(self.standardised[0], factor), _scaled(self.standardised[1], factor)),
            self.degrees,
        )

    def value(self, measure: Measure) -> float:
        """Return the ratio or the difference."""
        return float(ratios(self.group, self.rest)) if measure == "ratio" else (self.group - self.rest) / self.weight

    def interval(self, measure: Measure, confidence: float) -> Ends:
        """Return the ends of the interval."""
        level = float(student(confidence, self.degrees))
        if not (self.ratio_variance if measure == "ratio" else self.constant) > 0:
            # In no stratum do two rates differ, nor vary: all are 0, or all are 1. How many examples there are says the rest.
            compared = intervals.rate_ratio if measure == "ratio" else intervals.rate_difference
            group, rest = self.standardised
            ends = compared(group.successes, group.trials, rest.successes, rest.trials, level)
            return float(ends.low), float(ends.high)
        square = float(critical_value(level)) ** 2
        return self._of_ratio(square) if measure == "ratio" else self._of_difference(square)

    def _of_ratio(self, square: float) -> Ends:
        """Return the roots r of (group - r·rest)² = z²·V·r; the product of both is the square of the ratio."""
        twice = 2 * self.group * self.rest + square * self.ratio_variance
        root = twice + math.sqrt(max(twice**2 - 4 * (self.group * self.rest) ** 2, 0.0))
        return 2 * self.group**2 / root, root / (2 * self.rest**2) if self.rest > 0 else math.inf

    def _of_difference(self, square: float) -> Ends:
        """Return the roots d of (group - rest - d·weight)² = z²·(constant + slope·d), within -1 and 1."""
        value = self.value("difference")
        middle = value + square * self.slope / (2 * self.weight**2)
        reach = math.sqrt(max(middle**2 - value**2 + square * self.constant / self.weight**2, 0.0))
        return max(middle - reach, -1.0), min(middle + reach, 1.0)


def _scaled(rate: Rate, factor: float) -> Rate:
    return Rate(rate.successes * factor, rate.trials * factor)


def compare(groups: Sequence[SliceMetrics], strata: Sequence[SliceMetrics], key: MetricKey, measure: Measure) -> Stratified:
    """Compare a group with the rest of each stratum.

    Args:
        groups: the group in each stratum, K slices.
        strata: the whole of each stratum, K slices, of which the groups are parts.
        key: a rate of all of them.
        measure: ratio or difference.

    Returns:
        an estimate with a `problem` where no stratum holds both, or where clusters or weights allow no interval.

    Raises:
        KeyError: the rate was not measured on one of them.
    """
    parts, rest = _groups_and_rests(groups, strata, key)
    if np.isnan(rest.counts[1]).any():
        return Stratified(problem_of(_NO_PART))
    counted = _holding_both(parts, rest)
    silent = len(groups) - counted.size
    if not counted.size:
        return Stratified(problem_of(NO_STRATUM), silent=silent)
    return _stratified((parts.at(counted), rest.at(counted)), measure, silent)


def with_left_out(
    groups: Sequence[SliceMetrics],
    strata: Sequence[SliceMetrics],
    part: SliceMetrics,
    whole: SliceMetrics,
    key: MetricKey,
    measure: Measure,
) -> tuple[Estimate, float] | None:
    """Compare a group as `compare` does, with its examples that no stratum compares as one more stratum.

    These are without a value of the feature, in a stratum that was not measured, or in one whose others are fewer than a fiftieth
    of the group, which have next to no weight. They are set against all examples outside of the group, so that the result says
    how much the comparison hangs on leaving them out.

    Args:
        groups: the group in each stratum, K slices.
        strata: the whole of each stratum, K slices.
        part: the whole group.
        whole: all examples.
        key: a rate of all of them.
        measure: ratio or difference.

    Returns:
        the ratio or difference, and the share of the group's trials that no stratum compares; None where that is 0, or where
        counts, clusters or weights allow no interval.
    """
    parts, rest = _groups_and_rests(groups, strata, key)
    counted = _holding_both(parts, rest, _LEAST_OTHERS)
    own = _weighed([part], key)
    others, left = _weighed([whole], key).without(own), own.without(_total(parts.at(counted)))
    share = float(left.counts[1, 0] / own.counts[1, 0]) if own.counts[1, 0] > 0 else math.nan
    if not (share > 0 and others.counts[1, 0] > 0):
        return None
    found = _stratified((_joined(parts.at(counted), left), _joined(rest.at(counted), others)), measure, 0).gap
    return None if found.problem else (found, share)


def _groups_and_rests(groups: Sequence[SliceMetrics], strata: Sequence[SliceMetrics], key: MetricKey) -> tuple[Weighed, Weighed]:
    parts, wholes = (_weighed(slices, key) for slices in (groups, strata))
    return parts, wholes.without(parts)


def _holding_both(parts: Weighed, rest: Weighed, least: float = 0.0) -> npt.NDArray[np.int64]:
    """Return the positions of the strata that hold both the group and others, of these at least this part of the group."""
    return np.flatnonzero((parts.counts[1] > 0) & (rest.counts[1] > 0) & (rest.counts[1] >= least * parts.counts[1]))


def _stratified(both: tuple[Weighed, Weighed], measure: Measure, silent: int) -> Stratified:
    """Compare group and rest of K strata, each of which holds both."""
    sizes = [effective(Weighed(weighed.counts)) for weighed in both]
    effect, degrees, problem = _effect(both, [size.trials for size in sizes], measure)
    if problem or any(np.isnan(size.trials).any() for size in sizes):
        return Stratified(problem_of(problem or UNUSABLE_WEIGHTS), silent=silent)
    sums = _sums(both, [size.trials / effect for size in sizes], degrees)
    own, others = (float(size.n.sum() / effect) for size in sizes)
    return Stratified(_estimate(sums, own, measure), others, len(sizes[0].n), silent)


def _total(weighed: Weighed) -> Weighed:
    """Return the counts of K rates of different examples together."""
    counts = weighed.counts.sum(axis=1, keepdims=True)
    scale = weighed.counts[1] @ weighed.counts[4]  # Σw² is additive, Σw² / Σw is not
    counts[4] = scale / counts[1] if counts[1] > 0 else 1.0
    if weighed.buckets is None or weighed.least_effect is None:
        return Weighed(counts)
    return Weighed(counts, weighed.buckets.sum(axis=1, keepdims=True), weighed.least_effect.max(initial=1.0, keepdims=True))


def _joined(first: Weighed, last: Weighed) -> Weighed:
    """Return the counts of the rates of both, one after the other."""
    counts = np.concatenate((first.counts, last.counts), axis=1)
    if first.buckets is None or last.buckets is None or first.least_effect is None or last.least_effect is None:
        return Weighed(counts)
    buckets = np.concatenate((first.buckets, last.buckets), axis=1)
    return Weighed(counts, buckets, np.concatenate((first.least_effect, last.least_effect)))


def _weighed(slices: Sequence[SliceMetrics], key: MetricKey) -> Weighed:
    return Weighed.of([metrics.rates[key] for metrics in slices], [weight_scale(metrics) for metrics in slices])


def _estimate(sums: _Sums, n: float, measure: Measure) -> Estimate:
    return Estimate(
        sums.value(measure),
        n,
        lambda confidence: sums.interval(measure, confidence),
        scaled=lambda factor: _estimate(sums.times(factor), factor * n, measure),
        alone=lambda _: _estimate(sums, n, measure),
    )


def _rates(both: tuple[Weighed, Weighed]) -> tuple[Array, Array, Array]:
    """Return both rates and the weight w of every stratum, float64[K] each."""
    (a, n), (b, m) = (weighed.counts[:2] for weighed in both)
    return np.clip(a / n, 0.0, 1.0), np.clip(b / m, 0.0, 1.0), n * m / (n + m)


def _sums(both: tuple[Weighed, Weighed], sizes: Sequence[Array], degrees: float) -> _Sums:
    """Add up the strata; `sizes` are the effective trials of group and rest, float64[K] each."""
    p, q, w = _rates(both)
    n, m = sizes
    crossed = p * (1 - q) + q * (1 - p)
    standardised = (_standardised(w / w.sum(), p, n), _standardised(w / w.sum(), q, m))
    return _Sums(
        group=float((w * p).sum()),
        rest=float((w * q).sum()),
        weight=float(w.sum()),
        ratio_variance=float((w**2 * (q * (1 - p) / n + p * (1 - q) / m)).sum()),
        constant=float((w**2 * crossed * (1 / n + 1 / m)).sum() / 2),
        slope=float((w**2 * ((1 - 2 * p) / n - (1 - 2 * q) / m)).sum() / 2),
        standardised=standardised,
        degrees=degrees,
    )


def _standardised(shares: Array, rates: Array, sizes: Array) -> Rate:
    """Return the counts of the rate of all strata, in fixed shares, with the variance that rates of these sizes give it."""
    trials = 1 / float((shares**2 / sizes).sum())
    return Rate(float(shares @ rates) * trials, trials)


def _effect(both: tuple[Weighed, Weighed], sizes: Sequence[Array], measure: Measure) -> tuple[float, float, str]:
    """Return the design effect of clusters on the whole sum, the degrees of freedom, and what makes an interval impossible.

    The sum is Σ w·(p·s - q·r), with s and r the sums of the rest and of the group: the numerator of the ratio's error, or of the
    difference's with s = r = 1.
    """
    buckets = [weighed.buckets for weighed in both if weighed.buckets is not None]
    least = both[0].least_effect
    if len(buckets) < len(both) or least is None:
        return 1.0, math.inf, ""
    clusters = min(int((trials.sum(axis=0) > 0).sum()) for _, trials in buckets)
    if clusters < LEAST_CLUSTERS:
        return math.nan, math.nan, NOT_ENOUGH_CLUSTERS
    p, q, w = _rates(both)
    s, r = (float((w * q).sum()), float((w * p).sum())) if measure == "ratio" else (1.0, 1.0)
    residuals = [successes - rate[:, None] * trials for (successes, trials), rate in zip(buckets, (p, q), strict=True)]
    weights = [w * factor / weighed.counts[1] for weighed, factor in zip(both, (s, r), strict=True)]
    errors = weights[0] @ residuals[0] - weights[1] @ residuals[1]
    independent = float((w**2 * (s**2 * p * (1 - p) / sizes[0] + r**2 * q * (1 - q) / sizes[1])).sum())
    between = clusters / (clusters - 1) * float(errors @ errors)
    effect = between / independent if independent > 0 else 1.0
    return max(effect, 1.0, float(least.max())), clusters - 1.0, ""
