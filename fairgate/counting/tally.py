"""Add up observed batches per slice and model, and write the result as bytes.

`SliceCounts` (slice key -> totals under every model) is the accumulator of the whole evaluation: made per bundle by `SliceTally`,
merged by `merged`.
"""

import itertools
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import KEY_BITS, Floats, Ints, ScoreCells, group
from fairgate.counting.counts import Counts, Layout, Observed, layout
from fairgate.counting.joint import (
    NO_CELLS,
    JointCells,
    arrays_of,
    cells_of,
    decision_keys,
    pair_keys,
    rank_edges,
    rank_keys,
    tabulate,
)
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership, SliceKey, display_name
from fairgate.names import matching

PENDING_PARTS = 32  # parts of one slice that wait to be merged; more would only hold memory


@dataclass(frozen=True, eq=False)
class SliceTotals:
    """One slice under every model, and under the two that are compared together.

    Attributes:
        models: counts of every model.
        joint: of the examples that both compared models answered, by the decisions of both, see `joint.pair_keys`; empty where
            none are compared.
        ranks: of the same examples, by finer bins of both scores, see `joint.rank_keys`; only of slices whose AUCs are compared.
        unknown: slice feature -> number of the evaluation's examples that have no value of it; of the slice of all examples only.
    """

    models: tuple[Counts, ...]
    joint: JointCells = NO_CELLS
    ranks: JointCells = NO_CELLS
    unknown: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def merged(cls, parts: Sequence["SliceTotals"], limit: int) -> "SliceTotals":
        """Return the totals of all examples of `parts`, which share none; `limit` is the most cells of a table of scores."""
        unknown: Counter[str] = Counter()
        for part in parts:
            unknown.update(part.unknown)
        return cls(
            tuple(Counts.merged(of_model, limit) for of_model in zip(*(part.models for part in parts), strict=True)),
            JointCells.merged([part.joint for part in parts]),
            JointCells.merged([part.ranks for part in parts]),
            dict(unknown),
        )


SliceCounts = dict[SliceKey, SliceTotals]


class SliceTally:
    """Counts batches. Not thread-safe."""

    def __init__(self, settings: CountSettings, compared: tuple[int, int] | None = None) -> None:
        """Start empty; `compared` are the positions of the baseline and the candidate among the models, if there are both."""
        self._settings = settings
        self._layout = layout(settings)
        self._compared = compared
        self._edges = rank_edges(settings.thresholds)
        self._parts: dict[SliceKey, list[SliceTotals]] = {}
        self._ranked: dict[SliceKey, bool] = {}

    def add(self, membership: Membership, observed: Sequence[Observed]) -> None:
        """Add a batch: the slices of its rows, and what each model predicted for them."""
        per_model = [count(membership, seen, self._layout) for seen in observed]
        joint, ranks = self._count_both(membership, observed)
        for at, key in enumerate(membership.keys):
            of_models = tuple(of_model[at] for of_model in per_model)
            totals = SliceTotals(of_models, joint[at], ranks[at], {} if key else membership.unknown)
            parts = self._parts.setdefault(key, [])
            parts.append(totals)
            if len(parts) >= PENDING_PARTS:
                self._parts[key] = [SliceTotals.merged(parts, self._settings.cells)]

    def counts(self) -> SliceCounts:
        """Return everything added so far."""
        return {key: SliceTotals.merged(parts, self._settings.cells) for key, parts in self._parts.items()}

    def _count_both(self, membership: Membership, observed: Sequence[Observed]) -> tuple[list[JointCells], list[JointCells]]:
        """Count the decisions of both compared models together, and their ranks, in every slice."""
        nothing = [NO_CELLS] * len(membership.keys)
        if self._compared is None:
            return nothing, nothing
        baseline, candidate = (observed[at] for at in self._compared)
        valid = baseline.valid & candidate.valid
        keys = pair_keys(baseline.labels, baseline.decisions, candidate.decisions)
        joint = _tabulated(membership, keys, baseline.weights, valid)
        ranked = np.array([self._is_ranked(key) for key in membership.keys], bool)
        if not ranked.any():
            return joint, nothing
        kept = ranked[membership.slices]
        part = Membership(membership.rows[kept], membership.slices[kept], membership.keys)
        bins = [np.searchsorted(self._edges, of_model.greatest, side="left") for of_model in (baseline, candidate)]
        return joint, _tabulated(part, rank_keys(baseline.labels, *bins), baseline.weights, valid)

    def _is_ranked(self, key: SliceKey) -> bool:
        """Return whether the AUCs of the slice are compared; those of a group may need all examples too."""
        if key not in self._ranked:
            patterns = self._settings.auc_slices if self._settings.kind == "binary" else ()
            name = display_name(key)
            self._ranked[key] = any(not key or matching(pattern, [name]) for pattern in patterns)
        return self._ranked[key]


def merged(accumulators: Iterable[SliceCounts], limit: int) -> SliceCounts:
    """Merge the counts of all accumulators, in any order; `limit` is the most cells of a table of scores."""
    parts: dict[SliceKey, list[SliceTotals]] = {}
    for accumulator in accumulators:
        for key, counts in accumulator.items():
            parts.setdefault(key, []).append(counts)
    # A single part is within the limit already: `SliceTally.counts` saw to that.
    return {key: found[0] if len(found) == 1 else SliceTotals.merged(found, limit) for key, found in parts.items()}


def count(membership: Membership, observed: Observed, names: Layout) -> list[Counts]:
    """Count every slice of `membership.keys`, in that order."""
    slices, rows = membership.slices, membership.rows
    number = len(membership.keys)
    totals = np.concatenate([_dense(slices, rows, number, observed, field, names) for field in names.shapes], axis=1)
    tables = [
        _split(group((slices << KEY_BITS) | series.keys[rows], observed.weights[rows], series.scores[rows]), number)
        for series in observed.series
    ]
    keys = decision_keys(observed.labels, observed.buckets, observed.decisions)
    decisions = _tabulated(membership, keys, observed.weights, observed.valid)
    order = np.argsort(slices, kind="stable")
    bounds = np.searchsorted(slices[order], np.arange(number + 1)).tolist()
    ranges = [_range(observed, rows[order[first:last]]) for first, last in itertools.pairwise(bounds)]
    return [Counts(totals[at].copy(), tuple(table[at] for table in tables), decisions[at], *ranges[at]) for at in range(number)]


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
    return pack([*arrays_of(totals.joint), *arrays_of(totals.ranks)])


def decode_joint(written: bytes) -> tuple[JointCells, JointCells]:
    """Read the decisions and the ranks of two models together that `encode_joint` wrote.

    Raises:
        ValueError, zlib.error: the bytes are others.
    """
    arrays = unpack(written)
    return cells_of(arrays[:4]), cells_of(arrays[4:])


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


def example_count(counts: Mapping[str, Floats]) -> int:
    """Return the number of examples in a slice, invalid predictions among them; `counts` are the fields of its totals."""
    return round(float(counts["examples"].sum() + counts["invalid"].sum()))


def _tabulated(membership: Membership, keys: Ints, weights: Floats, valid: npt.NDArray[np.bool_]) -> list[JointCells]:
    """Count the valid rows of every slice by key."""
    slices, rows = membership.slices, membership.rows
    if not valid.all():
        kept = valid[rows]
        slices, rows = slices[kept], rows[kept]
    return tabulate(slices, rows, len(membership.keys), keys, weights)


def _range(observed: Observed, rows: Ints) -> tuple[float, float]:
    rows = rows if observed.valid.all() else rows[observed.valid[rows]]
    if not rows.size:
        return math.inf, -math.inf
    return float(observed.least[rows].min()), float(observed.greatest[rows].max())


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
        ScoreCells(
            cells.keys[part] & mask,
            cells.weights[part].copy(),
            cells.sums[part].copy(),
            cells.level,
            None if cells.squares is None else cells.squares[part].copy(),
        )
        for part in parts
    ]
