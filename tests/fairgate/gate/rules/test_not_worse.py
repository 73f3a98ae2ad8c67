"""A rule of kind `not_worse`: what it measures, by numbers that can be checked by hand, and its lint."""

import json
from typing import Any

import pytest

from fairgate.gate.policy import Policy
from fairgate.gate.rules import NotWorseRule
from fairgate.measurement import Evaluation, MetricKey, Paired
from tests.fairgate.gate.judging import FPR, MakeSlice, of_models, outcome, paired
from tests.fairgate.gate.linting import messages_of


def test_not_worse_counts_proven_losses_alone(of: MakeSlice) -> None:
    """A loss within the interval passes, one beyond it fails, a gain passes."""
    rule = {"kind": "not_worse", "metric": "auc"}
    before = of(auc=0.90, error=0.01, n=1000)
    slight, great, gain = (of_models(of(auc=value, error=0.01, n=1000), before) for value in (0.88, 0.86, 0.95))
    assert outcome(slight, rule).outcome == "passed"
    assert outcome(slight, rule).reason.endswith(
        "it must not be worse. The limit is broken, but the interval reaches back within it."
    )
    assert outcome(great, rule).outcome == "failed"
    assert outcome(gain, rule).outcome == "passed"
    assert outcome(great, rule).limit == 0


def test_a_margin_has_to_be_proven(of: MakeSlice) -> None:
    """With an error of the difference of 0.0141 the interval reaches 0.028 to each side."""
    rule = {"kind": "not_worse", "metric": "auc", "margin": 0.03}
    before = of(auc=0.90, error=0.01, n=1000)
    results = {
        value: outcome(of_models(of(auc=value, error=0.01, n=1000), before), rule) for value in (0.91, 0.9, 0.89, 0.86, 0.83)
    }
    assert [results[value].outcome for value in results] == ["passed", "passed", "unproven", "unproven", "failed"]
    assert results[0.89].limit == -0.03
    expected = "it must be proven at most 0.03 worse. The limit is kept, but the interval reaches beyond it."
    assert expected in results[0.89].reason
    lenient = {**rule, "unproven": "pass"}
    assert outcome(of_models(of(auc=0.89, error=0.01, n=1000), before), lenient).outcome == "passed"


def test_a_covariance_proves_what_independent_errors_do_not(of: MakeSlice) -> None:
    """AUCs of 0.89 and 0.9 on the same examples, with a correlation of 0.8 of their estimates."""
    rule = {"kind": "not_worse", "metric": "auc", "margin": 0.03}
    apart = of_models(of(auc=0.89, error=0.01, n=1000), of(auc=0.90, error=0.01, n=1000))
    joint = Evaluation(apart.models, paired={"overall": Paired(covariances={MetricKey("auc"): 0.00008})})
    assert (outcome(apart, rule).outcome, outcome(joint, rule).outcome) == ("unproven", "passed")


def test_a_margin_of_a_rate_that_is_better_when_lower() -> None:
    """Tango's upper limit of a false positive rate must lie below the margin."""
    rule = {"kind": "not_worse", **FPR}
    evaluation = paired({"overall": (200, 20, 20, 760)})
    assert [outcome(evaluation, {**rule, "margin": margin}).outcome for margin in (0.013, 0.012)] == ["passed", "unproven"]


def test_against_the_reference(of: MakeSlice) -> None:
    """The model of this name takes the baseline's place, whether there is a baseline or not; the baseline's pairs are not its."""
    rule = {"kind": "not_worse", "metric": "auc", "against": "reference"}
    models = {"candidate": of(auc=0.85, error=0.01, n=1000), "reference": of(auc=0.90, error=0.01, n=1000)}
    for more in ({}, {"baseline": of(auc=0.5, error=0.01, n=1000)}):
        evaluation = Evaluation(
            {name: {"overall": metrics} for name, metrics in {**models, **more}.items()},
            paired={"overall": Paired(covariances={MetricKey("auc"): 0.0001})},
        )
        found = outcome(evaluation, rule)
        assert found.outcome == "failed"
        assert "0.05 below the reference's 0.9 (95 % interval −0.0774 to −0.0217" in found.reason


