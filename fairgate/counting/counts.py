"""Define what is counted of examples: additive totals and score cells per slice and model, for binary and for multi-class tasks.

Flow: labels, predictions and weights of a batch -> `observe` -> one `Observed` per model -> `tally.Tally` adds it up per slice ->
`Counts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from fairgate.counting.cells import Floats, Ints, Predictions, ScoreCells, keys_of, merge
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError

SCORE, CONFIDENCE, MARGIN = "score", "confidence", "margin"
PROBABILITY_FLOOR = 1e-7  # as Keras clips before it takes a logarithm


@dataclass(frozen=True)
class Layout:
    """Names of the numbers in a vector of totals.

    Attributes:
        shapes: field -> its shape; the fields follow one another.
        series: names of the score tables beside the totals.
    """

    shapes: Mapping[str, tuple[int, ...]]
    series: tuple[str, ...]

    @property
    def width(self) -> int:
        """Return the length of the vector."""
        return sum(prod(shape) for shape in self.shapes.values())

    def read(self, totals: Floats) -> dict[str, Floats]:
        """Return the fields of a vector, each in its shape (views)."""
        fields, at = {}, 0
        for name, shape in self.shapes.items():
            fields[name] = totals[at : at + prod(shape)].reshape(shape)
            at += prod(shape)
        return fields


def layout(settings: CountSettings) -> Layout:
    """Return the totals of a task.

    Both kinds: `examples` float64[C] and `squares` float64[C], number and sum of squared weights by label, `invalid` [1],
    predictions that were NaN or infinite (counted nowhere else). Multi-class: `confusion` [C, C], weights by label and predicted
    class; `probabilities` [C, C, C], the weighted sum of the predicted distributions, by label and predicted class; `loss` [2],
    sums of weight times cross-entropy and its square.
    """
    size = len(settings.classes)
    shapes: dict[str, tuple[int, ...]] = {"examples": (size,), "squares": (size,), "invalid": (1,)}
    if settings.kind == "binary":
        return Layout(shapes, (SCORE,))
    shapes |= {"confusion": (size, size), "probabilities": (size, size, size), "loss": (2,)}
    return Layout(shapes, (CONFIDENCE, MARGIN))


@dataclass(frozen=True, eq=False)
class Counts:
    """One slice under one model. Counts add up: see `merged`.

    Attributes:
        totals: float64[Layout.width].
        series: one table of scores per `Layout.series`. The label of a cell is the example's label (binary score) or whether the
            prediction was right (confidence and margin).
    """

    totals: Floats
    series: tuple[ScoreCells, ...]

    @classmethod
    def merged(cls, parts: Sequence["Counts"], limit: int) -> "Counts":
        """Return the counts of all examples of `parts`, which share none; in any order, up to the rounding of float64."""
        totals = np.sum([part.totals for part in parts], axis=0)
        return cls(totals, tuple(merge(tables, limit) for tables in zip(*(part.series for part in parts), strict=True)))


@dataclass(frozen=True, eq=False)
class Column:
    """What every row adds to one field: `value[i]` at flat position `index[i]`."""

    index: Ints
    value: Floats


@dataclass(frozen=True, eq=False)
class Series:
    """What every row adds to one table of scores."""

    keys: Ints
    scores: Floats


@dataclass(frozen=True, eq=False)
class Observed:
    """The predictions of one model on N rows, ready to be added up for any grouping of the rows.

    Attributes:
        columns: field of the layout -> one or more columns over the N rows.
        series: one per Layout.series.
        weights: float64[N]; 0 where the prediction is invalid.
    """

    columns: Mapping[str, tuple[Column, ...]]
    series: tuple[Series, ...]
    weights: Floats


def observe(labels: Ints, predictions: Predictions, weights: Floats, settings: CountSettings) -> Observed:
    """Read a batch of one model's predictions.

    Args:
        labels: int64[N], 0 … C - 1.
        predictions: float[N] or [N, 1] scores (binary), float[N, C] probabilities (multi-class). NaN and infinite ones are
            counted as invalid.
        weights: float64[N], finite, not negative.
        settings: of the evaluation.

    Raises:
        InputError: predictions of another shape.
    """
    size = len(settings.classes)
    shape = (len(labels), 1 if settings.kind == "binary" else size)
    if predictions.ndim == 1:
        predictions = predictions.reshape(-1, 1)
    if predictions.shape != shape:
        raise InputError(
            f"The model answers predictions of shape {predictions.shape}; {shape} is expected ({settings.kind}, {size} classes)."
        )
    valid = np.isfinite(predictions).all(axis=1)
    weights = np.where(valid, weights, 0.0)
    predictions = np.where(valid[:, None], predictions, predictions.dtype.type(0))
    shared = {
        "examples": (Column(labels, valid.astype(np.float64)),),
        "squares": (Column(labels, weights * weights),),
        "invalid": (Column(np.zeros_like(labels), (~valid).astype(np.float64)),),
    }
    if settings.kind == "binary":
        scores = predictions[:, 0]
        return Observed(shared, (_series(labels, scores, settings.thresholds),), weights)
    return _observe_classes(labels, predictions, weights, shared)


def _observe_classes(
    labels: Ints, probabilities: Predictions, weights: Floats, shared: Mapping[str, tuple[Column, ...]]
) -> Observed:
    size = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    pair = labels * size + predicted
    exact = probabilities.astype(np.float64)
    loss = -np.log(np.clip(exact[np.arange(len(labels)), labels], PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR))
    first = np.zeros_like(labels)
    columns = dict(shared) | {
        "confusion": (Column(pair, weights),),
        "probabilities": tuple(Column(pair * size + k, weights * exact[:, k]) for k in range(size)),
        "loss": (Column(first, weights * loss), Column(first + 1, weights * loss * loss)),
    }
    top = np.partition(probabilities, size - 2, axis=1)
    right = (predicted == labels).astype(np.int64)
    return Observed(columns, (_series(right, top[:, -1], ()), _series(right, top[:, -1] - top[:, -2], ())), weights)


def _series(labels: Ints, scores: Predictions, thresholds: Sequence[float]) -> Series:
    return Series(keys_of(labels, scores, thresholds), scores.astype(np.float64))
