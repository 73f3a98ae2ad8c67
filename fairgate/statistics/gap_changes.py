"""Estimate by how much a gap to overall changed from the baseline to the candidate, with a bootstrap of the joint counts.

In: the joint counts of slices and of all examples. Out: an `Estimate` of the change, whose interval knows that both models erred
on the same examples, that a slice is part of overall, and, for the largest gap, that slices share examples.

A gap is the size of a rate's ratio or difference to overall in the worse direction: at least 1, or at least 0. So the change is
no smooth function of the counts, and neither is the largest of several gaps; hence draws.

    each gap      the weight of a cell is drawn from the gamma distribution that has its mean and its squared weights as variance:
                  the Bayesian bootstrap (Rubin 1981) of the cells, for weighted examples as for others
    largest gap,  buckets are drawn with replacement, jointly for all slices, and the interval is widened by Student's t
    clusters      (Field and Welsh 2007)
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
from fairgate.statistics.intervals import Array, critical_value

DRAWS = 2000
_SEED = 20020131
_SLICES_AT_ONCE = 64  # bounds the memory: 2,000 draws of 3 totals of so many slices
_MOST_CONFIDENCE = 0.99  # beyond it the draws are too few for a quantile, and the normal distribution's tails take over


@dataclass(frozen=True)
class Gap:
    """How a gap is measured.

    Attributes:
        measure: ratio or difference to overall.
        worse: the direction in which the rate gets worse; None where both are.
    """

    measure: Measure
    worse: Literal["higher", "lower"] | None

    def sizes(self, rates: Array, overall: Array) -> Array:
        """Return the sizes of gaps, at least 1 or 0; NaN where a rate is undefined."""
        none = 1.0 if self.measure == "ratio" else 0.0
        with np.errstate(all="ignore"):
            if self.measure == "ratio":
                over = ratios(rates, overall)
                under = np.where((rates == 0) & (overall == 0), 1.0, overall / rates)
            else:
                over, under = rates - overall, overall - rates
        size = over if self.worse == "higher" else under if self.worse == "lower" else np.maximum(over, under)
        return np.asarray(np.maximum(size, none))


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
        generator = np.random.default_rng(_SEED)
        inside, outside = (_cells(generator, cells * factor) for cells in (own, rest))
        return np.asarray(_changes(inside[:, None], inside + outside, gap)[0])

    def at(factor: float) -> Estimate:
        return Estimate(value, n * factor, _interval(value, functools.cache(lambda: draws(factor))), scaled=at_more(factor))

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
        overall, largest = _drawn_rates(totals[-1:]), np.full((2, DRAWS, 1), np.nan)
        for start in range(0, len(pairs), _SLICES_AT_ONCE):
            sizes = gap.sizes(_drawn_rates(totals[:-1][start : start + _SLICES_AT_ONCE]), overall)
            largest = np.fmax(largest, np.fmax.reduce(sizes, axis=-1, keepdims=True))
        return np.asarray(largest[1, :, 0] - largest[0, :, 0])

    return _with_root(value, n, _interval(value, functools.cache(draws), clusters - 1), 1.0)


def _with_root(value: float, n: float, interval: Callable[[float], tuple[float, float]], factor: float) -> Estimate:
    """Return an estimate whose distances to its ends shrink with the root of the number of examples."""

    def ends(confidence: float) -> tuple[float, float]:
        low, high = interval(confidence)
        return value - (value - low) / math.sqrt(factor), value + (high - value) / math.sqrt(factor)

    return Estimate(value, n * factor, ends, scaled=lambda more: _with_root(value, n, interval, factor * more))


def _usable(cells: Array) -> bool:
    """Return whether the weights of cells, and their squares, are finite and both positive or both 0."""
    weights, squares = cells
    return bool(np.isfinite(cells).all() and (weights >= 0).all() and ((weights > 0) == (squares > 0)).all())


def _cells(generator: np.random.Generator, cells: Array) -> Array:
    """Return float64[DRAWS, 4] weights of the joint cells; an empty cell is drawn as half an example of mean weight.

    Without that half, models that agree on every example would prove that they always will.
    """
    weights, squares = cells
    unit = squares.sum() / weights.sum() if weights.sum() > 0 else 1.0
    scale = np.where(weights > 0, squares / np.where(weights > 0, weights, 1.0), unit)
    shape = np.where(weights > 0, weights / np.where(scale > 0, scale, 1.0), 0.5 * (weights.sum() > 0))
    return np.asarray(generator.standard_gamma(shape, (DRAWS, 4)) * scale)


def _changes(inside: Array, whole: Array, gap: Gap) -> Array:
    """Return the changes of gaps from cells [draws, slices, 4] and those of all examples [draws, 4]."""
    sizes = []
    for model in (1, 2):
        with np.errstate(all="ignore"):
            rates, overall = ((cells[..., 0] + cells[..., model]) / cells.sum(axis=-1) for cells in (inside, whole))
        sizes.append(gap.sizes(rates, overall[:, None]))
    return np.asarray(np.moveaxis(sizes[1] - sizes[0], -1, 0))


def _by_bucket(pair: PairedRate) -> Array:
    if pair.buckets is None:
        raise ValueError("The largest gap is drawn from buckets, which this rate has not.")
    return np.array([pair.buckets.trials, pair.buckets.baseline, pair.buckets.candidate])


def _drawn_rates(totals: Array) -> Array:
    """Return float64[2, DRAWS, S] rates of baseline and candidate from totals [S, 3, B] of resampled buckets."""
    trials, baseline, candidate = np.moveaxis(totals @ _resampled(totals.shape[-1]).T, 1, 0)
    with np.errstate(all="ignore"):
        return np.asarray(np.array([(baseline / trials).T, (candidate / trials).T]))


@functools.cache
def _resampled(buckets: int) -> Array:
    """Return float64[DRAWS, B]: how often each bucket is drawn."""
    generator = np.random.default_rng(_SEED)
    return generator.multinomial(buckets, np.full(buckets, 1 / buckets), DRAWS).astype(np.float64)


def _interval(value: float, draws: Callable[[], Array], degrees: float = math.inf) -> Callable[[float], tuple[float, float]]:
    """Return the interval that holds both the percentiles of draws, and these moved so that their median is the value.

    Where several gaps are nearly the largest, or a gap is nearly none, the draws lie to one side of the value. In simulation the
    percentiles alone cover 91 % instead of 95 % in some of these cases, the moved ones 85 % in others, both together at least
    93 %. It grows with the confidence.
    """

    @functools.cache
    def ordered() -> Array:
        changes = draws()
        return np.sort(changes[~np.isnan(changes)])

    def interval(confidence: float) -> tuple[float, float]:
        if math.isnan(value) or not len(ordered()):
            return math.nan, math.nan
        within = min(confidence, _MOST_CONFIDENCE)
        low, middle, high = np.quantile(ordered(), [(1 - within) / 2, 0.5, (1 + within) / 2]).tolist()
        wider = float(critical_value(student(confidence, degrees)) / critical_value(within))
        return value - (max(middle, value) - low) * wider, value + (high - min(middle, value)) * wider

    return interval
