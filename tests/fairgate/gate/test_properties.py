"""What holds for any policy and any evaluation."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from fairgate.gate import markdown, verdict
from fairgate.gate.checks import Check
from fairgate.gate.outcome import Decision, Outcome, outcome_of
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import decide, ends_of

# The same cases in every run, however busy the machine is.
STEADY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

Models = tuple[dict[str, SliceMetrics], dict[str, SliceMetrics]]
SLICES = ("overall", "gender:male", "gender:female", "race:black", "gender:male × race:black")
FPR, TPR, AUC = MetricKey("false_positive_rate", 0.5), MetricKey("true_positive_rate", 0.5), MetricKey("auc")

effects = st.sampled_from(["pass", "inconclusive", "refuse"])
limits = st.floats(0, 2)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """Any rule, mostly about what will be measured."""
    metric = draw(st.sampled_from(["false_positive_rate", "true_positive_rate", "auc", "positive_rate"]))
    patterns = st.lists(
        st.sampled_from(["overall", "gender:*", "gender:male", "race:*", "gender:* × race:*", "*", "age:*"]), max_size=2
    )
    rule: dict[str, Any] = {"id": "a", "metric": metric, "slices": draw(patterns)}
    if metric != "auc":
        rule["thresholds"] = [0.5]
    own: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "quality": st.fixed_dictionaries({"min": limits}, optional={"max": limits}),
        "worst_slice": st.one_of(st.fixed_dictionaries({"min": limits}), st.fixed_dictionaries({"max": limits})),
        "gap": st.fixed_dictionaries(
            {"limit": limits},
            optional={
                "against": st.sampled_from(["overall", "best"]),
                "measure": st.sampled_from(["ratio", "difference"]),
                "direction": st.sampled_from(["worse", "both"]),
            },
        ),
        "improvement": st.fixed_dictionaries(
            {}, optional={"across": st.sampled_from(["worst", "each"]), "measure": st.sampled_from(["ratio", "difference"])}
        ),
        "guard": st.fixed_dictionaries({"margin": st.floats(0, 0.5)}),
        "not_worse": st.just({}),
        "counterfactual": st.fixed_dictionaries({"metric": st.sampled_from(["flip_rate", "score_shift"]), "limit": limits}),
        "beats_trivial": st.fixed_dictionaries({"reference": st.one_of(st.floats(0, 1), st.just("trivial_accuracy"))}),
    }
    every = st.fixed_dictionaries(
        {}, optional={"min_examples": st.integers(1, 300), "unproven": effects, "unproven_violation": effects}
    )
    kind = draw(st.sampled_from(sorted(own)))
    return rule | {"kind": kind} | draw(own[kind]) | draw(every)


policies = st.builds(
    lambda **values: Policy.model_validate(values),
    rules=st.lists(rules(), max_size=4).map(lambda drawn: [{**rule, "id": f"rule-{index}"} for index, rule in enumerate(drawn)]),
    min_examples=st.integers(1, 300),
    multiplicity=st.sampled_from(["none", "holm"]),
    unproven=effects,
    unproven_violation=effects,
    without_baseline=st.sampled_from(["skip", "inconclusive"]),
)


def _models(seed: int, slices: tuple[str, ...]) -> Models:
    """Two models on the same slices and numbers of examples; a slice may be small or empty, an AUC undefined or absent."""
    random = np.random.default_rng(seed)
    models: Models = ({}, {})
    for name in slices:
        negatives, positives = (int(n) for n in random.integers(0, 400, 2) * (random.random(2) > 0.1))
        for model in models:
            rates = {
                FPR: Rate(int(random.integers(0, negatives + 1)), negatives),
                TPR: Rate(int(random.integers(0, positives + 1)), positives),
            }
            auc = Scalar(*(float(number) for number in np.where(random.random(2) < 0.1, np.nan, random.random(2) * (1, 0.1))))
            scalars = {AUC: auc} if random.random() > 0.1 else {}
            model[name] = SliceMetrics(negatives + positives, positives, negatives, rates, scalars)
    return models


seeds = st.integers(0, 2**32)
slices_of_models = st.builds(_models, seeds, st.lists(st.sampled_from(SLICES), min_size=1, unique=True).map(tuple))


@st.composite
def evaluations(draw: st.DrawFn) -> Evaluation:
    """Any evaluation of one or two models, now and then with invalid scores."""
    candidate, baseline = draw(slices_of_models)
    models = {"candidate": candidate, "baseline": baseline}
    present = draw(st.sampled_from([("candidate", "baseline"), ("candidate", "baseline"), ("candidate",), ("baseline",)]))
    invalid = draw(st.sampled_from([{}, {}, {"candidate": 0}, {"candidate": 1}, {"baseline": 2}]))
    return Evaluation({name: models[name] for name in present}, {"gender:male × race:white": 3}, invalid)


checks = st.lists(st.builds(Check, st.just("serving"), st.booleans(), st.just("It was tried.")), max_size=1)


def follows(decision: Decision, policy: Policy) -> Outcome:
    """The outcome that must follow from the rules' outcomes, said in another way than the gate does."""
    results = [outcome.outcome for outcome in decision.rules]
    if "failed" in results:
        return "refused"
    judged = [outcome for outcome in decision.rules if outcome.kind != "check"]
    by_rule = {rule.id: {outcome.outcome for outcome in judged if outcome.id == rule.id} for rule in policy.rules}
    settled = [found <= {"passed", "not enough data", "not applicable"} for found in by_rule.values()]
    decided = [bool(found & {"passed", "not applicable"}) for found in by_rule.values()]
    some_pass = any("passed" in found for found in by_rule.values())
    proven_elsewhere = any(each.proven and each.because == "breaks a limit" for each in decision.not_judged)
    return "blessed" if all(settled) and all(decided) and some_pass and not proven_elsewhere else "inconclusive"


