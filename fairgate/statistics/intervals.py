"""Compute confidence intervals from counts: rates, differences and ratios of two rates, AUC. Pure numpy, vectorised, two-sided.

Every function takes arrays (or numbers) that broadcast against each other, and returns float64 arrays of their common shape (a
numpy scalar for numbers). Counts may be fractional, as effective counts of weighted examples are: divide the weighted counts by
`SliceMetrics.mean_weight * SliceMetrics.design_effect`. Where trials are 0 the ends are NaN; an end that nothing bounds is
infinite.

All intervals grow with the confidence, so each has a test that agrees with it: `p_value`.
"""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from fairgate.statistics.roots import crossing

Array = npt.NDArray[np.float64]

_LOG_RATIO = 25.0  # ratios are sought between exp(-25) and exp(25)
_LEAST_P = 1e-12
_ROUNDING = 1e-9  # an end that is so near to a value is at it: sums depend on the order of what is added


class Interval(NamedTuple):
    """The two ends, float64 of equal shape; both NaN where undefined."""

    low: Array
    high: Array


@overload
def critical_value(confidence: float) -> float: ...


@overload
def critical_value(confidence: Array) -> Array: ...


def critical_value(confidence: float | Array) -> float | Array:
    """Return the standard normal quantile z with P(|Z| <= z) = confidence; of several, likewise.

    Raises:
        ValueError: confidence is not between 0 and 1.
    """
    if isinstance(confidence, np.ndarray):
        levels, at = np.unique(confidence, return_inverse=True)
        return np.array([_quantile(level) for level in levels.tolist()])[at].reshape(confidence.shape)
    return _quantile(confidence)


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence!r} is not between 0 and 1")
    return -NormalDist().inv_cdf((1 - confidence) / 2)


def normal_confidence(z: npt.ArrayLike) -> Array:
    """Return P(|Z| <= z), the inverse of `critical_value`; at most 1 - 1e-15."""
    both_tails = np.vectorize(lambda each: math.erfc(each / math.sqrt(2)), otypes=[float])(z)
    return np.asarray(1 - np.maximum(both_tails, 1e-15))


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float | Array = 0.95) -> Interval:
    """Return the score interval of a rate (Wilson 1927).

    Its mean coverage is near nominal for every number of trials; at a single rate the coverage of any interval for a count swings
    around that, by several points where fewer than about 10 successes are expected (Brown, Cai, DasGupta 2001).

    Args:
        successes: between 0 and trials; float noise beyond that is cut off.
        trials: at least 0.
        confidence: level; of every function here, one or an array that broadcasts as the counts do.
    """
    trials = np.asarray(trials, np.float64)
    successes = np.clip(np.asarray(successes, np.float64), 0.0, trials)
    z2 = critical_value(confidence) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        failures = trials - successes
        middle = successes + z2 / 2
        spread = np.sqrt(z2 * (successes * failures / trials + z2 / 4))
        low = np.where(successes > 0, (middle - spread) / (trials + z2), 0.0)
        high = np.where(failures > 0, (middle + spread) / (trials + z2), 1.0)
    defined = trials > 0
    return Interval(np.where(defined, low, np.nan)[()], np.where(defined, high, np.nan)[()])


def difference_of(first: npt.ArrayLike, first_interval: Interval, second: npt.ArrayLike, second_interval: Interval) -> Interval:
    """Return the interval of `first - second` for two independent estimates with intervals of the same confidence.

    The method of variance estimates recovery (Zou and Donner 2008). For two rates with Wilson intervals it is Newcombe's method
    10; for two symmetric intervals it is the normal interval of a difference. For positively dependent estimates it is too wide.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    with np.errstate(invalid="ignore"):  # an infinite value and its infinite end have no distance: NaN
        difference = first - second
        low = difference - np.hypot(first - first_interval.low, second_interval.high - second)
        high = difference + np.hypot(first_interval.high - first, second - second_interval.low)
    return Interval(low, high)


def ratio_of(first: npt.ArrayLike, first_interval: Interval, second: npt.ArrayLike, second_interval: Interval) -> Interval:
    """Return the interval of `first / second` of independent estimates: `difference_of` on logarithms; NaN for negative ones."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ends = (Interval(np.log(interval.low), np.log(interval.high)) for interval in (first_interval, second_interval))
        low, high = difference_of(np.log(first), next(ends), np.log(second), next(ends))
        return Interval(np.exp(low), np.exp(high))


def rate_difference(
    successes: npt.ArrayLike,
    trials: npt.ArrayLike,
    other_successes: npt.ArrayLike,
    other_trials: npt.ArrayLike,
    confidence: float | Array = 0.95,
) -> Interval:
    """Return the interval of `rate - other rate` of two independent rates: hybrid score interval (Newcombe 1998, method 10)."""
    return difference_of(
        _rate(successes, trials),
        wilson(successes, trials, confidence),
        _rate(other_successes, other_trials),
        wilson(other_successes, other_trials, confidence),
    )


def rate_ratio(
    successes: npt.ArrayLike,
    trials: npt.ArrayLike,
    other_successes: npt.ArrayLike,
    other_trials: npt.ArrayLike,
    confidence: float | Array = 0.95,
) -> Interval:
    """Return the interval of `rate / other rate` of two independent rates: the score interval (Koopman 1984), found by search.

    Returns:
        low is 0 where there are no successes, high is infinite where the other rate has none.
    """
    counts = np.broadcast_arrays(*(np.asarray(count, np.float64) for count in (successes, trials, other_successes, other_trials)))
    x, n, y, m = np.clip(counts[0], 0, counts[1]), counts[1], np.clip(counts[2], 0, counts[3]), counts[3]
    z = critical_value(confidence) * np.array([1.0, -1.0]).reshape(2, *[1] * x.ndim)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = _ratio_where(z, x, n, y, m)
    low, high = np.where(x > 0, low, 0.0), np.where(y > 0, high, np.inf)
    defined = (n > 0) & (m > 0)
    return Interval(np.where(defined, low, np.nan)[()], np.where(defined, high, np.nan)[()])


