"""Compute how many examples decide a rule: the size at which an interval lies clear of its limit with a given probability. Pure.

In: an `Estimate` and the limits beside it. Out: the factor by which the examples have to grow, if the observed rates are the true
ones and stay. Written for intervals of any kind, which are asked for their ends alone:

* The score at a limit is the critical value z at which the interval just reaches the limit; the interval of the rule leaves the
  limit out when the score exceeds the rule's own critical value.
* In new data of the same size the score varies normally around the observed one, with a standard deviation of the standard error
  at the value over the standard error at the limit. Both are read off the interval: its slope where it starts, and its reach to
  the limit over the score.

For Wilson's interval this is the formula of `rate_examples`; a plain rate is then counted out exactly.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from fairgate.measurement import MetricKey, Rate, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Ends, Estimate, Measure, against_overall
from fairgate.statistics.intervals import Array, critical_value

POWER = 0.8

_AT_LIMIT = 1e-9  # as the gate compares: a value that is so near is at the limit
_MOST = 1e9  # a factor beyond this is no number that anybody could use
_STEPS = 12  # of the search for the factor; two are enough where the interval shrinks with the root of the size
_CLOSE = 2e-3  # relative; a few examples of a thousand
_ROOT = 1e-12  # of a critical value, relative
_MOST_STEPS = 100  # to it; ten are usual
_SMALL = 1e-4  # relative: a step that serves as a differential
_NEAREST = 1e-6  # critical value
_FARTHEST = 8.0  # critical value; the confidence is then 1 but for rounding
_WINDOW = 120  # sizes for which a binomial sum is computed
_PHASES = (-0.375, -0.125, 0.125, 0.375)  # of a tooth of the binomial power, over which it is averaged
_AS_NEAR = 1e-4  # of two powers that differ by less, neither is nearer
_COUNTABLE = 1e8  # trials; beyond that the binomial steps are too small to matter
_KEY = MetricKey("rate")
_NORMAL = NormalDist()


@dataclass(frozen=True)
class _Reach:
    """How far a limit lies from a value, in the units of the interval.

    Attributes:
        score: the critical value at which the interval just reaches the limit; it grows with the root of the size.
        spread: the standard deviation of the score in new data.
    """

    score: float
    spread: float


def growth(estimate: Estimate, limits: Sequence[float], confidence: float, power: float = POWER) -> float:
    """Return the factor by which the examples have to grow for the interval to lie clear of all limits.

    Args:
        estimate: what was measured; its value and its shares are taken as the true ones.
        limits: that the interval may not reach, on either side of the value; infinite ones count as none.
        confidence: level of the interval that decides.
        power: probability with which it is to lie clear.

    Returns:
        below 1 where fewer would do. Infinite where no number decides: the value lies at a limit, or the interval stops shrinking
        before it is clear. NaN where value or interval are undefined.
    """
    near = [limit for limit in limits if math.isfinite(limit)]
    if not math.isfinite(estimate.value) or not near:
        return math.nan
    if any(abs(estimate.value - limit) <= _AT_LIMIT for limit in near):
        return math.inf
    with np.errstate(all="ignore"):
        factor = _search(estimate, near, confidence, power)
        if estimate.counts is None or math.isfinite(estimate.degrees) or not factor < _MOST:
            return factor
        trials = estimate.counts.trials
        return _counted_out(estimate.counts.value, near, confidence, power, factor * trials) / trials


def power_of(estimate: Estimate, limits: Sequence[float], confidence: float) -> float:
    """Return the probability with which an interval of new data of this size lies clear of all limits.

    Args:
        estimate: whose value is taken as the true one.
        limits: as of `growth`.
        confidence: level of the interval.

    Returns:
        NaN where value or interval are undefined.
    """
    near = [limit for limit in limits if math.isfinite(limit)]
    if not math.isfinite(estimate.value) or any(abs(estimate.value - limit) <= _AT_LIMIT for limit in near):
        return math.nan
    with np.errstate(all="ignore"):
        z = _z_of(confidence)
        reaches = [_reach(estimate, limit) for limit in near]
        return 1 - sum(_below(z, reach.score, reach.spread) for reach in reaches)


def rate_examples(rate: float, limit: float, confidence: float, power: float = POWER) -> float:
    """Return how many trials hold Wilson's interval of a rate clear of a limit, by the normal approximation.

    The sample size of a one-sample test of a proportion, with the variance of the limit under the null hypothesis and that of the
    rate under the alternative (Fleiss, Levin, Paik 2003, section 2.5).

    Args:
        rate: the true one, between 0 and 1.
        limit: between 0 and 1.
        confidence: level, two-sided.
        power: probability with which the interval is to lie clear.

    Returns:
        infinite where the rate is the limit.
    """
    if abs(limit - rate) <= _AT_LIMIT:
        return math.inf
    reach = _z_of(confidence) * math.sqrt(limit * (1 - limit))
    return ((reach + _NORMAL.inv_cdf(power) * math.sqrt(rate * (1 - rate))) / (limit - rate)) ** 2


def exact_power(rate: float, limits: Sequence[float], trials: npt.ArrayLike, confidence: float) -> Array:
    """Return the probability that Wilson's interval of a rate lies clear of limits, as a binomial sum.

    Args:
        rate: the true one, between 0 and 1.
        limits: strictly between 0 and 1, none of them the rate.
        trials: whole numbers, [N].
        confidence: level.

    Returns:
        float64[N].
    """
    return _binomial(rate, np.asarray(trials), *_counts_clear_of(rate, limits, trials, confidence))


def _counts_clear_of(rate: float, limits: Sequence[float], trials: npt.ArrayLike, confidence: float) -> tuple[Array, Array]:
    """Return the least and the greatest count whose Wilson interval is clear of the limits, float64[N] each.

    Neither is rounded; both are infinite where there is no such limit.
    """
    trials = np.asarray(trials, np.float64)
    least, most = np.full_like(trials, -math.inf), np.full_like(trials, math.inf)
    for limit in limits:
        reach = _z_of(confidence) * np.sqrt(trials * limit * (1 - limit))
        if limit > rate:
            most = np.minimum(most, trials * limit - reach)
        else:
            least = np.maximum(least, trials * limit + reach)
    return least, most


def _binomial(rate: float, trials: Array, least: Array, most: Array) -> Array:
    """Return P(least <= X <= most) of a binomial count, float64[N]."""
    from scipy.special import bdtr  # here, because it costs 0.2 s and only an open finding needs it

    last, first, whole = np.floor(most), np.ceil(least), trials.astype(np.int64)
    up_to = np.where(last >= 0, bdtr(np.minimum(last, trials), whole, rate), 0.0)
    below = np.where(first > 0, bdtr(np.minimum(first - 1, trials), whole, rate), 0.0)
    return np.asarray(np.maximum(up_to - below, 0.0))


def plain_rate(rate: float, trials: float) -> Estimate:
    """Return the estimate of a rate with Wilson's interval, at any number of trials."""
    counts = Rate(rate * trials, trials)

    def interval(confidence: float) -> tuple[float, float]:
        low, high = intervals.wilson(counts.successes, counts.trials, confidence)
        return float(low), float(high)

    return Estimate(rate, trials, interval, counts, lambda factor: plain_rate(rate, factor * trials))


def part_of_whole(rate: float, overall: float, trials: float, rest: float, measure: Measure, rest_grows: bool = True) -> Estimate:
    """Return the estimate of a slice's rate against that of all examples, which it is a part of.

    Args:
        rate: of the slice; it stays as it is however many examples there are.
        overall: the rate of all examples; it stays likewise.
        trials: of the slice.
        rest: trials outside of the slice.
        measure: ratio or difference of the two.
        rest_grows: the rest grows in proportion; otherwise the slice alone grows.

    Returns:
        NaN as its value where no rate of the rest makes `overall` of the two.
    """
    whole = trials + rest
    outside = overall - rate * trials / whole  # what the rest's successes are of all examples
    if not -_AT_LIMIT <= outside <= rest / whole + _AT_LIMIT:
        return Estimate(math.nan, trials, lambda _: (math.nan, math.nan))
    part, everything = (_slice_of(*counts) for counts in ((rate, trials), (overall, whole)))
    estimate = against_overall(part, everything, _KEY, measure)

    def scaled(factor: float) -> Estimate:
        return part_of_whole(rate, overall, factor * trials, factor * rest if rest_grows else rest, measure, rest_grows)

    return Estimate(estimate.value, trials, estimate.interval, scaled=scaled)


def _slice_of(rate: float, trials: float) -> SliceMetrics:
    return SliceMetrics(n=round(trials), rates={_KEY: Rate(rate * trials, trials)})


def _search(estimate: Estimate, limits: Sequence[float], confidence: float, power: float) -> float:
    """Find the factor by secants: the logarithm of what is still missing, against the logarithm of the factor."""
    at, slope = 0.0, 1.0
    before: tuple[float, float] | None = None
    for _ in range(_STEPS):
        grown = _grown(estimate, math.exp(at))
        reaches = [_reach(grown, limit) for limit in limits]
        if any(math.isnan(reach.spread) for reach in reaches):
            return math.nan if before is None else math.inf  # the rates cannot stay as they are
        missing = 2 * math.log(_times(reaches, confidence, power))
        if abs(missing) < _CLOSE:
            break
        if any(reach.score >= _FARTHEST for reach in reaches):  # far from decided either way: this size teaches no slope
            before = None
        if before is not None:
            slope = min(1.0, max((before[1] - missing) / (at - before[0]), 0.02))
        before = at, missing
        at += missing / slope
        if at > math.log(_MOST):
            return math.inf
    return math.exp(at)


def _grown(estimate: Estimate, factor: float) -> Estimate:
    """Return the estimate at that many times the examples; an interval of unknown making shrinks with the root of the size."""
    if estimate.scaled is not None:
        return estimate.scaled(factor)
    root = math.sqrt(factor)
    return Estimate(
        estimate.value,
        estimate.n * factor,
        lambda confidence: estimate.interval(_confidence(_z_of(confidence) / root)),
    )


def _reach(estimate: Estimate, limit: float) -> _Reach:
    score = _score(estimate, limit)
    if estimate.recounted is not None and score < _FARTHEST:
        return _Reach(score, _spread_of_cells(estimate.recounted, estimate.cells, score, limit > estimate.value))
    return _Reach(score, _standard_error(estimate, limit) * score / abs(limit - estimate.value))


def _standard_error(estimate: Estimate, limit: float) -> float:
    """Return the standard error at the value: half the length of the interval of one standard error to each side.

    The mean of both sides, which do not reach as far in a skew interval; the side of the limit alone where the other is cut off
    at a bound.
    """
    low, high = estimate.interval(_confidence(1.0))
    far, near = estimate.value - low, high - estimate.value
    if limit < estimate.value:
        far, near = near, far
    return near if not far > near / 2 else (near + far) / 2


def _spread_of_cells(
    recounted: Callable[[Array], Callable[[float], Ends]], counts: Sequence[float], score: float, above: bool
) -> float:
    """Return the standard deviation of the score at a limit, by the delta method, of an estimate from joint counts.

    The end of the interval is moved by a little more of each cell, and by a little more of the critical value: the ratio is the
    gradient of the score, whose variance under multinomial cells follows. (The standard error at the limit varies with the number
    of discordant pairs, so that it may not be taken as fixed here.)

    Args:
        recounted: cells -> the interval that they have.
        counts: the cells.
        score: at the limit.
        above: whether the limit lies above the value.
    """
    cells, side, z = np.array(counts), int(above), _confidence(score)
    n = float(cells.sum())
    here = recounted(cells)(z)[side]
    per_score = np.float64(recounted(cells)(_confidence(score * (1 + _SMALL)))[side] - here) / (score * _SMALL)
    gradient = np.zeros_like(cells)
    for at in np.flatnonzero(cells):
        moved = cells.copy()
        moved[at] += _SMALL * n
        gradient[at] = (recounted(moved)(z)[side] - here) / (_SMALL * n) / per_score
    return math.sqrt(float(cells @ (gradient - cells @ gradient / n) ** 2))


