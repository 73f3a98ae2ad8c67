"""A rule of kind `gap`: what it measures, by numbers that can be checked by hand, and its lint."""

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from fairgate.gate.policy import Policy
from fairgate.measurement import Buckets, Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.statistics import intervals
from tests.fairgate.gate.judging import FPR, MakeSlice, outcome, outcomes
from tests.fairgate.gate.linting import GAP, IMAGES, messages_of


def test_gap_as_a_ratio(practicum: Evaluation) -> None:
    """Slice over overall; the interval is that against the complement, translated."""
    found = outcome(practicum, {"kind": "gap", **FPR, "slices": ["gender:male"], "limit": 1.25})
    assert (found.value, found.limit, found.n) == pytest.approx((0.28 / 0.23, 1.25, 1000))
    ends = intervals.rate_ratio(280, 1000, 3400, 15_000)
    assert found.interval == pytest.approx([intervals.ratio_to_whole(end, 1 / 16) for end in ends])
    assert found.outcome == "passed"
    assert found.reason == (
        "False positive rate of gender:male at 0.5 is 0.28, 1.22 times the overall 0.23 (95 % interval 1.1–1.34, n = 1,000); "
        "the limit is 1.25. The limit is kept, but the interval reaches beyond it."
    )


def test_gap_as_a_difference(practicum: Evaluation) -> None:
    """Slice minus overall."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:male"], "measure": "difference", "limit": 0.02}
    found = outcome(practicum, rule)
    assert (found.value, found.limit) == pytest.approx((0.05, 0.02))
    ends = intervals.rate_difference(280, 1000, 3400, 15_000)
    assert found.interval == pytest.approx([end * 15 / 16 for end in ends])
    assert found.outcome == "failed"
    assert "is 0.28, 0.05 above the overall 0.23 (95 % interval" in found.reason


def test_gap_to_the_rest(practicum: Evaluation) -> None:
    """Slice against complement, as a ratio and as a difference."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:male"], "limit": 1.25, "against": "rest"}
    found = outcome(practicum, rule)
    assert found.value == pytest.approx(0.28 / (3400 / 15_000))
    assert found.measure == "ratio_to_rest"
    assert found.interval == pytest.approx(intervals.rate_ratio(280, 1000, 3400, 15_000))
    assert found.reason.startswith(
        "False positive rate of gender:male at 0.5 is 0.28, 1.24 times the 0.227 of all other examples (95 %"
    )
    difference = outcome(practicum, {**rule, "measure": "difference", "limit": 0.05})
    assert difference.value == pytest.approx(0.28 - 3400 / 15_000)
    assert difference.measure == "difference_to_rest"
    assert "0.0533 above the 0.227 of all other examples" in difference.reason


