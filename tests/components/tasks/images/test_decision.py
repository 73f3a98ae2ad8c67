"""Decisions beyond the most probable class."""

import itertools
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
    BY_SECOND,
    DECIDED,
    DRAWN,
    LOW_CONFIDENCE,
    MOST_PROBABLE,
    NOT_FINITE,
    NOT_LISTED,
    NOTHING_LISTED,
    SMALL_MARGIN,
    DecisionRule,
    decide,
    draw,
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
    "a shortlist that no class reaches": (
        DecisionRule(shortlist_min=0.5),
        [1, 0, ABSTAINS],
        [MOST_PROBABLE, MOST_PROBABLE, NOT_LISTED],
    ),
    "a shortlist of which one class must be left": (
        DecisionRule(shortlist_min=0.4, min_margin=1),
        [1, 0, ABSTAINS],
        [MOST_PROBABLE, MOST_PROBABLE, SMALL_MARGIN],
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


@pytest.mark.parametrize("count", range(1, 11))
def test_every_set_of_tied_classes_is_drawn_from_evenly(count: int) -> None:
    """Of ten classes, every set of k: k numbers spread evenly over 0..1 draw each of its classes once, and no other."""
    sets = list(itertools.combinations(range(10), count))
    among = np.zeros((len(sets), 10), bool)
    for row, members in enumerate(sets):
        among[row, list(members)] = True
    drawn = [draw(among, np.full(len(sets), (place + 0.5) / count)) for place in range(count)]
    assert list(zip(*(column.tolist() for column in drawn), strict=True)) == sets


def test_draw_at_the_edges() -> None:
    """The smallest number draws the first class, the greatest below 1 the last."""
    among = np.full((2, 10), True)
    assert draw(among, np.array([0.0, np.nextafter(1.0, 0.0)])).tolist() == [0, 9]


def test_a_tie_of_all_ten_is_drawn_among_all_ten() -> None:
    """10,000 draws: chi-square with 9 degrees of freedom is below 27.9, its 99.9th percentile; each chance is a tenth."""
    decisions = decide(np.full((10_000, 10), 0.1), DecisionRule(near_tie=0.01), seed=5)
    counts = np.bincount(decisions.classes, minlength=10)
    assert ((counts - 1000) ** 2 / 1000).sum() < 27.9
    assert (decisions.chances == 0.1).all()
    assert set(decisions.reasons) == {DRAWN}


def test_who_takes_part_in_a_near_tie() -> None:
    """Every class that lies behind the best by less than the limit, however many; not one that lies behind by just the limit."""
    row = np.array([[0.375, 0.25, 0.3125, 0.0625, 0.0]])
    assert decide(row, DecisionRule(near_tie=0.125)).chances.tolist() == [[0.5, 0, 0.5, 0, 0]]
    assert decide(row, DecisionRule(near_tie=0.126)).chances.tolist() == [[1 / 3, 1 / 3, 1 / 3, 0, 0]]


@given(
    hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(2, 10)), elements=st.integers(0, 4)),
    st.sampled_from([0.0, 0.1, 0.3, 1.0]),
    st.integers(0, 2**32),
)
def test_ties_by_enumeration(sizes: NDArray[np.int64], near_tie: float, seed: int) -> None:
    """Class by class: the tied ones have equal chances, all others none, and the drawn one is among them."""
    probabilities = sizes / 16
    decisions = decide(probabilities, DecisionRule(near_tie=near_tie), seed)
    for row, chances, chosen in zip(probabilities, decisions.chances, decisions.classes, strict=True):
        tied = [place for place, value in enumerate(row) if max(row) - value < near_tie] or [int(row.argmax())]
        assert chances.tolist() == [1 / len(tied) if place in tied else 0 for place in range(len(row))]
        assert chosen in tied


def test_only_near_ties_are_drawn() -> None:
    clear = decide(np.array([LEADING] * 100), DecisionRule(near_tie=0.05), seed=3)
    assert set(clear.classes) == {0}
    assert set(clear.reasons) == {MOST_PROBABLE}


def test_draws_depend_on_seed_and_place_alone() -> None:
    """The same seed decides the same way, also when fewer rows follow; another seed does not."""
    rule, ties = DecisionRule(near_tie=0.05), np.array([TIED] * 200)
    first = decide(ties, rule, seed=1).classes
    np.testing.assert_array_equal(first, decide(ties, rule, seed=1).classes)
    np.testing.assert_array_equal(first[:50], decide(ties[:50], rule, seed=1).classes)
    assert (first != decide(ties, rule, seed=2).classes).any()