def _times(reaches: Sequence[_Reach], confidence: float, power: float) -> float:
    """Return the root of the factor at which the probabilities to miss a limit add up to 1 - power."""
    z = _z_of(confidence)

    def clear_of_each(share: float) -> float:
        return max((z - _NORMAL.inv_cdf(share) * reach.spread) / reach.score for reach in reaches)

    low, high = clear_of_each(1 - power), clear_of_each((1 - power) / len(reaches))
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        missed = sum(_below(z, middle * reach.score, reach.spread) for reach in reaches)
        low, high = (middle, high) if missed > 1 - power else (low, middle)
    return high


def _below(z: float, mean: float, spread: float) -> float:
    """Return the probability that a normal score lies below z."""
    return _NORMAL.cdf((z - mean) / spread) if spread > 0 else float(mean < z)


def _score(estimate: Estimate, limit: float) -> float:
    """Find the critical value at which the interval just reaches a limit.

    Returns:
        between `_NEAREST` and `_FARTHEST`; NaN where the interval is undefined.
    """
    distance, side = abs(limit - estimate.value), int(limit > estimate.value)

    def beyond(z: float) -> float:
        """Return how far the interval reaches beyond the limit, as a multiple of the distance from value to limit, at most 1."""
        return min(abs(estimate.interval(_confidence(z))[side] - estimate.value) / distance - 1, 1.0)

    if not beyond(_FARTHEST) > 0:
        return math.nan if math.isnan(beyond(_FARTHEST)) else _FARTHEST
    return _NEAREST if beyond(_NEAREST) > 0 else _root(beyond, _NEAREST, _FARTHEST)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function crosses zero, to 12 digits, by false position with halved ends ("Illinois").

    As scipy.optimize.brentq, whose import takes 0.2 s: a tenth of the time in which a table of a million rows is judged.
    Source: Dowell, Jarratt (1971), "A modified regula falsi method for computing the root of an equation".
    """
    below, above, side, at = function(low), function(high), 0, low
    for _ in range(_MOST_STEPS):
        at = (low * above - high * below) / (above - below)
        value = function(at)
        if abs(value) < _ROOT or high - low < _ROOT * high:
            break
        if value < 0:
            low, below, above = at, value, above / 2 if side < 0 else above
        else:
            high, above, below = at, value, below / 2 if side > 0 else below
        side = -1 if value < 0 else 1
    return at


def _z_of(confidence: float) -> float:
    return float(critical_value(confidence))


def _confidence(z: float) -> float:
    return min(math.erf(z / math.sqrt(2)), 1 - 2**-52)


def _counted_out(rate: float, limits: Sequence[float], confidence: float, power: float, guess: float) -> float:
    """Return the trials near a guess whose exact power is nearest to the one that is asked for.

    The power of a count rises and falls in teeth as the trials grow. The size at which the mean over a tooth reaches the power is
    sought first; then, within a tooth of it, the size that has the power itself.
    """
    inside = [limit for limit in limits if 0 < limit < 1]
    if not inside or guess > _COUNTABLE:
        return guess
    trials = np.unique(np.ceil(np.linspace(0.6 * guess, 1.5 * guess + 30, _WINDOW)))
    least, most = _counts_clear_of(rate, inside, trials, confidence)
    smooth = np.mean([_binomial(rate, trials, least + phase, most + phase) for phase in _PHASES], axis=0)
    enough = float(np.interp(power, np.maximum.accumulate(smooth), trials))
    tooth = max(1 / (limit if limit < 0.5 else 1 - limit) for limit in inside)
    near = np.unique(np.ceil(np.linspace(max(enough - tooth, 1.0), enough + tooth, _WINDOW)))
    missed = np.abs(exact_power(rate, inside, near, confidence) - power)
    return float(near[int(np.argmax(missed <= missed.min() + _AS_NEAR))])
