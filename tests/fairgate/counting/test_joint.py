"""Against enumeration with pandas: every sum of the tables is a group-by over the rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from fairgate.counting.cells import Floats
from fairgate.counting.joint import (
    BUCKETS,
    NO_CELLS,
    JointCells,
    arrays_of,
    bucket_of,
    by_slice,
    cells_of,
    decision_keys,
    pair_keys,
    split_decision_keys,
    split_pair_keys,
    tabulate,
)

Array = npt.NDArray[Any]
WEIGHTS = {"weighted": [0.0, 0.5, 3.0], "unweighted": [1.0], "weightless": [0.0]}


def enumerated(keys: Array, weights: Array) -> pd.DataFrame:
    """Rows, weights and squares by key."""
    rows = pd.DataFrame({"key": keys, "rows": 1.0, "weights": weights, "squares": weights**2})
    return rows.groupby("key").sum()


def same(cells: JointCells, expected: pd.DataFrame) -> None:
    """Asserts that the cells are those of the table."""
    np.testing.assert_array_equal(cells.keys, expected.index)
    for name in ("rows", "weights", "squares"):
        np.testing.assert_allclose(getattr(cells, name), expected[name], rtol=1e-12)


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("distinct", [3, 100_000, 1 << 30], ids=["few keys", "as many keys as rows", "large keys"])
def test_a_slice_has_the_sums_of_its_rows(weights: list[float], distinct: int) -> None:
    """Slices overlap; one has no row. A key of which no row has weight is kept: its rows count."""
    random = np.random.default_rng(0)
    keys, of_row = random.integers(0, distinct, 2000), random.choice(weights, 2000)
    inside = random.random((2000, 4)) < [1.0, 0.3, 0.0, 0.01]
    slices, rows = np.nonzero(inside.T)
    numbers = np.array([2, 0, 3, 1])
    for at, cells in zip(numbers.argsort(), by_slice(tabulate(slices, rows, numbers, keys, of_row), 4), strict=True):
        same(cells, enumerated(keys[inside[:, at]], of_row[inside[:, at]]))


def test_many_small_slices_have_the_sums_of_their_rows() -> None:
    """A table of all keys of all slices would be far larger than the rows."""
    random = np.random.default_rng(4)
    keys, weights = random.integers(0, 500, 500), random.choice([0.5, 3.0], 500)
    slices, rows = np.arange(500), np.arange(500)
    of_slices = by_slice(tabulate(slices, rows, np.arange(500), keys, weights), 500)
    found = [[each.tolist() for each in (cells.keys, cells.rows, cells.weights, cells.squares)] for cells in of_slices]
    assert found == [[[key], [1.0], [weight], [weight**2]] for key, weight in zip(keys.tolist(), weights.tolist(), strict=True)]


def test_no_rows_are_no_cells() -> None:
    empty = np.zeros(0, np.int64)
    table = tabulate(empty, empty, np.arange(2), np.arange(3), np.ones(3))
    assert [cells.keys.size for cells in by_slice(table, 2)] == [0, 0]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_cells_add_up_in_any_order(order: tuple[int, ...]) -> None:
    """Four parts, of which one is empty."""
    random = np.random.default_rng(1)
    keys, weights = random.integers(0, 40, 300), random.choice([0.0, 0.25, 2.0], 300)
    part = random.integers(0, 3, 300)
    parts = [NO_CELLS]
    for at in range(3):
        rows = np.flatnonzero(part == at)
        parts.append(tabulate(np.zeros(rows.size, np.int64), rows, np.zeros(1, np.int64), keys, weights))
    same(JointCells.merged([parts[at] for at in order]), enumerated(keys, weights))


def test_nothing_merged_is_nothing() -> None:
    assert JointCells.merged([]).keys.size == 0


def test_a_sum_that_is_not_ascending_alone_is_put_in_order() -> None:
    cells = JointCells(np.array([5, 3]), *[np.array([1.0, 2.0])] * 3)
    assert JointCells.merged([cells]).keys.tolist() == [3, 5]
    assert JointCells.merged([cells]).rows.tolist() == [2, 1]


@pytest.mark.parametrize("kind", ["weighted", "unweighted"])
def test_cells_under_one_key_are_added_up(kind: str) -> None:
    rows = np.array([1.0, 2.0, 4.0])
    weights: Floats = rows if kind == "unweighted" else np.multiply(3.0, rows)
    cells = JointCells(np.array([2, 3, 9]), rows, weights, weights)
    found = cells.under(cells.keys >> 1 << 1)
    assert found.keys.tolist() == [2, 8]
    assert (found.rows.tolist(), found.weights.tolist()) == ([3, 4], [3, 4] if kind == "unweighted" else [9, 12])
    assert found.unweighted == (kind == "unweighted")


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_cells_survive_being_written(weights: list[float]) -> None:
    """Bit by bit; without weights their sums are not written twice."""
    random = np.random.default_rng(2)
    keys, of_row = random.integers(0, 30, 200), random.choice(weights, 200)
    cells = tabulate(np.zeros(200, np.int64), np.arange(200), np.zeros(1, np.int64), keys, of_row)
    written = arrays_of(cells)
    read = cells_of(written)
    for name in ("keys", "rows", "weights", "squares"):
        np.testing.assert_array_equal(getattr(read, name), getattr(cells, name))
    assert (written[2].size == 0) == (weights == [1.0])


def test_no_cells_survive_being_written() -> None:
    read = cells_of(arrays_of(NO_CELLS))
    assert (read.keys.size, read.rows.size, read.squares.size) == (0, 0, 0)


def test_keys_hold_their_parts() -> None:
    """Up to 511 classes or thresholds, and every bucket."""
    labels, first, second = np.array([0, 1, 510]), np.array([0, 511, 7]), np.array([511, 0, 3])
    assert [part.tolist() for part in split_pair_keys(pair_keys(labels, first, second))] == [
        part.tolist() for part in (labels, first, second)
    ]
    buckets = np.array([0, BUCKETS - 1, 25])
    assert [part.tolist() for part in split_decision_keys(decision_keys(labels, buckets, first))] == [
        part.tolist() for part in (labels, buckets, first)
    ]


def test_what_is_left_without_a_part() -> None:
    """Cells that the part has whole are gone."""
    random = np.random.default_rng(3)
    keys, weights, part = random.integers(0, 20, 100), random.choice([0.0, 0.1, 2.0], 100), random.random(100) < 0.7
    one = np.zeros(1, np.int64)
    tables = []
    for mask in (part | True, part):
        rows = np.flatnonzero(mask)
        tables.append(tabulate(np.zeros(rows.size, np.int64), rows, one, keys, weights))
    expected = enumerated(keys[~part], weights[~part])
    left = tables[0].without(tables[1])
    np.testing.assert_array_equal(left.keys, expected.index)
    np.testing.assert_allclose(left.weights, expected["weights"], atol=1e-12)
    np.testing.assert_allclose(left.squares, expected["squares"], atol=1e-12)


def test_a_bucket_is_the_same_in_every_process() -> None:
    """By CRC-32, not by Python's hash, which differs from process to process."""
    assert [bucket_of(text) for text in (b"", b"a", b"the same text")] == [0, 3904355907 % 50, bucket_of(b"the same text")]
    assert len({bucket_of(str(at).encode()) for at in range(1000)}) == BUCKETS
