"""Count decisions: how many examples got which decision, of one model or of two at once, as sparse tables that add up.

A decision is the interval between thresholds that a score lies in (0 … T; a score is above threshold i exactly when its interval
is greater than i), or the class that a multi-class model predicts.
"""

import itertools
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import INTERVAL_BITS, Floats, Ints
from fairgate.names import BASELINE, CANDIDATE, REFERENCE

BUCKETS = 50  # of the examples' content, by a hash
DECISION_BITS = INTERVAL_BITS
DECISION_MASK = (1 << DECISION_BITS) - 1
BUCKET_BITS = 6
BUCKET_MASK = (1 << BUCKET_BITS) - 1
SLICE_SHIFT = 40  # in a table of several slices their numbers stand above the keys
SMALL_KEYS = 1 << 17  # keys below are looked up in a table instead of sorted
DENSE = 4  # a table of all keys of all slices is used up to this many times its pairs of row and slice


@dataclass(frozen=True, eq=False)
class JointCells:
    """Sums over the examples of one slice that share a key.

    Attributes:
        keys: int64[K], ascending; see `decision_keys` and `pair_keys`.
        rows: float64[K], numbers of examples, never 0.
        weights, squares: float64[K], sums of the example weights and of their squares; 0 where no example of the key has weight.
    """

    keys: Ints
    rows: Floats
    weights: Floats
    squares: Floats

    @classmethod
    def merged(cls, parts: Sequence["JointCells"]) -> "JointCells":
        """Return the cells of all examples of `parts`, which share none; in any order, up to the rounding of float64."""
        filled = [part for part in parts if part.keys.size]
        if not filled:
            return NO_CELLS
        keys = np.concatenate([part.keys for part in filled])
        order = np.argsort(keys, kind="stable")  # fast where it joins tables that are sorted
        names = ("rows",) if all(part.unweighted for part in filled) else ("rows", "weights", "squares")
        return _added(keys[order], [np.concatenate([getattr(part, name) for part in filled])[order] for name in names])

    @property
    def unweighted(self) -> bool:
        """Return whether the three sums are one array, as where every example weighs 1: it is added up and written once."""
        return self.rows is self.weights and self.rows is self.squares

    @property
    def sums(self) -> list[Floats]:
        """Return rows, weights and squares; rows alone where they are one array."""
        return [self.rows] if self.unweighted else [self.rows, self.weights, self.squares]

    def under(self, keys: Ints) -> "JointCells":
        """Return the same sums under other keys, int64[K] and ascending; cells that now share a key are added up."""
        return _added(keys, self.sums)

    def without(self, part: "JointCells") -> "JointCells":
        """Return the cells of these examples except those of `part`, a subset of them."""
        at = np.searchsorted(self.keys, part.keys)
        rows, weights, squares = self.rows.copy(), self.weights.copy(), self.squares.copy()
        for values, taken in ((rows, part.rows), (weights, part.weights), (squares, part.squares)):
            values[at] -= taken
        kept = rows > 0
        return JointCells(self.keys[kept], rows[kept], np.maximum(weights[kept], 0.0), np.maximum(squares[kept], 0.0))

    def where(self, chosen: Ints | npt.NDArray[np.bool_]) -> "JointCells":
        """Return the chosen cells, bool[K] or their positions."""
        return _with_sums(self.keys[chosen], [values[chosen] for values in self.sums])


def _with_sums(keys: Ints, sums: list[Floats]) -> JointCells:
    """Return the cells with such `JointCells.sums`."""
    return JointCells(keys, *(sums * 3 if len(sums) == 1 else sums))


def _added(keys: Ints, sums: list[Floats]) -> JointCells:
    """Add up neighbours with the same key."""
    first = np.flatnonzero(np.concatenate((np.ones(min(keys.size, 1), bool), keys[1:] != keys[:-1])))
    if first.size == keys.size:
        return _with_sums(keys, sums)
    return _with_sums(keys[first], [np.add.reduceat(values, first) for values in sums])


_NOTHING = np.zeros(0)
NO_CELLS = JointCells(np.zeros(0, np.int64), _NOTHING, _NOTHING, _NOTHING)


def compared_pair(models: Collection[str]) -> tuple[str, str] | None:
    """Return which two of an evaluation's models are counted together: the baseline, else the reference, and the candidate.

    None where there is no candidate, or nothing to compare it with.
    """
    other = next((name for name in (BASELINE, REFERENCE) if name in models), None)
    return (other, CANDIDATE) if other is not None and CANDIDATE in models else None


def bucket_of(content: bytes, before: int = 0) -> int:
    """Return the bucket of an example's content, 0 … BUCKETS - 1; the same in every process and slice."""
    return zlib.crc32(content, before) % BUCKETS


