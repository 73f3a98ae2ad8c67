"""Make the tables of scores of slices from scores that are sorted already: those that `cells.merge` makes of the rows.

In: `RankedScores` of both labels of a slice. Out: `ScoreCells`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import CHUNK, LABEL_SHIFT, SCORE_BITS, Floats, Ints, Predictions, ScoreCells
from fairgate.counting.order import Places, taken

CELLS = 1024  # that are summed at once
_SIGN = np.uint32(1 << (SCORE_BITS - 1))
_ALL = np.uint32((1 << SCORE_BITS) - 1)


@dataclass(frozen=True, eq=False)
class RankedScores:
    """The scores of the examples of one label in a slice, in order.

    Attributes:
        scores: float[n], ascending.
        starts: int64[thresholds + 1]: where each decision interval begins.
        weights: float64[n], above 0; None where every example weighs 1.
    """

    scores: Predictions
    starts: npt.NDArray[np.intp]
    weights: Floats | None

    @classmethod
    def of(
        cls, places: Places | None, ascending: Predictions, starts: npt.NDArray[np.intp], weights: Floats | None
    ) -> "RankedScores":
        """Return the scores of some of the examples of a label.

        Args:
            places: int32[n], rising, theirs among all examples of the label; None for all of them.
            ascending: float[N], the scores of all.
            starts: int64[thresholds + 1]: where each decision interval begins among all.
            weights: float64[N] of all; None for 1.
        """
        own = weights if weights is None or places is None else weights[places]
        if own is not None and not own.all():
            kept = np.flatnonzero(own).astype(np.int32)
            places, own = (kept if places is None else places[kept]), own[kept]
        if places is None:
            return cls(ascending, starts, own)
        return cls(taken(ascending, places), np.searchsorted(places, starts), own)

    @cached_property
    def differing(self) -> npt.NDArray[np.uint32]:
        """Return uint32[n]: the bits in which each score differs from the one before; all where an interval begins."""
        bits = np.empty(len(self.scores), np.uint32)
        for first in range(0, len(bits), CHUNK):
            ordered = _ordered(self.scores[max(first - 1, 0) : first + CHUNK])
            bits[max(first, 1) : first + CHUNK] = ordered[1:] ^ ordered[:-1]
        bits[self._beginnings] = _ALL
        return bits

    @property
    def _beginnings(self) -> Ints:
        return np.asarray(np.unique(self.starts[self.starts < len(self.scores)]))

    def cells(self, level: int) -> int:
        """Return how many cells there are when `level` low bits are dropped."""
        return int(np.count_nonzero(self.differing >= np.uint32(1 << level)))

    def reduced(self, level: int, label: int) -> tuple[Ints, Floats, Floats, Floats]:
        """Return keys, weights, weighted scores and squared weights of the cells."""
        if not self.scores.size:
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)
        every = level == SCORE_BITS
        first = self._beginnings if every else np.flatnonzero(self.differing >= np.uint32(1 << level))
        interval = np.searchsorted(self.starts, first, side="right") - 1
        low = _ordered(self.scores[first]).astype(np.int64) & ~np.int64((1 << level) - 1)
        keys = (label << LABEL_SHIFT) | (interval << SCORE_BITS) | low
        if self.weights is None:
            weights = np.diff(first, append=len(self.scores)).astype(np.float64)
            return keys, weights, self._sums(first), weights
        sums = (self.weights, self.weights * self.scores, self.weights**2)
        weights, scores, squares = (np.add.reduceat(values, first) for values in sums)
        return keys, weights, scores, squares

    def _sums(self, first: Ints) -> Floats:
        """Return the sums of the scores of cells, some at a time: `reduceat` makes a copy of 64 bits of what it is given."""
        bounds = [*first[::CELLS].tolist(), len(self.scores)]
        parts = (slice(*ends) for ends in itertools.pairwise(bounds))
        cells = (first[at : at + CELLS] for at in range(0, first.size, CELLS))
        sums = (
            np.add.reduceat(self.scores[part], own - part.start, dtype=np.float64) for part, own in zip(parts, cells, strict=True)
        )
        return np.concatenate([np.zeros(0), *sums])


def _ordered(scores: Predictions) -> npt.NDArray[np.uint32]:
    """Return uint32[n]: the scores, rounded to float32, as ordered integers."""
    bits = (scores.astype(np.float32) + np.float32(0)).view(np.uint32)  # + 0 makes one zero of the two
    return np.where(bits >= _SIGN, ~bits + np.uint32(1), bits | _SIGN)


def score_cells(labels: Sequence[RankedScores], limit: int) -> ScoreCells:
    """Return the table of scores of the negatives and the positives of a slice.

    Args:
        labels: both.
        limit: most cells, as far as labels and decision intervals allow: as few low bits of the scores as need be are dropped.
    """
    level = 0
    if sum(len(ranked.scores) for ranked in labels) > limit:
        while level < SCORE_BITS and sum(ranked.cells(level) for ranked in labels) > limit:
            level += 1
    found = [ranked.reduced(level, label) for label, ranked in enumerate(labels)]
    keys, weights, sums, squares = (np.concatenate(values) for values in zip(*found, strict=True))
    return ScoreCells(keys, weights, sums, level, None if labels[0].weights is None else squares)