def verdict_of(decision: Decision, evaluation: Evaluation) -> Verdict:
    """The verdict on unnamed models."""
    subject = Subject("civil-comments", {"candidate": ModelInfo()}, DataInfo(source="made up"), Provenance(seed=1))
    return verdict.build(decision, evaluation, subject)


@pytest.mark.no_cover
@pytest.mark.slow
@settings(STEADY, max_examples=500)
@given(policies, evaluations(), checks)
def test_the_outcome_follows_from_the_rules(policy: Policy, evaluation: Evaluation, made: list[Check]) -> None:
    """For any policy and evaluation: outcome, exit code, verdict and text agree, and every rule is answered by a sentence."""
    decision = decide(policy, evaluation, checks=made)
    assert decision.outcome == follows(decision, policy) == outcome_of(decision.rules)
    assert decision.summary.startswith(decision.outcome.capitalize())
    assert {rule.id for rule in policy.rules} <= {outcome.id for outcome in decision.rules}
    assert all(outcome.reason[:1].isupper() and outcome.reason.endswith(".") for outcome in decision.rules)
    written = verdict_of(decision, evaluation)
    assert written.outcome == decision.outcome
    assert Verdict.model_validate_json(written.model_dump_json()) == written
    assert f"{decision.outcome.capitalize()}: civil-comments" in markdown.render(written).splitlines()[0]


def generous(index: int, rule: dict[str, Any]) -> dict[str, Any]:
    """The rule with limits that most candidates keep."""
    ample = {"min": 0.0, "max": 2.0, "margin": 1.0, "limit": 1000.0, "reference": 0.0, "id": str(index)}
    named = {"slices": rule["slices"] or ["overall"], "unproven": "pass", "unproven_violation": "pass"}
    return {**rule, **{key: value for key, value in ample.items() if key in rule}, **named}


generous_policies = st.lists(rules(), min_size=1, max_size=3).map(
    lambda drawn: Policy.model_validate({"rules": [generous(*rule) for rule in enumerate(drawn)], "min_examples": 20})
)


