"""See whether the rows of a table are copies of one another, from a hash of everything that is read of each.

A table of predictions alone cannot tell copies from honest rows: 10,000 rows of a two-decimal score, a label and a feature of
three values are 552 distinct ones. So it counts as duplicated only where the multiplicities of all rows share a divisor above 1,
or where scores of five or more significant digits repeat, and with equal rows: a decision tree gives many rows the same score
too, and so does a model that answers .0123456 for what it does not handle, but their labels and groups differ. Where a table is
duplicated, equal rows are one cluster.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate.counting.cells import Ints, Predictions
from fairgate.counting.slices import Flags
from fairgate.counting.threads import at_once

FEW = 20  # distinct rows: the multiplicities of fewer may share a divisor by chance, in about 1 of 2^n tables
FEW_SCORES = 8  # rows per score that repeats: where there are more such scores, looking for them takes longer than sorting all
HONEST = 0.1  # of the scores of many digits that repeat, those with different rows: above it, the model has few scores
MOST_HASHES = 1 << 20  # that are kept; of a longer table, those of a sample of its distinct rows
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_BYTE = 8
_LEAST, _MOST = -308, 308  # powers of ten
_POWERS = 10.0 ** np.arange(_LEAST, _MOST + 1)

Hashes = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


class Copies:
    """Finds whether rows are copies, from hashes of all of them, or of a sample that holds all copies of a row or none.

    Attributes:
        rows: that were added.
    """

    def __init__(self, keyed: bool = False) -> None:
        """Start empty; `keyed` where the hashes are keys of content, so that equal ones are copies for certain."""
        self._keyed = keyed
        self.rows = self._kept = 0
        self._level = np.uint64(0)  # every 2^level-th distinct row is in the sample
        self._rows: list[Hashes] = []
        self._scores: list[Hashes] = []

    def add(self, rows: Hashes, scores: Hashes) -> None:
        """Add a hash of every row, and of its scores; 0 where these have few digits."""
        self.rows += len(rows)
        self._keep(mixed([rows]) if self._keyed else rows, scores)
        while self._kept > MOST_HASHES:
            self._level += np.uint64(1)
            parts = self._rows, self._scores
            self._kept, self._rows, self._scores = 0, [], []
            for of_rows, of_scores in zip(*parts, strict=True):
                self._keep(of_rows, of_scores)

    def distinct(self) -> int | None:
        """Return how many rows differ, of long tables about; None where equal rows may well be honest."""
        rows, scores = np.concatenate(self._rows), np.concatenate(self._scores)
        ordered, ordered_scores = at_once(np.sort, (rows, scores), len(rows))
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: ordered.size])
        if starts.size == ordered.size:
            return self.rows
        multiplicities = np.diff(starts, append=ordered.size)
        number = int(min(starts.size << int(self._level), self.rows))
        if self._keyed:
            return number
        if np.gcd.reduce(multiplicities) > 1 and starts.size >= FEW:
            return number
        return self._of_scores(rows, scores, ordered_scores, number)

    def _of_scores(self, rows: Hashes, scores: Hashes, ordered: Hashes, least: int) -> int | None:
        """Return how many rows differ, as the scores of many digits show it; None where these repeat honestly or not at all.

        A score that comes with different rows is the model's own answer to all of them, and they are no copies. Of those, and of
        the rows whose scores have few digits, the same share is taken to be copies as of the others, if enough scores repeat;
        the result is never below `least`, the number of different rows. `ordered` are the scores, ascending.
        """
        fine = scores != 0
        rows, scores = rows[fine], scores[fine]
        often = _may_repeat(scores, ordered[len(ordered) - len(scores) :])
        alone = int(np.count_nonzero(~often))
        times, different = _multiplicities(rows[often], scores[often])
        identical = different == 1
        repeated, honest = int((times[identical] > 1).sum()), int((~identical).sum())
        if not repeated or honest > HONEST * (repeated + honest):
            return None
        size, distinct = (
            min(int(number + alone) << int(self._level), self.rows) for number in (times[identical].sum(), identical.sum())
        )
        share = distinct / size if repeated >= FEW else 1.0
        return max(least, distinct + round(share * (self.rows - size)))

    def _keep(self, rows: Hashes, scores: Hashes) -> None:
        if self._level:  # all rows of a score, or none: their number shows whether they are copies
            kept = np.where(scores != 0, mixed([scores]), rows) >> (np.uint64(64) - self._level) == 0
            rows, scores = rows[kept], scores[kept]
        self._rows.append(rows)
        self._scores.append(scores)
        self._kept += len(rows)


def _may_repeat(scores: Hashes, ordered: Hashes) -> Bools:
    """Return whether each score is there more than once: of honest tables few are. All are taken to be where many are."""
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if again.size * FEW_SCORES > scores.size:
        return np.ones(scores.size, bool)
    if not again.size:
        return np.zeros(scores.size, bool)
    places = np.minimum(np.searchsorted(again, scores), again.size - 1)
    several: Bools = again[places] == scores
    return several


def _multiplicities(rows: Hashes, scores: Hashes) -> tuple[Ints, Ints]:
    """Return how many rows each score has, and how many of them differ, int64[K] each."""
    order = np.lexsort((rows, scores))
    rows, scores = rows[order], scores[order]
    first_of_score = np.append(True, scores[1:] != scores[:-1])[: scores.size]
    first_of_row = first_of_score | np.append(True, rows[1:] != rows[:-1])[: rows.size]
    starts = np.flatnonzero(first_of_score)
    return np.diff(starts, append=rows.size), np.diff(np.cumsum(first_of_row)[starts], append=int(first_of_row.sum()) + 1)


def hashes(labels: Ints, columns: Iterable[pa.Array | Flags], numbers: Iterable[Predictions]) -> Hashes:
    """Return a hash of everything that is read of a row: its label, its groups, its scores and its weight."""
    parts = [labels.astype(np.uint64)]
    for column in columns:
        parts.append(_of_flags(column) if isinstance(column, Flags) else hash_values(column))
    return mixed([*parts, *bits(numbers)])


def bits(scores: Iterable[Predictions]) -> list[Hashes]:
    """Return the bits of all scores."""
    tables = [of_model.reshape(len(of_model), -1).astype(np.float64, copy=False) for of_model in scores]
    return [np.ascontiguousarray(table[:, at]).view(np.uint64) for table in tables for at in range(table.shape[1])]


def mixed(parts: Sequence[Hashes]) -> Hashes:
    """Return one hash of several."""
    found = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        found ^= part
        found *= _ODD
        found ^= found >> _SHIFT
    return found


def hash_values(column: pa.Array) -> Hashes:
    """Return a hash of each value; that of a list is one of the set of its items, and the item's own where it is alone."""
    if pa.types.is_list(column.type):
        inner, lengths = mixed([hash_values(column.flatten())]), np.diff(column.offsets.to_numpy())
        if (lengths == 1).all():
            return inner
        found = np.zeros(len(lengths), np.uint64)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        distinct = np.unique(np.stack([rows.astype(np.uint64), inner], axis=1), axis=0)
        np.add.at(found, distinct[:, 0].astype(np.int64), distinct[:, 1])
        return found
    encoded = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    table = [_stable(value) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
    values: Hashes = np.array([*table, 0], np.uint64)[codes]
    return values


def is_fine(scores: Predictions) -> Bools:
    """Return whether each score has five or more significant digits."""
    size = np.abs(scores)
    known = np.isfinite(scores) & (scores != 0)
    scaled = np.where(known, size, 1.0)
    magnitude = np.floor(np.log10(scaled)).astype(np.int64)
    scaled *= _POWERS[np.minimum(3 - magnitude, _MOST) - _LEAST]  # four digits before the point
    fine: Bools = known & (np.abs(scaled - np.rint(scaled)) > 1e-6 * scaled)
    return fine


def _of_flags(flags: Flags) -> Hashes:
    """Return a hash of the set of values that each row has, as `hash_values` gives of a list of them."""
    of_values = mixed([np.array([_stable(value) for value in flags.names], np.uint64)])
    found = np.zeros(len(flags.inside[0]), np.uint64)
    for first in range(0, len(of_values), _BYTE):
        own = of_values[first : first + _BYTE]
        packed = np.zeros(len(found), np.uint8)  # a tenth of the time of np.packbits across columns
        for bit, inside in enumerate(flags.inside[first : first + _BYTE]):
            packed |= inside.view(np.uint8) << np.uint8(bit)
        bits_of = (np.arange(1 << _BYTE)[:, None] >> np.arange(len(own))) & 1
        found += (bits_of.astype(np.uint64) * own).sum(axis=1, dtype=np.uint64)[packed]
    return found


def _stable(value: object) -> int:
    """Return a hash that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
