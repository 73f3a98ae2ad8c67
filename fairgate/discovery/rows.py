"""Hold which rows meet which condition as bits, and count rows by a population count of Arrow's.

In: batches of rows. Out: `PackedRows`: for every condition one bit per row, the rows of one half and one bucket beside each
other, so that the count of a conjunction within each of them is that of a stretch of bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bits = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

SPARSE = 16  # a condition that fewer than 1 in so many rows meet is kept as two bytes for each of them, else as a bit per row
BATCH = 1 << 16  # rows of a batch at most, so that two bytes name one
_WORD = 64


class Condition(NamedTuple):
    """A value of a feature: "gender:male"."""

    feature: str
    value: str


@dataclass(frozen=True, eq=False)
class PackedRows:
    """N rows, in the order of their halves and buckets.

    Attributes:
        conditions: L conditions, those of one feature beside each other.
        members: L bit rows uint64[W], each of N bits; which rows meet the condition.
        events: T bit rows uint64[W]; in which rows the metric counts against the model, at each threshold.
        bounds: int64[2·B + 1], where the B buckets of both halves begin and end.
    """

    conditions: Sequence[Condition]
    members: Sequence[Bits]
    events: Sequence[Bits]
    bounds: Ints

    @property
    def buckets(self) -> int:
        """Return B, the number of buckets of a half; 1 where rows are independent."""
        return (self.bounds.size - 1) // 2

    def count(self, bits: Bits) -> Ints:
        """Return int64[2, B], how many rows of each half and bucket are set."""
        flags = pa.Array.from_buffers(pa.bool_(), bits.size * _WORD, [None, pa.py_buffer(bits)])
        return np.array([flags.slice(start, size).true_count for start, size in self._stretches], np.int64).reshape(2, -1)

    @cached_property
    def _stretches(self) -> list[tuple[int, int]]:
        return list(zip(self.bounds[:-1].tolist(), np.diff(self.bounds).tolist(), strict=True))

    def all_rows(self) -> Bits:
        """Return the bit row in which every row is set."""
        return packed(np.ones(int(self.bounds[-1]), bool))


class RowGatherer:
    """Gathers batches of rows in little memory, until their order is known."""

    def __init__(self, num_thresholds: int) -> None:
        """Start.

        Args:
            num_thresholds: T, for which the batches have events.
        """
        self._chunks: dict[Condition, list[tuple[int, npt.NDArray[np.uint8] | npt.NDArray[np.uint16]]]] = {}
        self._events: list[list[npt.NDArray[np.uint8]]] = [[] for _ in range(num_thresholds)]
        self._sizes: list[int] = []

    @property
    def conditions(self) -> int:
        """Return how many conditions were met so far."""
        return len(self._chunks)

    @property
    def met(self) -> list[Condition]:
        """Return the conditions that were met."""
        return sorted(self._chunks)

    def add(self, members: Mapping[Condition, Ints], events: Sequence[Bools]) -> None:
        """Add a batch.

        Args:
            members: condition -> ascending positions of the rows that meet it.
            events: for each threshold bool[n], n at most `BATCH`.
        """
        self._sizes.append(len(events[0]))
        self.extend(len(self._sizes) - 1, members)
        for at, of_threshold in enumerate(events):
            self._events[at].append(np.packbits(of_threshold))

    def extend(self, batch: int, members: Mapping[Condition, Ints]) -> None:
        """Add further conditions of an earlier batch, by its number from 0."""
        size = self._sizes[batch]
        for condition, rows in members.items():
            if rows.size:
                sparse = rows.size * SPARSE < size
                held = rows.astype(np.uint16) if sparse else np.packbits(_flags(rows, size))
                self._chunks.setdefault(condition, []).append((batch, held))

    def packed(self, keys: Ints, num_buckets: int, least: int) -> PackedRows:
        """Return the rows, ordered by their keys.

        Args:
            keys: int64[N], half · `num_buckets` + bucket of every row.
            num_buckets: B of each half.
            least: a condition that fewer rows meet is left out.
        """
        order = np.argsort(keys, kind="stable")
        starts = np.cumsum([0, *self._sizes])
        kept: dict[Condition, Bits] = {}
        for condition in sorted(self._chunks):
            flags = np.zeros(int(starts[-1]), bool)
            for batch, held in self._chunks[condition]:
                start, size = int(starts[batch]), self._sizes[batch]
                if held.dtype == np.uint8:
                    flags[start : start + size] = np.unpackbits(held.astype(np.uint8), count=size)
                else:
                    flags[start + held.astype(np.int64)] = True
            if flags.sum() >= least:
                kept[condition] = packed(flags[order])
        events = [
            packed(np.concatenate([np.unpackbits(bits, count=n) for bits, n in zip(held, self._sizes, strict=True)])[order])
            for held in self._events
        ]
        bounds = np.searchsorted(keys[order], np.arange(2 * num_buckets + 1))
        return PackedRows(list(kept), list(kept.values()), events, bounds.astype(np.int64))


def packed(flags: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> Bits:
    """Return flags as words of 64 bits, the first in the lowest bit, as Arrow has them."""
    octets = np.packbits(flags, bitorder="little")
    padded: Bits = np.concatenate((octets, np.zeros(-octets.size % 8, np.uint8))).view(np.uint64)
    return padded


def _flags(rows: Ints, size: int) -> Bools:
    flags = np.zeros(size, bool)
    flags[rows] = True
    return flags