def test_the_limits_come_before_the_draw() -> None:
    """A near tie of low confidence is an abstention, and has no chances."""
    decisions = decide(np.array([TIED]), DecisionRule(min_confidence=0.5, near_tie=0.05))
    assert decisions.reasons.tolist() == [LOW_CONFIDENCE]
    assert decisions.chances.tolist() == [[0, 0, 0]]


SHORTLISTS = {
    "the two most probable": (DecisionRule(shortlist_top=2), [0, 1]),
    "a tie for the second place": (DecisionRule(shortlist_top=2, shortlist_min=0.125), [0, 1]),
    "ties at the last place stay": (DecisionRule(shortlist_top=3), [0, 1, 2, 3]),
    "at least an eighth, which two just reach": (DecisionRule(shortlist_min=0.125), [0, 1, 2, 3]),
    "no more than a quarter": (DecisionRule(shortlist_min=0.25), [0, 1]),
    "all five": (DecisionRule(shortlist_top=5), [0, 1, 2, 3, 4]),
    "none": (DecisionRule(shortlist_min=0.6), []),
}


@pytest.mark.parametrize(("rule", "listed"), SHORTLISTS.values(), ids=SHORTLISTS)
def test_shortlist(rule: DecisionRule, listed: list[int]) -> None:
    row = np.array([[0.5, 0.25, 0.125, 0.125, 0.0]])
    assert np.flatnonzero(decide(row, rule).shortlist).tolist() == listed


def test_second_model_decides_among_the_shortlist() -> None:
    """Not by what it says of other classes; its confidence is that of one class if it is one of the shortlist."""
    first = np.array([[0.5, 0.375, 0.125], [0.875, 0.125, 0.0]])
    second = np.array([[0.125, 0.375, 0.5], [0.0, 0.0, 1.0]])
    decisions = decide(first, DecisionRule(shortlist_min=0.25), second=second)
    assert decisions.classes.tolist() == [1, ABSTAINS]
    assert decisions.reasons.tolist() == [BY_SECOND, NOTHING_LISTED]
    np.testing.assert_allclose(decisions.confidence, [0.75, np.nan])
    np.testing.assert_allclose(decisions.margin, [0.5, np.nan])


def test_the_only_class_on_the_shortlist_needs_no_second_model() -> None:
    """It is decided for, and the reason is the first model's."""
    decisions = decide(np.array([SURE]), DecisionRule(shortlist_min=0.5), second=np.array([LEADING]))
    assert (decisions.classes[0], decisions.reasons[0], decisions.confidence[0]) == (1, MOST_PROBABLE, 1)


def test_limits_and_ties_are_about_the_shortlist() -> None:
    """0.4 of 0.8 ties with 0.4 of 0.8; the lead of 0.5 over 0.25 is a third of what is listed."""
    assert decide(np.array([[0.4, 0.4, 0.2]]), DecisionRule(shortlist_top=2, near_tie=0.1)).chances.tolist() == [[0.5, 0.5, 0]]
    row, just, more = np.array([[0.5, 0.25, 0.25 / 2, 0.25 / 2]]), 0.33, 0.34
    assert decide(row, DecisionRule(shortlist_top=2, min_margin=just)).classes.tolist() == [0]
    assert decide(row, DecisionRule(shortlist_top=2, min_margin=more)).classes.tolist() == [ABSTAINS]


def by_hand(first: NDArray[Any], second: NDArray[Any], rule: DecisionRule) -> list[float]:
    """The chances of each class of one row, computed class by class."""
    places = range(len(first))
    at_least = sorted(first, reverse=True)[rule.shortlist_top - 1] if rule.shortlist_top else 0
    listed = [place for place in places if first[place] >= max(rule.shortlist_min, at_least)]
    total = sum(second[place] for place in listed)
    if not total:
        return [0.0 for _ in places]
    scaled = {place: second[place] / total for place in listed}
    ordered = sorted([*scaled.values(), 0.0], reverse=True)
    if ordered[0] < rule.min_confidence or ordered[0] - ordered[1] < rule.min_margin:
        return [0.0 for _ in places]
    tied = [place for place in listed if ordered[0] - scaled[place] < rule.near_tie] or [max(listed, key=scaled.__getitem__)]
    return [1 / len(tied) if place in tied else 0.0 for place in places]


