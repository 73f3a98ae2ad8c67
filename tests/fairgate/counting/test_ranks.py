"""Against enumeration: the level is the least at which the distinct keys fit, whatever was merged first."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fairgate.counting import ranks as module
from fairgate.counting.joint import SLICE_SHIFT, JointCells
from fairgate.counting.ranks import NO_RANKS, RANK_BINS, RankCells, RankTally, bins_of, rank_keys

Array = npt.NDArray[Any]
LIMIT = 60


def rows_of(seed: int, rows: int, noise: float = 0.05) -> tuple[Array, Array, Array]:
    """Keys, weights, and in which of four slices each row is: all, most, few and none."""
    random = np.random.default_rng(seed)
    labels, shared = random.integers(0, 2, rows), random.random(rows)
    keys = rank_keys(labels, *(shared + random.normal(0, noise, (2, rows))))
    return keys, random.choice([0.5, 2.0], rows), random.random((rows, 4)) < [1.0, 0.6, 0.02, 0.0]


def cells_of_rows(keys: Array, weights: Array) -> RankCells:
    """One cell per distinct key."""
    distinct, codes = np.unique(keys, return_inverse=True)
    sums = (np.bincount(codes, values, distinct.size).astype(np.float64) for values in (weights**0, weights, weights**2))
    return RankCells(JointCells(distinct, *sums))


def enumerated(keys: Array, weights: Array, limit: int = LIMIT) -> RankCells:
    """The cells at the least level at which there are at most `limit`."""
    level = next(level for level in range(64) if np.unique(keys >> level).size <= limit)
    return RankCells(cells_of_rows(keys >> level << level, weights).cells, level)


def same(one: RankCells, other: RankCells) -> None:
    """Asserts that two tables are equal up to rounding."""
    assert one.level == other.level
    np.testing.assert_array_equal(one.cells.keys, other.cells.keys)
    for name in ("rows", "weights", "squares"):
        np.testing.assert_allclose(getattr(one.cells, name), getattr(other.cells, name), rtol=1e-12)


def test_a_key_holds_the_bins_of_both_scores() -> None:
    """Scores outside 0 … 1 are in the first and in the last bin; the label stands above."""
    width = 1 / RANK_BINS
    baseline = np.array([0.0, width, 0.5, 1.0, -3.0, 0.75])
    candidate = np.array([1.0, 0.5 - width / 2, 0.25, 0.0, 1e300, -1e300])
    keys = rank_keys(np.array([0, 1, 0, 1, 0, 1]), baseline, candidate)
    assert (keys >> 38).tolist() == [0, 1, 0, 1, 0, 1]
    assert keys.max() < 1 << SLICE_SHIFT
    table = RankCells(JointCells(keys, *[np.ones(6)] * 3))
    last = RANK_BINS - 1
    assert [first.tolist() for first, _ in table.bins()] == [
        [0, 1, RANK_BINS // 2, last, 0, 3 * RANK_BINS // 4],
        [last, RANK_BINS // 2 - 1, RANK_BINS // 4, 0, last, 0],
    ]


@pytest.mark.parametrize(("level", "baseline", "candidate"), [(0, 19, 19), (1, 19, 18), (2, 18, 18), (37, 1, 0)])
def test_a_level_halves_the_bins_of_one_model(level: int, baseline: int, candidate: int) -> None:
    """The candidate's first; bins are those of equal width that the scores lie in."""
    random = np.random.default_rng(0)
    scores, weights = random.random((2, 500)), np.ones(500)
    keys = np.sort(rank_keys(np.zeros(500, np.int64), *scores))
    found = cells_of_rows(keys, weights).coarser(level)
    expected = {tuple(pair) for pair in (scores.T * [1 << baseline, 1 << candidate]).astype(int).tolist()}
    widths = RANK_BINS >> baseline, RANK_BINS >> candidate
    starts = [first // width for (first, _), width in zip(found.bins(), widths, strict=True)]
    assert set(zip(*(each.tolist() for each in starts), strict=True)) == expected
    assert [np.unique(end - first).tolist() for first, end in found.bins()] == [[width] for width in widths]


def test_a_score_at_an_edge_is_in_the_bin_above() -> None:
    """Also where the mean of equal scores is a little less than they are, as means of weighted sums may be."""
    assert bins_of(np.array([0.5, np.nextafter(0.5, 0), 0.5 - 1e-9])).tolist() == [
        RANK_BINS // 2,
        RANK_BINS // 2,
        RANK_BINS // 2 - 1,
    ]


def test_a_finer_level_changes_nothing() -> None:
    table = cells_of_rows(*rows_of(1, 50)[:2]).coarser(4)
    assert table.coarser(3) is table


@pytest.mark.parametrize("seed", range(5))
def test_merging_in_any_order_gives_the_least_level_that_fits(seed: int) -> None:
    """Twelve parts of different sizes, merged two or three at a time until one is left; levels rise on the way."""
    keys, weights, _ = rows_of(seed, 900)
    random = np.random.default_rng(seed)
    part = np.minimum(random.geometric(0.25, 900), 12)
    parts = [RankCells.merged([cells_of_rows(keys[part == at], weights[part == at])], LIMIT) for at in range(1, 13)]
    assert len({each.level for each in parts}) > 2
    while len(parts) > 1:
        random.shuffle(parts)  # type: ignore[arg-type]
        size = int(random.integers(2, 4))
        parts = [RankCells.merged(parts[:size], LIMIT), *parts[size:]]
    same(parts[0], enumerated(keys, weights))


@pytest.mark.parametrize(("pending", "together"), [(0, 1), (0, 3), (1 << 18, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_batches_in_any_order_give_the_least_levels_that_fit(
    seed: int, pending: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every slice its own, also where tables are merged after each batch; the slices come in another order each time."""
    monkeypatch.setattr(module, "PENDING_CELLS", pending)
    monkeypatch.setattr(module, "SLICES", together)
    random, tally = np.random.default_rng(seed), RankTally(LIMIT)
    keys, weights, inside = rows_of(seed, 2000)
    for rows in np.array_split(random.permutation(2000), 50):
        numbers = random.permutation(4)
        slices, at = np.nonzero(inside[rows][:, numbers].T)
        tally.add(slices, at, numbers, keys[rows], weights[rows])
    found = tally.cells(4)
    for number in range(3):
        same(found[number], enumerated(keys[inside[:, number]], weights[inside[:, number]]))
    assert found[2].level == 0 < found[1].level <= found[0].level
    assert found[3].cells.keys.size == 0


def test_labels_stay_apart_however_few_cells_are_allowed() -> None:
    keys, weights, _ = rows_of(2, 100)
    found = RankCells.merged([cells_of_rows(keys, weights)], 1)
    assert found.level == 38
    assert found.cells.rows.tolist() == [(keys >> 38 == label).sum() for label in (0, 1)]


def test_what_is_left_without_a_part_is_as_coarse_as_the_coarser() -> None:
    keys, weights, inside = rows_of(3, 400)
    part = inside[:, 1]
    left = cells_of_rows(keys, weights).coarser(22).without(cells_of_rows(keys[part], weights[part]))
    expected = cells_of_rows(keys[~part] >> 22 << 22, weights[~part])
    assert left.level == 22
    np.testing.assert_array_equal(left.cells.keys, expected.cells.keys)
    np.testing.assert_allclose(left.cells.weights, expected.cells.weights)


def test_a_label_has_the_rows_of_the_label() -> None:
    keys, weights, _ = rows_of(4, 200)
    table = cells_of_rows(keys, weights).coarser(5)
    for label in (0, 1):
        found = table.of_label(label)
        assert found.level == 5
        assert found.cells.rows.sum() == (keys >> 38 == label).sum()


def test_nothing_merged_is_nothing() -> None:
    assert RankCells.merged([]) is NO_RANKS
    assert RankCells.merged([NO_RANKS, NO_RANKS]).cells.keys.size == 0
    assert [cells.cells.keys.size for cells in RankTally().cells(2)] == [0, 0]


def test_a_batch_without_rows_adds_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    tally = RankTally()
    tally.add(nothing, nothing, np.array([0]), nothing, np.zeros(0))
    (found,) = tally.cells(1)
    assert found.cells.keys.size == 0
