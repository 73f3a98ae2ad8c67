"""A rule of kind `quality`: what it measures, by numbers that can be checked by hand, and its lint."""

from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.statistics import intervals
from tests.fairgate.gate.judging import FPR, outcome, outcomes
from tests.fairgate.gate.linting import FLOOR, IMAGES, messages_of

POSITIVE: dict[str, Any] = {"metric": "positive_rate", "thresholds": [0.5]}


def test_quality_of_a_rate(practicum: Evaluation) -> None:
    """Value, Wilson's interval, limit and number of trials, as numbers and as a sentence."""
    found = outcome(practicum, {"kind": "quality", **FPR, "slices": ["gender:male"], "max": 0.25})
    assert (found.id, found.kind, found.slice, found.metric, found.threshold) == (
        "rule-0",
        "quality",
        "gender:male",
        FPR["metric"],
        0.5,
    )
    assert (found.value, found.limit, found.n, found.outcome) == (0.28, 0.25, 1000, "failed")
    assert found.interval == pytest.approx(intervals.wilson(280, 1000))
    assert found.reason == (
        "False positive rate of gender:male at 0.5 is 0.28 (95 % interval 0.253–0.309, n = 1,000); the limit is 0.25."
    )


def test_quality_of_a_scalar(practicum: Evaluation) -> None:
    """An AUC with its normal interval; n is the number of examples, the threshold NaN."""
    found = outcome(practicum, {"kind": "quality", "metric": "auc", "min": 0.85})
    assert (found.outcome, found.value, found.limit, found.n) == ("passed", 0.87, 0.85, 20_000)
    assert found.threshold is None
    assert found.reason == "AUC of overall is 0.87 (95 % interval 0.864–0.876, n = 20,000); at least 0.85 is required."


@pytest.mark.parametrize(
    ("limits", "result"), [({"max": 0.23}, "passed"), ({"min": 0.23}, "passed"), ({"max": 0.2299999}, "unproven")]
)
def test_a_limit_that_is_exactly_met_is_kept(practicum: Evaluation, limits: dict[str, float], result: str) -> None:
    """3,680 of 16,000 is 0.23."""
    assert outcome(practicum, {"kind": "quality", **FPR, **limits}).outcome == result


def test_quality_at_several_thresholds_and_slices() -> None:
    """One outcome for each, in the order of thresholds and then of names."""
    rates = {MetricKey("recall", threshold): Rate(90, 100) for threshold in (0.3, 0.7)}
    slices = {name: SliceMetrics(n=100, rates=rates) for name in ("overall", "class:b", "class:a")}
    rule = {"kind": "quality", "metric": "recall", "thresholds": [0.3, 0.7], "slices": ["class:*"], "min": 0.5}
    found = outcomes(Evaluation({"candidate": slices}), rule)
    assert [(each.threshold, each.slice) for each in found] == [
        (0.3, "class:a"),
        (0.3, "class:b"),
        (0.7, "class:a"),
        (0.7, "class:b"),
    ]


def test_counterfactual_slices_are_slices_like_others() -> None:
    """A flip rate per term, by a quality rule with a pattern."""
    key = MetricKey("flip_rate", 0.5)
    slices = {
        f"counterfactual:{term}": SliceMetrics(n=400, rates={key: Rate(count, 400)})
        for term, count in (("gay", 60), ("straight", 4))
    }
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000), **slices}})
    rule = {"kind": "quality", "metric": "flip_rate", "thresholds": [0.5], "slices": ["counterfactual:*"], "max": 0.05}
    assert [(found.slice, found.outcome) for found in outcomes(evaluation, rule)] == [
        ("counterfactual:gay", "failed"),
        ("counterfactual:straight", "passed"),
    ]


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        (", a quality rule needs min, max or both", {"kind": "quality", "id": "a", "metric": "auc"}),
    ],
)
def test_mistakes_are_errors(key: str, rule: dict[str, Any]) -> None:
    """The message names the key."""
    with pytest.raises(ValidationError, match=key):
        Policy.model_validate({"rules": [rule]})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**FLOOR, "metric": "final_score"}, "metric 'final_score' is now called 'jigsaw_score'; write that."),
        ({**FLOOR, "metric": "train_test_gap"}, "'train_test_gap' is now called 'train_test_accuracy_difference'; write that."),
        ({**FLOOR, "metric": "acu"}, "metric 'acu' is not evaluated; did you mean 'auc'?"),
        ({**FLOOR, "metric": "zzz"}, "metric 'zzz' is not evaluated; there are "),
        ({**FLOOR, "metric": "accuracy"}, "metric 'accuracy' is not evaluated"),
        (
            {**FLOOR, "metric": "train_test_accuracy_difference"},
            "train_test_accuracy_difference needs the split 'train' in evaluation.splits, which has ['eval'].",
        ),
        ({**FLOOR, "thresholds": [0.5]}, "auc depends on no threshold; remove thresholds [0.5]."),
        ({**FLOOR, "metric": "bpsn_auc"}, "bpsn_auc is not evaluated on 'overall', which 'overall' names; it is on slices."),
        ({**FLOOR, "metric": "bpsn_auc", "slices": ["*"]}, "bpsn_auc is not evaluated on 'overall', which '*' names"),
        ({"kind": "quality", **FPR, "min": 0.3, "max": 0.2}, "min 0.3 lies above max 0.2, so no candidate could ever pass"),
        ({**FLOOR, "min": 0.0}, "min 0 is kept by every auc, which is at least 0, so the rule could not refuse anything"),
        ({"kind": "quality", **FPR, "max": 1.0}, "max 1 is kept by every false_positive_rate, which is at most 1"),
        ({**FLOOR, "min": 1.1}, "min 1.1 is beyond every auc, which is at most 1, so no candidate could ever pass"),
        ({"kind": "quality", **FPR, "max": -0.1}, "max -0.1 is beyond every false_positive_rate, which is at least 0"),
        ({**FLOOR, "min": 80}, "min 80 is beyond every auc"),
        (
            {"kind": "quality", **FPR, "min": 0.2},
            "min 0.2 alone limits how good false_positive_rate may be, which gets worse when higher, so the rule could "
            "refuse no bad candidate; write max in its place, or both.",
        ),
        (
            {"kind": "quality", "metric": "auc", "max": 0.9},
            "max 0.9 alone limits how good auc may be, which gets worse when lower, so the rule could refuse no bad "
            "candidate; write min in its place, or both.",
        ),
        (
            {"kind": "quality", **POSITIVE, "worse": "lower", "max": 0.9},
            "max 0.9 alone limits how good positive_rate may be, which gets worse when lower",
        ),
        (
            {"kind": "quality", **POSITIVE, "worse": "higher", "min": 0.1},
            "min 0.1 alone limits how good positive_rate may be, which gets worse when higher",
        ),
        ({**FLOOR, "slices": ["swaps:*"]}, "no slice matches 'swaps:*': 'swaps' is no slice feature"),
    ],
)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each alone, by one message that names the rule, the value and the remedy."""
    (found,) = messages_of(rule)
    assert found.startswith("policy, rule 'a': ")
    assert message in found


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "quality", **FPR, "min": 0.1, "max": 0.2},
        {"kind": "quality", "metric": "auc", "min": 0.6, "max": 0.99},
        {"kind": "quality", **POSITIVE, "min": 0.1},
        {"kind": "quality", **POSITIVE, "max": 0.9},
        {"kind": "quality", **POSITIVE, "worse": "lower", "min": 0.1},
        {"kind": "quality", **POSITIVE, "worse": "higher", "max": 0.9},
        FLOOR,
        {**FLOOR, "slices": ["gender:*", "race:black"]},
        {**FLOOR, "metric": "bnsp_auc", "slices": ["gender:*"], "min": 0.8},
        {**FLOOR, "metric": "jigsaw_score"},
        {"kind": "quality", "metric": "false_positive_rate_equality_difference", "thresholds": [0.5], "max": 1.2},
        {"kind": "quality", **FPR, "min": 0.1, "max": 0.1},
        {**FLOOR, "worse": "lower"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm: both limits, or the one on the worse side; either where the metric has no worse side."""
    assert messages_of(rule) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"kind": "quality", "metric": "recall", "min": 0.5},
            "recall is not evaluated on 'overall', which 'overall' names; it is on class:*.",
        ),
        ({"kind": "quality", "metric": "recall", "slices": ["class:Coats"], "min": 0.5}, "did you mean 'class:Coat'?"),
        (
            {"kind": "quality", "metric": "train_test_accuracy_difference", "max": 1},
            "max 1 is kept by every train_test_accuracy_difference",
        ),
        ({"kind": "quality", "metric": "auc", "min": 0.8}, "metric 'auc' is not evaluated"),
        ({"kind": "quality", "metric": "accuracy", "thresholds": [0.5], "min": 0.8}, "accuracy depends on no threshold"),
    ],
)
def test_bad_rules_for_images_are_found(rule: dict[str, Any], message: str) -> None:
    """The same for a multi-class task."""
    assert any(message in each for each in messages_of(rule, by=IMAGES))
