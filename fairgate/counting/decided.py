"""Count the decisions of one model, or of two that are compared, in any slice of held rows.

Label, bucket and decisions of a row are one number, so that a slice takes one `bincount`; the tables of each model and of both
together are sums over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import CHUNK, Floats, Ints, Predictions
from fairgate.counting.held import Held
from fairgate.counting.joint import BUCKETS, JointCells, decision_keys, pair_keys
from fairgate.counting.order import Places, taken

FEW_ROWS = 4  # a slice is sorted where there are this many times more different rows than it has
FEW_THRESHOLDS = 32  # are compared one by one, which is faster than to search
DENSE_CODES = 1 << 22  # codes below are looked up in a table


@dataclass(frozen=True, eq=False)
class Marginal:
    """How the codes of the rows become the keys of a table.

    Attributes:
        keys: int64[K], ascending.
        places: int64[D], of every code the place of its key; K where an invalid score keeps it out.
    """

    keys: Ints
    places: Ints

    @classmethod
    def of(cls, keys: Ints, valid: npt.NDArray[np.bool_]) -> "Marginal":
        """Return the keys of all codes, int64[D], of which only the valid ones count."""
        distinct, places = np.unique(keys[valid], return_inverse=True)
        every = np.full(len(keys), distinct.size, np.int64)
        every[valid] = places.ravel()
        return cls(distinct, every)

    def table(self, codes: JointCells) -> JointCells:
        """Return the cells of a slice."""
        at, size = self.places[codes.keys], self.keys.size
        rows = np.bincount(at, codes.rows, size + 1)[:size]
        there = np.flatnonzero(rows)
        sums = [np.asarray(rows[there], np.float64)] * 3
        if codes.weights is not codes.rows:
            weighted = (np.bincount(at, values, size + 1)[:size] for values in (codes.weights, codes.squares))
            sums[1:] = [np.asarray(values[there], np.float64) for values in weighted]
        return JointCells(self.keys[there], *sums)


@dataclass(frozen=True, eq=False)
class Decided:
    """The decisions of all rows.

    Attributes:
        codes: int32[N], of every row the number of its label, bucket and decisions.
        weights: float64[N]; None for 1.
        models: of each model the table of its decisions, see `joint.decision_keys`.
        pair: that of both, see `joint.pair_keys`; None for one model.
    """

    codes: Places
    weights: Floats | None
    models: tuple[Marginal, ...]
    pair: Marginal | None

    @classmethod
    def of(cls, held: Held, models: Sequence[str], thresholds: Sequence[float]) -> "Decided":
        """Read the decisions of one model, or of two of which the first is the one that the second is compared with."""
        invalid = len(thresholds) + 1  # in the place of a decision
        width = invalid + 1
        narrow = 2 * BUCKETS * width ** len(models) < np.iinfo(np.int32).max
        codes: npt.NDArray[Any] = held.labels.astype(np.int32 if narrow else np.int64)
        codes *= BUCKETS
        codes += held.buckets
        for model in models:
            codes *= width
            codes += _decisions(held.scores[model], thresholds)
        distinct, of_rows = _numbered(codes)
        rest, decisions = distinct, list[Ints]()
        for _ in models:
            rest, own = np.divmod(rest, width)
            decisions.insert(0, own)
        label, bucket = np.divmod(rest, BUCKETS)
        valid = [own != invalid for own in decisions]
        tables = tuple(Marginal.of(decision_keys(label, bucket, own), there) for own, there in zip(decisions, valid, strict=True))
        pair = Marginal.of(pair_keys(label, *decisions), valid[0] & valid[1]) if len(models) > 1 else None
        return cls(of_rows, held.weights, tables, pair)

    def cells(self, rows: Places | None) -> JointCells:
        """Return the sums of a slice by code; None for all rows."""
        codes, number = self.codes if rows is None else taken(self.codes, rows), self.models[0].places.size
        there: Ints | None = None
        if codes.size * FEW_ROWS < number:
            there, codes = np.unique(codes, return_inverse=True)
            number = there.size
        counts = np.bincount(codes, minlength=number)
        found = np.flatnonzero(counts)
        sums = [np.asarray(counts[found], np.float64)] * 3
        if self.weights is not None:
            own = self.weights if rows is None else taken(self.weights, rows)
            sums[1:] = [np.asarray(np.bincount(codes, values, number)[found], np.float64) for values in (own, own * own)]
        return JointCells(found if there is None else there[found].astype(np.int64), *sums)


def _decisions(scores: Predictions, thresholds: Sequence[float]) -> npt.NDArray[np.uint16]:
    """Return the decision interval of every score; one more than there are for an invalid one."""
    decisions = np.zeros(len(scores), np.uint16)
    edges = np.asarray(thresholds, scores.dtype)
    for first in range(0, len(scores), CHUNK):
        part, own = scores[first : first + CHUNK], decisions[first : first + CHUNK]
        if len(edges) > FEW_THRESHOLDS:
            own[:] = np.searchsorted(edges, part, side="left")
        else:
            for edge in edges:
                own += part > edge
    decisions[~np.isfinite(scores)] = len(thresholds) + 1
    return decisions


def _numbered(codes: npt.NDArray[Any]) -> tuple[Ints, Places]:
    """Return the distinct codes, ascending, and the place of every row's code among them."""
    most = int(codes.max())
    if most >= DENSE_CODES:
        distinct, places = np.unique(codes.astype(np.int64), return_inverse=True)
        return distinct, places.ravel().astype(np.int32)
    present = np.zeros(most + 1, bool)
    present[codes] = True
    return np.flatnonzero(present), (np.cumsum(present, dtype=np.int32) - np.int32(1))[codes]
