from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgate.counting.cells import EMPTY, ScoreCells, group, keys_of, merge

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
# Scores of every kind that matters: at, just below and just above thresholds, outside of 0 to 1, tiny, equal, any.
SCORE = st.one_of(
    st.sampled_from([np.float32(value) for value in THRESHOLDS]),
    st.sampled_from([np.nextafter(np.float32(value), np.float32(end)) for value in THRESHOLDS for end in (0, 1)]),
    st.sampled_from([np.float32(value) for value in (-0.0, 0.0, 1.0, 1.5, -2.0, 1e-30)]),
    st.floats(-1, 2, width=32).map(np.float32),
)
ROW = st.tuples(st.integers(0, 1), SCORE, st.sampled_from([0.0, 0.25, 1.0, 3.0]))
ROWS = st.lists(ROW, min_size=1, max_size=60)

Row = tuple[int, np.float32, float]


def table(rows: Sequence[Row]) -> ScoreCells:
    """The cells of rows of (label, score, weight)."""
    labels, scores, weights = _columns(rows)
    return group(keys_of(labels, scores, THRESHOLDS), weights, scores.astype(np.float64))


def _columns(rows: Sequence[Row]) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    labels, scores, weights = zip(*rows, strict=True)
    return np.array(labels, np.int64), np.array(scores, np.float32), np.array(weights, np.float64)


def same(left: ScoreCells, right: ScoreCells) -> None:
    """Asserts that two tables are equal up to the rounding of sums."""
    assert left.level == right.level
    np.testing.assert_array_equal(left.keys, right.keys)
    np.testing.assert_allclose(left.weights, right.weights, rtol=1e-12)
    np.testing.assert_allclose(left.sums, right.sums, rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_counts_compare_as_tfma_does(rows: list[Row]) -> None:
    """An example is above a threshold exactly when its score, as a Python float, is greater."""
    counts = table(rows).counts(len(THRESHOLDS))
    for at, threshold in enumerate(THRESHOLDS):
        for label in (0, 1):
            above = sum(weight for found, score, weight in rows if found == label and float(score) > threshold)
            assert counts[label, at + 1 :].sum() == above


@settings(deadline=None, max_examples=50)
@given(ROWS, st.permutations(range(4)), st.integers(12, 40))
def test_merge_does_not_depend_on_order_or_bundling(rows: list[Row], order: list[int], limit: int) -> None:
    """Any split into parts, merged in any order and in any nesting, gives the table of all rows."""
    parts = [table(part) for at in range(4) if (part := rows[at::4])]
    shuffled = [parts[at] for at in order if at < len(parts)]
    nested = merge([merge(shuffled[:2], limit), merge(shuffled[2:], limit)], limit)
    same(nested, merge([table(rows)], limit))


@settings(deadline=None, max_examples=50)
@given(ROWS, st.integers(12, 20))
def test_coarsening_keeps_counts_at_thresholds(rows: list[Row], limit: int) -> None:
    """A table that had to drop bits still counts exactly between thresholds, and keeps the sum of scores."""
    exact, coarse = table(rows), merge([table(rows)], limit)
    np.testing.assert_array_equal(exact.counts(len(THRESHOLDS)), coarse.counts(len(THRESHOLDS)))
    assert coarse.sums.sum() == pytest.approx(exact.sums.sum(), abs=1e-9)
    assert len(coarse.keys) <= limit


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 1), SCORE, st.integers(0, 3)), min_size=1, max_size=30))
def test_weight_is_as_good_as_copies(rows: list[tuple[int, np.float32, int]]) -> None:
    """A row of weight 3 is three rows of weight 1; one of weight 0 is none."""
    copies = [(label, score, 1.0) for label, score, weight in rows for _ in range(weight)]
    weighted = table([(label, score, float(weight)) for label, score, weight in rows])
    same(weighted, table(copies) if copies else EMPTY)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_an_exact_table_orders_like_the_scores(rows: list[Row]) -> None:
    """Within a label, cells ascend by score, one per distinct score that has weight."""
    for label in (0, 1):
        scores = sorted({float(score) + 0.0 for found, score, weight in rows if found == label and weight > 0})
        np.testing.assert_allclose(table(rows).one_label(label).means(), scores, rtol=1e-7, atol=1e-45)


@settings(deadline=None, max_examples=50)
@given(ROWS, st.integers(12, 40))
def test_without_leaves_the_others(rows: list[Row], limit: int) -> None:
    """Taking a part away leaves the rest, at the coarser of the two resolutions."""
    inside, outside = rows[::2], rows[1::2]
    rest = merge([table(rows)], limit).without(merge([table(inside)], limit))
    expected = table(outside).coarser(rest.level) if outside else EMPTY
    np.testing.assert_array_equal(rest.keys, expected.keys)
    np.testing.assert_allclose(rest.weights, expected.weights)
    np.testing.assert_allclose(rest.sums, expected.sums, rtol=1e-9, atol=1e-9)


def test_what_is_left_of_a_light_cell_stays() -> None:
    """It is the share of the cell that says whether a rest is rounding, not its weight."""
    light = [(0, np.float32(0.5), 3e-10), (0, np.float32(0.5), 1e-10), (0, np.float32(0.7), 1e-10)]
    rest = table(light).without(table([light[0], light[2]]))
    assert (rest.weights.tolist(), rest.sums.tolist()) == (pytest.approx([1e-10]), pytest.approx([5e-11]))


def test_a_fine_table_is_halved_until_it_fits() -> None:
    """100,000 scores fit a table of 1,000 cells, which then are about half full or more."""
    scores = np.random.default_rng(0).random(100_000).astype(np.float32)
    cells = group(keys_of(np.zeros(scores.size, np.int64), scores, ()), np.ones(scores.size), scores.astype(np.float64))
    assert len(cells.keys) > 90_000
    assert 400 < len(merge([cells], 1000).keys) <= 1000
