"""Count the scores of two models together, in bins: (label, the baseline's bin, the candidate's) -> sums over the examples.

A table begins with 2^19 bins of equal width per model. Where it would have too many cells, bits of the bins are dropped, the
lowest of the candidate's and of the baseline's in turn, until it fits. The bits of both bins alternate in a key: dropping the
lowest ones of the key leaves the keys in order. How many are dropped depends on the set of keys alone, never on the order in
which tables were merged. So the ranks of small slices are nearly exact, and memory stays bounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairgate.counting.cells import PENDING_CELLS, PENDING_PARTS, SLICES, Floats, Ints, least_levels
from fairgate.counting.joint import NO_CELLS, SLICE_SHIFT, JointCells, by_slice, codes_of, tabulate_codes

RANK_BITS = 19  # of a bin; two of them and the label are a key below 2^SLICE_SHIFT
RANK_BINS = 1 << RANK_BITS
EDGE = 1e-6  # of a bin; more than the mean of equal scores may lose by rounding
LABEL_SHIFT = 2 * RANK_BITS
RANK_CELLS = 1 << 16  # most cells of a slice
# Shifts and masks that put a zero between the bits of a number ("Interleave bits by binary magic numbers", S. E. Anderson, Bit
# Twiddling Hacks).
SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


@dataclass(frozen=True, eq=False)
class RankCells:
    """The scores of two models on the examples of one slice.

    Attributes:
        cells: sums by key, see `rank_keys`; the lowest `level` bits of the keys are zero.
        level: how many bits were dropped, 0 to 38.
    """

    cells: JointCells
    level: int = 0

    @classmethod
    def merged(cls, parts: Sequence["RankCells"], limit: int = RANK_CELLS) -> "RankCells":
        """Return all examples of `parts`, which share none, in at most `limit` cells, or in one per label if that is more."""
        if not parts:
            return NO_RANKS
        level = max(part.level for part in parts)
        whole = cls(JointCells.merged([part.coarser(level).cells for part in parts]), level)
        (least,) = least_levels(whole.cells.keys, np.array([level]), limit, SLICE_SHIFT, LABEL_SHIFT).tolist()
        return whole.coarser(least)

    def coarser(self, level: int) -> "RankCells":
        """Return the same examples with `level` bits dropped; unchanged when that many are dropped already."""
        if level <= self.level:
            return self
        return RankCells(self.cells.under(self.cells.keys >> level << level), level)

    def of_label(self, label: int) -> "RankCells":
        """Return the examples of one label."""
        return RankCells(self.cells.where(self.cells.keys >> LABEL_SHIFT == label), self.level)

    def without(self, part: "RankCells") -> "RankCells":
        """Return these examples except those of `part`, a subset of them; as coarse as the coarser of the two."""
        level = max(self.level, part.level)
        return RankCells(self.coarser(level).cells.without(part.coarser(level).cells), level)

    def bins(self) -> list[tuple[Ints, Ints]]:
        """Return per model, the baseline first, int64[K] of every cell's first bin and int64[K] of the bin after its last."""
        first = _together(self.cells.keys >> 1), _together(self.cells.keys)
        widths = 1 << self.level // 2, 1 << (self.level + 1) // 2
        return [(bins, bins + width) for bins, width in zip(first, widths, strict=True)]


NO_RANKS = RankCells(NO_CELLS)


def bins_of(scores: Floats) -> Ints:
    """Return int64[N], the bins of finite scores: one below 0 is in the first bin, one of 1 or more in the last.

    A score at an edge is in the bin above, also where rounding left a little less of it.
    """
    return np.clip(scores * RANK_BINS + EDGE, 0, RANK_BINS - 1).astype(np.int64)


def rank_keys(labels: Ints, baseline: Floats, candidate: Floats) -> Ints:
    """Return int64[N], the keys of the two models' scores: label << 38 | the bits of both bins in turn, the baseline's first.

    Args:
        labels: int64[N], 0 or 1.
        baseline: float64[N], finite, see `bins_of`.
        candidate: likewise.
    """
    return (labels << LABEL_SHIFT) | (_apart(bins_of(baseline)) << 1) | _apart(bins_of(candidate))


class RankTally:
    """Adds up batches of ranks of several slices, of which each keeps at most `limit` cells.

    They are merged some slices at a time, see `tally.ScoreTally`.
    """

    def __init__(self, limit: int = RANK_CELLS) -> None:
        """Start empty."""
        self._limit = limit
        self._pending: list[JointCells] = []
        self._merged: dict[int, JointCells] = {}  # by the number of the first slice
        self._levels: Ints = np.zeros(0, np.int64)  # of every slice

    def add(self, slices: Ints, rows: Ints, numbers: Ints, keys: Ints, weights: Floats) -> None:
        """Add the rows of a batch, see `joint.tabulate` for the arguments; those of a slice that is coarse come in coarse."""
        if not rows.size:
            return
        self._pad(int(numbers.max()) + 1)
        levels = self._levels[numbers]
        distinct, codes = codes_of(keys)
        for level in np.unique(levels).tolist():
            chosen = levels == level
            pairs = chosen[slices]
            at = (np.cumsum(chosen) - 1)[slices[pairs]]
            coarse = distinct >> level << level  # ascending, so that equal ones are neighbours
            first = np.concatenate(([True], coarse[1:] != coarse[:-1]))
            codes_of_pairs = (np.cumsum(first) - 1)[codes][rows[pairs]]
            self._pending.append(tabulate_codes(at, codes_of_pairs, numbers[chosen], coarse[first], weights[rows[pairs]]))
        if len(self._pending) >= PENDING_PARTS or sum(part.keys.size for part in self._pending) > PENDING_CELLS:
            self._merge()

    def cells(self, number: int) -> list[RankCells]:
        """Return the cells of every slice, 0 … number - 1."""
        self._pad(number)
        self._merge()
        parts = by_slice(JointCells.merged(list(self._merged.values())), number)
        return [RankCells(cells, level) for cells, level in zip(parts, self._levels.tolist(), strict=True)]

    def _pad(self, number: int) -> None:
        self._levels = np.pad(self._levels, (0, max(0, number - self._levels.size)))

    def _merge(self) -> None:
        """Merge what is pending, and drop the bits that are too many."""
        pending, self._pending = self._pending, []
        for first in range(0, self._levels.size if pending else 0, SLICES):
            low, end = first << SLICE_SHIFT, (first + SLICES) << SLICE_SHIFT
            parts = [part.where((part.keys >= low) & (part.keys < end)) for part in pending]
            parts.append(self._merged.pop(first, NO_CELLS))
            whole = JointCells.merged([replace(part, keys=self._masked(part.keys)) for part in parts])
            levels = least_levels(whole.keys, self._levels, self._limit, SLICE_SHIFT, LABEL_SHIFT)
            if (levels > self._levels).any():
                self._levels = levels
                whole = whole.under(self._masked(whole.keys))
            self._merged[first] = whole

    def _masked(self, keys: Ints) -> Ints:
        """Return the keys without the bits that their slice drops."""
        levels = self._levels[keys >> SLICE_SHIFT]
        masked: Ints = keys >> levels << levels
        return masked


def _apart(bins: Ints) -> Ints:
    """Return the numbers with a zero bit above every bit."""
    for shift, mask in SPREAD:
        bins = (bins | bins << shift) & mask
    return bins


def _together(keys: Ints) -> Ints:
    """Return every other bit of the keys, those of a label left out; the opposite of `_apart`."""
    bins: Ints = keys & SPREAD[-1][1] & ((1 << LABEL_SHIFT) - 1)
    masks = [mask for _, mask in SPREAD[-2::-1]] + [RANK_BINS - 1]
    for (shift, _), mask in zip(reversed(SPREAD), masks, strict=True):
        bins = (bins | bins >> shift) & mask
    return bins
