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
from fairgate.counting.slices import Membership, SliceKey

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]  # numbers of rows, rising


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
        slices: slice -> its negative and its positive rows; None for all rows.
        unknown: slice feature -> rows without a value of it.
    """

    labels: Bools
    buckets: npt.NDArray[np.uint8]
    weights: Floats | None
    scores: dict[str, Predictions]
    slices: dict[SliceKey, tuple[Rows, Rows] | None]
    unknown: Mapping[str, int]


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
        self._members: dict[SliceKey, list[Rows]] = {}
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
        order = np.argsort(within.slices, kind="stable")  # as a rule they rise
        bounds = np.searchsorted(within.slices[order], np.arange(len(within.keys) + 1)).tolist()
        rows = (within.rows[order] + self.rows).astype(np.int32)
        for at, key in enumerate(within.keys):
            self._members.setdefault(key, []).append(rows[bounds[at] : bounds[at + 1]])
        self._unknown.update(within.unknown)
        self.rows += len(batch.labels)
        self.pairs += within.rows.size

    @property
    def slices(self) -> Collection[SliceKey]:
        """Return the keys of the slices so far."""
        return self._members.keys()

    def joined(self) -> Held:
        """Return all rows; the batches are given up, so that no row is held twice."""
        members, weights = self._members, None
        if any(part is not None for part in self._weights):
            sized = zip(self._weights, self._labels, strict=True)
            weights = np.concatenate([np.ones(len(labels)) if part is None else part for part, labels in sized])
        labels = np.concatenate(self._labels)
        self._weights, self._labels = [], []
        slices: dict[SliceKey, tuple[Rows, Rows] | None] = {}
        for key in list(members):
            rows = np.concatenate(members.pop(key))
            positive = labels[rows] if key else labels
            slices[key] = (rows[~positive], rows[positive]) if key else None
        scores = {model: self._score(model) for model in self._scores}
        return Held(labels, np.concatenate(self._buckets), weights, scores, slices, dict(self._unknown))

    def batches(self) -> Iterator[Rowwise]:
        """Yield the batches again, each given up as it is yielded."""
        keys, first = list(self._members), 0
        while self._labels:
            labels = self._labels.pop(0)
            buckets, weights = self._buckets.pop(0), self._weights.pop(0)
            scores = {model: self._widened(parts.pop(0)) for model, parts in self._scores.items()}
            there = [key for key in keys if self._members[key] and _starts_in(self._members[key][0], first, first + len(labels))]
            parts = [self._members[key].pop(0).astype(np.int64) - first for key in there]
            slices = np.repeat(np.arange(len(there)), [part.size for part in parts])
            unknown = dict(self._unknown) if not first else {}
            within = Membership(np.concatenate(parts), slices, there, unknown)
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


def _starts_in(rows: Rows, first: int, last: int) -> bool:
    return bool(rows.size and first <= rows[0] < last)
