"""A rule of kind `worst_slice`: what it measures, by numbers that can be checked by hand, and its lint."""

from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from tests.fairgate.gate.judging import FPR, MakeSlice, outcome, outcomes
from tests.fairgate.gate.linting import messages_of


def test_worst_slice() -> None:
    """The floor is held against the lowest, the ceiling against the highest; one line that names it."""
    recall = {"class:a": 90, "class:b": 55, "class:c": 70}
    slices = {name: SliceMetrics(n=100, rates={MetricKey("recall"): Rate(count, 100)}) for name, count in recall.items()}
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=300), **slices}})
    found = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "min": 0.7})
    assert (found.slice, found.value, found.limit, found.outcome) == ("class:b", 0.55, 0.7, "failed")
    assert found.reason == (
        "Recall of class:b is 0.55, the lowest of 3 (95 % interval 0.452–0.644, n = 100); at least 0.7 is required."
    )
    highest = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "max": 0.95})
    assert (highest.slice, highest.outcome, highest.limit) == ("class:a", "passed", 0.95)
    assert "the highest of 3" in highest.reason
    too_high = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "max": 0.8})
    assert (too_high.slice, too_high.outcome, too_high.limit) == ("class:a", "failed", 0.8)


def test_a_missing_slice_does_not_hide_the_next(of: MakeSlice) -> None:
    """What one slice lacks is said, and the others are judged; each outcome names its own slice."""
    slices = {"overall": of(fpr=(300, 1000)), "gender:a": of(fnr=(9, 100)), "gender:b": of(fpr=(40, 100))}
    rule = {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "max": 0.2}
    lacking, found = outcomes(Evaluation({"candidate": slices}), rule)
    assert (lacking.slice, lacking.outcome, lacking.kind) == ("gender:a", "unproven", "worst_slice")
    assert (found.slice, found.outcome) == ("gender:b", "failed")


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("either min or max", {"kind": "worst_slice", "id": "a", "metric": "auc"}),
        ("either min or max", {"kind": "worst_slice", "id": "a", "metric": "auc", "min": 0.1, "max": 0.2}),
    ],
)
def test_mistakes_are_errors(key: str, rule: dict[str, Any]) -> None:
    """The message names the key."""
    with pytest.raises(ValidationError, match=key):
        Policy.model_validate({"rules": [rule]})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "min": 0.1},
            "the worst false_positive_rate is the highest; replace min by max.",
        ),
        (
            {"kind": "worst_slice", "metric": "auc", "slices": ["gender:*"], "max": 0.9},
            "the worst auc is the lowest; replace max by min.",
        ),
        (
            {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "min": 0},
            "min 0 is kept by every false_positive_rate, which is at least 0, so the rule could not refuse anything; raise it.",
        ),
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
        {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "max": 0.5},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []
