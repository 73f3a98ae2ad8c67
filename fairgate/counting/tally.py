"""Add up observed batches per slice and model; `tally_bytes` writes the result.

`SliceCounts` (slice key -> totals under every model) is the accumulator of the whole evaluation: made per bundle by `SliceTally`,
merged by `merged`.
"""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import (
    EMPTY,
    KEY_BITS,
    PENDING_CELLS,
    PENDING_PARTS,
    SLICES,
    Floats,
    Ints,
    ScoreCells,
    group,
    merge_slices,
)
from fairgate.counting.counts import Counts, Layout, Observed, layout
from fairgate.counting.joint import (
    NO_CELLS,
    JointCells,
    by_slice,
    decision_keys,
    pair_keys,
    split_decision_keys,
    tabulate,
)
from fairgate.counting.ranks import NO_RANKS, RANK_CELLS, RankCells, RankTally, rank_keys
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership, SliceKey, slice_name_of
from fairgate.names import matching

KEY_MASK = (1 << KEY_BITS) - 1
RADIX = 1 << 16  # numbers below are sorted in linear time


@dataclass(frozen=True, eq=False)
class SliceTotals:
    """One slice under every model, and under the two that are compared together.

    Attributes:
        models: counts of every model.
        joint: of the examples that both compared models answered, by the decisions of both, see `joint.pair_keys`; empty where
            none are compared.
        ranks: of the same examples, by bins of both scores, see `RankCells`; only of slices whose AUCs are compared.
        unknown: slice feature -> number of the evaluation's examples that have no value of it; of the slice of all examples only.
    """

    models: tuple[Counts, ...]
    joint: JointCells = NO_CELLS
    ranks: RankCells = NO_RANKS
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
            RankCells.merged([part.ranks for part in parts]),
            dict(unknown),
        )


SliceCounts = dict[SliceKey, SliceTotals]


class SliceTally:
    """Counts batches. Not thread-safe.

    Everything is kept in tables of all slices together, so that many small slices cost no more than a few large ones.
    """

    def __init__(self, settings: CountSettings, compared: tuple[int, int] | None = None, rank_cells: int = RANK_CELLS) -> None:
        """Start empty.

        Args:
            settings: how to count.
            compared: the positions of the baseline and the candidate among the models, if there are both.
            rank_cells: most cells of a slice's ranks, which give the covariance of the AUCs.
        """
        self._settings = settings
        self._compared = compared
        self._numbers: dict[SliceKey, int] = {}
        self._models: list[_ModelTally] = []
        self._joint, self._ranks = CellTally(), RankTally(rank_cells)
        self._unknown: Counter[str] = Counter()
        self._ranked: dict[SliceKey, bool] = {}

    def add(self, membership: Membership, observed: Sequence[Observed]) -> None:
        """Add a batch: the slices of its rows, and what each model predicted for them."""
        self._models = self._models or [_ModelTally(self._settings) for _ in observed]
        numbers = np.array([self._numbers.setdefault(key, len(self._numbers)) for key in membership.keys], np.int64)
        for model, of_model in zip(self._models, observed, strict=True):
            model.add(membership, numbers, of_model)
        if self._compared is not None:
            self._count_both(membership, numbers, *(observed[at] for at in self._compared))
        self._unknown.update(membership.unknown)

    @property
    def slices(self) -> Collection[SliceKey]:
        """Return the keys of the slices so far."""
        return self._numbers.keys()

    def counts(self) -> SliceCounts:
        """Return everything added so far."""
        number = len(self._numbers)
        of_models = zip(*(model.counts(number) for model in self._models), strict=True)
        parts = zip(self._numbers, of_models, self._joint.cells(number), self._ranks.cells(number), strict=False)
        unknown = dict(self._unknown)
        return {key: SliceTotals(models, joint, ranks, {} if key else unknown) for key, models, joint, ranks in parts}

    def _count_both(self, membership: Membership, numbers: Ints, baseline: Observed, candidate: Observed) -> None:
        """Count the decisions of both compared models together, and their ranks, in every slice."""
        valid = baseline.valid & candidate.valid
        keys = pair_keys(baseline.labels, baseline.decisions, candidate.decisions)
        self._joint.add(_tabulated(membership, numbers, keys, baseline.weights, valid))
        none = np.zeros(0, np.int64)
        ranked = {key: rows if self._is_ranked(key) else none for key, rows in membership.of_slices.items()}
        if not any(rows.size for rows in ranked.values()):
            return
        keys = rank_keys(baseline.labels, baseline.greatest, candidate.greatest)
        self._ranks.add(*_valid(Membership(ranked), valid), numbers, keys, baseline.weights)

    def _is_ranked(self, key: SliceKey) -> bool:
        """Return whether the AUCs of the slice are compared; those of a group may need all examples too."""
        if key not in self._ranked:
            patterns = self._settings.auc_slices if self._settings.kind == "binary" else ()
            name = slice_name_of(key)
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


