"""Hold the rows of a binary task in few bytes each, so that they can be counted at once and their scores sorted exactly.

In: batches of labels, scores, weights and slices. Out: `Held`, the arrays of all rows; or the batches again, for counting that
needs bounded memory.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Floats, Ints, Predictions
from fairgate.counting.slice_rows import Bools, Rows, SliceRows
from fairgate.counting.slices import Membership, SliceKey


@dataclass(frozen=True, eq=False)
class Rowwise:
    """One batch: labels int64[N], weights float64[N], buckets int64[N], model -> float[N] scores, and the slices of the rows."""

    labels: Ints
    weights: Floats
    buckets: Ints
    scores: Mapping[str, Predictions]
    membership: Membership


@dataclass(frozen=True, eq=False)
class Held:
    """All rows.

    Attributes:
        labels: bool[N].
        buckets: uint8[N].
        weights: float64[N]; None where every row weighs 1.
        scores: model -> float32[N], or float64[N] where the table holds more digits; NaN or infinite where invalid.
        slices: slice -> its rows; that of all rows is there too, under ().
        unknown: slice feature -> rows without a value of it.
    """

    labels: Bools
    buckets: npt.NDArray[np.uint8]
    weights: Floats | None
    scores: dict[str, Predictions]
    slices: Mapping[SliceKey, SliceRows]
    unknown: Mapping[str, int]

    def lesser(self, key: SliceKey) -> tuple[tuple[Rows, Rows], bool]:
        """Return the negative and the positive rows of a slice, or those of all others where they are fewer, and whether so.

        Where rows have weights they are always those of the slice, see `exact_auc.RankedModels.aucs`.
        """
        rows, number = self.slices[key], len(self.labels)
        background = self.weights is None and 2 * rows.size > number
        found = np.flatnonzero(~rows.inside(number)).astype(np.int32) if background else rows.rows()
        positive = self.labels[found]
        return (found[~positive], found[positive]), background


class HeldRows:
    """Collects the rows of batches."""

    def __init__(self, models: Sequence[str], thresholds: Sequence[float]) -> None:
        """Start empty.

        Args:
            models: names.
            thresholds: scores that are equal to one stay so, though they are held as float32.
        """
        self.rows = self.pairs = 0
        self._labels: list[Bools] = []
        self._buckets: list[npt.NDArray[np.uint8]] = []
        self._weights: list[Floats | None] = []  # None where all of a batch are 1
        self._scores: dict[str, list[Predictions]] = {model: [] for model in models}
        self._members: dict[SliceKey, SliceRows] = {}
        self._unknown: Counter[str] = Counter()
        self._coarse = len({float(np.float32(each)) for each in thresholds}) < len(thresholds)
        self._thresholds = [(float(each), float(np.float32(each))) for each in thresholds if float(np.float32(each)) != each]

    def add(self, batch: Rowwise) -> None:
        """Add the rows of a batch."""
        self._labels.append(batch.labels.astype(bool))
        self._buckets.append(batch.buckets.astype(np.uint8))
        self._weights.append(None if (batch.weights == 1).all() else batch.weights)
        for model, parts in self._scores.items():
            parts.append(self._narrowed(batch.scores[model]))
        within = batch.membership
        for key, rows in within.of_slices.items():
            self._members.setdefault(key, SliceRows()).add(self.rows, len(batch.labels), rows)
            self.pairs += rows.size
        self._unknown.update(within.unknown)
        self.rows += len(batch.labels)

    @property
    def slices(self) -> Collection[SliceKey]:
        """Return the keys of the slices so far."""
        return self._members.keys()

    def joined(self) -> Held:
        """Return all rows; the batches are given up, so that no row is held twice."""
        weights = None
        if any(part is not None for part in self._weights):
            sized = zip(self._weights, self._labels, strict=True)
            weights = np.concatenate([np.ones(len(labels)) if part is None else part for part, labels in sized])
        labels = np.concatenate(self._labels)
        self._weights, self._labels = [], []
        scores = {model: self._score(model) for model in self._scores}
        return Held(labels, np.concatenate(self._buckets), weights, scores, self._members, dict(self._unknown))

    def batches(self) -> Iterator[Rowwise]:
        """Yield the batches again, each given up as it is yielded."""
        first = 0
        while self._labels:
            labels = self._labels.pop(0)
            buckets, weights = self._buckets.pop(0), self._weights.pop(0)
            scores = {model: self._widened(parts.pop(0)) for model, parts in self._scores.items()}
            taken = ((key, rows.take(first)) for key, rows in self._members.items())
            there = {key: rows.astype(np.int64) for key, rows in taken if rows is not None}
            unknown = dict(self._unknown) if not first else {}
            within = Membership(there, unknown)
            importance = np.ones(len(labels)) if weights is None else weights
            yield Rowwise(labels.astype(np.int64), importance, buckets.astype(np.int64), scores, within)
            first += len(labels)

    def _score(self, model: str) -> Predictions:
        parts = self._scores[model]
        self._scores[model] = []
        if all(part.dtype == np.float32 for part in parts):
            return np.concatenate(parts)
        return np.concatenate([self._widened(part) for part in parts])

    def _narrowed(self, scores: Predictions) -> Predictions:
        """Return scores as float32 where that loses nothing."""
        if scores.dtype == np.float32 and not self._thresholds:
            return scores
        if self._coarse:  # float32 does not tell all thresholds apart
            return scores.astype(np.float64)
        narrow = scores.astype(np.float32)
        same = (narrow == scores) | ~np.isfinite(scores)
        for exact, rounded in self._thresholds:
            same |= scores == exact
            same &= scores != rounded  # beside the threshold itself it would be taken for it
        return narrow if same.all() else scores.astype(np.float64)

    def _widened(self, scores: Predictions) -> Predictions:
        """Return held scores as float64, those at a threshold equal to it again."""
        if scores.dtype != np.float32:
            return scores
        wide = scores.astype(np.float64)
        for exact, rounded in self._thresholds:
            wide[wide == rounded] = exact
        return wide
