"""Held rows of a slice: by label, found once where a table is not long."""

import numpy as np
import pytest

from fairgate.counting import held as module
from fairgate.counting.held import Held, HeldRows, Rowwise
from fairgate.counting.slices import Membership

MEN, OTHERS = (("gender", "male"),), (("gender", "other"),)


def held() -> Held:
    """Five rows: the first three of men, the positive ones at 1 and 4."""
    labels = np.array([0, 1, 0, 0, 1])
    rows = HeldRows(["candidate"], [0.5])
    within = Membership({(): np.arange(5), MEN: np.array([0, 1, 2]), OTHERS: np.array([3, 4])}, {})
    rows.add(Rowwise(labels, np.ones(5), np.zeros(5, np.int64), {"candidate": np.linspace(0, 1, 5)}, within))
    return rows.joined()


def test_rows_of_a_slice_are_parted_by_label() -> None:
    negative, positive = held().rows(MEN)
    assert (negative.tolist(), positive.tolist()) == ([0, 2], [1])


def test_rows_of_a_slice_are_found_once() -> None:
    rows = held()
    assert rows.rows(MEN) is rows.rows(MEN)


def test_rows_of_a_long_table_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONG", 4)
    rows = held()
    assert rows.rows(MEN) is not rows.rows(MEN)
    assert [own.tolist() for own in rows.rows(MEN)] == [[0, 2], [1]]


@pytest.mark.parametrize(("key", "expected", "background"), [(MEN, [[3], [4]], True), (OTHERS, [[3], [4]], False)])
def test_the_fewer_rows_are_those_of_the_slice_or_of_the_rest(
    key: tuple[tuple[str, str]], expected: list[list[int]], background: bool
) -> None:
    found, is_background = held().lesser(key)
    assert ([own.tolist() for own in found], is_background) == (expected, background)