@settings(STEADY, max_examples=200)
@given(generous_policies, seeds, checks)
def test_a_blessing_rests_on_proof(policy: Policy, seed: int, made: list[Check]) -> None:
    """Blessed: every rule passed on a number or lacks a baseline, and all checks are in order."""
    candidate, baseline = _models(seed, SLICES)
    decision = decide(policy, Evaluation({"candidate": candidate, "baseline": baseline}), checks=made)
    event(decision.outcome)
    if decision.outcome == "blessed":
        passed = [outcome for outcome in decision.rules if outcome.outcome == "passed" and outcome.kind != "check"]
        assert {outcome.id for outcome in passed} == {rule.id for rule in policy.rules}
        assert not any(outcome.value is None or outcome.limit is None or outcome.n < 1 for outcome in passed)
        assert not [outcome for outcome in decision.rules if outcome.outcome in ("failed", "unproven")]
        assert all(check.ok for check in made)


def _with(evaluation: Evaluation, slice_name: str, metrics: SliceMetrics | None) -> Evaluation:
    """The evaluation with the candidate's slice replaced or taken out."""
    slices = {**evaluation.models["candidate"], slice_name: metrics}
    return Evaluation({**evaluation.models, "candidate": {name: found for name, found in slices.items() if found}})


@settings(STEADY, max_examples=100)
@given(rules(), slices_of_models, st.sampled_from(SLICES), st.sampled_from(["nan", "no metric", "no slice"]))
def test_what_is_undefined_or_absent_is_never_blessed(rule: dict[str, Any], models: Models, place: str, defect: str) -> None:
    """A rule about one slice by name, on which the metric is NaN in spite of examples, or absent, or which is absent itself."""
    policy = Policy.model_validate({"rules": [{**rule, "slices": [place]}], "min_examples": 1})
    evaluation = Evaluation({"candidate": models[0], "baseline": models[1]})
    key = policy.rules[0].metric_keys()[0]
    undefined = SliceMetrics(n=1000, scalars={key: Scalar(math.nan)})
    broken = {"nan": undefined, "no metric": SliceMetrics(n=1000), "no slice": None}[defect]
    assert decide(policy, _with(evaluation, place, broken)).outcome != "blessed"


@settings(STEADY, max_examples=100)
@given(policies, slices_of_models)
def test_invalid_scores_always_refuse(policy: Policy, models: Models) -> None:
    """Whatever the policy says."""
    evaluation = Evaluation({"candidate": models[0], "baseline": models[1]}, invalid_scores={"candidate": 1})
    assert decide(policy, evaluation).outcome == "refused"


@settings(STEADY, max_examples=100)
@given(slices_of_models, st.sampled_from(["false_positive_rate", "true_positive_rate"]), st.floats(0, 0.2))
def test_swapped_models_have_the_opposite_change(models: Models, metric: str, margin: float) -> None:
    """A guard's value and interval change their sign, so that both directions cannot fail."""
    rule = {"id": "a", "kind": "guard", "metric": metric, "thresholds": [0.5], "slices": ["gender:male"], "margin": margin}
    policy = Policy.model_validate({"rules": [rule], "min_examples": 1})
    there = decide(policy, Evaluation({"candidate": models[0], "baseline": models[1]})).rules[-1]
    back = decide(policy, Evaluation({"candidate": models[1], "baseline": models[0]})).rules[-1]
    assume(there.value is not None)
    low, high = ends_of(back)
    assert back.value is not None
    assert (there.value, *ends_of(there)) == pytest.approx((-back.value, -high, -low))
    assert not (there.outcome == back.outcome == "failed")


@settings(STEADY, max_examples=100)
@given(evaluations(), rules())
def test_holm_refuses_no_more_than_none(evaluation: Evaluation, rule: dict[str, Any]) -> None:
    """What the correction still proves was proven without it."""
    plain, corrected = (
        decide(Policy.model_validate({"rules": [rule], "multiplicity": way}), evaluation).outcome for way in ("none", "holm")
    )
    assert not (corrected == "refused" and plain != "refused")
