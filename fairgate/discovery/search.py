"""Count all conjunctions of conditions, depth first; what has too few rows has no larger conjunctions either."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairgate.asked import option
from fairgate.discovery.rows import Bits, Condition, Ints, PackedRows
from fairgate.errors import InputError

MOST = 300_000  # slices that are counted: beyond it nothing is found any more, and the counts do not fit into memory

Places = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CountedSlices:
    """The counts of S slices in B buckets of both halves.

    Attributes:
        slices: of each the places of its conditions, rising.
        trials: int64[S, 2, B].
        events: int64[S, T, 2, B].
        all_trials, all_events: int64[2, B] and int64[T, 2, B], of all rows.
    """

    slices: Sequence[Places]
    trials: Ints
    events: Ints
    all_trials: Ints
    all_events: Ints


def count_conjunctions(rows: PackedRows, exclusive: Collection[str], depth: int, least: int) -> CountedSlices:
    """Count every conjunction that is large enough.

    Args:
        rows: packed.
        exclusive: features of which a row has at most one value, so that two of them never meet.
        depth: conditions of a conjunction, at most.
        least: rows that a slice must have.

    Raises:
        InputError: there are more than `MOST`.
    """
    found: list[tuple[Places, Ints, list[Ints]]] = []
    wrong = np.empty_like(rows.all_rows())
    for places, members in _conjunctions(rows, exclusive, depth, least):
        events = [rows.count(np.bitwise_and(members, of_threshold, out=wrong)) for of_threshold in rows.events]
        found.append((places, rows.count(members), events))
        if len(found) > MOST:
            raise InputError(
                f"More than {MOST:,} slices have at least {least:,} examples of the label in question; name fewer "
                f"{option('slices')}, or type a lower {option('depth')} or a higher {option('min_examples')}."
            )
    everything = rows.all_rows()
    num_thresholds, shape = len(rows.events), (2, rows.buckets)
    return CountedSlices(
        [places for places, _, _ in found],
        np.array([trials for _, trials, _ in found], np.int64).reshape(-1, *shape),
        np.array([events for _, _, events in found], np.int64).reshape(-1, num_thresholds, *shape),
        rows.count(everything),
        np.array([rows.count(events) for events in rows.events], np.int64).reshape(num_thresholds, *shape),
    )


def _conjunctions(rows: PackedRows, exclusive: Collection[str], depth: int, least: int) -> Iterator[tuple[Places, Bits]]:
    """Yield the places and rows of every conjunction with enough rows, depth first; the next one takes the place of its rows."""
    features = [condition.feature for condition in rows.conditions]
    num = int(rows.bounds[-1])
    total = replace(rows, bounds=np.array([0, num, num]))  # all rows in one half: counted once over all words

    buffers = [np.empty_like(rows.all_rows()) for _ in range(depth)]  # of each depth: fresh memory would cost more than counting

    def within(places: Places, members: Bits | None) -> Iterator[tuple[Places, Bits]]:
        for place in range(places[-1] + 1 if places else 0, len(rows.conditions)):
            if places and features[place] in exclusive and features[place] == features[places[-1]]:
                continue  # those of one feature lie beside each other
            own = rows.members[place]
            narrowed = own if members is None else np.bitwise_and(members, own, out=buffers[len(places)])
            if int(total.count(narrowed).sum()) < least:
                continue
            yield (*places, place), narrowed
            if len(places) + 1 < depth:
                yield from within((*places, place), narrowed)

    yield from within((), None)


def num_conjunctions(conditions: Collection[Condition], exclusive: Collection[str], depth: int) -> int:
    """Return how many conjunctions of at most `depth` conditions there are, however few rows they have."""
    ways = [1, *[0] * depth]
    for feature, values in Counter(condition.feature for condition in conditions).items():
        for factor in [values] if feature in exclusive else [1] * values:
            ways = [ways[0], *(ways[size] + factor * ways[size - 1] for size in range(1, depth + 1))]
    return sum(ways[1:])
