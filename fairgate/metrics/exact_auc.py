"""Compute the AUCs of slices and, of two models, their covariances, exactly: from scores that were sorted once.

Source: DeLong, DeLong, Clarke-Pearson (1988), see `fairgate.metrics.scores`. Weighted examples: each placement's squared distance
from the mean counts with the squared weight (the sandwich estimator).

Every sum is one over a label's examples of a placement: the weight of the other label's examples that score lower, ties half.
Placements are kept twice as large, so that they are whole numbers where examples weigh 1.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Floats
from fairgate.counting.detail import SliceAucs
from fairgate.counting.order import Places, ScoreOrder
from fairgate.measurement import Scalar
from fairgate.metrics.bias import BNSP_AUC, BPSN_AUC, SUBGROUP_AUC
from fairgate.metrics.scores import AUC, ONE

Steps = npt.NDArray[Any]  # int64, or float64 where examples are weighted

CHUNK = 1 << 16  # examples at once, so that they stay in the processor's cache
_NOTHING = 1e-12  # relative: what rounding leaves of the weight of no example


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums over the examples of one label.

    Attributes:
        weight, squares: of the weights, and of their squares.
        means: float64[M], the weighted mean placement under each model.
        products: float64[M, M]: Σ w²·(x - mean)·(x' - mean').
    """

    weight: float
    squares: float
    means: Floats
    products: Floats

    @property
    def covariance(self) -> Floats:
        """Return float64[M, M], the covariance of the means; NaN where they rest on a single (effective) example."""
        effective = self.weight**2 / self.squares
        if effective <= ONE:
            return np.full_like(self.products, math.nan)
        return self.products / self.weight**2 * (effective / (effective - 1))


class RankedModels:
    """The scores of one or two models on the same rows, sorted."""

    def __init__(self, orders: Mapping[str, ScoreOrder], weights: Floats | None) -> None:
        """Prepare.

        Args:
            orders: by model; of two the same rows are valid.
            weights: float64[N]; None where every example weighs 1.
        """
        self._models, self._orders = list(orders), list(orders.values())
        self._labels = _Label(self._orders, 0, weights), _Label(self._orders, 1, weights)

    def aucs(self, members: tuple[Places, Places] | None) -> SliceAucs:
        """Return the AUCs of a slice: its own, and those of its negatives and of its positives against the background.

        Args:
            members: the negative and the positive rows of the slice; None for all rows, which have no background.
        """
        if members is None:
            negative, positive = (label.rest(label.beside()) for label in self._labels)
            return self._results({AUC.name: (negative, positive)})
        parts = [[order.of(rows) for order in self._orders] for rows in members]
        inside, outside, across = [], [], []
        for label, own, other, of_other in zip(self._labels, parts, parts[::-1], self._labels[::-1], strict=True):
            steps = label.steps(of_other, other)
            values = [np.take(step, at).astype(np.float64) for step, at in zip(steps, own, strict=True)]
            inside.append(label.part(own, values))
            outside.append(label.rest(steps, own, values))
            beside = (every - value for every, value in zip(label.beside(own), values, strict=True))
            across.append(label.part(own, list(beside)))
        return self._results(
            {
                AUC.name: (inside[0], inside[1]),
                SUBGROUP_AUC.name: (inside[0], inside[1]),
                BPSN_AUC.name: (across[0], outside[1]),
                BNSP_AUC.name: (outside[0], across[1]),
            }
        )

    def _results(self, sides: Mapping[str, tuple[_Moments, _Moments]]) -> SliceAucs:
        """Return the AUCs of negatives and positives by metric."""
        scalars: dict[str, dict[str, Scalar]] = {model: {} for model in self._models}
        covariances: dict[str, float] = {}
        for metric, (negative, positive) in sides.items():
            values, covariance = _auc(negative, positive)
            for at, of_model in enumerate(scalars.values()):
                of_model[metric] = Scalar(float(values[at]), math.sqrt(max(covariance[at, at], 0.0)))
            if len(values) > 1 and math.isfinite(covariance[0, 1]):
                covariances[metric] = float(covariance[0, 1])
        return SliceAucs(scalars, covariances)


