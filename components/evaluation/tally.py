"""Adds up observed batches per slice and model, and writes the result as bytes.

`SliceCounts` (slice key -> counts of every model) is the accumulator of the whole evaluation: made per bundle by `Tally`, merged
by `merged`.
"""

import io
import itertools
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from components.evaluation.cells import KEY_BITS, Floats, Ints, ScoreCells, group
from components.evaluation.counts import Counts, Layout, Observed, layout
from components.evaluation.settings import CountSettings
from components.evaluation.slices import Membership, SliceKey

SliceCounts = dict[SliceKey, tuple[Counts, ...]]

PENDING_PARTS = 32  # parts of one slice that wait to be merged; more would only hold memory


class Tally:
    """Counts batches. Not thread-safe."""

    def __init__(self, settings: CountSettings) -> None:
        """Starts empty."""
        self._settings = settings
        self._layout = layout(settings)
        self._parts: dict[SliceKey, list[tuple[Counts, ...]]] = {}

    def add(self, membership: Membership, observed: Sequence[Observed]) -> None:
        """Adds a batch: the slices of its rows, and what each model predicted for them."""
        per_model = [count(membership, seen, self._layout) for seen in observed]
        for key, *counts in zip(membership.keys, *per_model, strict=True):
            parts = self._parts.setdefault(key, [])
            parts.append(tuple(counts))
            if len(parts) >= PENDING_PARTS:
                self._parts[key] = [_merged(parts, self._settings.cells)]

    def counts(self) -> SliceCounts:
        """Everything added so far."""
        return {key: _merged(parts, self._settings.cells) for key, parts in self._parts.items()}


def merged(accumulators: Iterable[SliceCounts], limit: int) -> SliceCounts:
    """The counts of all accumulators, in any order; `limit` is the most cells of a table."""
    parts: dict[SliceKey, list[tuple[Counts, ...]]] = {}
    for accumulator in accumulators:
        for key, counts in accumulator.items():
            parts.setdefault(key, []).append(counts)
    return {key: _merged(found, limit) for key, found in parts.items()}


def count(membership: Membership, observed: Observed, names: Layout) -> list[Counts]:
    """The counts of every slice of `membership.keys`, in that order."""
    slices, rows = membership.slices, membership.rows
    number = len(membership.keys)
    totals = np.concatenate([_dense(slices, rows, number, observed, field, names) for field in names.shapes], axis=1)
    tables = [
        _split(group((slices << KEY_BITS) | series.keys[rows], observed.weights[rows], series.scores[rows]), number)
        for series in observed.series
    ]
    return [Counts(totals[at].copy(), tuple(table[at] for table in tables)) for at in range(number)]


def encode(counts: Counts) -> bytes:
    """One slice under one model as bytes, for the TFMA artifact; `decode` reads them."""
    arrays = {"totals": counts.totals, "levels": np.array([table.level for table in counts.series], np.int64)}
    for at, table in enumerate(counts.series):
        arrays |= {f"keys{at}": np.diff(table.keys, prepend=0), f"weights{at}": table.weights, f"sums{at}": table.sums}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return zlib.compress(buffer.getvalue(), 1)


def decode(written: bytes) -> Counts:
    """The inverse of `encode`."""
    with np.load(io.BytesIO(zlib.decompress(written)), allow_pickle=False) as arrays:
        tables = tuple(
            ScoreCells(np.cumsum(arrays[f"keys{at}"]), arrays[f"weights{at}"], arrays[f"sums{at}"], int(level))
            for at, level in enumerate(arrays["levels"])
        )
        return Counts(arrays["totals"], tables)


def example_count(counts: Mapping[str, Floats]) -> int:
    """Examples in a slice, invalid predictions among them; `counts` are the fields of its totals."""
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
