"""Add up observed batches per slice and model, and write the result as bytes.

`SliceCounts` (slice key -> counts of every model) is the accumulator of the whole evaluation: made per bundle by `SliceTally`,
merged by `merged`.
"""

import itertools
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fairgate.counting.cells import KEY_BITS, Floats, Ints, ScoreCells, group
from fairgate.counting.counts import Counts, Layout, Observed, layout
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership, SliceKey

SliceCounts = dict[SliceKey, tuple[Counts, ...]]

PENDING_PARTS = 32  # parts of one slice that wait to be merged; more would only hold memory


class SliceTally:
    """Counts batches. Not thread-safe."""

    def __init__(self, settings: CountSettings) -> None:
        """Start empty."""
        self._settings = settings
        self._layout = layout(settings)
        self._parts: dict[SliceKey, list[tuple[Counts, ...]]] = {}

    def add(self, membership: Membership, observed: Sequence[Observed]) -> None:
        """Add a batch: the slices of its rows, and what each model predicted for them."""
        per_model = [count(membership, seen, self._layout) for seen in observed]
        for key, *counts in zip(membership.keys, *per_model, strict=True):
            parts = self._parts.setdefault(key, [])
            parts.append(tuple(counts))
            if len(parts) >= PENDING_PARTS:
                self._parts[key] = [_merged(parts, self._settings.cells)]

    def counts(self) -> SliceCounts:
        """Return everything added so far."""
        return {key: _merged(parts, self._settings.cells) for key, parts in self._parts.items()}


def merged(accumulators: Iterable[SliceCounts], limit: int) -> SliceCounts:
    """Merge the counts of all accumulators, in any order; `limit` is the most cells of a table."""
    parts: dict[SliceKey, list[tuple[Counts, ...]]] = {}
    for accumulator in accumulators:
        for key, counts in accumulator.items():
            parts.setdefault(key, []).append(counts)
    # A single part is within the limit already: `SliceTally.counts` saw to that.
    return {key: found[0] if len(found) == 1 else _merged(found, limit) for key, found in parts.items()}


def count(membership: Membership, observed: Observed, names: Layout) -> list[Counts]:
    """Count every slice of `membership.keys`, in that order."""
    slices, rows = membership.slices, membership.rows
    number = len(membership.keys)
    totals = np.concatenate([_dense(slices, rows, number, observed, field, names) for field in names.shapes], axis=1)
    tables = [
        _split(group((slices << KEY_BITS) | series.keys[rows], observed.weights[rows], series.scores[rows]), number)
        for series in observed.series
    ]
    return [Counts(totals[at].copy(), tuple(table[at] for table in tables)) for at in range(number)]


def encode(counts: Counts) -> bytes:
    """Return one slice under one model as bytes, for the TFMA artifact; `decode` reads them.

    Compressed, 8 bytes a number, little-endian: length of the totals, number of tables, (level, length) of each; the totals; of
    each table the keys (each less the one before), the weights, the sums.
    """
    sizes = [
        len(counts.totals),
        len(counts.series),
        *(number for table in counts.series for number in (table.level, len(table.keys))),
    ]
    parts = [np.array(sizes, "<i8"), counts.totals.astype("<f8")]
    for table in counts.series:
        parts += [np.diff(table.keys, prepend=0).astype("<i8"), table.weights.astype("<f8"), table.sums.astype("<f8")]
    return zlib.compress(b"".join(part.tobytes() for part in parts), 1)


def decode(written: bytes) -> Counts:
    """Read counts that `encode` wrote."""
    buffer = zlib.decompress(written)
    width, tables = np.frombuffer(buffer, "<i8", 2).tolist()
    sizes = np.frombuffer(buffer, "<i8", 2 * tables, 16).reshape(tables, 2).tolist()
    at = 16 * (1 + tables)
    totals, at = np.frombuffer(buffer, "<f8", width, at), at + 8 * width
    series = []
    for level, length in sizes:
        keys, weights, sums = (
            np.frombuffer(buffer, kind, length, at + 8 * length * which) for which, kind in enumerate(("<i8", "<f8", "<f8"))
        )
        series.append(ScoreCells(np.cumsum(keys), weights, sums, level))
        at += 24 * length
    return Counts(totals, tuple(series))


def example_count(counts: Mapping[str, Floats]) -> int:
    """Return the number of examples in a slice, invalid predictions among them; `counts` are the fields of its totals."""
    return round(float(counts["examples"].sum() + counts["invalid"].sum()))


def _merged(parts: Sequence[tuple[Counts, ...]], limit: int) -> tuple[Counts, ...]:
    return tuple(Counts.merged(of_model, limit) for of_model in zip(*parts, strict=True))


def _dense(slices: Ints, rows: Ints, number: int, observed: Observed, field: str, names: Layout) -> Floats:
    width = int(np.prod(names.shapes[field]))
    table = np.zeros(number * width)
    for column in observed.columns[field]:
        table += np.bincount(slices * width + column.index[rows], weights=column.value[rows], minlength=number * width)
    return table.reshape(number, width)


def _split(cells: ScoreCells, number: int) -> list[ScoreCells]:
    bounds = np.searchsorted(cells.keys, np.arange(number + 1, dtype=np.int64) << KEY_BITS)
    mask = (1 << KEY_BITS) - 1
    parts = [slice(int(first), int(last)) for first, last in itertools.pairwise(bounds)]
    return [
        ScoreCells(cells.keys[part] & mask, cells.weights[part].copy(), cells.sums[part].copy(), cells.level) for part in parts
    ]
