"""Choose the slices that are worse than chance explains, on one half, and confirm them on the other.

A slice is compared with all rows outside of it, and with each kept parent (a slice by fewer of its conditions) without the slice.
Its p-value is the greatest of these, so that a child which is worse only because a parent is does not count. Several thresholds
are one p-value by Simes' method. Benjamini and Hochberg's step-up procedure (1995) over all slices chooses what is kept. Its
proof asks for positive dependence, which slices and complements do not have: that the false discovery rate holds is measured, see
docs/discovery.md. On the other half the same comparisons are corrected by Holm's method.

The other way round, a confirmed slice may be worse only because a confirmed child is: the echo of one harm in each slice that
holds it. Without the child's rows it is then not proven worse than the rows outside of it, by the same test on the second half.
Echoes are marked, not dropped, so the rates of false discoveries stay those that were measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from fairgate.discovery.rate_tests import LEAST_BUCKETS, Floats, higher_rate_p, simes
from fairgate.discovery.rows import Ints
from fairgate.discovery.search import CountedSlices
from fairgate.statistics.multiplicity import holm

FIRST, SECOND = 0, 1  # the halves
REST = -1  # in the place of a parent: all rows outside of the slice
NONE = -1  # in the place of a child: a slice that is no echo
LEVEL = 0.05  # of Holm's adjusted p-values


Kept = dict[int, tuple[int, ...]]  # slice -> its kept parents, first the one that explains most of it; (REST,) without any


@dataclass(frozen=True)
class Found:
    """A slice that is kept.

    Attributes:
        slice, parent: places in `CountedSlices.slices`; parent is the kept one that explains most of it, or `REST`.
        threshold: place of the threshold at which the first half speaks most clearly.
        p: of the first half.
        confirmed_p: of the second half, Holm's adjusted one.
        child: the confirmed slice by more of its conditions without which it is not worse than the rest, or `NONE`.
    """

    slice: int
    parent: int
    threshold: int
    p: float
    confirmed_p: float
    child: int = NONE


@dataclass(frozen=True)
class Chosen:
    """What was found among the slices that could be tested.

    Attributes:
        tested: number of slices that could be.
        same: slices that hold the same rows as a parent, and so are no slices of their own.
        few_clusters: slices whose clusters are too few to be tested.
        explained: slices that are worse than the rest only as a kept parent is.
        found: those that are kept, by confirmed p-value.
    """

    tested: int
    same: int
    few_clusters: int
    explained: int
    found: tuple[Found, ...]


def choose(counted: CountedSlices, rate: float) -> Chosen:
    """Choose on the first half and confirm on the second.

    Args:
        counted: of all slices that are large enough.
        rate: the false discovery rate that is aimed at.
    """
    families = _Families(counted)
    testable = families.testable()
    against_rest = np.ones(len(counted.slices))
    against_rest[testable] = simes(families.p_values(testable, np.full(testable.size, REST), FIRST))
    kept = _step_up(families, against_rest, int(testable.size), rate)
    cutoff = rate * len(kept) / max(testable.size, 1)
    worse = int((against_rest[testable] <= cutoff).sum())
    return Chosen(
        tested=int(testable.size),
        same=families.same,
        few_clusters=families.few_clusters,
        explained=worse - len(kept) if kept else 0,
        found=_with_children(families, list(_confirmed(families, kept))),
    )


class _Families:
    """Slices with their parents, and the tests of a slice against one of them."""

    def __init__(self, counted: CountedSlices) -> None:
        self.counted = counted
        self._place = {places: at for at, places in enumerate(counted.slices)}
        self.sizes = counted.trials.sum(axis=(1, 2))
        self.same = self.few_clusters = 0

    def testable(self) -> Ints:
        """Return the slices that are slices of their own, have rows in both halves and leave some, and have enough clusters."""
        counted = self.counted
        halves, everything = counted.trials.sum(axis=2), counted.all_trials.sum(axis=1)
        both = (halves > 0).all(axis=1) & (halves < everything).all(axis=1)
        same = np.array(
            [any(self.sizes[parent] == self.sizes[at] for parent in self.parents(at)) for at in range(len(self.sizes))], bool
        )
        same |= self.sizes == everything.sum()
        clusters = (counted.trials > 0).sum(axis=2).min(axis=1, initial=LEAST_BUCKETS)
        few = (clusters < LEAST_BUCKETS) & (counted.trials.shape[2] > 1)
        self.same, self.few_clusters = int(same.sum()), int((few & ~same).sum())
        return np.flatnonzero(both & ~same & ~few)

    def parents(self, at: int) -> Iterator[int]:
        """Yield the slices by fewer of the conditions; all of them are large enough."""
        places = self.counted.slices[at]
        for size in range(1, len(places)):
            yield from (self._place[parent] for parent in combinations(places, size))

    def p_values(self, slices: Ints, parents: Ints, half: int) -> Floats:
        """Return float64[K, T], the p-value of each slice against its parent without it, at each threshold."""
        trials = self.counted.trials[slices, half][:, None]
        events = self.counted.events[slices, :, half]
        other_trials, other_events = self.others(slices, parents, half)
        return higher_rate_p(events, np.broadcast_to(trials, events.shape), other_events, other_trials)

    def without(self, slices: Ints, children: Ints, half: int) -> Floats:
        """Return float64[K], the p-value of each slice without the rows of a child, against all rows outside of the slice."""
        trials = (self.counted.trials[slices, half] - self.counted.trials[children, half])[:, None]
        events = self.counted.events[slices, :, half] - self.counted.events[children, :, half]
        other_trials, other_events = self.others(slices, np.full(slices.size, REST), half)
        return simes(higher_rate_p(events, np.broadcast_to(trials, events.shape), other_events, other_trials))

    def others(self, slices: Ints, parents: Ints, half: int) -> tuple[Ints, Ints]:
        """Return int64[K, T, B] twice: trials and events of each slice's parent, or of all rows, less those of the slice."""
        counted = self.counted
        of_rest = (parents == REST)[:, None, None]
        trials = np.where(of_rest, counted.all_trials[half], counted.trials[parents, half][:, None])
        events = np.where(of_rest, counted.all_events[:, half], counted.events[parents, :, half])
        trials = np.broadcast_to(trials, events.shape)
        return trials - counted.trials[slices, half][:, None], events - counted.events[slices, :, half]


