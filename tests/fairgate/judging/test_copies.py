"""Test what is seen of copies from hashes of rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.slices import Flags
from fairgate.judging import copies
from fairgate.judging.copies import Copies, Hashes, hash_values, hashes, is_fine, mixed


def _random(rows: int, seed: int = 0) -> Hashes:
    return np.random.default_rng(seed).integers(1, 2**64, rows, np.uint64)


def _distinct(rows: Hashes, most: int, monkeypatch: pytest.MonkeyPatch) -> int | None:
    monkeypatch.setattr(copies, "MOST_HASHES", most)
    seen = Copies()
    for part in np.array_split(rows, 7):
        seen.add(part, part)
    assert seen.rows == len(rows)
    assert sum(map(len, seen._rows)) <= most
    return seen.distinct()


@pytest.mark.parametrize("most", [40_000, 2_000])
def test_different_rows_are_all_distinct(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long table a sample is kept, which holds no row twice either."""
    assert _distinct(_random(30_000), most, monkeypatch) == 30_000


def test_the_distinct_rows_of_a_long_table_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within four standard errors of a sample of about 1,500 of 10,000 distinct rows."""
    rows = np.repeat(_random(10_000), 3)
    assert _distinct(rows, 60_000, monkeypatch) == 10_000
    found = _distinct(rows, 6_000, monkeypatch)
    assert found is not None
    assert found == pytest.approx(10_000, rel=4 / 1_500**0.5)


def test_rows_that_differ_in_anything_have_different_hashes() -> None:
    """In label, text, one of 70 flags, score or weight."""
    rng = np.random.default_rng(1)
    inside = list(rng.random((70, 2)) < 0.5)
    plain: list[Any] = [np.array([0, 0]), pa.array(["a", "a"]), inside, np.array([0.25, 0.25]), np.array([1.0, 1.0])]
    for at in range(70):
        inside[at][1] = inside[at][0]
    assert _same(plain)
    for place, other in [
        (0, np.array([0, 1])),
        (1, pa.array(["a", None])),
        (3, np.array([0.25, 0.250001])),
        (4, np.array([1.0, 2.0])),
    ]:
        assert not _same([*plain[:place], other, *plain[place + 1 :]])
    for at in range(70):
        changed = [flags.copy() for flags in inside]
        changed[at][1] ^= True
        assert not _same([*plain[:2], changed, *plain[3:]])


def _same(parts: list[Any]) -> bool:
    """Return whether two rows have one hash."""
    labels, texts, inside, scores, weights = parts
    found = hashes(labels, [texts, Flags([str(at) for at in range(len(inside))], inside)], [scores, weights])
    return bool(found[0] == found[1])


def test_the_hash_of_a_list_is_that_of_a_set() -> None:
    found = hash_values(pa.array([["a", "b"], ["b", "a"], ["a"], [], ["a", "b", "a"]], pa.list_(pa.string())))
    assert found[0] == found[1] == found[4]
    assert len(set(found.tolist())) == 3


def test_flags_are_hashed_as_the_lists_of_their_names() -> None:
    """Ten values, more than fit into a byte; the buckets of copies must not depend on how groups are written."""
    names = [f"g{at}" for at in range(10)]
    inside = np.random.default_rng(0).random((10, 50)) < 0.3
    lists = pa.array([[name for name, each in zip(names, row, strict=True) if each] for row in inside.T], pa.list_(pa.string()))
    flags = Flags(names, list(inside))
    assert (hashes(np.zeros(50, np.int64), [flags], []) == hashes(np.zeros(50, np.int64), [lists], [])).all()


def test_the_hash_of_a_list_does_not_depend_on_the_others_of_its_batch() -> None:
    one, other = (hash_values(pa.array([["a"], last], pa.list_(pa.string()))) for last in (["b"], ["b", "c"]))
    assert one[0] == other[0] != one[1]


def test_the_hash_of_several_depends_on_each() -> None:
    one, other = _random(10), _random(10, 1)
    assert not (mixed([one, other]) == mixed([other, one])).any()


@pytest.mark.parametrize(
    ("score", "fine"),
    [(0.5, False), (0.1234, False), (0.12345, True), (1234.0, False), (-0.33333, True), (1e-300, False), (0.0, False)],
)
def test_five_significant_digits_are_many(score: float, fine: bool) -> None:
    assert is_fine(np.array([score])).tolist() == [fine]
    assert is_fine(np.array([np.nan, np.inf, 5e-324])).tolist() == [False, False, True]
