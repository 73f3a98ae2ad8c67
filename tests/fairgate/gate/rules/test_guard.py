"""A rule of kind `guard`: what it measures, by numbers that can be checked by hand, and its lint."""

from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Scalar, SliceMetrics
from fairgate.statistics import intervals
from tests.fairgate.gate.judging import FPR, of_models, outcome, outcomes
from tests.fairgate.gate.linting import messages_of


def test_an_equality_difference_is_worse_when_higher() -> None:
    """It has no words of its own that say so."""
    key = MetricKey("false_positive_rate_equality_difference", 0.5)
    model = {value: SliceMetrics(n=1000, scalars={key: Scalar(value, 0.01)}) for value in (0.2, 0.3)}
    rule = {"kind": "guard", "metric": key.name, "thresholds": [0.5], "margin": 0.05}
    assert outcome(of_models(model[0.3], model[0.2]), rule).outcome == "failed"
    assert outcome(of_models(model[0.2], model[0.3]), rule).outcome == "passed"


def test_guard(practicum: Evaluation) -> None:
    """Candidate minus baseline: 0.34 after 0.27 is within a margin of 0.1 and beyond one of 0.04."""
    rule = {"kind": "guard", "metric": "false_negative_rate", "thresholds": [0.5], "margin": 0.1}
    found = outcome(practicum, rule)
    assert (found.outcome, found.limit, found.n) == ("passed", 0.1, 4000)
    assert found.value == pytest.approx(0.07)
    assert found.interval == pytest.approx(intervals.rate_difference(1360, 4000, 1080, 4000))
    assert found.reason == (
        "False negative rate of overall at 0.5 is 0.34, 0.07 above the baseline's 0.27 (95 % interval 0.0498–0.0901, n = 4,000); "
        "at most 0.1 worse is allowed."
    )
    assert outcome(practicum, {**rule, "margin": 0.04}).outcome == "failed"
    assert outcome(practicum, {**rule, "margin": 0.06}).outcome == "unproven"


def test_guard_of_a_metric_that_is_better_when_higher(practicum: Evaluation) -> None:
    """An AUC may fall by the margin, exactly, and may rise by any amount."""
    falls = outcome(practicum, {"kind": "guard", "metric": "auc", "margin": 0.01})
    assert (falls.outcome, falls.limit) == ("passed", -0.01)
    swapped = Evaluation({"baseline": practicum.models["candidate"], "candidate": practicum.models["baseline"]})
    assert outcome(swapped, {"kind": "guard", "metric": "auc", "margin": 0.0}).outcome == "passed"
    assert outcome(practicum, {"kind": "guard", "metric": "auc", "margin": 0.001}).outcome == "failed"


@pytest.mark.parametrize("kind", [{"kind": "guard", "margin": 0.1}, {"kind": "not_worse"}])
def test_a_guard_names_its_slice(practicum: Evaluation, kind: dict[str, Any]) -> None:
    """Also where there are too few examples."""
    found = outcomes(practicum, {**kind, **FPR, "slices": ["gender:*"]})
    assert [each.slice for each in found] == ["gender:female", "gender:male", "gender:other_gender"]
    assert found[2].reason.startswith("False positive rate of gender:other_gender at 0.5 rests on 16 examples")


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("margin", {"kind": "guard", "id": "a", "metric": "auc", "margin": -0.1}),
    ],
)
def test_mistakes_are_errors(key: str, rule: dict[str, Any]) -> None:
    """The message names the key."""
    with pytest.raises(ValidationError, match=key):
        Policy.model_validate({"rules": [rule]})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "guard", **FPR, "margin": 1}, "margin 1 allows any change of false_positive_rate"),
        (
            {"kind": "guard", "metric": "mean_score", "margin": 0.1},
            "mean_score has no direction in which it gets worse; add worse: higher",
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
        {"kind": "guard", "metric": "false_negative_rate_equality_difference", "thresholds": [0.5], "margin": 0.2},
        {"kind": "guard", **FPR, "margin": 0},
        {"kind": "guard", "metric": "mean_score", "margin": 0.1, "worse": "higher"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []
