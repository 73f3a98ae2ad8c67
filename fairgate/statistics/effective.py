"""Compute how many independent examples of equal weight a rate is worth: its effective counts. Vectorised numpy.

In: the weighted counts of R rates, with the squares of the weights and the counts by bucket where there are any. Out: effective
successes and trials, which every interval function takes, and the degrees of freedom of the interval.

The variance of a weighted rate p = S / T is (S2·(1 - p)² + F2·p²) / T² (the linearised, or sandwich, variance of a ratio: Cochran
1977, 6.4), where S2 and F2 are the squared weights of successes and failures. The effective trials are those of a binomial rate
with that variance. Where examples are clustered, the variance between buckets takes its place if it is larger (Rao and Scott
1992), and Student's t that of the normal quantile, for the variance is estimated from few buckets.
"""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairgate.measurement import Rate
from fairgate.statistics.intervals import Array, normal_confidence

LEAST_CLUSTERS = 20  # fewer buckets with trials do not show how much they differ
LEAST_WEIGHTED = 150  # fewer of unequal weight do not show how weights go with outcomes: see `_independent`
NOT_ENOUGH_CLUSTERS = f"rests on fewer than {LEAST_CLUSTERS} buckets of clustered examples, too few for an interval"
UNUSABLE_WEIGHTS = "has example weights that no interval can be computed from"

_SUMMED = 1e-12  # relative: by so much sums differ because weights are added in another order
_ROUNDING = 1e-9  # relative: how far a slice's counts may exceed the whole's, or effective ones miss a whole number, by noise


@dataclass(frozen=True, eq=False)
class Weighed:
    """The counts of R rates.

    Attributes:
        counts: float64[5, R]: weighted successes and trials, the squared weights of successes and of failures (NaN where they
            were not counted), and Σw² / Σw of the slice.
        buckets: float64[2, R, B]: successes and trials by bucket, NaN where a rate has none; None where no rate has any.
        least_effect: float64[R], see `Buckets`.
    """

    counts: Array
    buckets: Array | None = None
    least_effect: Array | None = None

    @classmethod
    def of(cls, rates: Sequence[Rate], scales: Iterable[float]) -> "Weighed":
        """Return the counts of rates; `scales` holds Σw² / Σw of the slice of each."""
        no_squares = (math.nan, math.nan)
        rows = [
            (rate.successes, rate.trials, *(rate.squares or no_squares), scale) for rate, scale in zip(rates, scales, strict=True)
        ]
        counts = np.array(rows, np.float64).reshape(-1, 5).T
        if all(rate.buckets is None for rate in rates):
            return cls(counts)
        most = max(len(rate.buckets.trials) for rate in rates if rate.buckets is not None)
        buckets, least = np.full((2, len(rates), most), np.nan), np.ones(len(rates))
        for at, rate in enumerate(rates):
            if rate.buckets is not None:
                buckets[:, at] = 0.0
                counted, least[at] = np.array([rate.buckets.successes, rate.buckets.trials]), rate.buckets.least_effect
                if np.isfinite(counted).all():  # else all stay empty, which are too few
                    buckets[:, at, : counted.shape[1]] = counted
        return cls(counts, buckets, least)

    def at(self, positions: npt.NDArray[np.int64]) -> "Weighed":
        """Return the rates at int64 positions; NaN where a position is negative."""
        absent = positions < 0
        counts = np.where(absent, np.nan, self.counts[:, positions])
        if self.buckets is None or self.least_effect is None:
            return Weighed(counts)
        buckets = np.where(absent[:, None], np.nan, self.buckets[:, positions])
        return Weighed(counts, buckets, self.least_effect[positions])

    def without(self, part: "Weighed") -> "Weighed":
        """Return the counts outside of `part`; NaN where the counts of a part are none of the whole's."""
        whole, other = self.counts, part.counts
        with np.errstate(all="ignore"):
            counts = whole - other
            successes, trials = counts[:2]
            noise = _ROUNDING * np.abs(whole[1])
            empty, no_part = trials <= noise, ~((-noise <= successes) & (successes <= trials + noise))
            lost = counts[2:4] <= _SUMMED * whole[2:4]  # what is left is rounding: as if it were of one example
            counts[2:4] = np.where(lost, np.stack([successes, trials - successes]) ** 2, counts[2:4])
            squares = whole[1] - other[1] * (other[4] / whole[4])  # Σw² is additive, Σw² / Σw is not
            counts[4] = whole[4] * np.where(squares > 0, squares / trials, 1.0)
        counts[:4, empty] = 0.0
        counts[:, no_part] = np.nan
        if self.buckets is None or part.buckets is None:
            return Weighed(counts)
        return Weighed(counts, _not_noise(self.buckets - part.buckets, self.buckets[1]), self.least_effect)


