"""Coverage against accuracy under each kind of decision rule."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from components.tasks.images.coverage import (
    CONFIDENCE,
    DRAW,
    LAST_LISTED,
    LISTED_DRAW,
    MARGIN,
    SECOND_MODEL,
    CoveragePoint,
    counts_in_words,
    coverage_curve,
    coverage_of,
)
from components.tasks.images.decision import DecisionRule, decide

SURE = [0.0, 1.0, 0.0]
LEADING = [0.625, 0.25, 0.125]
TIED = [0.125, 0.4375, 0.4375]
ROWS, LABELS = np.array([SURE, LEADING, TIED]), np.array([1, 0, 2])
LIMITS = (0.0, 0.1875, 0.4375, 1.0)


def numbers(name: str) -> list[tuple[int, float]]:
    """How many are decided, and how many of these are right, at each limit but a shortlist's of 0, which is none."""
    second = np.array([LEADING, LEADING, SURE])
    points = [point for point in coverage_curve(ROWS, LABELS, LIMITS, second) if point.rule == name]
    assert [point.limit for point in points] == list(LIMITS[-len(points) :])
    assert [point.coverage for point in points] == [point.n / 3 for point in points]
    return [(point.n, 0 if not point.n else point.accuracy * point.n) for point in points]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (CONFIDENCE, [(3, 2), (3, 2), (3, 2), (1, 1)]),
        (MARGIN, [(3, 2), (2, 2), (1, 1), (1, 1)]),
        (DRAW, [(3, 2), (3, 2.5), (3, 1 + 1 / 2 + 1 / 3), (3, 1 + 1 / 3 + 1 / 3)]),
        (LAST_LISTED, [(1, 1), (2, 2), (1, 1)]),
        (LISTED_DRAW, [(3, 1 + 1 / 2 + 1 / 2), (3, 2.5), (1, 1)]),
        (SECOND_MODEL, [(3, 2), (3, 2), (1, 1)]),
    ],
)
def test_each_kind_of_rule_by_hand(name: str, expected: list[tuple[int, float]]) -> None:
    """A sure row, one that leads 5 : 2 : 1, and a tie of two of which the second is right.

    At .1875 the shortlist of the tie has two classes, at .4375 too, and that of the second row one. The other model is sure of
    the wrong class of the tie.
    """
    found = numbers(name)
    assert [n for n, _ in found] == [n for n, _ in expected]
    np.testing.assert_allclose([right for _, right in found], [right for _, right in expected])


def test_without_another_model_it_decides_nothing() -> None:
    assert {point.rule for point in coverage_curve(ROWS, LABELS, LIMITS)} == {CONFIDENCE, MARGIN, DRAW, LAST_LISTED, LISTED_DRAW}


def test_abstentions_are_counted_by_reason() -> None:
    """Low confidence is looked at before the margin; nothing decided has no accuracy."""
    rows = np.array([SURE, LEADING, TIED, TIED, [math.nan] * 3])
    point = coverage_of("both", 0.5, decide(rows, DecisionRule(0.5, 0.5)), np.array([1, 0, 2, 1, 0]))
    assert point == CoveragePoint(
        "both", 0.5, 0.2, 1.0, 1, "2 confidence too low, 1 margin too small, 1 probabilities not finite"
    )
    nothing = coverage_of("all", 0.0, decide(rows[4:], DecisionRule()), np.array([0]))
    assert (nothing.n, nothing.coverage) == (0, 0)
    assert math.isnan(nothing.accuracy)


def test_counts_in_words() -> None:
    assert counts_in_words({"b": 1, "a": 1, "c": 1234}) == "1,234 c, 1 a, 1 b"


@pytest.mark.parametrize("labels", [[], [1]], ids=["none", "too few"])
def test_coverage_needs_a_label_for_each_row(labels: list[int]) -> None:
    """Numbers that do not fit are an error."""
    with pytest.raises(ValueError, match="labels for"):
        coverage_curve(ROWS[: 2 * len(labels)], np.array(labels, int))


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(2, 6)), elements=st.floats(0, 1, width=32)),
    st.floats(0, 1),
)
def test_confidence_and_margin_by_sorting(probabilities: NDArray[Any], limit: float) -> None:
    """Against the share of rows whose highest probability, or its lead, reaches the limit."""
    labels = np.arange(len(probabilities)) % probabilities.shape[1]
    ordered = np.sort(probabilities.astype(float), axis=1)
    right = probabilities.argmax(axis=1) == labels
    for name, measure in ((CONFIDENCE, ordered[:, -1]), (MARGIN, ordered[:, -1] - ordered[:, -2])):
        (point,) = (point for point in coverage_curve(probabilities, labels, [limit]) if point.rule == name)
        decided = measure >= limit
        assert point.n == decided.sum()
        if point.n:
            assert point.accuracy == pytest.approx(right[decided].mean())