def test_gap_to_a_rest_that_cannot_be_judged(of: MakeSlice) -> None:
    """No other example: not applicable; few: not enough data; no part of overall: open."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:male"], "limit": 1.25, "against": "rest"}
    cases: dict[tuple[int, int], tuple[str, str]] = {
        (300, 1000): ("not applicable", "No example that counts for the false positive rate lies outside of gender:male: "),
        (305, 1010): (
            "not enough data",
            " of the examples outside of gender:male at 0.5 rests on 10 examples",
        ),
        (290, 1010): (
            "unproven",
            " of gender:male at 0.5 cannot be separated from that of the other examples",
        ),
    }
    for overall, (result, reason) in cases.items():
        slices = {"overall": of(fpr=overall), "gender:male": of(fpr=(300, 1000))}
        found = outcome(Evaluation({"candidate": slices}), rule)
        assert found.outcome == result
        assert reason in found.reason
    scalars = {"overall": of(auc=0.9, n=1000), "gender:male": of(auc=0.9, n=500)}
    found = outcome(Evaluation({"candidate": scalars}), {**rule, "metric": "auc", "thresholds": []})
    assert "cannot be separated" in found.reason


def test_a_gap_to_overall_needs_enough_clusters_outside() -> None:
    """The other examples lie in 12 buckets."""
    key, ones = MetricKey("false_positive_rate", 0.5), np.ones(50)
    inside, outside = 10 * ones, np.where(np.arange(50) < 12, 10.0, 0.0)

    def metrics(trials: np.ndarray) -> SliceMetrics:  # type: ignore[type-arg]
        n = float(trials.sum())
        return SliceMetrics(round(n), rates={key: Rate(n * 0.3, n, (n * 0.3, n * 0.7), Buckets(trials * 0.3, trials))})

    evaluation = Evaluation({"candidate": {"overall": metrics(inside + outside), "gender:male": metrics(inside)}})
    found = outcome(evaluation, {"kind": "gap", **FPR, "slices": ["gender:male"], "limit": 1.25})
    assert found.outcome == "unproven"
    assert "fewer than 20 buckets" in found.reason


def test_gap_leaves_the_better_direction_alone(of: MakeSlice) -> None:
    """A slice far below overall is no gap, unless both directions are limited."""
    evaluation = Evaluation({"candidate": {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(10, 200))}})
    rule = {"kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25}
    assert outcome(evaluation, rule).outcome == "passed"
    both = outcome(evaluation, {**rule, "direction": "both"})
    assert (both.outcome, both.limit) == ("failed", 0.8)
    better = outcome(evaluation, {**rule, "measure": "difference", "limit": 0.1})
    assert (better.outcome, better.limit) == ("passed", 0.1)
    difference = outcome(evaluation, {**rule, "direction": "both", "measure": "difference", "limit": 0.1})
    assert (difference.outcome, difference.limit) == ("failed", -0.1)


def test_gap_of_a_metric_that_is_better_when_higher() -> None:
    """A true positive rate may fall to 1 / 1.25 of overall, or by the difference; it may rise."""
    key = MetricKey("true_positive_rate", 0.5)
    slices = {"overall": Rate(900, 1000), "gender:low": Rate(100, 200), "gender:high": Rate(200, 200)}
    evaluation = Evaluation({"candidate": {name: SliceMetrics(n=200, rates={key: rate}) for name, rate in slices.items()}})
    rule = {"kind": "gap", "metric": "true_positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25}
    high, low = outcomes(evaluation, rule)
    assert (high.outcome, low.outcome, low.limit) == ("passed", "failed", 0.8)
    assert low.reason.endswith("at least 0.8 is required.")
    high, low = outcomes(evaluation, {**rule, "measure": "difference", "limit": 0.1})
    assert (high.outcome, low.outcome, low.limit) == ("passed", "failed", -0.1)


def test_gap_of_a_metric_without_direction_is_limited_in_both() -> None:
    """A positive rate is neither good nor bad; a policy may say which it is."""
    key = MetricKey("positive_rate", 0.5)
    slices = {"overall": Rate(300, 1000), "gender:male": Rate(10, 200)}
    evaluation = Evaluation({"candidate": {name: SliceMetrics(n=200, rates={key: rate}) for name, rate in slices.items()}})
    rule = {"kind": "gap", "metric": "positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25}
    assert outcome(evaluation, rule).outcome == "failed"
    assert outcome(evaluation, {**rule, "worse": "higher"}).outcome == "passed"
    assert outcome(evaluation, {**rule, "worse": "lower"}).outcome == "failed"


def test_no_errors_anywhere_are_no_gap(of: MakeSlice) -> None:
    """A rate of 0 overall and in the slice: ratio 1."""
    evaluation = Evaluation({"candidate": {"overall": of(fpr=(0, 1000)), "gender:male": of(fpr=(0, 200))}})
    found = outcome(evaluation, {"kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25})
    assert (found.outcome, found.value) == ("passed", 1.0)


def test_worst_against_best(practicum: Evaluation) -> None:
    """Within gender male is worst and female best; the slice with too few examples takes no part."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:*"], "against": "best", "limit": 1.1}
    few, found = outcomes(practicum, rule)
    assert (few.outcome, few.slice, few.n) == ("not enough data", "gender:other_gender", 16)
    assert (found.slice, found.outcome, found.n) == ("gender:male", "unproven", 1000)
    assert found.value == pytest.approx(0.28 / 0.24)
    assert found.interval == pytest.approx(intervals.rate_ratio(280, 1000, 288, 1200))
    assert "is 0.28, 1.17 times that of gender:female, 0.24 (95 %" in found.reason


def test_worst_against_best_of_a_metric_that_is_better_when_higher() -> None:
    """The lowest is the worst."""
    key = MetricKey("recall")
    slices = {"overall": 0.7, "class:a": 0.9, "class:b": 0.45, "class:c": 0.8}
    evaluation = Evaluation(
        {"candidate": {name: SliceMetrics(500, rates={key: Rate(500 * value, 500)}) for name, value in slices.items()}}
    )
    found = outcome(evaluation, {"kind": "gap", "metric": "recall", "slices": ["class:*"], "against": "best", "limit": 1.25})
    assert (found.slice, found.limit, found.outcome) == ("class:b", 0.8, "failed")
    assert found.value == pytest.approx(0.5)
    difference = {
        "kind": "gap",
        "metric": "recall",
        "slices": ["class:*"],
        "against": "best",
        "measure": "difference",
        "limit": 0.5,
    }
    assert outcome(evaluation, difference).value == pytest.approx(-0.45)


