"""Compute the AUCs of slices and, of two models, their covariances, exactly: from scores that were sorted once.

Source: DeLong, DeLong, Clarke-Pearson (1988), see `fairgate.metrics.scores`. Weighted examples: each placement's squared distance
from the mean counts with the squared weight (the sandwich estimator).

Every sum is one over a label's examples of a placement: the weight of the other label's examples that score lower, ties half.
Placements are kept twice as large, so that they are whole numbers where examples weigh 1.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import CHUNK, Floats, dot
from fairgate.counting.detail import SliceAucs
from fairgate.counting.freed import give_back
from fairgate.counting.order import Bools, Places, ScoreOrder, Steps, taken
from fairgate.measurement import Scalar
from fairgate.metrics.bias import BNSP_AUC, BPSN_AUC, SUBGROUP_AUC
from fairgate.metrics.scores import AUC, ONE

Ends = tuple[Places, Places]  # of examples, how many of the other label score lower, and how many not higher


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

    def __init__(self, orders: Mapping[str, ScoreOrder], labels: Bools, weights: Floats | None) -> None:
        """Prepare.

        Args:
            orders: by model; of two the same rows are valid.
            labels: bool[N].
            weights: float64[N]; None where every example weighs 1.
        """
        self._models, self._orders = list(orders), list(orders.values())
        self._labels = _Label(self._orders, 0, labels, weights), _Label(self._orders, 1, labels, weights)

    def overall(self) -> SliceAucs:
        """Return the AUC of all rows, which have no background."""
        negative, positive = (label.rest(label.every()) for label in self._labels)
        return self._results({AUC.name: (negative, positive)})

    def aucs(self, rows: Iterable[Places], background: bool = False) -> SliceAucs:
        """Return the AUCs of a slice: its own, and those of its negatives and of its positives against the background.

        Args:
            rows: the negative and the positive rows of the slice, or of its background: those of fewer rows take less time.
            background: whether they are those of the background; only where every example weighs 1, for the weight of a slice may
                be lost in that of all.
        """
        parts = [[order.of(of_label) for order in self._orders] for of_label in rows]
        ends = {at: label.ends(own) for at, (label, own) in enumerate(zip(self._labels, parts, strict=True))}
        weights = [label.weights(own) for label, own in zip(self._labels, parts, strict=True)]
        beside = [label.among_all(ends[at]) for at, label in enumerate(self._labels)]
        inside, outside, across = dict[int, _Moments](), dict[int, _Moments](), dict[int, _Moments]()
        for at in sorted((0, 1), key=lambda at: self._orders[0].sizes[at]):  # the fewer first, for they take the most ends
            label, own = self._labels[at], parts[at]
            give_back(len(self._orders[0].places))  # what the ends took, before the longest columns are made
            steps = label.steps(parts[1 - at], ends.pop(1 - at), weights[1 - at])
            values = [taken(step, places) for step, places in zip(steps, own, strict=True)]
            for every, value in zip(beside[at], values, strict=True):
                every -= value
            of_rest, of_part = label.rest(steps, own, values), label.part(own, beside[at])
            outside[at] = of_part if background else of_rest
            across[at] = of_rest if background else of_part
            inside[at] = label.rest(label.remaining(steps), own, beside[at]) if background else label.part(own, values)
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

    def __init__(self, orders: Sequence[ScoreOrder], label: int, labels: Bools, weights: Floats | None) -> None:
        self._orders, self._label = orders, label
        rows = orders[0].rows(label, labels) if len(orders) > 1 or weights is not None else None
        self._places = [order.places[rows] for order in orders[1:]]  # of the other model
        self._weights = None if weights is None else weights[rows]
        self._number = orders[0].sizes[label]
        self._above: list[Floats] = []  # by model, the weight of the other label's examples up to each
        if weights is not None:
            others = (order.rows(1 - label, labels) for order in orders)
            self._above = [np.concatenate(([0.0], np.cumsum(weights[other]))) for other in others]

    def weights(self, places: Sequence[Places]) -> Floats | None:
        """Return those of examples; None for 1."""
        return None if self._weights is None else self._weights[places[0]]

    def ends(self, places: Sequence[Places]) -> list[Ends]:
        """Return by model how many of the other label score lower, and how many not higher, than the examples at these places."""
        return [order.beside(self._label, at) for order, at in zip(self._orders, places, strict=True)]

    def every(self) -> list[Steps]:
        """Return by model, in its order, the placements of all examples among all of the other label."""
        if not self._above:
            return [order.placements(self._label) for order in self._orders]
        return self.among_all([order.beside(self._label) for order in self._orders])

    def among_all(self, ends: Sequence[Ends]) -> list[Steps]:
        """Return by model the placements of examples among all of the other label."""
        if not self._above:
            return [below + upto for below, upto in ends]
        return [above[below] + above[upto] for above, (below, upto) in zip(self._above, ends, strict=True)]

    def remaining(self, steps: Sequence[Steps]) -> list[Steps]:
        """Return by model the placements of all examples among those of the other label that are not in `steps`."""
        every = [order.placements(self._label) for order in self._orders]
        for placements, step in zip(every, steps, strict=True):
            placements -= step
        return every

    def steps(self, others: Sequence[Places], ends: Sequence[Ends], weights: Floats | None) -> list[Steps]:
        """Return by model, in its order, the placements of all examples among some of the other label.

        Args:
            others: by model, the places of these.
            ends: theirs.
            weights: theirs; None for 1.
        """
        if weights is None:
            every = zip(self._orders, others, ends, strict=True)
            return [order.steps(self._label, at, own) for order, at, own in every]
        size = self._orders[0].sizes[self._label]
        counts = (np.bincount(below, weights, size + 1) + np.bincount(upto, weights, size + 1) for below, upto in ends)
        return [np.cumsum(of_model[:size]) for of_model in counts]

    def part(self, places: Sequence[Places], values: Sequence[Steps]) -> _Moments:
        """Return the moments of the placements of the examples at these places."""
        own = self.weights(places)
        weight, squares = _totals(own, len(places[0]))
        if not weight > 0:
            return _empty(len(values))
        means = _sums(own, values) / weight
        return _Moments(weight, squares, means, _products(own, values, means))

    def rest(self, steps: Sequence[Steps], places: Sequence[Places] = (), values: Sequence[Steps] = ()) -> _Moments:
        """Return the moments of the placements of all examples but those at these places, which have these values."""
        if self._weights is not None:
            return self._weighted_rest(steps, places)
        taken = len(places[0]) if places else 0
        weight = float(self._number - taken)
        if not weight:
            return _empty(len(steps))
        means = (_sums(None, steps) - _sums(None, values) if places else _sums(None, steps)) / weight
        products = np.sum([_products(None, chunk, means) for _, chunk in self._chunks(steps)], axis=0)
        if places:
            products -= _products(None, values, means)
        return _Moments(weight, weight, means, products)

    def _weighted_rest(self, steps: Sequence[Steps], places: Sequence[Places]) -> _Moments:
        """As `rest`, by the sum over the others alone: taken from that of all, it is lost where the weight of a few is vast."""
        weights = np.array(self._weights)
        if places:
            weights[places[0]] = 0
        weight, squares = _totals(weights, self._number)
        if not weight > 0:
            return _empty(len(steps))
        means = np.sum([_sums(of_chunk, chunk) for of_chunk, chunk in self._chunks(steps, weights)], axis=0) / weight
        products = np.sum([_products(of_chunk, chunk, means) for of_chunk, chunk in self._chunks(steps, weights)], axis=0)
        return _Moments(weight, squares, means, products)

    def _chunks(self, steps: Sequence[Steps], weights: Floats | None = None) -> Iterator[tuple[Floats | None, list[Steps]]]:
        """Yield weights and, by model, the placements of the examples, in the order of the first model."""
        for first in range(0, len(steps[0]), CHUNK):
            part = slice(first, first + CHUNK)
            values = [steps[0][part], *(taken(step, at[part]) for step, at in zip(steps[1:], self._places, strict=True))]
            yield None if weights is None else weights[part], values


def _totals(weights: Floats | None, number: int) -> tuple[float, float]:
    """Return the sum of the weights of so many examples, and of their squares."""
    return (float(number), float(number)) if weights is None else (float(weights.sum()), dot(weights, weights))


def _sums(weights: Floats | None, values: Sequence[Steps]) -> Floats:
    """Return float64[M], by model the weighted sum of the placements."""
    if weights is None:
        return np.array([value.sum(dtype=np.int64) for value in values], np.float64)
    return np.array([dot(weights, value) for value in values])


def _products(weights: Floats | None, values: Sequence[Steps], means: Floats) -> Floats:
    """Return float64[M, M]: the sums of w²·(x - mean)·(x' - mean')."""
    products = np.zeros((len(means), len(means)))
    for first in range(0, len(values[0]), CHUNK):
        part = slice(first, first + CHUNK)
        distances = [value[part] - mean for value, mean in zip(values, means, strict=True)]
        if weights is not None:
            distances = [weights[part] * distance for distance in distances]
        products += [[dot(one, other) for other in distances] for one in distances]
    return products


def _empty(models: int) -> _Moments:
    return _Moments(0.0, 0.0, np.full(models, math.nan), np.full((models, models), math.nan))


def _auc(negative: _Moments, positive: _Moments) -> tuple[Floats, Floats]:
    """Return float64[M], the AUCs, and float64[M, M], their covariances; NaN without examples of both labels."""
    if not (negative.weight > 0 and positive.weight > 0):
        return np.full_like(negative.means, math.nan), np.full_like(negative.products, math.nan)
    above, below = 1 / (2 * negative.weight), 1 / (2 * positive.weight)
    return np.clip(positive.means * above, 0, 1), positive.covariance * above**2 + negative.covariance * below**2