class CellTally:
    """Adds up tables of decisions of several slices."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts: list[JointCells] = []

    def add(self, cells: JointCells) -> None:
        """Add a table that `joint.tabulate` made."""
        self._parts.append(cells)
        if len(self._parts) >= PENDING_PARTS or sum(part.keys.size for part in self._parts[1:]) > PENDING_CELLS:
            self._parts = [JointCells.merged(self._parts)]

    def cells(self, number: int) -> list[JointCells]:
        """Return the cells of every slice, 0 … number - 1."""
        return by_slice(JointCells.merged(self._parts), number)


class ScoreTally:
    """Adds up tables of scores of several slices, of which each slice keeps at most `limit` cells.

    They are merged some slices at a time: to merge them all at once would need the memory of all of them again, several times.
    """

    def __init__(self, limit: int) -> None:
        """Start empty."""
        self._limit = limit
        self._pending: list[ScoreCells] = []
        self._merged: dict[int, ScoreCells] = {}  # by the number of the first slice
        self._levels: Ints = np.zeros(0, np.int64)  # of every slice

    def add(self, cells: ScoreCells, numbers: Ints) -> None:
        """Add a table of `group`, whose keys begin with a position in `numbers`, the numbers of the slices."""
        keys = (numbers[cells.keys >> KEY_BITS] << KEY_BITS) | (cells.keys & KEY_MASK)
        self._pending.append(replace(cells, keys=keys))
        if len(self._pending) >= PENDING_PARTS or sum(part.keys.size for part in self._pending) > PENDING_CELLS:
            self._merge()

    def cells(self, number: int) -> list[ScoreCells]:
        """Give up the cells of every slice, 0 … number - 1."""
        self._merge()
        self._levels = np.pad(self._levels, (0, number - self._levels.size))
        found: list[ScoreCells] = []
        for first in range(0, number, SLICES):
            own = range(first, min(first + SLICES, number))
            found += _split(self._merged.pop(first, EMPTY), own)
        return [replace(cells, level=level) for cells, level in zip(found, self._levels.tolist(), strict=True)]

    def _merge(self) -> None:
        """Merge what is pending."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        greatest = max(int(part.keys.max(initial=0)) for part in pending) >> KEY_BITS
        self._levels = np.pad(self._levels, (0, max(0, greatest + 1 - self._levels.size)))
        for first in range(0, greatest + 1, SLICES):
            parts = [_of_slices(part, first, first + SLICES) for part in pending] if greatest >= SLICES else pending
            if not any(part.keys.size for part in parts):
                continue
            merged = [self._merged.pop(first)] if first in self._merged else []
            levels = np.pad(self._levels[first : first + SLICES], (first, 0))
            self._merged[first], levels = merge_slices([*merged, *parts], levels, self._limit)
            self._levels[first : first + SLICES] = levels[first:]


class _ModelTally:
    """Adds up what one model predicted."""

    def __init__(self, settings: CountSettings) -> None:
        self._layout = layout(settings)
        self._totals = np.zeros((0, self._layout.width))
        self._ranges = np.zeros((0, 2))  # least score, and the greatest one's negative
        self._decisions = CellTally()
        self._series = [ScoreTally(settings.cells) for _ in self._layout.series]

    def add(self, membership: Membership, numbers: Ints, observed: Observed) -> None:
        slices, rows = membership.slices, membership.rows
        new = max(0, int(numbers.max(initial=-1)) + 1 - len(self._totals))
        self._totals = np.pad(self._totals, ((0, new), (0, 0)))
        self._ranges = np.pad(self._ranges, ((0, new), (0, 0)), constant_values=math.inf)
        fields = [_dense(membership, observed, field, self._layout) for field in self._layout.shapes]
        self._totals[numbers] += np.concatenate(fields, axis=1)
        self._ranges[numbers] = np.minimum(self._ranges[numbers], _ranges(membership, observed, numbers.size))
        keys = decision_keys(observed.labels, observed.buckets, observed.decisions)
        self._decisions.add(_tabulated(membership, numbers, keys, observed.weights, observed.valid))
        for series, tally in zip(observed.series, self._series, strict=True):
            order = _order(slices, rows, series.keys)
            ordered = rows[order]
            keys = (slices[order] << KEY_BITS) | series.keys[ordered]
            tally.add(group(keys, observed.weights[ordered], series.scores[ordered]), numbers)

    def counts(self, number: int) -> list[Counts]:
        tables = zip(*(series.cells(number) for series in self._series), strict=True)
        ranges = self._ranges.tolist()
        decisions = self._decisions.cells(number)
        classes = self._layout.shapes["examples"][0]
        for totals, cells in zip(self._totals, decisions, strict=True):
            label, _, _ = split_decision_keys(cells.keys)
            fields = self._layout.read(totals)
            fields["examples"][:] = np.bincount(label, cells.rows, classes)
            fields["squares"][:] = np.bincount(label, cells.squares, classes)
        return [
            Counts(totals, series, of_slice, least, -negated)
            for totals, series, of_slice, (least, negated) in zip(self._totals, tables, decisions, ranges, strict=True)
        ]


def example_count(counts: Mapping[str, Floats]) -> int:
    """Return the number of examples in a slice, invalid predictions among them; `counts` are the fields of its totals."""
    return round(float(counts["examples"].sum() + counts["invalid"].sum()))


def _tabulated(membership: Membership, numbers: Ints, keys: Ints, weights: Floats, valid: npt.NDArray[np.bool_]) -> JointCells:
    """Count the valid rows of every slice by key."""
    return tabulate(*_valid(membership, valid), numbers, keys, weights)


def _valid(membership: Membership, valid: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return slice and row of every pair whose row is valid."""
    slices, rows = membership.slices, membership.rows
    if valid.all():
        return slices, rows
    kept = valid[rows]
    return slices[kept], rows[kept]


def _order(slices: Ints, rows: Ints, keys: Ints) -> Ints:
    """Return int64[P], the order of the pairs by slice and, within, by the key of the row."""
    if max(keys.size, int(slices.max(initial=0)) + 1) > RADIX:
        return np.asarray(np.lexsort((keys[rows], slices)))
    rank = np.empty(keys.size, np.uint16)
    rank[np.argsort(keys, kind="stable")] = np.arange(keys.size, dtype=np.uint16)
    by_key = np.argsort(rank[rows], kind="stable")  # of 16 bits: in linear time
    order: Ints = by_key[np.argsort(slices[by_key].astype(np.uint16), kind="stable")]
    return order


def _ranges(membership: Membership, observed: Observed, number: int) -> Floats:
    """Return float64[number, 2]: of every slice the least score and the greatest one's negative; infinite without any."""
    order = np.argsort(membership.slices, kind="stable")
    slices, rows = membership.slices[order], membership.rows[order]
    kept = observed.valid[rows]
    slices, rows = slices[kept], rows[kept]
    ranges = np.full((number, 2), math.inf)
    first = np.flatnonzero(np.concatenate(([True], slices[1:] != slices[:-1]))) if slices.size else slices
    for column, values in enumerate((observed.least, -observed.greatest)):
        if first.size:
            ranges[slices[first], column] = np.minimum.reduceat(values[rows], first)
    return ranges


def _dense(membership: Membership, observed: Observed, field: str, names: Layout) -> Floats:
    """Return float64[S, width of the field], the sums of every slice."""
    slices, rows, number, width = membership.slices, membership.rows, len(membership.keys), prod(names.shapes[field])
    table = np.zeros(number * width)
    for column in observed.columns.get(field, ()):
        if column.value.any():
            table += np.bincount(slices * width + column.index[rows], weights=column.value[rows], minlength=number * width)
    return table.reshape(number, width)


def _of_slices(cells: ScoreCells, first: int, last: int) -> ScoreCells:
    """Return the cells of slices, those before `last` from `first` on."""
    at = np.flatnonzero((cells.keys >= first << KEY_BITS) & (cells.keys < last << KEY_BITS))
    squares = None if cells.squares is None else cells.squares[at]
    return ScoreCells(cells.keys[at], cells.weights[at], cells.sums[at], cells.level, squares)


def _split(cells: ScoreCells, numbers: range) -> list[ScoreCells]:
    """Return the cells of each slice."""
    bounds = np.searchsorted(cells.keys, np.arange(numbers.start, numbers.stop + 1, dtype=np.int64) << KEY_BITS)
    parts = [slice(int(first), int(last)) for first, last in itertools.pairwise(bounds)]
    return [
        ScoreCells(
            cells.keys[part] & KEY_MASK,
            cells.weights[part].copy(),
            cells.sums[part].copy(),
            cells.level,
            None if cells.squares is None else cells.squares[part].copy(),
        )
        for part in parts
    ]