@dataclass(frozen=True, eq=False)
class Effective:
    """The effective counts of R rates.

    Attributes:
        successes, trials: float64[R]; NaN where weights or buckets allow no interval.
        n: float64[R]: what to report and to hold against a minimum: `trials`, or Kish's (Σw)² / Σw² where that is less.
        degrees: float64[R] degrees of freedom of Student's t; infinite where examples are independent.
        clusters: float64[R] buckets with trials; infinite where examples are independent.
        effects: float64[R] design effects of the clusters, by which the counts are divided already; 1 where there are none.
    """

    successes: Array
    trials: Array
    n: Array
    degrees: Array
    clusters: Array
    effects: Array

    def at(self, positions: npt.NDArray[np.int64]) -> "Effective":
        """Return the rates at int64 positions."""
        of_rates = (self.successes, self.trials, self.n, self.degrees, self.clusters, self.effects)
        return Effective(*(numbers[positions] for numbers in of_rates))


def effective(weighed: Weighed) -> Effective:
    """Return the effective counts of rates.

    Weights that are not finite and positive give NaN: no interval. No trials are no effective trials.
    """
    successes, trials = weighed.counts[:2]
    with np.errstate(all="ignore"):
        values = _exact_ends(np.clip(successes / trials, 0.0, 1.0))
        binomial, kish = _independent(weighed.counts, values)
        if weighed.buckets is None or weighed.least_effect is None:
            size, effect, clusters = binomial, np.ones(len(trials)), np.full(len(trials), np.inf)
        else:
            clustered = ~np.isnan(weighed.buckets[1]).any(axis=-1)
            clusters = np.where(clustered, (weighed.buckets[1] > 0).sum(axis=-1), np.inf)
            effect = design_effects(weighed.buckets, values * (1 - values) / binomial, clusters, weighed.least_effect)
            effect = np.where(clustered, effect, 1.0)
            size = np.where(clusters >= LEAST_CLUSTERS, binomial / effect, np.nan)
        size = np.where(trials == 0, 0.0, np.where(np.isfinite(size) & (size > 0), size, np.nan))
        n = np.where(trials == 0, 0.0, whole_but_for_rounding(np.minimum(size, kish / effect)))
        return Effective(np.where(trials == 0, 0.0, values * size), size, n, clusters - 1.0, clusters, effect)


def whole_but_for_rounding(numbers: npt.ArrayLike) -> Array:
    """Return effective numbers of examples, with the whole number in the place of one that misses it by rounding alone.

    Of equal weights they are the numbers of examples, and 100 must not fall short of a minimum of 100 as 99.99999999999999.
    """
    numbers = np.asarray(numbers, np.float64)
    with np.errstate(invalid="ignore"):
        nearest = np.rint(numbers)
        return np.asarray(np.where(np.abs(numbers - nearest) <= _ROUNDING * nearest, nearest, numbers))


def design_effects(buckets: Array, variances: Array, clusters: Array, least_effect: Array) -> Array:
    """Return by how much clusters inflate the variance of a ratio of two sums, never below `least_effect` nor 1.

    The variance from B bucket totals is B / (B - 1)·Σ(x - p·n)² / (Σn)².

    Args:
        buckets: float64[2, R, B]: numerators x and denominators n.
        variances: float64[R] variances of the ratio if examples were independent.
        clusters: float64[R] buckets that are not empty.
        least_effect: float64[R].
    """
    with np.errstate(all="ignore"):
        x, n = buckets
        total = n.sum(axis=-1)
        ratio = x.sum(axis=-1) / total
        between = clusters / (clusters - 1) * ((x - ratio[..., None] * n) ** 2).sum(axis=-1) / total**2
        effect = between / variances
    # 0 / 0: no variance at all. A least effect that is no number stays one, so that there is no interval.
    return np.maximum(np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0), least_effect)


