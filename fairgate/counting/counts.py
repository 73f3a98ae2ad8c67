"""Define what is counted of examples: additive totals and score cells per slice and model, for binary and for multi-class tasks.

Flow: labels, predictions and weights of a batch -> `observe` -> one `Observed` per model -> `tally.Tally` adds it up per slice ->
`Counts`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import (
    INTERVAL_BITS,
    SCORE_BITS,
    Floats,
    Ints,
    Predictions,
    ScoreCells,
    keys_of,
    merge,
)
from fairgate.counting.joint import NO_CELLS, JointCells
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError

SCORE, CONFIDENCE, MARGIN = "score", "confidence", "margin"
ROUNDING = 1e-6  # by so much a probability may exceed 1, or a score lie below 0, as float32 rounds
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
    predictions that were NaN or infinite (counted nowhere else), `outside` [1], those with a number outside of 0 to 1 (counted as
    they are). Multi-class: `confusion` [C, C], weights by label and predicted class; `probabilities` [C, C, C], the weighted sum
    of the predicted distributions, by label and predicted class; `loss` [3], sums of weight times cross-entropy, of squared
    weight times cross-entropy, and of squared weight times its square.
    """
    size = len(settings.classes)
    shapes: dict[str, tuple[int, ...]] = {"examples": (size,), "squares": (size,), "invalid": (1,), "outside": (1,)}
    if settings.kind == "binary":
        return Layout(shapes, (SCORE,))
    shapes |= {"confusion": (size, size), "probabilities": (size, size, size), "loss": (3,)}
    return Layout(shapes, (CONFIDENCE, MARGIN))


@dataclass(frozen=True, eq=False)
class Counts:
    """One slice under one model. Counts add up: see `merged`.

    Attributes:
        totals: float64[Layout.width].
        series: one table of scores per `Layout.series`. The label of a cell is the example's label (binary score) or whether the
            prediction was right (confidence and margin).
        decisions: by label, bucket and decision, see `joint.decision_keys`.
        least, greatest: of all scores or probabilities; infinite, and out of order, where there are none.
    """

    totals: Floats
    series: tuple[ScoreCells, ...]
    decisions: JointCells = NO_CELLS
    least: float = math.inf
    greatest: float = -math.inf

    @classmethod
    def merged(cls, parts: Sequence["Counts"], limit: int) -> "Counts":
        """Return the counts of all examples of `parts`, which share none; in any order, up to the rounding of float64."""
        totals = np.sum([part.totals for part in parts], axis=0)
        return cls(
            totals,
            tuple(merge(tables, limit) for tables in zip(*(part.series for part in parts), strict=True)),
            JointCells.merged([part.decisions for part in parts]),
            min(part.least for part in parts),
            max(part.greatest for part in parts),
        )


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
        columns: field of the layout -> one or more columns over the N rows; `examples` and `squares` follow from the decisions.
        series: one per Layout.series.
        weights: float64[N]; 0 where the prediction is invalid.
        valid: bool[N].
        labels, buckets, decisions: int64[N]; see `joint.decision_keys`.
        least, greatest: float64[N], of the row's score or probabilities.
    """

    columns: Mapping[str, tuple[Column, ...]]
    series: tuple[Series, ...]
    weights: Floats
    valid: npt.NDArray[np.bool_]
    labels: Ints
    buckets: Ints
    decisions: Ints
    least: Floats
    greatest: Floats


def observe(
    labels: Ints, predictions: Predictions, weights: Floats, settings: CountSettings, buckets: Ints | None = None
) -> Observed:
    """Read a batch of one model's predictions.

    Args:
        labels: int64[N], 0 … C - 1.
        predictions: float[N] or [N, 1] scores (binary), float[N, C] probabilities (multi-class). NaN and infinite ones are
            counted as invalid.
        weights: float64[N], finite, not negative.
        settings: of the evaluation.
        buckets: int64[N], 0 … BUCKETS - 1; None puts every row into the first.

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
    least, greatest = predictions.min(axis=1).astype(np.float64), predictions.max(axis=1).astype(np.float64)
    columns: dict[str, tuple[Column, ...]] = {
        "invalid": (Column(np.zeros_like(labels), (~valid).astype(np.float64)),),
        "outside": (Column(np.zeros_like(labels), ((least < -ROUNDING) | (greatest > 1 + ROUNDING)).astype(np.float64)),),
    }
    if settings.kind == "binary":
        series: tuple[Series, ...] = (_series(labels, predictions[:, 0], settings.thresholds),)
        decisions = (series[0].keys >> SCORE_BITS) & ((1 << INTERVAL_BITS) - 1)
    else:
        decisions = predictions.argmax(axis=1)
        columns |= _class_columns(labels, predictions, weights, decisions)
        series = _class_series(predictions, (decisions == labels).astype(np.int64))
    buckets = np.zeros_like(labels) if buckets is None else buckets
    return Observed(columns, series, weights, valid, labels, buckets, decisions, least, greatest)


def _class_columns(labels: Ints, probabilities: Predictions, weights: Floats, predicted: Ints) -> dict[str, tuple[Column, ...]]:
    size = probabilities.shape[1]
    pair = labels * size + predicted
    exact = probabilities.astype(np.float64)
    loss = -np.log(np.clip(exact[np.arange(len(labels)), labels], PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR))
    first = np.zeros_like(labels)
    return {
        "confusion": (Column(pair, weights),),
        "probabilities": tuple(Column(pair * size + k, weights * exact[:, k]) for k in range(size)),
        "loss": tuple(
            Column(first + at, sums) for at, sums in enumerate((weights * loss, weights**2 * loss, (weights * loss) ** 2))
        ),
    }


def _class_series(probabilities: Predictions, right: Ints) -> tuple[Series, ...]:
    top = np.partition(probabilities, probabilities.shape[1] - 2, axis=1)
    return _series(right, top[:, -1], ()), _series(right, top[:, -1] - top[:, -2], ())


def _series(labels: Ints, scores: Predictions, thresholds: Sequence[float]) -> Series:
    return Series(keys_of(labels, scores, thresholds), scores.astype(np.float64))
