"""Sort the scores of one model once: where every row stands among the rows of its own and of the other label.

In: scores and labels of all rows. Out: `ScoreOrder`, from which AUCs (`fairgate.metrics.exact_auc`) and tables of scores follow
for any slice without sorting again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Predictions

Places = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
POSITION_BITS = 32
CHUNK = 1 << 16  # rows at once, so that they stay in the processor's cache
SEARCHED = 16  # where fewer than one of so many places is asked for, each is searched


@dataclass(frozen=True, eq=False)
class ScoreOrder:
    """The scores of one model in order. What is known of the label with more rows follows from that of the other.

    Attributes:
        places: int32[N], the place of every row among the valid ones of its label, ascending, equal scores in the order of the
            rows; -1 for an invalid score.
        sizes: how many negatives and positives are valid.
        few: the label that fewer of them have.
        below, upto: int32[sizes[few]]: of each of those, in order, how many of the other label score lower, and how many not
            higher.
    """

    places: Places
    sizes: tuple[int, int]
    few: int
    below: Places
    upto: Places

    @property
    def complete(self) -> bool:
        """Whether no score is invalid."""
        return sum(self.sizes) == len(self.places)

    def of(self, rows: Places) -> Places:
        """Return the places of rows, those of invalid scores left out."""
        places = np.take(self.places, rows)
        return places if self.complete else places[places >= 0]

    def rows(self, label: int, labels: Bools) -> Places:
        """Return int32[sizes[label]], the valid rows of a label in order; labels are bool[N]."""
        own = np.flatnonzero((labels if label else ~labels) & (self.places >= 0)).astype(np.int32)
        rows = np.empty_like(own)
        rows[self.places[own]] = own
        return rows

    def beside(self, label: int, places: Places | None = None) -> tuple[Places, Places]:
        """Return int32[n] twice: how many of the other label score lower than the examples at these places, and not higher.

        Args:
            label: of the examples.
            places: int32[n] among those of the label; None for all.
        """
        if label == self.few:
            return (self.below, self.upto) if places is None else (np.take(self.below, places), np.take(self.upto, places))
        bounds, size = (self.upto, self.below), self.sizes[label]
        if places is not None and places.size * SEARCHED < size:
            low, high = (np.searchsorted(each, places, side="right").astype(np.int32) for each in bounds)
            return low, high
        every = (not_above(each, size) for each in bounds)
        low, high = (each if places is None else np.take(each, places) for each in every)
        return low, high


def not_above(bounds: Places, size: int) -> Places:
    """Return int32[size]: of every place 0 … size - 1 how many of the bounds, which ascend from 0 to size, are not above it."""
    return np.repeat(np.arange(bounds.size + 1, dtype=np.int32), np.diff(bounds, prepend=0, append=size))


def order_scores(scores: Predictions, labels: Bools) -> tuple[ScoreOrder, tuple[Places, Places], tuple[Predictions, Predictions]]:
    """Sort scores.

    Args:
        scores: float[N]; those that are not finite are invalid.
        labels: bool[N].

    Returns:
        The order; the valid rows of the negatives and of the positives, in this order; and their scores, ascending.
    """
    valid = np.isfinite(scores)
    complete = bool(valid.all())
    places = np.full(len(scores), -1, np.int32)
    rows, ascending = [], []
    for chosen in (~labels, labels):
        own = np.flatnonzero(chosen if complete else chosen & valid).astype(np.int32)
        rows.append(_sorted(own, scores))
        ascending.append(scores[rows[-1]])
        places[rows[-1]] = np.arange(own.size, dtype=np.int32)
    few = int(rows[1].size <= rows[0].size)
    below, upto = (np.searchsorted(ascending[1 - few], ascending[few], side=side).astype(np.int32) for side in ("left", "right"))
    order = ScoreOrder(places, (rows[0].size, rows[1].size), few, below, upto)
    return order, (rows[0], rows[1]), (ascending[0], ascending[1])


def _sorted(rows: Places, scores: Predictions) -> Places:
    """Return rising rows in the order of their scores, equal ones as they come.

    Scores of 32 bits are sorted in place with the rows behind them, where no two are equal. Of others the quick sort of numpy is
    taken, and then only its ties.
    """
    if scores.dtype == np.float32:
        keys = np.empty(rows.size, np.uint64)
        for first in range(0, rows.size, CHUNK):
            part = rows[first : first + CHUNK]
            keys[first : first + CHUNK] = _ascending_bits(scores[part]).astype(np.uint64) << np.uint64(POSITION_BITS)
            keys[first : first + CHUNK] |= part.astype(np.uint64)
        keys.sort()
        return keys.astype(np.uint32).astype(np.int32)
    values = scores[rows]
    order = np.argsort(values)
    ranked = values[order]
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
        runs = np.cumsum(np.concatenate(([True], ~same)))[tied]
        order[tied] = order[tied][np.lexsort((order[tied], runs))]
    return rows[order]


def _ascending_bits(values: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    """Return uint32[n] in the order of finite float32 values."""
    bits = (values + np.float32(0)).view(np.uint32)  # + 0 makes one zero of the two
    negative = bits >> np.uint32(31) == 1
    bits ^= np.uint32(1 << 31)  # above all negative ones
    bits[negative] = ~bits[negative] & np.uint32((1 << 31) - 1)
    return bits
