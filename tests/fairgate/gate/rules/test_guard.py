"""A rule of kind `guard`: what it measures, by numbers that can be checked by hand, and its lint."""

import math
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.paired import tango
from tests.fairgate.gate.judging import FPR, FPR_KEY, MakeSlice, of_models, outcome, outcomes, paired
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


def test_a_guard_is_paired_where_both_models_are_counted_together() -> None:
    """100 of 1,000 decisions changed, 60 for the worse: the interval is Tango's; without joint counts it is wider."""
    evaluation = paired({"overall": (200, 40, 60, 700), "gender:male": (30, 5, 5, 160)})
    rule = {"kind": "guard", **FPR, "margin": 0.045, "slices": ["*"], "unproven": "inconclusive"}
    male, overall = sorted(outcomes(evaluation, rule), key=lambda line: line.slice)
    assert overall.value == pytest.approx(0.02)
    assert overall.interval == pytest.approx(tango(60, 40, 1000))
    assert overall.outcome == "passed"
    assert (male.value, male.outcome) == (0, "passed")
    alone = outcome(Evaluation(evaluation.models), {**rule, "slices": ["overall"]})
    assert alone.interval == pytest.approx(intervals.rate_difference(260, 1000, 240, 1000))
    assert alone.outcome == "unproven"


def test_identical_models_keep_a_guard_without_margin() -> None:
    """A change of exactly 0 within a narrow interval."""
    found = outcome(paired({"overall": (200, 0, 0, 800)}), {"kind": "guard", **FPR, "margin": 0})
    assert (found.outcome, found.value) == ("passed", 0)
    assert found.interval == pytest.approx(tango(0, 0, 1000))


@pytest.mark.parametrize("broken", ["candidate", "baseline"])
def test_weights_that_cannot_be_used_leave_a_guard_open(of: MakeSlice, broken: str) -> None:
    """The value alone decides nothing."""
    models = {"candidate": of(fpr=(10, 1000)), "baseline": of(fpr=(500, 1000))}
    models[broken] = replace(models[broken], design_effect=math.nan)
    found = outcomes(of_models(**models), {"kind": "guard", **FPR, "margin": 0.1})[-1]  # after the checks
    assert found.outcome == "unproven"
    assert found.reason == ("False positive rate of overall at 0.5 has example weights that no interval can be computed from.")


def test_unequal_weights_need_150_effective_examples() -> None:
    """Of 200 rows with weights of 1 and 5: 120 are too few, whatever the policy's minimum is."""
    for size, result in ((120.0, "not enough data"), (160.0, "passed")):
        rate = Rate(size * 0.3, size, (size * 0.3, size * 0.7))
        metrics = SliceMetrics(round(size * 1.5), rates={FPR_KEY: rate}, design_effect=1.5)
        found = outcome(of_models(metrics, metrics), {"kind": "guard", **FPR, "margin": 0.3, "min_examples": 100})
        assert (found.outcome, found.n) == (result, size)
        assert ("120 effective examples of unequal weight; 150 are needed" in found.reason) == (size < 150)
