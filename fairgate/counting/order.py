"""Sort the scores of one model once: where every row stands among the rows of its own and of the other label.

In: scores and labels of all rows. Out: `ScoreOrder`, from which AUCs (`fairgate.metrics.exact_auc`) and tables of scores follow
for any slice without sorting again.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import CHUNK, Predictions
from fairgate.counting.threads import LONG

Places = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Steps = npt.NDArray[Any]  # uint16 or int32, or float64 where examples are weighted
POSITION_BITS = 32
NARROW = 1 << 16  # numbers below it take 16 bits
LOW_HALF = 0 if sys.byteorder == "little" else 1  # of a number of 64 bits that is read as two of 32
FLAGGED = 128  # where fewer than one of so many places is there, they are sorted
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
        many: the same of the other label, int32[n] twice; None for a long table, of which it is computed whenever it is needed.
    """

    places: Places
    sizes: tuple[int, int]
    few: int
    below: Places
    upto: Places
    many: tuple[Places, Places] | None = None

    @property
    def complete(self) -> bool:
        """Whether no score is invalid."""
        return sum(self.sizes) == len(self.places)

    def of(self, rows: Places) -> Places:
        """Return the places of rows, those of invalid scores left out."""
        places = taken(self.places, rows)
        return places if self.complete else places[places >= 0]

    def rows(self, label: int, labels: Bools) -> Places:
        """Return int32[sizes[label]], the valid rows of a label in order; labels are bool[N]."""
        rows = np.empty(self.sizes[label], np.int32)
        for first in range(0, len(labels), CHUNK):
            places = self.places[first : first + CHUNK]
            own = np.flatnonzero((labels[first : first + CHUNK] == bool(label)) & (places >= 0))
            rows[places[own]] = own + first
        return rows

    def beside(self, label: int, places: Places | None = None) -> tuple[Places, Places]:
        """Return int32[n] twice: how many of the other label score lower than the examples at these places, and not higher.

        Args:
            label: of the examples.
            places: int32[n] among those of the label; None for all.
        """
        bounds, size = (self.upto, self.below), self.sizes[label]
        held = (self.below, self.upto) if label == self.few else self.many
        if held is None and places is not None and places.size * SEARCHED < size:
            low, high = (np.searchsorted(each, places, side="right").astype(np.int32) for each in bounds)
            return low, high
        every = held or (not_above(each, size) for each in bounds)
        low, high = (each if places is None else taken(each, places) for each in every)
        return low, high

    def steps(self, label: int, others: Places, ends: tuple[Places, Places]) -> Steps:
        """Return uint16 or int32[sizes[label]], the placements of all examples of a label among some of the other label.

        Args:
            label: of the examples.
            others: int32[n], the places of those of the other label, in any order.
            ends: int32[n] twice, what `beside` says of them.
        """
        narrow = np.uint16 if 2 * others.size < NARROW else np.int32  # what is taken in another order is then in the cache
        if self.many is None or others.size * SEARCHED < self.sizes[1 - label]:
            return added(*ends, self.sizes[label], narrow)
        bounds = np.concatenate(self.beside(1 - label, rising(others, self.sizes[1 - label])))
        bounds.sort(kind="stable")  # joins its two halves, which ascend
        return not_above(bounds, self.sizes[label], narrow)

    def placements(self, label: int) -> Places:
        """Return int32[sizes[label]], `below` and `upto` of every example of a label added."""
        if label == self.few:
            return self.below + self.upto
        return self.many[0] + self.many[1] if self.many else added(self.upto, self.below, self.sizes[label])


def taken(values: Steps, places: Places) -> Steps:
    """Return the values at places that are all there; not to check this halves the time.

    Some at a time: NumPy makes a copy of 64 bits of the places that it is given.
    """
    found = np.empty(places.size, values.dtype)
    for first in range(0, places.size, CHUNK):
        part = slice(first, first + CHUNK)
        np.take(values, places[part], mode="clip", out=found[part])
    return found


def rising(places: Places, size: int) -> Places:
    """Return distinct places 0 … size - 1 in order: in linear time, but for few of them."""
    if places.size * FLAGGED < size:
        return np.sort(places)
    flags = np.zeros(size, bool)
    flags[places] = True
    return np.flatnonzero(flags).astype(np.int32)


def added(one: Places, other: Places, size: int, kind: npt.DTypeLike = np.int32) -> Steps:
    """Return the numbers of `not_above` of two arrays of bounds, in any order, added."""
    bounds = np.concatenate((one, other))
    bounds.sort()
    return not_above(bounds, size, kind)


def not_above(bounds: Places, size: int, kind: npt.DTypeLike = np.int32) -> Steps:
    """Return [size] numbers: of every place 0 … size - 1 how many of the bounds, which ascend from 0 to size, are not above."""
    if bounds.size > size:
        return np.searchsorted(bounds, np.arange(size, dtype=np.int32), side="right").astype(kind)
    return np.repeat(np.arange(bounds.size + 1, dtype=kind), np.diff(bounds, prepend=0, append=size))


def order_scores(scores: Predictions, labels: Bools) -> tuple[ScoreOrder, tuple[Places, Places], tuple[Predictions, Predictions]]:
    """Sort scores.

    Args:
        scores: float[N]; those that are not finite are invalid.
        labels: bool[N].

    Returns:
        The order; the valid rows of the negatives and of the positives, in this order; and their scores, ascending.
    """
    rows = [_sorted(scores, labels, label) for label in (0, 1)]
    ascending = [scores[of_label] for of_label in rows]
    places = np.full(len(scores), -1, np.int32)
    for of_label in rows:
        places[of_label] = np.arange(of_label.size, dtype=np.int32)
    few = int(rows[1].size <= rows[0].size)
    below, upto = (np.searchsorted(ascending[1 - few], ascending[few], side=side).astype(np.int32) for side in ("left", "right"))
    sizes = rows[0].size, rows[1].size
    long = len(scores) > LONG
    many = None if long else (not_above(upto, sizes[1 - few]), not_above(below, sizes[1 - few]))
    order = ScoreOrder(places, sizes, few, below, upto, many)
    return order, (rows[0], rows[1]), (ascending[0], ascending[1])


def _sorted(scores: Predictions, labels: Bools, label: int) -> Places:
    """Return the valid rows of a label in the order of their scores, equal ones as they come.

    Scores of 32 bits are sorted in place with the rows behind them, where no two are equal. Of others the quick sort of numpy is
    taken, and then only its ties.
    """
    if scores.dtype == np.float32:
        return _sorted_keys(scores, labels, label)
    rows = np.flatnonzero(np.isfinite(scores) & (labels == bool(label))).astype(np.int32)
    values = scores[rows]
    order = np.argsort(values)
    ranked = values[order]
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
        runs = np.cumsum(np.concatenate(([True], ~same)))[tied]
        order[tied] = order[tied][np.lexsort((order[tied], runs))]
    return rows[order]


def _sorted_keys(scores: Predictions, labels: Bools, label: int) -> Places:
    keys, number = np.empty(np.count_nonzero(labels == bool(label)), np.uint64), 0
    for first in range(0, len(scores), CHUNK):
        values = scores[first : first + CHUNK]
        own = np.flatnonzero((labels[first : first + CHUNK] == bool(label)) & np.isfinite(values))
        part = keys[number : number + own.size]
        part[:] = _ascending_bits(values[own])
        part <<= np.uint64(POSITION_BITS)
        part |= (own + first).astype(np.uint64)
        number += own.size
    keys = keys[:number]
    keys.sort()
    return np.asarray(keys.view(np.uint32)[LOW_HALF::2], np.int32)


def _ascending_bits(values: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    """Return uint32[n] in the order of finite float32 values."""
    bits = (values + np.float32(0)).view(np.uint32)  # + 0 makes one zero of the two
    negative = bits >> np.uint32(31) == 1
    bits ^= np.uint32(1 << 31)  # above all negative ones
    bits[negative] = ~bits[negative] & np.uint32((1 << 31) - 1)
    return bits