def student(confidence: float, degrees: Array | float) -> Array | float:
    """Return the confidence at which the normal quantile is Student's t of these degrees of freedom at `confidence`.

    So every interval that is made for the normal quantile takes the t. Beyond 1 - 1e-15 the result stays there.
    """
    if np.all(np.isinf(degrees)):
        return confidence
    from scipy.special import stdtrit  # here, because it costs 0.2 s and only clustered examples need it

    finite = np.where(np.isfinite(degrees), np.maximum(degrees, 1.0), 1.0)
    turned = normal_confidence(stdtrit(finite, (1 + confidence) / 2))
    return np.asarray(np.where(np.isfinite(degrees), turned, confidence))[()]


def of_rate(rate: Rate, scale: float) -> tuple[Rate, float, float, str]:
    """Return effective counts of one rate, the n to report, degrees of freedom, and what makes an interval impossible, or ""."""
    return of_one(Weighed.of([rate], [scale]))


def of_one(weighed: Weighed) -> tuple[Rate, float, float, str]:
    """Return the same of the counts of one rate."""
    return _first(effective(weighed)) if weighed.buckets is not None else _of_plain(weighed.counts.tobytes())


@functools.lru_cache(1 << 12)  # every rule asks for the rates of the same slices, one by one
def _of_plain(counts: bytes) -> tuple[Rate, float, float, str]:
    return _first(effective(Weighed(np.frombuffer(counts).reshape(-1, 1))))


def _first(counts: Effective) -> tuple[Rate, float, float, str]:
    clusters = float(counts.clusters[0])
    rate = Rate(float(counts.successes[0]), float(counts.trials[0]))
    if math.isnan(rate.trials):
        return rate, 0.0, clusters - 1, NOT_ENOUGH_CLUSTERS if clusters < LEAST_CLUSTERS else UNUSABLE_WEIGHTS
    return rate, float(counts.n[0]), clusters - 1, ""


def _independent(counts: Array, values: Array) -> tuple[Array, Array]:
    """Return the effective trials of independent examples, and Kish's; without squares both are Kish's over the slice.

    The variance of few unequal weights is often far too small: in simulation (log-normal weights of sigma 1.5, rates of .1 to .9)
    its interval holds 68 to 88 % of the time for 5 examples, 73 to 83 % for 30. So fewer than 150 are no more than by Kish, whose
    interval holds 91 % of the time or more.
    """
    _, trials, of_successes, of_failures, scale = counts
    kish = trials * (trials / (of_successes + of_failures))
    spread = of_successes * (1 - values) ** 2 + of_failures * values**2
    mixed = (values > 0) & (values < 1)
    kish, sandwich = map(
        whole_but_for_rounding, (kish, np.where(mixed, trials * (values * (1 - values) * trials / spread), kish))
    )
    sandwich = np.where(kish < LEAST_WEIGHTED, np.minimum(sandwich, kish), sandwich)
    no_squares = np.isnan(of_successes)
    by_slice = trials / scale
    usable = np.isfinite(scale) & (scale > 0)
    sizes = (np.where(usable, np.where(no_squares, by_slice, size), np.nan) for size in (sandwich, kish))
    return next(sizes), next(sizes)


def _exact_ends(values: Array) -> Array:
    """Set rates that are 0 or 1 but for rounding to that: the variance of the rest is noise, and its interval has no width."""
    return np.where(values <= _SUMMED, 0.0, np.where(values >= 1 - _SUMMED, 1.0, values))


def _not_noise(rest: Array, whole: Array) -> Array:
    """Set what subtraction leaves of an empty bucket to 0."""
    rest[:, rest[1] <= _ROUNDING * whole] = 0.0
    return rest