def test_worst_against_best_compares_within_each_feature(of: MakeSlice) -> None:
    """Two features are two comparisons; a feature with a single slice has nothing to compare."""
    slices = {
        "overall": of(fpr=(300, 1000)),
        "gender:a": of(fpr=(30, 100)),
        "gender:b": of(fpr=(40, 100)),
        "race:a": of(fpr=(90, 100)),
    }
    gender, race = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "slices": ["gender:*", "race:*"], "against": "best", "limit": 2}
    )
    assert (gender.slice, gender.outcome) == ("gender:b", "passed")
    assert gender.value == pytest.approx(4 / 3)
    assert (race.slice, race.outcome, race.n) == ("race:*", "not enough data", 100)
    (pair,) = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "slices": ["race:a × age:b"], "against": "best", "limit": 2}
    )
    assert pair.outcome == "unproven"
    assert "Fewer than two slices of race:*" in race.reason


def test_slices_of_features_that_alternate_are_compared_within_each(of: MakeSlice) -> None:
    """The order in which patterns name them does not matter."""
    rates = {"gender:a": 30, "gender:b": 40, "race:a": 60, "race:b": 90}
    slices = {"overall": of(fpr=(300, 1000)), **{name: of(fpr=(count, 100)) for name, count in rates.items()}}
    rule = {"kind": "gap", **FPR, "against": "best", "limit": 2, "slices": ["race:a", "gender:a", "race:b", "gender:b"]}
    found = outcomes(Evaluation({"candidate": slices}), rule)
    assert [each.slice for each in found] == ["gender:b", "race:b"]
    assert found[0].reason.startswith("False positive rate of gender:b at 0.5 is 0.4, 1.33 times that of gender:a, 0.3 (95 %")
    assert found[1].reason.endswith("the limit is 2.")


