"""Decisions beyond the most probable class."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from components.tasks.images.decision import (
    ABSTAINS,
    COIN_FLIP,
    CONFIDENCE,
    LOW_CONFIDENCE,
    MARGIN,
    MOST_PROBABLE,
    NOT_FINITE,
    SMALL_MARGIN,
    DecisionRule,
    coverage_curve,
    decide,
)
from fairgate.errors import InputError

SURE = [0.02, 0.95, 0.03]
LEADING = [0.6, 0.3, 0.1]
TIED = [0.1, 0.44, 0.46]
NONE = [math.nan, 0.5, 0.5]

RULES = {
    "most probable class": (DecisionRule(), [1, 0, 2], [MOST_PROBABLE] * 3),
    "minimum confidence": (DecisionRule(min_confidence=0.6), [1, 0, ABSTAINS], [MOST_PROBABLE, MOST_PROBABLE, LOW_CONFIDENCE]),
    "minimum margin": (
        DecisionRule(min_margin=0.31),
        [1, ABSTAINS, ABSTAINS],
        [MOST_PROBABLE, SMALL_MARGIN, SMALL_MARGIN],
    ),
    "both, confidence first": (
        DecisionRule(min_confidence=0.5, min_margin=0.5),
        [1, ABSTAINS, ABSTAINS],
        [MOST_PROBABLE, SMALL_MARGIN, LOW_CONFIDENCE],
    ),
}


@pytest.mark.parametrize(("rule", "classes", "reasons"), RULES.values(), ids=RULES)
def test_rules(rule: DecisionRule, classes: list[int], reasons: list[str]) -> None:
    """Each rule abstains from what it names and gives the reason."""
    decisions = decide(np.array([SURE, LEADING, TIED]), rule)
    assert decisions.classes.tolist() == classes
    assert decisions.reasons.tolist() == reasons


def test_confidence_and_margin() -> None:
    """Confidence is the highest probability, margin its lead over the second."""
    decisions = decide(np.array([SURE, LEADING]), DecisionRule())
    np.testing.assert_allclose(decisions.confidence, [0.95, 0.6])
    np.testing.assert_allclose(decisions.margin, [0.92, 0.3])


@pytest.mark.parametrize("limit", [0.5, 0.25], ids=["confidence", "margin"])
def test_a_limit_that_is_just_reached_decides(limit: float) -> None:
    """At least, not more than: 0.5 reaches a minimum of 0.5."""
    exact = np.array([[0.5, 0.25, 0.25]])
    rule = DecisionRule(min_confidence=0.5) if limit == 0.5 else DecisionRule(min_margin=0.25)
    assert decide(exact, rule).classes.tolist() == [0]


def test_float32_probabilities_are_compared_as_they_are() -> None:
    """0.9 as float32 is a little less than 0.9, and is not rounded up to reach it."""
    below = np.array([[np.nextafter(np.float32(0.5), np.float32(0)), 0.25, 0.25]], np.float32)
    assert decide(below, DecisionRule(min_confidence=0.5)).classes.tolist() == [ABSTAINS]


def test_a_coin_decides_near_ties() -> None:
    """Only near ties are tossed, both leaders come up, about equally often, and never a third class."""
    tied = decide(np.array([TIED] * 1000), DecisionRule(near_tie=0.05), seed=3)
    assert set(tied.reasons) == {COIN_FLIP}
    counts = np.bincount(tied.classes, minlength=3)
    assert counts[0] == 0
    assert 420 < counts[1] < 580
    clear = decide(np.array([LEADING] * 100), DecisionRule(near_tie=0.05), seed=3)
    assert set(clear.classes) == {0}
    assert set(clear.reasons) == {MOST_PROBABLE}


def test_coins_depend_on_seed_and_place_alone() -> None:
    """The same seed decides the same way, also when fewer rows follow; another seed does not."""
    rule, ties = DecisionRule(near_tie=0.05), np.array([TIED] * 200)
    first = decide(ties, rule, seed=1).classes
    np.testing.assert_array_equal(first, decide(ties, rule, seed=1).classes)
    np.testing.assert_array_equal(first[:50], decide(ties[:50], rule, seed=1).classes)
    assert (first != decide(ties, rule, seed=2).classes).any()


def test_a_coin_is_tossed_after_the_limits() -> None:
    """A near tie of low confidence is an abstention, not a toss."""
    decisions = decide(np.array([TIED]), DecisionRule(min_confidence=0.5, near_tie=0.05))
    assert decisions.reasons.tolist() == [LOW_CONFIDENCE]


@pytest.mark.parametrize("broken", [NONE, [math.inf, 0, 0], [0.5, 0.5, -math.inf]], ids=["NaN", "inf", "-inf"])
def test_broken_probabilities_abstain(broken: list[float]) -> None:
    """A model that fails must not decide, whatever the rule."""
    decisions = decide(np.array([broken, SURE]), DecisionRule(near_tie=0.1))
    assert decisions.classes.tolist() == [ABSTAINS, 1]
    assert decisions.reasons.tolist() == [NOT_FINITE, MOST_PROBABLE]
    assert math.isnan(decisions.confidence[0])


@pytest.mark.parametrize("shape", [(3,), (3, 1), (2, 3, 4)])
def test_other_shapes_are_errors(shape: tuple[int, ...]) -> None:
    """A second class is needed for a margin."""
    with pytest.raises(ValueError, match="expected \\[N, C\\]"):
        decide(np.zeros(shape), DecisionRule())


BAD_RULES = {
    "confidence of 90": ({"min_confidence": 90}, "min_confidence is 90; give a number from 0 to 1"),
    "negative margin": ({"min_margin": -0.1}, "min_margin is -0.1"),
    "tie is NaN": ({"near_tie": math.nan}, "near_tie is nan"),
    "a tie that never comes": ({"min_margin": 0.1, "near_tie": 0.1}, "near_tie 0.1 never applies"),
}


@pytest.mark.parametrize(("limits", "message"), BAD_RULES.values(), ids=BAD_RULES)
def test_bad_rules(limits: dict[str, float], message: str) -> None:
    """Values outside 0..1 and rules that contradict each other are refused."""
    with pytest.raises(InputError, match=message):
        DecisionRule(**limits)


def test_coverage_curve_by_hand() -> None:
    """Two right, one wrong with the lowest confidence and margin."""
    curve = coverage_curve(np.array([SURE, LEADING, TIED]), np.array([1, 0, 1]), limits=(0.0, 0.31, 0.6, 1.0))
    by_rule = {name: [point.n for point in curve if point.rule == name] for name in (CONFIDENCE, MARGIN)}
    assert by_rule == {CONFIDENCE: [3, 3, 2, 0], MARGIN: [3, 1, 1, 0]}
    assert [point.limit for point in curve] == [0.0, 0.31, 0.6, 1.0] * 2
    assert [point.coverage for point in curve[:4]] == [1, 1, 2 / 3, 0]
    assert [point.accuracy for point in curve[:3]] == [2 / 3, 2 / 3, 1]
    assert math.isnan(curve[3].accuracy)


@pytest.mark.parametrize("labels", [[], [1]], ids=["none", "too few"])
def test_coverage_needs_a_label_for_each_row(labels: list[int]) -> None:
    """Numbers that do not fit are an error."""
    with pytest.raises(ValueError, match="labels for"):
        coverage_curve(np.array([SURE, LEADING])[: 2 * len(labels)], np.array(labels, int))


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(2, 6)), elements=st.floats(0, 1, width=32)),
    st.floats(0, 1),
    st.sampled_from([CONFIDENCE, MARGIN]),
)
def test_the_curve_agrees_with_the_decisions(probabilities: NDArray[Any], limit: float, name: str) -> None:
    """Two ways, one answer: the curve's point and the decisions of the rule with that limit."""
    labels = np.arange(len(probabilities)) % probabilities.shape[1]
    rule = DecisionRule(min_confidence=limit) if name == CONFIDENCE else DecisionRule(min_margin=limit)
    classes = decide(probabilities, rule).classes
    (point,) = (point for point in coverage_curve(probabilities, labels, [limit]) if point.rule == name)
    assert point.n == (classes != ABSTAINS).sum()
    if point.n:
        assert point.accuracy == pytest.approx((classes == labels)[classes != ABSTAINS].mean())
