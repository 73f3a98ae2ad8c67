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


def _counted(scores: Hashes, others: Hashes) -> int | None:
    """What is seen of rows that consist of a score of many digits, 0 for few, and everything else."""
    seen = Copies()
    seen.add(mixed([scores, others]), scores)
    return seen.distinct()


def _coarse(rows: int) -> Hashes:
    """Scores of few digits."""
    return np.zeros(rows, np.uint64)


LABELS = np.tile(np.arange(4, dtype=np.uint64), 1000)  # of two labels and two groups
DEFAULT = np.full(1000, 17, np.uint64)


def test_a_default_score_of_many_digits_is_the_models_own() -> None:
    """1,000 of 4,000 rows have it, which are four different rows."""
    assert _counted(np.concatenate([DEFAULT, _random(3000)]), LABELS) is None


def test_a_default_score_does_not_hide_copies() -> None:
    """Beside 1,000 rows with it 1,000 others, and 500 of these four times more; of the default's as many are taken for copies."""
    own = _random(1000)
    scores = np.concatenate([DEFAULT, own, np.tile(own[:500], 4)])
    labels = np.concatenate([LABELS[:2000], np.tile(LABELS[1000:1500], 4)])
    assert _counted(scores, labels) == 1000 + round(1000 / 3)


def test_a_default_score_beside_scores_of_two_digits_is_no_copy() -> None:
    """The others repeat honestly."""
    coarse = np.random.default_rng(0).integers(0, 100, 3000, np.uint64)
    assert _counted(np.concatenate([DEFAULT, _coarse(3000)]), np.concatenate([LABELS[:1000], coarse])) is None


def test_a_chance_repetition_makes_no_copies_of_scores_with_few_digits() -> None:
    """2,000 of 4,000 scores are 0 or 1, and two of the others are equal by chance, and their labels too."""
    own = _random(2000)
    own[1] = own[0]
    labels = LABELS.copy()
    labels[[2000, 2001]] = 0
    assert _counted(np.concatenate([_coarse(2000), own]), labels) == 3999


def test_copies_of_scores_with_many_digits_tell_the_share_of_the_others() -> None:
    """2,000 rows with scores of few digits, of which eight differ, and 1,000 others that are each there twice, but for one."""
    own = _random(1000)
    scores = np.concatenate([_coarse(2000), own, own[:-1]])
    labels = np.concatenate([LABELS[:2000], LABELS[:1000], LABELS[:999]])
    assert _counted(scores, labels) == 1000 + round(2000 * 1000 / 1999)


def test_the_scores_of_a_forest_are_no_copies() -> None:
    """500 scores of eight rows each, which differ for a fifth of the scores."""
    labels = np.repeat(np.zeros(500, np.uint64), 8)
    labels[:800:8] = 1
    assert _counted(np.repeat(_random(500), 8), labels) is None


def test_a_sample_holds_all_rows_of_a_score_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the default score is known for one however long the table is."""
    monkeypatch.setattr(copies, "MOST_HASHES", 2_000)
    for default in range(1, 9):
        scores = np.concatenate([np.full(10_000, default, np.uint64), _random(30_000, default)])
        seen = Copies()
        for part in np.array_split(np.arange(40_000), 7):
            seen.add(mixed([scores[part], np.tile(LABELS, 10)[part]]), scores[part])
        assert seen.distinct() in (None, 40_000)


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
