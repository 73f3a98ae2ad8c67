"""Keep scores as a sorted, mergeable table of cells: (label, decision interval, score) -> sums over the examples of the cell.

The sums are those of the weights, of the weighted scores and of the squared weights.
A table is exact (one cell per distinct float32 score) until it would exceed its size limit; then the lowest bits of every score
are dropped, one at a time, until it fits. The number of dropped bits depends on the set of scores alone, never on the order in
which tables were merged, and a cell never straddles a decision threshold. So counts at thresholds are always exact, small slices
are exact altogether, and memory stays bounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Predictions = npt.NDArray[np.floating[Any]]  # as wide as the model answers

SCORE_BITS = 32
INTERVAL_BITS = 9  # up to 511 thresholds
LABEL_SHIFT = SCORE_BITS + INTERVAL_BITS
KEY_BITS = LABEL_SHIFT + 1
CHUNK = 1 << 16  # rows or cells at once, so that they stay in the processor's cache
PENDING_PARTS = 32  # tables that wait to be merged; more would only hold memory
PENDING_CELLS = 1 << 18  # likewise
SLICES = 4  # whose tables are merged at once
ORDER_MASK = (1 << LABEL_SHIFT) - 1


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """The scores of one slice under one model.

    Attributes:
        keys: int64[K], ascending: label << 41 | interval << 32 | score as an ordered 32-bit integer, its lowest `level` bits
            zero. The interval of a score is the number of thresholds below it, so that score > thresholds[i] exactly when
            interval > i.
        weights: float64[K], sum of example weights.
        sums: float64[K], sum of example weight times score.
        level: how many low bits of the scores were dropped, 0 to 32.
        squares: float64[K], sum of squared example weights; None where every example weighs 1, for it is `weights` then.
    """

    keys: Ints
    weights: Floats
    sums: Floats
    level: int = 0
    squares: Floats | None = None

    def coarser(self, level: int) -> "ScoreCells":
        """Return the same scores with `level` low bits dropped; unchanged when that many are dropped already."""
        if level <= self.level:
            return self
        return _reduced(self.keys & ~np.int64((1 << level) - 1), self.weights, self.sums, level, self.squares)

    def counts(self, thresholds: int) -> Floats:
        """Return float64[2, thresholds + 1]: weights by label and decision interval."""
        table = np.bincount(self.keys >> SCORE_BITS, self.weights, 2 << INTERVAL_BITS).astype(np.float64)
        return table.reshape(2, -1)[:, : thresholds + 1]

    def one_label(self, label: int) -> "ScoreCells":
        """Return the cells of one label, with the label bit cleared: keys of different labels compare by score."""
        first, last = np.searchsorted(self.keys, [label << LABEL_SHIFT, (label + 1) << LABEL_SHIFT])
        part = slice(int(first), int(last))
        squares = None if self.squares is None else self.squares[part]
        return ScoreCells(self.keys[part] & ORDER_MASK, self.weights[part], self.sums[part], self.level, squares)

    def without(self, part: "ScoreCells") -> "ScoreCells":
        """Return these scores except those of `part`, a subset of them."""
        level = max(self.level, part.level)
        whole, part = self.coarser(level), part.coarser(level)
        at = np.searchsorted(whole.keys, part.keys)
        weights, sums, squares = whole.weights.copy(), whole.sums.copy(), whole.squared().copy()
        weights[at] -= part.weights
        sums[at] -= part.sums
        squares[at] -= part.squared()
        kept = weights > 1e-9 * whole.weights  # what rounding leaves of a cell that was taken whole is not a score
        rest = None if whole.squares is None else np.maximum(squares[kept], 0.0)
        return ScoreCells(whole.keys[kept], weights[kept], sums[kept], level, rest)

    def squared(self) -> Floats:
        """Return float64[K]: the sum of squared example weights of each cell."""
        return self.weights if self.squares is None else self.squares

    def means(self) -> Floats:
        """Return float64[K]: the mean score of each cell."""
        return self.sums / self.weights


EMPTY = ScoreCells(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def keys_of(labels: Ints, scores: Predictions, thresholds: Sequence[float]) -> Ints:
    """Return the cell of every row.

    Args:
        labels: int64[N], 0 or 1.
        scores: float[N], finite. Compared with the thresholds as float64, as TFMA does, whatever their own width.
        thresholds: rising.
    """
    exact = scores.astype(np.float64)
    interval = np.searchsorted(np.asarray(thresholds, np.float64), exact, side="left").astype(np.int64)
    bits = (exact.astype(np.float32) + np.float32(0)).view(np.int32).astype(np.int64)  # + 0 makes one zero of the two
    ordered = np.where(bits < 0, -(bits & 0x7FFFFFFF), bits) + (1 << (SCORE_BITS - 1))
    return (labels << LABEL_SHIFT) | (interval << SCORE_BITS) | ordered


def group(keys: Ints, weights: Floats, scores: Floats) -> ScoreCells:
    """Return the table of rows: keys int64[N] in any order, weights and scores float64[N]. Rows without weight make no cell."""
    squares = None if (weights == 1).all() else weights * weights
    counted = weights > 0
    if not counted.all():
        keys, weights, scores = keys[counted], weights[counted], scores[counted]
        squares = None if squares is None else squares[counted]
    order = np.argsort(keys, kind="stable")
    return _reduced(keys[order], weights[order], (weights * scores)[order], 0, None if squares is None else squares[order])


def merge(parts: Sequence[ScoreCells], limit: int) -> ScoreCells:
    """Merge all scores of `parts` in one table of at most `limit` cells, or as few as labels and decision intervals allow."""
    if not parts:
        return EMPTY
    cells, levels = merge_slices(parts, np.array([max(part.level for part in parts)]), limit)
    return replace(cells, level=int(levels[0]))


def merge_slices(parts: Sequence[ScoreCells], levels: Ints, limit: int) -> tuple[ScoreCells, Ints]:
    """Merge the tables of S slices, whose keys begin with the number of the slice; see `merge`.

    Args:
        parts: tables of several slices; their own level is not looked at.
        levels: int64[S], how many low bits are dropped of the scores of each slice already.
        limit: most cells of a slice.

    Returns:
        The table of all slices, and the levels that it has.
    """
    keys = np.concatenate([part.keys for part in parts])
    if levels.any():
        keys = _masked(keys, levels)
    order = np.argsort(keys, kind="stable")  # fast where it joins tables that are sorted
    keys = keys[order]
    needed = least_levels(keys, levels, limit, KEY_BITS, SCORE_BITS)
    if (needed > levels).any():
        keys = _masked(keys, needed)
    weights = np.concatenate([part.weights for part in parts])[order]
    sums = np.concatenate([part.sums for part in parts])[order]
    squares = None
    if any(part.squares is not None for part in parts):
        squares = np.concatenate([part.squared() for part in parts])[order]
    return _reduced(keys, weights, sums, 0, squares), needed


def _masked(keys: Ints, levels: Ints) -> Ints:
    """Return the keys without the low bits that the level of their slice drops."""
    masked: Ints = keys & ~((1 << levels[keys >> KEY_BITS]) - 1)
    return masked


def least_levels(ascending: Ints, levels: Ints, limit: int, key_bits: int, droppable: int) -> Ints:
    """Return int64[S]: how many low bits are to be dropped in each slice, so that it has at most `limit` distinct keys.

    Two neighbours are one key as soon as the highest bit in which they differ is dropped.

    Args:
        ascending: int64[K], keys: the number of the slice << `key_bits` | the rest.
        levels: int64[S], how many are dropped already.
        limit: most keys of a slice; more stay where all droppable bits are dropped.
        key_bits: see there.
        droppable: how many low bits may be dropped.
    """
    if ascending.size <= limit:
        return levels
    width = droppable + 2
    differing = np.zeros(levels.size * width, np.int64)
    for first in range(0, ascending.size - 1, CHUNK):
        keys = ascending[first : first + CHUNK + 1]
        _, highest = np.frexp((keys[1:] ^ keys[:-1]).astype(np.float64))  # the position of that bit, from 1; 0 if equal
        at = (keys[1:] >> key_bits) * width + np.minimum(highest, width - 1)
        differing += np.bincount(at[(keys[1:] >> key_bits) == (keys[:-1] >> key_bits)], minlength=differing.size)
    differing = differing.reshape(levels.size, width)
    beyond = differing[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]  # by level: neighbours that still differ
    fits = beyond + 1 <= limit
    fits[:, droppable] = True
    least: Ints = fits.argmax(axis=1)
    return np.maximum(levels, least)


def _reduced(ascending: Ints, weights: Floats, sums: Floats, level: int, squares: Floats | None) -> ScoreCells:
    """Add up neighbours with the same key."""
    if not ascending.size:
        return ScoreCells(ascending, weights, sums, level)
    first = np.flatnonzero(np.concatenate(([True], ascending[1:] != ascending[:-1])))
    if first.size == ascending.size:
        return ScoreCells(ascending, weights, sums, level, squares)
    together = None if squares is None else np.add.reduceat(squares, first)
    return ScoreCells(ascending[first], np.add.reduceat(weights, first), np.add.reduceat(sums, first), level, together)


def dot(one: Floats, other: Floats) -> float:
    """Return the scalar product, in one thread: NumPy's own depends on how many processors there are, and keeps them busy."""
    return float(np.einsum("i,i->", one, other))