def test_a_feature_without_any_sound_slice_has_no_examples(of: MakeSlice) -> None:
    """Nothing to compare rests on nothing."""
    slices = {"overall": of(fpr=(300, 1000)), "gender:a": of(fpr=(3, 10))}
    few, nothing = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "against": "best", "limit": 2, "slices": ["gender:*"]}
    )
    assert (few.n, nothing.slice, nothing.outcome, nothing.n) == (10, "gender:*", "not enough data", 0)


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("limits", {"kind": "gap", "id": "a", "metric": "auc", "limit": 1.2, "limits": 1}),
        ("limit", {"kind": "gap", "id": "a", "metric": "auc"}),
        ("limit", {"kind": "gap", "id": "a", "metric": "auc", "limit": math.nan}),
        ("limit", {"kind": "gap", "id": "a", "metric": "auc", "limit": "much"}),
        ("measure", {"kind": "gap", "id": "a", "metric": "auc", "limit": 1.2, "measure": "factor"}),
        ("against", {"kind": "gap", "id": "a", "metric": "auc", "limit": 1.2, "against": "worst"}),
    ],
)
def test_mistakes_are_errors(key: str, rule: dict[str, Any]) -> None:
    """The message names the key."""
    with pytest.raises(ValidationError, match=key):
        Policy.model_validate({"rules": [rule]})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**GAP, "thresholds": []}, "false_positive_rate depends on a threshold; add thresholds, of 0.1, 0.3, 0.5, 0.7, 0.9."),
        ({**GAP, "thresholds": [0.5, 0.4]}, "threshold 0.4 is not evaluated; add it to evaluation.thresholds or use one of 0.1,"),
        ({**GAP, "thresholds": [5]}, "threshold 5 is not evaluated"),
        ({**GAP, "thresholds": [0.5, 0.5]}, "thresholds [0.5, 0.5] name one twice; remove it."),
        ({**GAP, "slices": []}, "slices is empty; name some, such as"),
        ({**GAP, "slices": ["gender:femal"]}, "no slice matches 'gender:femal'; did you mean 'gender:female'?"),
        (
            {**GAP, "slices": ["genders:*"]},
            "'genders' is no slice feature; did you mean 'gender'?, or add it to evaluation.slice_features.",
        ),
        ({**GAP, "slices": ["gender"]}, "no slice matches 'gender'; "),
        ({**GAP, "slices": ["gender:* × age:*"]}, "'age' is no slice feature; there are gender, race, or add it"),
        (
            {**GAP, "slices": ["gender:* × gender:*"]},
            "gender × gender is not among evaluation.intersections; add the pair there.",
        ),
        ({**GAP, "slices": ["overall"]}, "a gap is that of a slice; replace"),
        ({**GAP, "slices": ["gender:male"], "against": "best"}, "gender:male is the only slice of its feature that is named"),
        (
            {**GAP, "metric": "jigsaw_score", "thresholds": []},
            "jigsaw_score is not evaluated on 'gender:female', which 'gender:*' names",
        ),
        (
            {**GAP, "metric": "subgroup_auc", "thresholds": []},
            "subgroup_auc is not evaluated on overall, so no slice can be compared",
        ),
        ({**GAP, "limit": 0.25}, "limit 0.25 is below 1, which is a ratio without any gap, so no candidate could ever pass"),
        ({**GAP, "limit": float("inf")}, "limit is infinite, so the rule could not refuse anything"),
        ({**GAP, "measure": "difference", "limit": 1.25}, "limit 1.25 allows any difference of false_positive_rate"),
        ({**GAP, "measure": "difference", "limit": 1}, "limit 1 allows any difference of false_positive_rate"),
        ({**GAP, "measure": "difference", "limit": -0.05}, "limit -0.05 is below 0, which is a difference without any gap"),
        (
            {**GAP, "metric": "jigsaw_score", "thresholds": [], "slices": ["gender:* × race:*"]},
            "jigsaw_score is not evaluated on 'gender:",
        ),
        ({**GAP, "worse": "lower"}, "worse is 'lower', but false_positive_rate gets worse when higher; remove worse."),
    ],
)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each alone, by one message that names the rule, the value and the remedy."""
    (found,) = messages_of(rule)
    assert found.startswith("policy, rule 'a': ")
    assert message in found


def test_a_metric_without_complement_has_no_gap_to_the_rest() -> None:
    """The AUC outside of a slice does not follow from those of slice and overall."""
    rule = {**GAP, "metric": "auc", "thresholds": [], "measure": "difference", "limit": 0.1, "against": "rest"}
    assert messages_of(rule) == [
        "policy, rule 'a': auc is no rate, so it has no value outside of a slice; write against: overall."
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"kind": "gap", "metric": "recall", "slices": ["class:*"], "limit": 1.2},
            "recall is not evaluated on overall, so no slice",
        ),
        (
            {"kind": "gap", "metric": "train_test_accuracy_difference", "slices": ["class:*"], "limit": 1.2},
            "train_test_accuracy_difference may be negative, so it has no ratio",
        ),
    ],
)
def test_bad_rules_for_images_are_found(rule: dict[str, Any], message: str) -> None:
    """The same for a multi-class task."""
    assert any(message in each for each in messages_of(rule, by=IMAGES))


@pytest.mark.parametrize(
    "rule",
    [
        GAP,
        {**GAP, "thresholds": [0.1, 0.3, 0.5, 0.7, 0.9]},
        {**GAP, "slices": ["gender:male × race:*"]},
        {**GAP, "slices": ["race:* × gender:*"]},
        {**GAP, "slices": ["*"]},
        {**GAP, "against": "best"},
        {**GAP, "against": "rest"},
        {**GAP, "limit": 1},
        {**GAP, "measure": "difference", "limit": 0, "direction": "both"},
        {**GAP, "metric": "positive_rate"},
        {**GAP, "metric": "auc", "thresholds": [], "measure": "difference", "limit": 0.1},
        {**GAP, "metric": "subgroup_auc", "thresholds": [], "against": "best"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []


@pytest.mark.parametrize(("against", "n"), [("best", "n = 437 and 152"), ("rest", "n = 437")])
def test_n_of_a_comparison_is_that_of_the_slice(of: MakeSlice, against: str, n: str) -> None:
    """Of two slices the smaller one, whose 152 decide how wide the interval is, stands beside it."""
    slices = {"overall": of(fpr=(200, 600)), "race:white": of(fpr=(160, 437)), "race:black": of(fpr=(38, 152))}
    rule = {"kind": "gap", **FPR, "slices": ["race:white"] if against == "rest" else ["race:*"], "against": against, "limit": 3}
    found = outcome(Evaluation({"candidate": slices}), rule)
    assert (found.slice, found.n) == ("race:white", 437)
    assert f", {n});" in found.reason


def test_n_is_one_number_where_the_slice_is_the_smaller_side(of: MakeSlice) -> None:
    """As in every comparison with overall."""
    slices = {"overall": of(fpr=(200, 600)), "race:white": of(fpr=(100, 437)), "race:black": of(fpr=(70, 152))}
    rule = {"kind": "gap", **FPR, "slices": ["race:*"], "against": "best", "limit": 3}
    found = outcome(Evaluation({"candidate": slices}), rule)
    assert (found.slice, found.n) == ("race:black", 152)
    assert "n = 152);" in found.reason
