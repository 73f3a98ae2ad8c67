"""Estimate by how much a gap to overall changed from the baseline to the candidate, with a bootstrap of the joint counts.

In: the joint counts of slices and of all examples. Out: an `Estimate` of the change, whose interval knows that both models erred
on the same examples, that a slice is part of overall, and, for the largest gap, that slices share examples.

A gap is the size of a rate's ratio or difference to overall in the worse direction: at least 1, or at least 0; 1 or 0 is "no
gap". A model's gap, of one slice or the largest of several, is the largest of some quantities that change smoothly with the
counts: the ratios or differences of the slices, and "no gap". The draws are of these:

    each gap      the weight of a cell is drawn from the gamma distribution that has its mean and its squared weights as variance:
                  the Bayesian bootstrap (Rubin 1981) of the cells, for weighted examples as for others; at points that fill the
                  space evenly, not at random
    largest gap,  buckets are drawn with replacement, jointly for all slices, and the interval is widened by Student's t
    clusters      (Field and Welsh 2007)

The draws of a largest value lie above its true value, the more so the more slices have about the same gap, so their percentiles
are no interval. `_interval` bounds the difference of two largest values instead.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fairgate.measurement import PairedRate
from fairgate.statistics.comparison import Estimate, Measure, problem_of, ratios
from fairgate.statistics.effective import LEAST_CLUSTERS, NOT_ENOUGH_CLUSTERS, UNUSABLE_WEIGHTS, student
from fairgate.statistics.intervals import Array, critical_value, normal_confidence

DRAWS = 2000  # of buckets
POINTS = 8000  # of the cells' weights
_GOLDEN = 1.0850702454914507  # the root of x**9 = x + 1
_SEED = 20020131
_MOST_CONFIDENCE = 0.99  # beyond it the draws are too few for a quantile, and the normal distribution's tails take over
_RIVALS = 3.0  # standard errors by which a gap may be below the largest and yet be the largest in truth
_NOISE = 1e-12  # a standard error that is 0 up to rounding
_ONE_SIGMA = (0.158655, 0.5, 0.841345)  # shares of a normal distribution below -1, 0 and 1 standard deviations


@dataclass(frozen=True)
class Gap:
    """How a gap is measured.

    Attributes:
        measure: ratio or difference to overall.
        worse: the direction in which the rate gets worse; None where both are.
    """

    measure: Measure
    worse: Literal["higher", "lower"] | None

    @property
    def none(self) -> float:
        """Return the size of no gap."""
        return 1.0 if self.measure == "ratio" else 0.0

    def sizes(self, rates: Array, overall: Array) -> Array:
        """Return the sizes of gaps, at least 1 or 0; NaN where a rate is undefined."""
        return np.asarray(np.maximum(self.signed(rates, overall).max(axis=0), self.none))

    def signed(self, rates: Array, overall: Array) -> Array:
        """Return float64[1 or 2, ...]: how much worse than overall rates are, by direction; below `none` if better."""
        with np.errstate(all="ignore"):
            if self.measure == "ratio":
                higher = ratios(rates, overall)
                lower = np.where((rates == 0) & (overall == 0), 1.0, overall / rates)
            else:
                higher, lower = rates - overall, overall - rates
        return np.array([higher] if self.worse == "higher" else [lower] if self.worse == "lower" else [higher, lower])


def of_each(pair: PairedRate, whole: PairedRate, gap: Gap, value: float, n: float) -> Estimate:
    """Return the change of the gap of one slice of independent examples.

    Args:
        pair: of the slice.
        whole: of all examples, the slice's among them.
        gap: how it is measured.
        value: the change as it was measured.
        n: what it rests on.
    """
    own, every = np.array([pair.weights, pair.squares]), np.array([whole.weights, whole.squares])
    if not (_usable(own) and _usable(every)):
        return problem_of(UNUSABLE_WEIGHTS)
    rest = np.maximum(every - own, 0.0)

    def draws(factor: float) -> Array:
        inside, outside = map(_cells, (own * factor, rest * factor), _uniform())
        return _gaps(gap, *(_rates(np.vstack([cells[0], drawn])) for cells, drawn in ((own, inside), (every, inside + outside))))

    def at(factor: float) -> Estimate:
        interval = _interval(value, functools.cache(lambda: draws(factor)))
        return Estimate(value, n * factor, interval, scaled=at_more(factor), alone=lambda _: at(factor))

    def at_more(factor: float) -> Callable[[float], Estimate]:
        return lambda more: at(factor * more)

    return at(1.0)


def of_largest(pairs: Sequence[PairedRate], whole: PairedRate, gap: Gap, value: float, n: float) -> Estimate:
    """Return the change of the largest gap of several slices, which may share examples; all have buckets, as has `whole`.

    Args:
        pairs: of the slices.
        whole: of all examples.
        gap: how it is measured.
        value: the change as it was measured.
        n: what it rests on.
    """
    totals = np.array([_by_bucket(pair) for pair in (*pairs, whole)])  # [slices + 1, 3, B]
    if not np.isfinite(totals).all():
        return problem_of(UNUSABLE_WEIGHTS)
    clusters = int((totals[:, 0] > 0).sum(axis=-1).min())
    if clusters < LEAST_CLUSTERS:
        return problem_of(NOT_ENOUGH_CLUSTERS)

    def draws() -> Array:
        rates = _drawn_rates(totals)
        return _gaps(gap, rates[:, :-1], rates[:, -1:])

    return _with_root(value, n, _interval(value, functools.cache(draws), clusters - 1), 1.0)


def _with_root(value: float, n: float, interval: Callable[[float], tuple[float, float]], factor: float) -> Estimate:
    """Return an estimate whose distances to its ends shrink with the root of the number of examples."""

    def ends(confidence: float) -> tuple[float, float]:
        low, high = interval(confidence)
        return value - (value - low) / math.sqrt(factor), value + (high - value) / math.sqrt(factor)

    return Estimate(
        value,
        n * factor,
        ends,
        scaled=lambda more: _with_root(value, n, interval, factor * more),
        alone=lambda _: _with_root(value, n, interval, factor),
    )


def _usable(cells: Array) -> bool:
    """Return whether the weights of cells, and their squares, are finite and both positive or both 0."""
    weights, squares = cells
    return bool(np.isfinite(cells).all() and (weights >= 0).all() and ((weights > 0) == (squares > 0)).all())


def _cells(cells: Array, uniform: Array) -> Array:
    """Return float64[POINTS, 4] weights of the joint cells; an empty cell is drawn as half an example of mean weight.

    Without that half, models that agree on every example would prove that they always will.

    Args:
        cells: float64[2, 4] weights and squared weights.
        uniform: float64[POINTS, 4] between 0 and 1: the shares of the gamma distributions that lie below the draws.
    """
    from scipy.special import gammaincinv  # here, because it costs 0.2 s and only a change of gaps needs it

    weights, squares = cells
    filled = (weights > 0) & (squares > 0)
    with np.errstate(all="ignore"):
        scale = np.where(filled, squares / weights, squares.sum() / weights.sum() if filled.any() else 0.0)
        shape = np.where(filled, weights / scale, 0.5)
    return np.asarray(gammaincinv(shape, uniform) * scale)


@functools.cache
def _uniform() -> Array:
    """Return float64[2, POINTS, 4] numbers between 0 and 1 that fill the eight dimensions evenly.

    The additive recurrence of Roberts (2018), "The unreasonable effectiveness of quasirandom sequences": the ends of an interval,
    and so the number of examples that decides a rule, vary less than with as many random numbers.
    """
    steps = _GOLDEN ** -np.arange(1.0, 9.0)
    return np.asarray((0.5 + np.outer(np.arange(POINTS), steps)) % 1).reshape(POINTS, 2, 4).swapaxes(0, 1)


def _rates(cells: Array) -> Array:
    """Return float64[2, 1, N], the rates of baseline and candidate of one slice from N times its cells [N, 4]."""
    with np.errstate(all="ignore"):
        return np.asarray(((cells[:, :1] + cells[:, 1:3]) / cells.sum(axis=1, keepdims=True)).T[:, None])


def _by_bucket(pair: PairedRate) -> Array:
    if pair.buckets is None:
        raise ValueError("The largest gap is drawn from buckets, which this rate has not.")
    return np.array([pair.buckets.trials, pair.buckets.baseline, pair.buckets.candidate])


def _drawn_rates(totals: Array) -> Array:
    """Return float64[2, S, 1 + DRAWS] rates of both models from totals [S, 3, B]: as measured, and of drawn buckets."""
    trials, baseline, candidate = np.moveaxis(totals @ _resampled(totals.shape[-1]).T, 1, 0)
    with np.errstate(all="ignore"):
        return np.asarray(np.array([baseline / trials, candidate / trials]))


@functools.cache
def _resampled(buckets: int) -> Array:
    """Return float64[1 + DRAWS, B]: how often each bucket is drawn; first, each once."""
    generator = np.random.default_rng(_SEED)
    drawn = generator.multinomial(buckets, np.full(buckets, 1 / buckets), DRAWS)
    return np.vstack([np.ones(buckets), drawn]).astype(np.float64)


def _gaps(gap: Gap, rates: Array, overall: Array) -> Array:
    """Return float64[2, G, 1 + draws]: what each model's gap is the largest of, as measured and drawn; the last is "no gap".

    Args:
        gap: how it is measured.
        rates: float64[2, S, 1 + draws], of slices.
        overall: float64[2, 1, 1 + draws].
    """
    signed = np.concatenate([*gap.signed(rates, overall)], axis=1)
    signed = signed[:, ~np.isnan(signed[..., 0]).any(axis=0)]  # a slice without trials has no gap
    signed = signed[..., ~np.isnan(signed).any(axis=(0, 1))]
    return np.concatenate([signed, np.full((2, 1, signed.shape[-1]), gap.none)], axis=1)


def _interval(value: float, draws: Callable[[], Array], degrees: float = math.inf) -> Callable[[float], tuple[float, float]]:
    """Return the interval of the largest gap of the candidate minus that of the baseline. It grows with the confidence.

    Let c and b be the gaps of the candidate and the baseline. Whatever j is taken for each k, max c - max b is at most the
    largest of c_k - b_j over k, so that the largest upper end of these, each by its own percentiles, is an upper end. As j serves
    the slice with the baseline's largest measured gap, or k itself where that gives the lower end and may be the largest. Since j
    depends on what was measured, the ends are widened to hold for all gaps that may be the largest at once: by the quantile of
    the largest of their standardised errors. The lower end is the mirror image. (Simultaneous bounds of a largest value:
    Chernozhukov, Lee and Rosen 2013.)
    """

    @functools.cache
    def sides() -> tuple["_Side", "_Side"]:
        baseline, candidate = draws()
        return _Side.of(candidate, baseline), _Side.of(baseline, candidate)

    def interval(confidence: float) -> tuple[float, float]:
        if math.isnan(value) or sides()[0].changes.shape[1] < 2:
            return math.nan, math.nan
        wider = float(critical_value(student(confidence, degrees)) / critical_value(confidence))
        up, down = (side.reach(confidence, wider) for side in sides())
        return min(value, -down), max(value, up)

    return interval


@dataclass(frozen=True, eq=False)
class _Side:
    """The differences that bound "the largest of some gaps minus the largest of some others" from above.

    Attributes:
        measured: float64[2, G]: the gaps minus the largest of the others; minus the other of the same slice, infinite where that
            cannot be the largest.
        changes: float64[2, G, draws], likewise, sorted.
        errors: float64[draws] the largest standardised errors of those others that may be the largest, sorted.
    """

    measured: Array
    changes: Array
    errors: Array

    @classmethod
    def of(cls, gaps: Array, others: Array) -> "_Side":
        """Return the differences from float64[G, 1 + draws] each, as measured and drawn."""
        largest = others[int(np.argmax(others[:, 0]))]
        with np.errstate(invalid="ignore"):
            below = largest - others
            rivals = ~(below[:, 0] > _RIVALS * _spread(below[:, 1:]))
            changes = np.array([gaps - largest, np.where(rivals[:, None], gaps - others, math.inf)])
            drawn = others[rivals, 1:]
            errors = (drawn - np.median(drawn, axis=1, keepdims=True)) / np.maximum(_spread(drawn), _NOISE)[:, None]
        changes = np.nan_to_num(changes, nan=math.inf, posinf=math.inf, neginf=-math.inf)
        return cls(changes[..., 0], np.sort(changes[..., 1:]), np.sort(np.nan_to_num(errors, nan=0.0).max(axis=0)))

    def reach(self, confidence: float, wider: float) -> float:
        """Return the largest upper end, `wider` times as far from what was measured as normal quantiles are."""
        within = min(confidence, _MOST_CONFIDENCE)
        z, most = float(critical_value(within)), float(critical_value(_MOST_CONFIDENCE))
        times = max(z, float(np.quantile(self.errors, (1 + within) / 2))) / z * wider * float(critical_value(confidence))
        level = float(normal_confidence(min(times, most)))
        with np.errstate(invalid="ignore"):
            middle, high = np.quantile(self.changes, [0.5, (1 + level) / 2], axis=-1)
            ends = self.measured + (high - np.minimum(middle, self.measured)) * max(times / most, 1.0)
        return float(np.fmin(*ends).max())


def _spread(draws: Array) -> Array:
    """Return float64[G], half of the distance that holds the middle 68 % of draws [G, draws]; infinite draws do not spoil it."""
    low, _, high = np.quantile(draws, _ONE_SIGMA, axis=1)
    return np.asarray((high - low) / 2)
