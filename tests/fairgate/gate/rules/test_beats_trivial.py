"""A rule of kind `beats_trivial`: what it measures, by numbers that can be checked by hand, and its lint."""

import math
from typing import Any

import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import FPR, MakeSlice, outcome
from tests.fairgate.gate.linting import messages_of


@pytest.mark.parametrize("value", [2.3, 0.4])
def test_a_trivial_loss_must_be_beaten_not_met(value: float) -> None:
    """As large as that of a trivial model, exactly, is not below it."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000, scalars={MetricKey("loss"): Scalar(value, 0.0)})}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": value})
    assert (found.slice, found.outcome) == ("overall", "failed")


@pytest.mark.parametrize(
    ("value", "result"), [(0.6, "passed"), (0.52, "unproven"), (0.5, "failed"), (0.45, "failed"), (0.3, "failed")]
)
def test_beats_trivial(of: MakeSlice, value: float, result: str) -> None:
    """With an error of 0.02: proven, not proven, exactly trivial, seemingly worse, worse."""
    evaluation = Evaluation({"candidate": {"overall": of(auc=value, error=0.02, n=1000)}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "auc"})
    assert (found.outcome, found.limit) == (result, 0.5)


def test_beats_trivial_by_another_metric() -> None:
    """A constant model has the trivial accuracy, exactly, and is refused."""

    def evaluation(correct: int) -> Evaluation:
        scalars = {MetricKey("trivial_accuracy"): Scalar(0.1)}
        overall = SliceMetrics(n=180, rates={MetricKey("accuracy"): Rate(correct, 180)}, scalars=scalars)
        return Evaluation({"candidate": {"overall": overall}})

    rule = {"kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"}
    assert outcome(evaluation(18), rule).outcome == "failed"
    assert outcome(evaluation(170), rule).outcome == "passed"
    assert outcome(evaluation(18), rule).reason == (
        "Accuracy of overall is 0.1 (95 % interval 0.0642–0.153, n = 180); more than the 0.1 of a trivial model is required. "
        "The limit is broken, but the interval reaches back within it; the policy refuses that."
    )


def test_beats_trivial_where_lower_is_better() -> None:
    """A loss beats a trivial one from below."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000, scalars={MetricKey("loss"): Scalar(0.5, 0.01)})}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": 2.3})
    assert found.outcome == "passed"
    assert "less than the 2.3 of a trivial model" in found.reason
    assert outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": 0.4}).outcome == "failed"


@pytest.mark.parametrize("scalars", [{}, {MetricKey("trivial_accuracy"): Scalar(math.nan)}])
def test_beats_trivial_without_reference_is_open(scalars: dict[MetricKey, Scalar]) -> None:
    """A reference that was not measured, or is undefined, proves nothing."""
    overall = SliceMetrics(n=180, rates={MetricKey("accuracy"): Rate(170, 180)}, scalars=scalars)
    found = outcome(
        Evaluation({"candidate": {"overall": overall}}),
        {"kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"},
    )
    assert (found.outcome, "rivial accuracy of overall" in found.reason) == ("unproven", True)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"kind": "beats_trivial", "metric": "auc", "reference": "trivial_auc"},
            "reference 'trivial_auc' is neither a number nor a metric",
        ),
        ({"kind": "beats_trivial", "metric": "auc", "reference": "precision"}, "reference 'precision' depends on a threshold"),
        ({"kind": "beats_trivial", "metric": "auc", "reference": 0}, "reference 0 is beaten by nearly every auc"),
        ({"kind": "beats_trivial", "metric": "auc", "reference": 1}, "reference 1 is not beaten by any auc"),
        ({"kind": "beats_trivial", **FPR, "reference": 1.0}, "reference 1 is beaten by nearly every false_positive_rate"),
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
        {"kind": "beats_trivial", "metric": "auc"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []
