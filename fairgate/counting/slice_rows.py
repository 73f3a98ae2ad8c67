"""Hold which rows are in a slice, batch by batch: as bits where the slice is large, as numbers of rows where it is small.

In: rising numbers of rows. Out: the same, or a flag for every row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Ints

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]  # numbers of rows, rising

SPARSE = 32  # bits of a number: a batch is kept as numbers where fewer than one of so many rows is in the slice


@dataclass(frozen=True, eq=False)
class _RowsOfBatch:
    """Those of the `number` rows from row `first` on that are in the slice: bits, or their numbers from 0."""

    first: int
    number: int
    held: npt.NDArray[np.uint8] | Rows
    is_bits: bool

    def inside(self) -> Bools:
        flags = np.unpackbits(np.asarray(self.held, np.uint8), count=self.number)
        return flags.view(bool)

    def rows(self) -> Rows:
        return np.asarray(np.flatnonzero(self.inside()) if self.is_bits else self.held, np.int32)


class SliceRows:
    """The rows of one slice. Not thread-safe while rows are added or taken.

    Attributes:
        size: how many there are.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.size = 0
        self._parts: list[_RowsOfBatch] = []

    def add(self, first: int, number: int, rows: Ints) -> None:
        """Add those of a batch.

        Args:
            first: number of the batch's first row; batches come in order.
            number: of the batch's rows.
            rows: int64[n], rising, from 0.
        """
        self.size += rows.size
        if rows.size * SPARSE < number:
            self._parts.append(_RowsOfBatch(first, number, rows.astype(np.int32), is_bits=False))
            return
        inside = np.zeros(number, bool)
        inside[rows] = True
        self._parts.append(_RowsOfBatch(first, number, np.packbits(inside), is_bits=True))

    def rows(self) -> Rows:
        """Return int32[size], rising."""
        return np.concatenate([np.zeros(0, np.int32), *(part.rows() + np.int32(part.first) for part in self._parts)])

    def inside(self, number: int) -> Bools:
        """Return bool[number], whether each row is in the slice."""
        flags = np.zeros(number, bool)
        for part in self._parts:
            if part.is_bits:
                flags[part.first : part.first + part.number] = part.inside()
            else:
                flags[part.first + part.held] = True
        return flags

    def take(self, first: int) -> Rows | None:
        """Give up the rows of the batch that begins with row `first`, and return them, from 0; None where it has none."""
        return self._parts.pop(0).rows() if self._parts and self._parts[0].first == first else None