def decision_keys(labels: Ints, buckets: Ints, decisions: Ints) -> Ints:
    """Return int64[N], the keys of one model's decisions: label << 15 | bucket << 9 | decision."""
    return (labels << (BUCKET_BITS + DECISION_BITS)) | (buckets << DECISION_BITS) | decisions


def split_decision_keys(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return label, bucket and decision of every key, int64[K] each."""
    return keys >> (BUCKET_BITS + DECISION_BITS), (keys >> DECISION_BITS) & BUCKET_MASK, keys & DECISION_MASK


def pair_keys(labels: Ints, baseline: Ints, candidate: Ints) -> Ints:
    """Return int64[N], the keys of two models' decisions: label << 18 | the baseline's decision << 9 | the candidate's."""
    return (labels << (2 * DECISION_BITS)) | (baseline << DECISION_BITS) | candidate


def split_pair_keys(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return label, decision of the baseline and decision of the candidate of every key, int64[K] each."""
    return keys >> (2 * DECISION_BITS), (keys >> DECISION_BITS) & DECISION_MASK, keys & DECISION_MASK


def tabulate(slices: Ints, rows: Ints, numbers: Ints, keys: Ints, weights: Floats) -> JointCells:
    """Count the rows of every slice by key, in one table; `by_slice` takes it apart.

    Args:
        slices: int64[P], of every pair of slice and row the slice, 0 … S - 1 …
        rows: int64[P], … and the row.
        numbers: int64[S], the numbers of the slices in the table.
        keys: int64[N], the key of every row, below 2^40.
        weights: float64[N], the weight of every row.
    """
    if not rows.size:
        return NO_CELLS
    distinct, codes = codes_of(keys)
    return tabulate_codes(slices, codes[rows], numbers, distinct, weights[rows])


def tabulate_codes(slices: Ints, codes: Ints, numbers: Ints, distinct: Ints, weights: Floats) -> JointCells:
    """Count as `tabulate` does.

    Args:
        slices: int64[P], of every pair of slice and row the slice, 0 … S - 1 …
        codes: int64[P], … the position of the row's key in `distinct` …
        numbers: int64[S], the numbers of the slices in the table.
        distinct: int64[D], the keys.
        weights: float64[P], … and the row's weight.
    """
    pairs = slices * distinct.size + codes
    used = np.arange(numbers.size * distinct.size)
    if used.size > DENSE * pairs.size:
        used, pairs = np.unique(pairs, return_inverse=True)
    counts = np.bincount(pairs, minlength=used.size)
    found = np.flatnonzero(counts)
    sums: list[Floats] = [counts[found].astype(np.float64)] * 3
    if (weights != 1).any():
        weighted = [np.bincount(pairs, values, used.size) for values in (weights, weights * weights)]
        sums[1:] = [of_key[found].astype(np.float64) for of_key in weighted]
    of_slice, code = np.divmod(used[found], distinct.size)
    return JointCells((numbers[of_slice] << SLICE_SHIFT) | distinct[code], *sums)


def by_slice(cells: JointCells, number: int) -> list[JointCells]:
    """Return the cells of every slice of a merged table, 0 … number - 1."""
    order = np.argsort(cells.keys, kind="stable")  # a table that was not merged follows the order of its batch
    bounds = np.searchsorted(cells.keys[order], np.arange(number + 1) << SLICE_SHIFT).tolist()
    parts = [cells.where(order[first:last]) for first, last in itertools.pairwise(bounds)]
    return [replace(part, keys=part.keys & ((1 << SLICE_SHIFT) - 1)) for part in parts]


def arrays_of(cells: JointCells) -> list[npt.NDArray[np.int64] | Floats]:
    """Return the arrays that `cells_of` reads. Where every example weighs 1 the sums of the weights are left out."""
    unweighted = np.array_equal(cells.rows, cells.weights) and np.array_equal(cells.rows, cells.squares)
    sums = [np.zeros(0)] * 2 if unweighted else [cells.weights, cells.squares]
    return [np.diff(cells.keys, prepend=0), cells.rows, *sums]


def cells_of(arrays: Sequence[npt.NDArray[np.int64] | Floats]) -> JointCells:
    """Return the cells whose arrays `arrays_of` gave."""
    steps, *sums = arrays
    kept = sums if sums[1].size else sums[:1]
    return _with_sums(np.cumsum(steps.astype(np.int64)), [values.astype(np.float64) for values in kept])


def codes_of(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys, ascending, and for every key its position among them."""
    if int(keys.max()) >= SMALL_KEYS:
        distinct, codes = np.unique(keys, return_inverse=True)
        return distinct, codes
    present = np.zeros(int(keys.max()) + 1, np.int64)
    present[keys] = 1
    return np.flatnonzero(present), (np.cumsum(present) - 1)[keys]