@given(
    hnp.arrays(np.int64, (2, 6), elements=st.integers(0, 3)),
    st.sampled_from([0, 2, 3, 6]),
    st.sampled_from([0.0625, 0.125]),
    st.sampled_from([0.0, 0.4]),
    st.sampled_from([0.0, 0.2]),
    st.sampled_from([0.0, 0.3]),
)
def test_shortlist_then_second_model_by_enumeration(  # one argument for each field of the rule
    sizes: NDArray[np.int64], top: int, least: float, confidence: float, margin: float, tie: float
) -> None:
    """The chances are those that are computed class by class."""
    first, second = sizes / 16
    rule = DecisionRule(confidence, margin, tie, top, least)
    decisions = decide(first[None], rule, second=second[None])
    np.testing.assert_allclose(decisions.chances[0], by_hand(first, second, rule))
    assert (decisions.reasons[0] in DECIDED) == (decisions.chances.sum() > 0) == (decisions.classes[0] != ABSTAINS)


@pytest.mark.parametrize("broken", [NONE, [math.inf, 0, 0], [0.5, 0.5, -math.inf]], ids=["NaN", "inf", "-inf"])
def test_broken_probabilities_abstain(broken: list[float]) -> None:
    """A model that fails must not decide, whatever the rule, be it the first or the second."""
    decisions = decide(np.array([broken, SURE]), DecisionRule(near_tie=0.1))
    assert decisions.classes.tolist() == [ABSTAINS, 1]
    assert decisions.reasons.tolist() == [NOT_FINITE, MOST_PROBABLE]
    assert math.isnan(decisions.confidence[0])
    by_two = decide(np.array([SURE, SURE]), DecisionRule(shortlist_top=2), second=np.array([broken, SURE]))
    assert by_two.reasons.tolist() == [NOT_FINITE, BY_SECOND]
    assert by_two.chances[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("shape", [(3,), (3, 1), (2, 3, 4)])
def test_other_shapes_are_errors(shape: tuple[int, ...]) -> None:
    """A second class is needed for a margin."""
    with pytest.raises(ValueError, match="expected \\[N, C\\]"):
        decide(np.zeros(shape), DecisionRule())


def test_two_models_answer_in_the_same_shape() -> None:
    with pytest.raises(ValueError, match="expected the same of both models"):
        decide(np.array([SURE]), DecisionRule(shortlist_top=2), second=np.array([SURE, SURE]))


BAD_RULES = {
    "confidence of 90": (
        {"min_confidence": 90},
        "min_confidence is 90; give a number from 0 to 1, such as --min-confidence 0.9$",
    ),
    "negative margin": ({"min_margin": -0.1}, "min_margin is -0.1; .* such as --min-margin 0.2$"),
    "tie is NaN": ({"near_tie": math.nan}, "near_tie is nan"),
    "a shortlist of 20 percent": ({"shortlist_min": 20}, "shortlist_min is 20; .* such as --shortlist-min 0.1$"),
    "a shortlist of one": ({"shortlist_top": 1}, "shortlist_top is 1; give at least two classes: --shortlist-top 2$"),
    "a shortlist of less": ({"shortlist_top": -3}, "shortlist_top is -3; give at least two classes: --shortlist-top 2$"),
    "a tie that never comes": ({"min_margin": 0.1, "near_tie": 0.1}, "near_tie 0.1 never applies"),
}


@pytest.mark.parametrize(("limits", "message"), BAD_RULES.values(), ids=BAD_RULES)
def test_bad_rules(limits: dict[str, Any], message: str) -> None:
    """Values outside 0..1 and rules that contradict each other are refused."""
    with pytest.raises(InputError, match=message):
        DecisionRule(**limits)


def test_shortlist_has_no_more_places_than_classes() -> None:
    with pytest.raises(InputError, match=r"shortlist_top is 4, of 3 classes; give at most --shortlist-top 3$"):
        decide(np.array([SURE]), DecisionRule(shortlist_top=4))


def test_second_model_needs_a_shortlist() -> None:
    with pytest.raises(InputError, match=r"give one, such as --shortlist-top 3 or --shortlist-min 0.1$"):
        decide(np.array([SURE]), DecisionRule(), second=np.array([SURE]))
