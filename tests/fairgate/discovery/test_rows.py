"""Rows as bits: what is counted is what a loop over rows counts."""

import numpy as np
import pytest

from fairgate.discovery.rows import RowGatherer, packed
from tests.fairgate.discovery.planted import table


@pytest.mark.parametrize(("size", "buckets"), [(700, 1), (64, 1), (97, 3)])
def test_counts_are_those_of_a_loop(size: int, buckets: int) -> None:
    """Whatever the batches: conditions that most rows meet, and such that few do."""
    rows = table(buckets=buckets)
    found = rows.packed(size)
    assert list(found.conditions) == sorted(rows.members)
    assert found.buckets == buckets
    for condition, bits in zip(found.conditions, found.members, strict=True):
        assert found.count(bits).tolist() == rows.counts(rows.members[condition]).tolist()
    for flags, bits in zip(rows.events, found.events, strict=True):
        assert found.count(bits).tolist() == rows.counts(flags).tolist()
    assert found.count(found.all_rows()).sum() == 700


def test_a_condition_of_few_rows_is_left_out() -> None:
    """Exactly those with fewer than the least."""
    rows = table()
    sizes = {condition: int(flags.sum()) for condition, flags in rows.members.items()}
    least = sorted(sizes.values())[2]
    assert list(rows.packed(700, least).conditions) == sorted(name for name, size in sizes.items() if size >= least)


def test_words_are_whole() -> None:
    """The last one is filled with zeros."""
    assert packed(np.ones(65, bool)).tolist() == [2**64 - 1, 1]
    assert packed(np.zeros(0, bool)).tolist() == []


def test_a_condition_that_no_row_meets_is_not_there() -> None:
    """Its positions are empty."""
    gatherer = RowGatherer(1)
    rows = table()
    name = next(iter(rows.members))
    gatherer.add({name: np.zeros(0, np.int64)}, [np.zeros(5, bool)])
    assert (gatherer.conditions, gatherer.met) == (0, [])
