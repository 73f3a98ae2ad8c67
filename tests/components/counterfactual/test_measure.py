"""Flip rates and score shifts from scores, by hand."""

import math

import pytest
from statsmodels.stats.proportion import proportion_confint

from components.counterfactual.measure import DecisionSettings, invalid_scores, measure_probes, measure_swaps
from components.counterfactual.probes import Probe
from components.counterfactual.swap import Swap
from fairgate.counterfactual import FlipRate, ScoreShift
from fairgate.statistics.intervals import flip_interval, shift_interval

AT_HALF = DecisionSettings((0.5,), 0.95)


def swap(original: str, swapped: str, term: str = "male") -> Swap:
    """A swap of this term for another one."""
    return Swap("gender", term, "other", original, swapped)


def test_swaps_of_one_comment_are_one_trial() -> None:
    """The comment a flips in one of two swaps, b in its only one, c in none: 1.5 of 3; shifts 0.3, 0.2 and -0.1."""
    swaps = [swap("a", "a1"), swap("a", "a2"), swap("b", "b1"), swap("c", "c1")]
    scores = {"a": 0.6, "a1": 0.4, "a2": 0.2, "b": 0.6, "b1": 0.4, "c": 0.1, "c1": 0.2}
    scores["a1"] = 0.6 - 1e-9  # on the same side
    scores["a2"] = 1e-9
    (found,) = measure_swaps("candidate", swaps, scores, AT_HALF)
    assert (found.test, found.model, found.group, found.term, found.n) == ("swaps", "candidate", "gender", "male", 3)
    (flips,) = found.flips
    assert (flips.threshold, flips.value) == (0.5, 0.5)
    assert (flips.low, flips.high) == pytest.approx(proportion_confint(1.5, 3, method="wilson"))
    shift = found.shift
    # mean 0.4 / 3; squared deviations 0.0278 + 0.0044 + 0.0544 = 0.0867, s² = 0.0433, s/√3 = 0.1202; t(2) at 0.975 is 4.3027
    assert shift.value == pytest.approx(0.4 / 3)
    assert shift.standard_error == pytest.approx(0.12018504, abs=1e-7)
    assert (shift.low, shift.high) == pytest.approx((0.4 / 3 - 0.5171143, 0.4 / 3 + 0.5171143), abs=1e-6)


def test_each_threshold_has_its_own_flips() -> None:
    """A score that equals the threshold is no positive decision."""
    (found,) = measure_swaps("candidate", [swap("a", "b")], {"a": 0.5, "b": 0.75}, DecisionSettings((0.25, 0.5, 0.7, 0.75), 0.95))
    assert [(flips.threshold, flips.value) for flips in found.flips] == [(0.25, 0.0), (0.5, 1.0), (0.7, 1.0), (0.75, 0.0)]


def test_single_text_has_no_interval_of_its_shift() -> None:
    """One difference tells nothing of its spread."""
    (found,) = measure_swaps("candidate", [swap("a", "b")], {"a": 0.5, "b": 0.75}, AT_HALF)
    assert found.shift == ScoreShift(value=-0.25, standard_error=None, low=None, high=None)


def test_scores_that_are_no_numbers_take_no_part() -> None:
    """Neither a swap's nor a comment's; a term left without any has no result."""
    swaps = [swap("a", "nan"), swap("a", "b"), swap("nan", "b"), swap("b", "nan"), swap("b", "inf", term="female")]
    scores = {"a": 0.9, "b": 0.4, "nan": math.nan, "inf": math.inf}
    (found,) = measure_swaps("candidate", swaps, scores, AT_HALF)
    assert (found.term, found.n, found.flips[0].value, found.shift.value) == ("male", 1, 1.0, 0.5)
    assert invalid_scores(scores) == 2


def test_probes_are_set_against_the_mean_of_their_group() -> None:
    """Template t: 0.2, 0.9 with mean 0.55; template u: 0.1, 0.3 with mean 0.2; another group does not matter."""
    probes = [Probe("g", term, template, f"{term}{template}") for term in "mf" for template in "tu"] + [Probe("h", "m", "t", "x")]
    scores = {"mt": 0.2, "ft": 0.9, "mu": 0.1, "fu": 0.3, "x": 1.0}
    male, female, alone = measure_probes("baseline", probes, scores, AT_HALF)
    assert [(found.group, found.term, found.n) for found in (male, female, alone)] == [
        ("g", "m", 2),
        ("g", "f", 2),
        ("h", "m", 1),
    ]
    assert (male.test, male.flips[0].value) == ("probes", 0.5)
    assert male.shift.value == pytest.approx((-0.35 - 0.1) / 2)
    assert (female.flips[0].value, female.shift.value) == pytest.approx((0.0, 0.225))
    assert (alone.flips[0], alone.shift.value) == (
        FlipRate(threshold=0.5, value=0.0, low=0.0, high=flip_interval(0, 1, 0.95)[1]),
        0.0,
    )


def test_probe_without_a_score_is_not_in_the_mean() -> None:
    """The mean is that of the others."""
    probes = [Probe("g", term, "t", term) for term in "abc"]
    found = measure_probes("baseline", probes, {"a": 0.2, "b": 0.4, "c": math.nan}, AT_HALF)
    assert {result.term: result.shift.value for result in found} == pytest.approx({"a": -0.1, "b": 0.1})


@pytest.mark.parametrize(
    ("n", "confidence", "quantile"), [(2, 0.95, 12.7062), (5, 0.95, 2.7764), (5, 0.9, 2.1318), (101, 0.95, 1.9840)]
)
def test_students_interval(n: int, confidence: float, quantile: float) -> None:
    """Quantiles of Student's distribution, from a printed table."""
    assert shift_interval(1.0, 0.5, n, confidence) == pytest.approx((1 - quantile / 2, 1 + quantile / 2), abs=1e-4)
