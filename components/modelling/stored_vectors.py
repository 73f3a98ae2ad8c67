"""Vectors of examples in a temporary file: what a trainer reads batch by batch, so that memory does not grow with the rows.

In: batches float32[n, d]. Out: `StoredVectors`, whose rows are chosen and ordered without reading them.

    stored = StoredVectors.write(batches)
    np.asarray(stored[order][:512])      # float32[512, d], read now
"""

import os
import tempfile
from collections.abc import Iterable
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Chosen = slice | npt.NDArray[np.int64]
_FLOAT_BYTES = 4


class _TemporaryFile:
    """A file without a name, closed when the last view of its vectors is gone."""

    def __init__(self) -> None:
        self.content: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115

    def __del__(self) -> None:
        self.content.close()


class StoredVectors:
    """Rows of a matrix float32[N, d] on disk; `np.asarray` reads them, an index chooses among them.

    They are read by their place, not mapped: the pages of a mapped file would count as memory of the process.
    """

    def __init__(self, file: _TemporaryFile, dimension: int, places: npt.NDArray[np.int64]) -> None:
        """See `write`; the file lives as long as the last view of its rows."""
        self._file = file
        self._dimension = dimension
        self._places = places

    @classmethod
    def write(cls, batches: Iterable[Vectors]) -> "StoredVectors":
        """Write batches float32[n, d], at least one, to a file in the system's folder for temporary files (TMPDIR).

        Raises:
            ValueError: there is no batch, or batches differ in d.
            OSError: the disk is full.
        """
        file = _TemporaryFile()
        rows, dimensions = 0, set[int]()
        for batch in batches:
            rows += len(batch)
            dimensions.add(batch.shape[1])
            file.content.write(np.ascontiguousarray(batch, np.float32).data)
        (dimension,) = dimensions
        return cls(file, dimension, np.arange(rows))

    @property
    def shape(self) -> tuple[int, int]:
        """Return (N, d)."""
        return len(self._places), self._dimension

    def __getitem__(self, chosen: Chosen) -> "StoredVectors":
        """Return some rows, in the given order, without reading them."""
        return StoredVectors(self._file, self._dimension, self._places[chosen])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:  # numpy's signature
        """Read the rows, float32[N, d]."""
        read = np.empty(self.shape, np.float32)
        size = self._dimension * _FLOAT_BYTES
        for row, place in zip(read, self._places.tolist(), strict=True):
            if os.preadv(self._file.content.fileno(), [row], place * size) != size:
                raise OSError(f"a temporary file of {self.shape[0]:,} vectors ends before vector {place:,}")
        return read if dtype is None else read.astype(dtype)