class _Label:
    """The valid rows of one label, in the order of the first model."""

    def __init__(self, orders: Sequence[ScoreOrder], label: int, weights: Floats | None) -> None:
        self._orders = [order.labels[label] for order in orders]
        self._others = [order.labels[1 - label] for order in orders]
        rows = self._orders[0].rows
        self._places = [order.places[rows] for order in orders[1:]]  # of the other model
        self._weights = None if weights is None else weights[rows]
        self._weight, self._squares = _totals(self._weights, len(rows))
        self._above: list[Floats] | None = None  # by model, the weight of the other label's examples up to each
        if weights is not None:
            self._above = [np.concatenate(([0.0], np.cumsum(weights[other.rows]))) for other in self._others]

    def beside(self, places: Sequence[Places] | None = None) -> list[Floats]:
        """Return by model the placements of examples among all of the other label; those of all in each model's own order."""
        found = []
        for model, order in enumerate(self._orders):
            below, upto = (of_all if places is None else np.take(of_all, places[model]) for of_all in (order.below, order.upto))
            above = None if self._above is None else self._above[model]
            found.append((below + upto if above is None else above[below] + above[upto]).astype(np.float64))
        return found

    def steps(self, of_other: "_Label", places: Sequence[Places]) -> list[Steps]:
        """Return by model the placements of all examples, in its order, among some of the other label, at these places."""
        found = []
        size = len(self._orders[0].rows)
        weights = None if of_other._weights is None else of_other._weights[places[0]]
        for other, at in zip(self._others, places, strict=True):
            counts: Steps = np.bincount(np.take(other.upto, at), weights, size + 1)
            counts += np.bincount(np.take(other.below, at), weights, size + 1)
            found.append(np.cumsum(counts[:size], dtype=np.int32 if weights is None else np.float64))
        return found

    def part(self, places: Sequence[Places], values: Sequence[Floats]) -> _Moments:
        """Return the moments of the placements of the examples at these places."""
        own = None if self._weights is None else self._weights[places[0]]
        weight, squares = _totals(own, len(places[0]))
        if not weight > 0:
            return _empty(len(values))
        means = _sums(own, values) / weight
        return _Moments(weight, squares, means, _products(own, values, means))

    def rest(self, steps: Sequence[Steps], places: Sequence[Places] = (), values: Sequence[Floats] = ()) -> _Moments:
        """Return the moments of the placements of all examples but those at these places, which have these values."""
        own = None if self._weights is None or not places else self._weights[places[0]]
        taken, of_taken = _totals(own, len(places[0]) if places else 0)
        weight = self._weight - taken
        if not weight > _NOTHING * self._weight:
            return _empty(len(steps))
        sums = self._sums(steps) - _sums(own, values) if places else self._sums(steps)
        means = sums / weight
        products = np.sum([_products(weights, chunk, means) for weights, chunk in self._chunks(steps)], axis=0)
        if places:
            products -= _products(own, values, means)
        return _Moments(weight, self._squares - of_taken, means, products)

    def _sums(self, steps: Sequence[Steps]) -> Floats:
        """Return by model the weighted sum of all placements."""
        if self._weights is None:
            return np.array([step.sum(dtype=np.int64) for step in steps], np.float64)
        return np.asarray(np.sum([_sums(weights, chunk) for weights, chunk in self._chunks(steps)], axis=0))

    def _chunks(self, steps: Sequence[Steps]) -> Iterator[tuple[Floats | None, list[Floats]]]:
        """Yield weights and, by model, the placements of the examples, in the order of the first model."""
        for first in range(0, len(steps[0]), CHUNK):
            part = slice(first, first + CHUNK)
            values = [steps[0][part], *(np.take(step, at[part]) for step, at in zip(steps[1:], self._places, strict=True))]
            yield None if self._weights is None else self._weights[part], [value.astype(np.float64) for value in values]


def _dot(one: Floats, other: Floats) -> float:
    """Return the scalar product, in one thread: the sums of others depend on how many processors there are."""
    return float(np.einsum("i,i->", one, other))


def _totals(weights: Floats | None, number: int) -> tuple[float, float]:
    """Return the sum of the weights of so many examples, and of their squares."""
    return (float(number), float(number)) if weights is None else (float(weights.sum()), _dot(weights, weights))


def _sums(weights: Floats | None, values: Sequence[Floats]) -> Floats:
    """Return float64[M], by model the weighted sum of the placements."""
    return np.array([value.sum() if weights is None else _dot(weights, value) for value in values])


def _products(weights: Floats | None, values: Sequence[Floats], means: Floats) -> Floats:
    """Return float64[M, M]: the sums of w²·(x - mean)·(x' - mean')."""
    distances = [value - mean for value, mean in zip(values, means, strict=True)]
    if weights is not None:
        distances = [weights * distance for distance in distances]
    return np.array([[_dot(one, other) for other in distances] for one in distances])


def _empty(models: int) -> _Moments:
    return _Moments(0.0, 0.0, np.full(models, math.nan), np.full((models, models), math.nan))


def _auc(negative: _Moments, positive: _Moments) -> tuple[Floats, Floats]:
    """Return float64[M], the AUCs, and float64[M, M], their covariances; NaN without examples of both labels."""
    if not (negative.weight > 0 and positive.weight > 0):
        return np.full_like(negative.means, math.nan), np.full_like(negative.products, math.nan)
    above, below = 1 / (2 * negative.weight), 1 / (2 * positive.weight)
    return np.clip(positive.means * above, 0, 1), positive.covariance * above**2 + negative.covariance * below**2