def _ratio_where(z: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    """Find the ratios, [2, ...], at which the score statistic, which falls as the ratio rises, equals each z [2, ...].

    The search begins at the ends of the interval that is normal on the logarithm of the ratio, half a success added to each rate.
    """
    successes, others = x + 0.5, y + 0.5
    centre = np.log(successes / (n + 1) * (m + 1) / others)
    error = np.sqrt(1 / successes - 1 / (n + 1) + 1 / others - 1 / (m + 1))
    start = np.where([(n > 0) & (m > 0) & (x > 0), (n > 0) & (m > 0) & (y > 0)], centre - z * error, np.nan)
    found = crossing(_log_ratio_score, start, centre, (z, x, n, y, m), (-_LOG_RATIO, _LOG_RATIO))
    return np.asarray(np.exp(found))


def _log_ratio_score(log: Array, z: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    return _ratio_score(np.exp(log), x, n, y, m) - z


def _ratio_score(ratio: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    """Return the score statistic of "rate / other rate = ratio", normal under it (Miettinen, Nurminen 1985, uncorrected)."""
    b = n * ratio + x + m + y * ratio
    # The rates that are likeliest under the ratio: the smaller root of a quadratic, in the form that does not cancel.
    other = 2 * (x + y) / (b + np.sqrt(np.maximum(b * b - 4 * (n + m) * ratio * (x + y), 0)))
    rate = ratio * other
    variance = rate * (1 - rate) / n + ratio**2 * other * (1 - other) / m
    score = (x / n - ratio * y / m) / np.sqrt(np.maximum(variance, 0))
    return np.asarray(np.where(np.isnan(score), 0.0, score))  # 0 / 0 at a ratio of 1 between two rates of 1


def difference_to_whole(part_minus_rest: npt.ArrayLike, share: npt.ArrayLike) -> Array:
    """Translate "slice - complement" into "slice - overall".

    A slice is part of overall, so the two are not independent; slice and complement are. With the slice holding a share w of the
    trials, taken as fixed, overall = w·slice + (1 - w)·complement, hence slice - overall = (1 - w)·(slice - complement).
    Monotone: it maps ends of intervals.
    """
    return np.asarray((1 - np.asarray(share, np.float64)) * np.asarray(part_minus_rest, np.float64))[()]


def ratio_to_whole(part_over_rest: npt.ArrayLike, share: npt.ArrayLike) -> Array:
    """Translate r = slice / complement into slice / overall = r / (w·r + 1 - w), 1 / w if r is infinite; as for differences."""
    ratio, share = np.broadcast_arrays(np.asarray(part_over_rest, np.float64), np.asarray(share, np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isinf(ratio), 1 / share, ratio / (share * ratio + 1 - share))[()]


def normal(value: npt.ArrayLike, standard_error: npt.ArrayLike, confidence: float | Array = 0.95) -> Interval:
    """Return the interval value ± z·standard error; NaN where either is."""
    value, reach = np.asarray(value, np.float64), critical_value(confidence) * np.asarray(standard_error, np.float64)
    return Interval((value - reach)[()], (value + reach)[()])


def area(
    value: npt.ArrayLike, standard_error: npt.ArrayLike, fewest: npt.ArrayLike, confidence: float | Array = 0.95
) -> Interval:
    """Return the interval of an AUC: normal on the logit scale, never narrower than that of a perfect order can be.

    The ends are logit⁻¹(logit A ± z·error / (A·(1 - A))) (Pepe 2003, section 5.2.4), which never leave 0 to 1. A ± z·error is too
    short towards .5: in simulation with 100 positive and 300 negative examples its lower end lies above a true area of .9 in 6 %
    instead of 2.5 (this one: 3 %). Either way DeLong's error is 0 where all pairs are in order, but 20 of 20 prove no area of 1:
    of m examples of a label that all stand on the right side, the lower end is that of Wilson's interval, m / (m + z²).

    Args:
        value: areas, 0 to 1.
        standard_error: theirs.
        fewest: how many examples of the rarer label each compares; NaN where that is not known.
        confidence: of both sides together.

    Returns:
        NaN where value or error is.
    """
    value, error = np.clip(np.asarray(value, np.float64), 0.0, 1.0), np.asarray(standard_error, np.float64)
    square = np.square(critical_value(confidence))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        odds = value / (1.0 - value)
        spread = np.exp(np.sqrt(square) * error / (value * (1.0 - value)))
        inner = (value > 0) & (value < 1)  # at 0 and 1 there is no logit: both ends are the value
        low, high = np.where(inner, odds / (odds + spread), value), np.where(inner, odds / (odds + 1 / spread), value)
        beyond = np.where(np.asarray(fewest) > 0, square / (fewest + square), 0.0)
    known = ~np.isnan(error)
    low, high = np.where(known, np.minimum(low, 1.0 - beyond), np.nan), np.where(known, np.maximum(high, beyond), np.nan)
    return Interval(low[()], high[()])


def auc_standard_error(auc: npt.ArrayLike, positives: npt.ArrayLike, negatives: npt.ArrayLike) -> Array:
    """Return the standard error of an AUC from value and counts (Hanley, McNeil 1982, eq. 1 to 3); NaN without both classes."""
    auc, positives, negatives = (np.asarray(number, np.float64) for number in (auc, positives, negatives))
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.maximum(spread, 0) / (positives * negatives))
    return np.where((positives > 0) & (negatives > 0), error, np.nan)[()]


def p_value(interval: Callable[[float], Interval | tuple[float, float]], bound: float) -> float:
    """Return the two-sided p-value of "the true value is `bound`": the least alpha whose interval of 1 - alpha leaves it out.

    Half of it is the one-sided p-value of "the true value is not beyond the bound" when the estimate is.

    Args:
        interval: confidence -> its ends; an interval that grows with the confidence.
        bound: the value in question.

    Returns:
        between 1e-12 and 1, exact to six digits; 1 also where the interval is undefined.
    """
    low, high = np.log(_LEAST_P), 0.0
    if not _excludes(interval, bound, 1 - 1e-9):  # at a confidence near 0 the interval is the estimate
        return 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (low, middle) if _excludes(interval, bound, float(np.exp(middle))) else (middle, high)
    return float(np.exp(high))


def _excludes(interval: Callable[[float], Interval | tuple[float, float]], bound: float, alpha: float) -> bool:
    low, high = interval(1 - alpha)
    return bool(bound < low - _ROUNDING or bound > high + _ROUNDING)


def _rate(successes: npt.ArrayLike, trials: npt.ArrayLike) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.asarray(successes, np.float64) / np.asarray(trials, np.float64))


def flip_interval(value: float, n: float, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval of a flip rate of n texts; see `wilson`."""
    low, high = wilson(value * n, n, confidence)
    return float(low), float(high)


def shift_interval(value: float, standard_error: float, n: int, confidence: float) -> tuple[float, float]:
    """Return Student's interval of the mean of n paired differences (Student 1908): mean ± t·s/√n with n - 1 degrees of freedom.

    Returns:
        both ends NaN where there is no standard error.
    """
    from scipy.special import stdtrit  # here, because it costs 0.2 s and only the counterfactual test needs it

    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * standard_error if n > 1 else math.nan
    return value - reach, value + reach


def standard_error(values: Array) -> float:
    """Return s/√n of n values; NaN for a single one."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
