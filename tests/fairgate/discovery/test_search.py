"""All conjunctions, against their enumeration."""

import pytest

from fairgate.discovery import search
from fairgate.discovery.rows import Condition
from fairgate.discovery.search import count_conjunctions, num_conjunctions
from fairgate.errors import InputError
from tests.fairgate.discovery.planted import table


@pytest.mark.parametrize(("depth", "least", "buckets"), [(1, 1, 1), (3, 1, 1), (3, 40, 1), (2, 40, 3)])
def test_counts_are_those_of_an_enumeration(depth: int, least: int, buckets: int) -> None:
    """Every conjunction with enough rows and no other, in both halves and all buckets, at both thresholds."""
    rows = table(buckets=buckets)
    packed = rows.packed(128)
    found = count_conjunctions(packed, {"kind"}, depth, least)
    expected = {name: flags for name, flags in rows.conjunctions(depth).items() if flags.sum() >= least}
    names = [tuple(packed.conditions[place] for place in places) for places in found.slices]
    assert sorted(names) == sorted(expected)
    for at, name in enumerate(names):
        assert found.trials[at].tolist() == rows.counts(expected[name]).tolist()
        for threshold, events in enumerate(rows.events):
            assert found.events[at, threshold].tolist() == rows.counts(expected[name] & events).tolist()
    assert found.all_trials.sum() == 700
    assert found.all_events.sum(axis=(1, 2)).tolist() == [events.sum() for events in rows.events]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_number_of_conjunctions_is_that_of_an_enumeration(depth: int) -> None:
    """Of four overlapping flags and three values of which a row has one."""
    rows = table()
    assert num_conjunctions(rows.members, {"kind"}, depth) == len(rows.conjunctions(depth))


def test_thirty_overlapping_flags_have_4525_conjunctions() -> None:
    """To depth 3: 30 + 435 + 4,060."""
    flags = [Condition("g", str(at)) for at in range(30)]
    assert [num_conjunctions(flags, (), depth) for depth in (1, 2, 3)] == [30, 465, 4525]


def test_too_many_slices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before memory is full; the message says what to type."""
    monkeypatch.setattr(search, "MOST", 5)
    with pytest.raises(InputError, match="a lower depth or a higher min_examples"):
        count_conjunctions(table().packed(700), {"kind"}, 3, 1)


def test_nothing_is_counted_where_no_condition_is_left() -> None:
    """Arrays without rows."""
    found = count_conjunctions(table().packed(700, 10_000), (), 3, 1)
    assert (found.trials.shape, found.events.shape) == ((0, 2, 1), (0, 2, 2, 1))
