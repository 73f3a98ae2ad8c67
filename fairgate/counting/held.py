"""Hold the rows of a binary task in few bytes each, so that they can be counted at once and their scores sorted exactly.

In: batches of labels, scores, weights and slices. Out: `Held`, the arrays of all rows; or the batches again, for counting that
needs bounded memory.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Floats, Ints, Predictions
from fairgate.counting.growing import GrowingColumn
from fairgate.counting.order import taken
from fairgate.counting.slice_rows import Bools, Rows, SliceRows
from fairgate.counting.slices import Membership, SliceKey
from fairgate.counting.threads import LONG


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
    _kept: dict[SliceKey, tuple[Rows, ...]] = field(default_factory=dict)

    def rows(self, key: SliceKey) -> Iterable[Rows]:
        """Return the negative and then the positive rows of a slice, rising.

        Those of a long table are not held any more after the last; those of others are found once.
        """
        if key not in self._kept:
            found = self._of_labels(self.slices[key].rows())
            if len(self.labels) > LONG:
                return found
            self._kept[key] = tuple(found)
        return self._kept[key]

    def lesser(self, key: SliceKey) -> tuple[Iterable[Rows], bool]:
        """Return `rows` of a slice, or those of all others where they are fewer, and whether so.

        Where rows have weights they are always those of the slice, see `exact_auc.RankedModels.aucs`.
        """
        rows, number = self.slices[key], len(self.labels)
        if self.weights is not None or 2 * rows.size <= number:
            return self.rows(key), False
        return self._of_labels(np.flatnonzero(~rows.inside(number)).astype(np.int32)), True

    def _of_labels(self, rows: Rows) -> Iterator[Rows]:
        positive = taken(self.labels, rows)
        return (rows[positive == own] for own in (False, True))


class HeldRows:
    """Collects the rows of batches."""

    def __init__(self, models: Sequence[str], thresholds: Sequence[float]) -> None:
        """Start empty.

        Args:
            models: names.
            thresholds: scores that are equal to one stay so, though they are held as float32.
        """
        self.rows = self.pairs = 0
        self._sizes: list[int] = []  # of the batches
        self._labels, self._buckets = GrowingColumn(np.bool_), GrowingColumn(np.uint8)
        self._weights: GrowingColumn | None = None  # as long as all are 1
        self._scores = {model: GrowingColumn(np.float32) for model in models}
        self._wide: set[str] = set()  # models whose scores need 64 bits
        self._members: dict[SliceKey, SliceRows] = {}
        self._unknown: Counter[str] = Counter()
        self._coarse = len({float(np.float32(each)) for each in thresholds}) < len(thresholds)
        self._thresholds = [(float(each), float(np.float32(each))) for each in thresholds if float(np.float32(each)) != each]

    def add(self, batch: Rowwise) -> None:
        """Add the rows of a batch."""
        self._sizes.append(len(batch.labels))
        self._labels.add(batch.labels)
        self._buckets.add(batch.buckets)
        if self._weights is None and not (batch.weights == 1).all():
            self._weights = GrowingColumn(np.float64)
            self._weights.add(np.ones(self.rows))
        if self._weights is not None:
            self._weights.add(batch.weights)
        for model in self._scores:
            self._add_scores(model, batch.scores[model])
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
        """Return all rows, and give up their scores; nothing can be added any more."""
        weights = None if self._weights is None else self._weights.values()
        scores = {model: column.values() for model, column in self._scores.items()}
        self._scores = {}
        return Held(self._labels.values(), self._buckets.values(), weights, scores, self._members, dict(self._unknown))

    def batches(self) -> Iterator[Rowwise]:
        """Yield the batches again; nothing can be added any more."""
        held, last = self.joined(), 0
        for size in self._sizes:
            first, last = last, last + size
            rows = slice(first, last)
            scores = {model: self._widened(of_model[rows]) for model, of_model in held.scores.items()}
            taken = ((key, of_slice.take(first)) for key, of_slice in self._members.items())
            there = {key: of_slice.astype(np.int64) for key, of_slice in taken if of_slice is not None}
            weights = np.ones(size) if held.weights is None else held.weights[rows]
            within = Membership(there, dict(self._unknown) if not first else {})
            yield Rowwise(held.labels[rows].astype(np.int64), weights, held.buckets[rows].astype(np.int64), scores, within)

    def _add_scores(self, model: str, scores: Predictions) -> None:
        """Add scores of 32 bits where that loses nothing, else make all of the model 64 bits wide."""
        narrow = None if model in self._wide else self._narrowed(scores)
        if narrow is None and model not in self._wide:
            narrower, self._scores[model] = self._scores[model], GrowingColumn(np.float64)
            self._scores[model].add(self._widened(narrower.values()))
            self._wide.add(model)
        self._scores[model].add(scores if narrow is None else narrow)

    def _narrowed(self, scores: Predictions) -> Predictions | None:
        """Return scores as float32; None where that would lose something."""
        if scores.dtype == np.float32 and not self._thresholds:
            return scores
        if self._coarse:  # float32 does not tell all thresholds apart
            return None
        narrow = scores.astype(np.float32)
        same = (narrow == scores) | ~np.isfinite(scores)
        for exact, rounded in self._thresholds:
            same |= scores == exact
            same &= scores != rounded  # beside the threshold itself it would be taken for it
        return narrow if same.all() else None

    def _widened(self, scores: Predictions) -> Predictions:
        """Return held scores as float64, those at a threshold equal to it again."""
        if scores.dtype != np.float32:
            return scores
        wide = scores.astype(np.float64)
        for exact, rounded in self._thresholds:
            wide[wide == rounded] = exact
        return wide
