"""The rows of a slice come back as they were added, whether they are held as bits or as numbers."""

import numpy as np
import pytest

from fairgate.counting.slice_rows import SliceRows

NUMBER = 1000  # rows of a batch


def added(*batches: list[int]) -> SliceRows:
    """A slice of batches of 1,000 rows each."""
    rows = SliceRows()
    for at, batch in enumerate(batches):
        rows.add(at * NUMBER, NUMBER, np.array(batch, np.int64))
    return rows


FEW, MANY = [0, 7, 999], list(range(0, NUMBER, 3))


@pytest.mark.parametrize("batches", [(FEW,), (MANY,), (FEW, MANY), (MANY, FEW, MANY), (list(range(NUMBER)),)])
def test_rows_are_numbered_through(batches: tuple[list[int], ...]) -> None:
    expected = [at * NUMBER + row for at, batch in enumerate(batches) for row in batch]
    rows = added(*batches)
    assert rows.rows().tolist() == expected
    assert rows.size == len(expected)
    assert np.flatnonzero(rows.inside(len(batches) * NUMBER)).tolist() == expected


def test_nothing_added_is_no_row() -> None:
    assert SliceRows().rows().tolist() == []
    assert not SliceRows().inside(5).any()


def test_batches_are_given_up_one_by_one() -> None:
    """A batch without rows of the slice was never added."""
    rows = SliceRows()
    rows.add(NUMBER, NUMBER, np.array(FEW))
    rows.add(2 * NUMBER, NUMBER, np.array(MANY))
    taken = [rows.take(first) for first in (0, NUMBER, 2 * NUMBER)]
    assert [None if part is None else part.tolist() for part in taken] == [None, FEW, MANY]