def test_a_covariance_with_the_reference_proves_what_independent_errors_do_not(of: MakeSlice) -> None:
    rule = {"kind": "not_worse", "metric": "auc", "against": "reference", "margin": 0.03}
    models = {"candidate": of(auc=0.89, error=0.01, n=1000), "reference": of(auc=0.90, error=0.01, n=1000)}
    apart = Evaluation({name: {"overall": metrics} for name, metrics in models.items()})
    pairs = {"overall": Paired(covariances={MetricKey("auc"): 0.00008})}
    assert outcome(apart, rule).outcome == "unproven"
    assert outcome(Evaluation(apart.models, paired=pairs), rule).outcome == "unproven"
    proven = outcome(Evaluation(apart.models, paired_with_reference=pairs), rule)
    assert proven.outcome == "passed"
    assert "0.01 below the reference's 0.9 (95 % interval −0.0224 to 0.0024" in proven.reason


def test_a_limit_against_the_reference_is_no_limit_of_other_slices() -> None:
    """Only overall is measured of a reference."""
    baseline, reference = (
        NotWorseRule(id="a", metric="auc", against="baseline", margin=0.1),
        NotWorseRule(id="a", metric="auc", against="reference", margin=0.1),
    )
    assert (baseline.on_each_slice(), reference.on_each_slice()) == (baseline, None)


def test_without_a_reference(of: MakeSlice) -> None:
    """As without a baseline: the policy says whether the rule may be left out."""
    rule = {"kind": "not_worse", "metric": "auc", "against": "reference", "id": "a"}
    model = of(auc=0.85, error=0.01, n=1000)
    skipped, asked = (outcome(of_models(model, model), rule, without_baseline=without) for without in ("skip", "inconclusive"))
    assert (skipped.outcome, asked.outcome) == ("not applicable", "unproven")
    assert skipped.reason == "No reference model was evaluated to compare with; the other rules decide."
    assert asked.reason == "No reference model was evaluated to compare with, and the policy asks for one."
    first_run = Evaluation({"candidate": {"overall": model}})
    assert outcome(first_run, rule, without_baseline="inconclusive").reason == asked.reason
    assert "no baseline" in outcome(first_run, {"kind": "not_worse", "metric": "auc"}).reason


def test_a_policy_survives_being_written_and_read() -> None:
    """What a margin asks for by default is kept."""
    rules = [{"kind": "not_worse", "metric": "auc", "id": name, **more} for name, more in (("a", {}), ("b", {"margin": 0.01}))]
    policy = Policy.model_validate({"rules": rules})
    assert [(rule.unproven, rule.unproven_violation) for rule in policy.rules] == [
        (None, "pass"),
        ("inconclusive", "inconclusive"),
    ]
    assert Policy.model_validate(policy.model_dump()) == policy


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "not_worse", "metric": "auc", "margin": 1}, "margin 1 allows any change of auc"),
        ({"kind": "not_worse", "metric": "positive_rate", "thresholds": [0.5]}, "positive_rate has no direction"),
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
        {"kind": "not_worse", "metric": "calibration_error"},
        {"kind": "not_worse", "metric": "auc", "margin": 0.01, "against": "reference"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []


@pytest.mark.parametrize(
    ("written", "effects"),
    [
        ({}, (None, "pass")),
        ({"margin": 0.03}, ("inconclusive", "inconclusive")),
        ({"margin": 0.03, "unproven": "refuse"}, ("refuse", "inconclusive")),
        ({"margin": 0.03, "unproven_violation": "pass"}, ("inconclusive", "pass")),
    ],
)
def test_a_rule_read_from_json_means_the_same(written: dict[str, Any], effects: tuple[str | None, str]) -> None:
    """Strictly read, as configurations are, with lists where the class has tuples; again after it was written."""
    text = json.dumps({"id": "a", "kind": "not_worse", "metric": "accuracy", "slices": ["overall"], "thresholds": [], **written})
    rule = NotWorseRule.model_validate_json(text, strict=True)
    assert (rule.unproven, rule.unproven_violation) == effects
    assert NotWorseRule.model_validate_json(rule.model_dump_json(), strict=True) == rule == NotWorseRule(**json.loads(text))