def _step_up(families: _Families, against_rest: Floats, tested: int, rate: float) -> Kept:
    """Return what is kept at the greatest cutoff that the number of kept slices justifies.

    A number k of kept slices justifies the cutoff rate · k / tested. It is sought from above, since the kept slices at a smaller
    cutoff are not always fewer: a parent that falls away explains its children no more.
    """
    known: dict[tuple[int, int], float] = {}
    k = int((against_rest <= rate).sum())
    while k:
        kept = _kept(families, against_rest, rate * k / tested, known)
        if len(kept) >= k:
            return kept
        k = len(kept)
    return {}


def _kept(families: _Families, against_rest: Floats, cutoff: float, known: dict[tuple[int, int], float]) -> Kept:
    """Return the slices whose p-value is within the cutoff, parents before children."""
    kept: Kept = {}
    slices = families.counted.slices
    candidates = np.flatnonzero(against_rest <= cutoff).tolist()
    for depth in sorted({len(slices[at]) for at in candidates}):
        above = {at: [each for each in families.parents(at) if each in kept] for at in candidates if len(slices[at]) == depth}
        pairs = [(at, parent) for at, parents in above.items() for parent in parents]
        if asked := [pair for pair in pairs if pair not in known]:
            own, parents = np.array(asked).T
            known |= dict(zip(asked, simes(families.p_values(own, parents, FIRST)).tolist(), strict=True))
        for at, parents_of in above.items():
            nearest = max(parents_of, key=lambda parent, at=at: known[at, parent], default=REST)  # type: ignore[misc]
            if nearest == REST or known[at, nearest] <= cutoff:
                kept[at] = (nearest, *(parent for parent in parents_of if parent != nearest))
    return kept


def _confirmed(families: _Families, kept: Kept) -> Iterator[Found]:
    """Yield the kept slices with both p-values, the surest first."""
    if not kept:
        return
    pairs = [(at, other) for at, parents in kept.items() for other in dict.fromkeys((*parents, REST))]
    own, others = np.array(pairs).T
    place = {at: row for row, at in enumerate(kept)}
    greatest = np.zeros((2, len(kept), families.counted.events.shape[1]))
    together = np.zeros((2, len(kept)))
    for half in (FIRST, SECOND):
        p_values = families.p_values(own, others, half)
        rows = np.array([place[at] for at in own.tolist()])
        np.maximum.at(greatest[half], rows, p_values)
        np.maximum.at(together[half], rows, simes(p_values))
    adjusted = holm(together[SECOND].tolist())
    for at, row in sorted(place.items(), key=lambda pair: (adjusted[pair[1]], together[SECOND, pair[1]], pair[0])):
        threshold = int(greatest[FIRST, row].argmin())
        yield Found(at, kept[at][0], threshold, float(together[FIRST, row]), adjusted[row])


def _with_children(families: _Families, found: Sequence[Found]) -> tuple[Found, ...]:
    """Return the slices with the child that explains each echo.

    The comparisons are as many as there are confirmed slices, so each must prove itself at that share of the level (Bonferroni).
    The child is never an echo itself: the deepest of a chain has no child.
    """
    confirmed = {each.slice for each in found if each.confirmed_p <= LEVEL}
    pairs = [(parent, child) for child in sorted(confirmed) for parent in families.parents(child) if parent in confirmed]
    if not pairs:
        return tuple(found)
    parents, children = np.array(pairs).T
    p_values = dict(zip(pairs, families.without(parents, children, SECOND).tolist(), strict=True))
    explaining = {pair: p for pair, p in p_values.items() if p > LEVEL / len(confirmed)}
    echoes = {parent for parent, _ in explaining}
    child_of: dict[int, int] = {}
    for (parent, child), _ in sorted(explaining.items(), key=lambda pair: (-pair[1], pair[0])):
        if child not in echoes:
            child_of.setdefault(parent, child)
    return tuple(replace(each, child=child_of.get(each.slice, NONE)) for each in found)
