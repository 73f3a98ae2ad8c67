"""Write what was counted of a slice as bytes, for the TFMA artifact, and read it again."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import ScoreCells
from fairgate.counting.counts import Counts
from fairgate.counting.joint import JointCells, arrays_of, cells_of
from fairgate.counting.ranks import RankCells
from fairgate.counting.tally import SliceTotals


def encode(counts: Counts) -> bytes:
    """Return one slice under one model as bytes, for the TFMA artifact; `decode` reads them.

    The arrays are: the totals with the least and the greatest score; the level of every table; those of the decisions; of each
    table the keys (each less the one before), the weights, the sums, and the squares where examples do not all weigh 1.
    """
    arrays = [np.append(counts.totals, [counts.least, counts.greatest]), np.array([table.level for table in counts.series])]
    arrays += arrays_of(counts.decisions)
    for table in counts.series:
        squares = np.zeros(0) if table.squares is None else table.squares
        arrays += [np.diff(table.keys, prepend=0), table.weights, table.sums, squares]
    return pack(arrays)


def decode(written: bytes) -> Counts:
    """Read counts that `encode` wrote.

    Raises:
        ValueError, zlib.error: the bytes are others.
    """
    totals, levels, *arrays = unpack(written)
    series = [
        ScoreCells(np.cumsum(keys), weights, sums, int(level), squares if squares.size else None)
        for level, keys, weights, sums, squares in zip(levels, *(arrays[at::4] for at in range(4, 8)), strict=True)
    ]
    return Counts(totals[:-2], tuple(series), cells_of(arrays[:4]), float(totals[-2]), float(totals[-1]))


def encode_joint(totals: SliceTotals) -> bytes:
    """Return what a slice holds of two models together as bytes; `decode_joint` reads them."""
    return pack([*arrays_of(totals.joint), *arrays_of(totals.ranks.cells), np.array([totals.ranks.level])])


def decode_joint(written: bytes) -> tuple[JointCells, RankCells]:
    """Read the decisions and the ranks of two models together that `encode_joint` wrote.

    Raises:
        ValueError, zlib.error: the bytes are others, for example those of ranks that had no level.
    """
    arrays = unpack(written)
    (level,) = arrays[8:]
    return cells_of(arrays[:4]), RankCells(cells_of(arrays[4:8]), int(level.item()))


def pack(arrays: Sequence[npt.NDArray[Any]]) -> bytes:
    """Return one-dimensional arrays of integers or floats as compressed bytes.

    8 bytes a number, little-endian: the number of arrays; of each, its length and whether it holds floats; the arrays.
    """
    kinds = ["<f8" if array.dtype.kind == "f" else "<i8" for array in arrays]
    head = [len(arrays), *(number for array, kind in zip(arrays, kinds, strict=True) for number in (len(array), kind == "<f8"))]
    parts = [np.array(head, "<i8"), *(array.astype(kind) for array, kind in zip(arrays, kinds, strict=True))]
    return zlib.compress(b"".join(part.tobytes() for part in parts), 1)


def unpack(written: bytes) -> list[npt.NDArray[Any]]:
    """Read the arrays that `pack` wrote.

    Raises:
        ValueError, zlib.error: the bytes are others.
    """
    buffer = zlib.decompress(written)
    (number,) = np.frombuffer(buffer, "<i8", 1).tolist()
    heads = np.frombuffer(buffer, "<i8", 2 * number, 8).reshape(number, 2).tolist()
    at, arrays = 8 * (1 + 2 * number), []
    for length, is_float in heads:
        kind = "<f8" if is_float else "<i8"
        arrays.append(np.frombuffer(buffer, kind, length, at) if length else np.zeros(0, kind))
        at += 8 * length
    return arrays
