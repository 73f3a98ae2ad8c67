"""Against enumeration with pandas: every sum of the tables is a group-by over the rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from fairgate.counting.joint import (
    BUCKETS,
    NO_CELLS,
    JointCells,
    arrays_of,
    bucket_of,
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
@pytest.mark.parametrize("distinct", [3, 100_000], ids=["few keys", "as many keys as rows"])
def test_a_slice_has_the_sums_of_its_rows(weights: list[float], distinct: int) -> None:
    """Slices overlap; one has no row. A key of which no row has weight is kept: its rows count."""
    random = np.random.default_rng(0)
    keys, of_row = random.integers(0, distinct, 2000), random.choice(weights, 2000)
    inside = random.random((2000, 4)) < [1.0, 0.3, 0.0, 0.01]
    slices, rows = np.nonzero(inside.T)
    for at, cells in enumerate(tabulate(slices, rows, 4, keys, of_row)):
        same(cells, enumerated(keys[inside[:, at]], of_row[inside[:, at]]))


def test_no_rows_are_no_cells() -> None:
    empty = np.zeros(0, np.int64)
    assert [cells.keys.size for cells in tabulate(empty, empty, 2, np.arange(3), np.ones(3))] == [0, 0]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_cells_add_up_in_any_order(order: tuple[int, ...]) -> None:
    """Four parts, of which one is empty."""
    random = np.random.default_rng(1)
    keys, weights = random.integers(0, 40, 300), random.choice([0.0, 0.25, 2.0], 300)
    part = random.integers(0, 3, 300)
    parts = [NO_CELLS]
    for at in range(3):
        rows = np.flatnonzero(part == at)
        parts += tabulate(np.zeros(rows.size, np.int64), rows, 1, keys, weights)
    same(JointCells.merged([parts[at] for at in order]), enumerated(keys, weights))


def test_nothing_merged_is_nothing() -> None:
    assert JointCells.merged([]).keys.size == 0


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_cells_survive_being_written(weights: list[float]) -> None:
    """Bit by bit; without weights their sums are not written twice."""
    random = np.random.default_rng(2)
    keys, of_row = random.integers(0, 30, 200), random.choice(weights, 200)
    (cells,) = tabulate(np.zeros(200, np.int64), np.arange(200), 1, keys, of_row)
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


def test_a_bucket_is_the_same_in_every_process() -> None:
    """By CRC-32, not by Python's hash, which differs from process to process."""
    assert [bucket_of(text) for text in (b"", b"a", b"the same text")] == [0, 3904355907 % 50, bucket_of(b"the same text")]
    assert len({bucket_of(str(at).encode()) for at in range(1000)}) == BUCKETS
