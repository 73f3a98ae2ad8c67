"""What a decision holds: the lines of checks, of unjudged harm and of rules, with every number, and what goes with them."""

import datetime
import math
from dataclasses import replace
from typing import Any

import pytest
from scipy.stats import norm

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate.checks import Check
from fairgate.gate.decision import decide
from fairgate.gate.outcome import Decision, RuleLine
from fairgate.gate.policy import Policy
from fairgate.gate.waivers import Waiver
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

TPR, FPR, FNR = (MetricKey(name, 0.5) for name in ("true_positive_rate", "false_positive_rate", "false_negative_rate"))
AUC = MetricKey("auc")
CEILING: dict[str, Any] = {"id": "ceiling", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.3}
FLOOR: dict[str, Any] = {"id": "floor", "kind": "quality", "metric": "auc", "min": 0.8}


def on(called: float, n: int = 1000, auc: float = 0.9) -> SliceMetrics:
    """A slice of n negatives and n positives of which .8 are found."""
    rates = {FPR: Rate(called * n, n), FNR: Rate(0.2 * n, n), TPR: Rate(0.8 * n, n)}
    return SliceMetrics(2 * n, n, n, rates=rates, scalars={AUC: Scalar(auc, 0.01)})


SOUND = Evaluation({"candidate": {"overall": on(0.2, 10_000)}})


def decided(evaluation: Evaluation, *rules: dict[str, Any], facts: dict[str, Any] | None = None, **settings: Any) -> Decision:
    return decide(Policy.model_validate({"rules": rules, **settings}), evaluation, **facts or {})


def line(decision: Decision, name: str, place: str = "overall") -> RuleLine:
    """The only line of an id on a slice."""
    (found,) = [each for each in decision.rules if each.id == name and each.slice == place]
    return found


def test_line_of_a_rule() -> None:
    found = line(decided(SOUND, CEILING), "ceiling")
    assert found.interval == pytest.approx((0.1923, 0.2080), abs=5e-5)
    assert found.model_dump(exclude={"interval"}) == {
        "id": "ceiling",
        "kind": "quality",
        "slice": "overall",
        "metric": "false_positive_rate",
        "threshold": 0.5,
        "measure": "value",
        "value": 0.2,
        "limit": 0.3,
        "n": 10_000.0,
        "outcome": "passed",
        "proven": True,
        "reason": "False positive rate of overall at 0.5 is 0.2 (95 % interval 0.192–0.208, n = 10,000); the limit is 0.3.",
        "needed": None,
        "kept": True,
    }


def test_line_of_a_slice_with_too_few_examples() -> None:
    models = {"candidate": {"overall": on(0.2, 10_000), "g:a": on(0.2, 50)}}
    found = line(decided(Evaluation(models), {**CEILING, "slices": ["overall", "g:a"]}), "ceiling", "g:a")
    assert (found.kind, found.metric, found.threshold, found.measure) == ("quality", "false_positive_rate", 0.5, "value")
    assert (found.outcome, found.n, found.value, found.interval, found.limit) == ("not enough data", 50, None, None, None)
    assert found.needed
    assert (found.needed.label, found.needed.examples, found.needed.have) == ("negative", 50, 50)


@pytest.mark.parametrize(
    ("called", "outcome", "proven"),
    [(0.2, "passed", True), (0.29, "passed", False), (0.4, "failed", True), (0.31, "unproven", False)],
)
def test_what_is_proven(called: float, outcome: str, *, proven: bool) -> None:
    found = line(decided(Evaluation({"candidate": {"overall": on(called)}}), CEILING), "ceiling")
    assert (found.outcome, found.proven) == (outcome, proven)


def test_value_without_an_interval_is_not_proven() -> None:
    whole = replace(on(0.2), scalars={MetricKey("train_test_accuracy_difference"): Scalar(0.04)})
    rule = {"id": "a", "kind": "quality", "metric": "train_test_accuracy_difference", "max": 0.05}
    found = line(decided(Evaluation({"candidate": {"overall": whole}}), rule), "a")
    assert (found.outcome, found.proven, found.interval) == ("passed", False, None)


@pytest.mark.parametrize(("clustered", "outcome", "decision"), [(True, "passed", "blessed"), (False, "unproven", "inconclusive")])
def test_copies_of_examples(outcome: str, decision: str, *, clustered: bool) -> None:
    """Where the intervals do not know of them nothing is proven."""
    answer = decided(replace(SOUND, rows=20_000, distinct=200, clustered=clustered), CEILING)
    found = line(answer, "distinct-examples", "")
    assert (answer.outcome, found.outcome, found.kind, found.measure) == (decision, outcome, "check", "")
    assert found.reason.startswith("Only 200 of the 20,000 examples are distinct")


def test_invalid_scores_of_swapped_texts_refuse() -> None:
    swaps = CounterfactualResults(confidence=0.95, seed=1, mentioned={}, left_out={}, terms=(), invalid_scores={"candidate": 3})
    answer = decided(SOUND, CEILING, facts={"counterfactual": swaps})
    assert (answer.outcome, line(answer, "invalid-scores", "").outcome) == ("refused", "failed")


def test_rules_of_one_id_are_named() -> None:
    answer = decided(SOUND, CEILING, CEILING, FLOOR)
    found = line(answer, "rule-ids", "")
    assert (answer.outcome, found.outcome, found.kind) == ("inconclusive", "unproven", "check")
    assert found.reason == "2 rules have the id 'ceiling', so that one could cover for the other; give each its own."


def test_line_of_a_check() -> None:
    answer = decided(SOUND, CEILING, facts={"checks": [Check("serving", ok=True, reason="It serves.")]})
    assert answer.rules[0] == RuleLine(id="serving", kind="check", measure="", outcome="passed", reason="It serves.")


@pytest.mark.parametrize(("thresholds", "at"), [([0.7, 0.5], [0.5, 0.7]), ([], [0.7])])
def test_candidate_decides_at_every_threshold_of_the_rules_or_at_the_models_own(thresholds: list[float], at: list[float]) -> None:
    rates = {MetricKey(key.name, threshold): rate for key, rate in on(0.2).rates.items() for threshold in (0.3, 0.5, 0.7)}
    evaluation = Evaluation({"candidate": {"overall": replace(on(0.2), rates=rates)}})
    rule = {**CEILING, "thresholds": thresholds} if thresholds else FLOOR
    answer = decided(evaluation, rule, facts={"threshold": 0.7})
    assert [each.threshold for each in answer.rules if each.id == "decides"] == at


def test_slices_that_a_rule_names_are_asked_to_decide() -> None:
    """The candidate calls every example of g:a positive."""
    constant = SliceMetrics(300, 150, 150, rates={FPR: Rate(150, 150), FNR: Rate(0, 150), TPR: Rate(150, 150)})
    evaluation = Evaluation({"candidate": {"overall": on(0.2, 10_000), "g:a": constant}})
    answer = decided(evaluation, {**CEILING, "slices": ["overall", "g:a"], "max": 1.0})
    assert line(answer, "decides", "g:a").outcome == "failed"


@pytest.mark.parametrize(("effect", "outcome"), [("inconclusive", "unproven"), ("refuse", "failed")])
def test_line_of_harm_that_no_rule_covers(effect: str, outcome: str) -> None:
    models = {"candidate": {"overall": on(0.2, 10_000), "g:a": on(0.4)}}
    found = line(decided(Evaluation(models), CEILING, uncovered_harm=effect), "uncovered-harm", "g:a")
    assert found.interval == pytest.approx((0.370, 0.431), abs=5e-4)
    assert (found.kind, found.threshold, found.measure, found.value, found.limit) == ("check", 0.5, "", 0.4, 0.3)
    assert (found.n, found.outcome, found.proven) == (1000, outcome, True)
    assert found.reason == (
        "False positive rate of g:a at 0.5 is 0.4 (95 % interval 0.37–0.431, n = 1,000); the limit is 0.3. "
        "No rule judges this: add the slice to rule 'ceiling', lower its `min_examples`, or set `uncovered_harm: report`."
    )


def test_favoured_slice_is_no_harm() -> None:
    gap = {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"], "limit": 1.25}
    answer = decided(Evaluation({"candidate": {"overall": on(0.2, 10_000), "g:a": on(0.02)}}), gap)
    assert [(each.because, each.proven) for each in answer.not_judged] == [("favoured", True)]
    assert answer.outcome == "blessed"


def test_groups_without_examples_go_with_the_decision() -> None:
    answer = decided(replace(SOUND, expected={"g": ("a",)}), CEILING)
    assert answer.absent_groups == ("g:a",)
    assert answer.summary.endswith("; no example of g:a.")


WAIVER = Waiver(rule="ceiling", slice="overall", who="A. Nyman", why="a new model comes.", until=datetime.date(2031, 5, 1))


@pytest.mark.parametrize(("called", "outcome"), [(0.4, "waived"), (0.31, "unproven"), (0.2, "passed")])
def test_waiver_covers_a_failure_alone(called: float, outcome: str) -> None:
    answer = decided(Evaluation({"candidate": {"overall": on(called)}}), CEILING, facts={"waivers": [WAIVER]})
    found = line(answer, "ceiling")
    assert (found.outcome, answer.waivers) == (outcome, (WAIVER,))
    assert found.reason.endswith(" Waived until 2031-05-01 by A. Nyman: a new model comes.") == (outcome == "waived")


def terms(*values: float) -> Evaluation:
    slices = {f"g:{number}": on(0.2, auc=value) for number, value in enumerate(values)}
    return Evaluation({"candidate": {"overall": on(0.2, 10_000, auc=0.95), **slices}})


@pytest.mark.parametrize(("multiplicity", "alpha"), [("holm", 0.05 / 4), ("none", 0.05)])
def test_number_of_examples_counts_the_family(multiplicity: str, alpha: float) -> None:
    """Four slices: (z + z of 80 %)² times (error / distance)² on the logit scale, with an error of .01 at 2,000 examples.

    The distance .0776 from .8925 to the floor is that of the logits, by the derivative. To 3 %: logits spread less
    towards 1.
    """
    rule = {**FLOOR, "slices": ["g:*"], "min": 0.9}
    found = line(decided(terms(0.8925, 0.95, 0.95, 0.95), rule, multiplicity=multiplicity), "floor", "g:0")
    distance = (math.log(0.9 / 0.1) - math.log(0.8925 / 0.1075)) * 0.8925 * 0.1075
    factor = ((norm.isf(alpha / 2) + norm.isf(0.2)) * 0.01 / distance) ** 2
    assert found.outcome == "unproven"
    assert found.needed
    assert found.needed.examples == pytest.approx(2000 * (factor - 1), rel=0.03)
    assert found.reason.endswith(found.needed.sentence)


def test_what_the_rest_of_the_data_holds() -> None:
    """Three times the evaluation, by label: of 1,000 negatives there are 3,000 more."""
    evaluation = Evaluation({"candidate": {"overall": on(0.29)}})
    found = line(decided(evaluation, CEILING, facts={"elsewhere": 3.0}, unproven="inconclusive"), "ceiling")
    assert found.needed
    assert (found.needed.label, found.needed.available) == ("negative", 3000)
    of_auc = line(decided(terms(), {**FLOOR, "min": 0.945}, facts={"elsewhere": 0.5}, unproven="inconclusive"), "floor")
    assert of_auc.needed
    assert (of_auc.needed.label, of_auc.needed.available) == ("", 10_000)
    missed = {**CEILING, "metric": "false_negative_rate", "max": 0.21}
    positive = line(decided(evaluation, missed, facts={"elsewhere": 3.0}, unproven="inconclusive"), "ceiling")
    assert positive.needed
    assert (positive.needed.label, positive.needed.available) == ("positive", 3000)


def test_rest_of_the_data_that_is_not_known() -> None:
    found = line(decided(Evaluation({"candidate": {"overall": on(0.29)}}), CEILING, unproven="inconclusive"), "ceiling")
    assert found.needed
    assert found.needed.available is None


def test_finding_that_passed_has_its_number_beside_the_sentence() -> None:
    """A limit that is kept and not proven: how many examples would prove it is known, and not in the reason."""
    found = line(decided(Evaluation({"candidate": {"overall": on(0.29)}}), CEILING), "ceiling")
    assert found.outcome == "passed"
    assert found.needed
    assert found.reason.endswith("The limit is kept, but the interval reaches beyond it.")


@pytest.mark.parametrize(("own", "examples"), [(None, 50), (80, 30)])
def test_least_number_of_examples_is_the_rules_or_the_policys(own: int | None, examples: int) -> None:
    models = {"candidate": {"overall": on(0.2, 10_000), "g:a": on(0.2, 50)}}
    found = line(decided(Evaluation(models), {**CEILING, "slices": ["g:a"], "min_examples": own}), "ceiling", "g:a")
    assert found.needed
    assert found.needed.examples == examples


def test_reporting_policy_is_refused_by_a_check_alone() -> None:
    policy = Policy.model_validate({"rules": [{**CEILING, "max": 0.1}], "reports_only": True})
    assert decide(policy, SOUND).outcome == "reported"
    assert decide(policy, SOUND, checks=[Check("serving", ok=False, reason="It does not.")]).outcome == "refused"


def test_examples_are_counted_unweighted_and_by_what_the_rest_holds() -> None:
    """50 of 100 negatives are effective, so that it takes two for one of the 100 that lack: unequal weights need 150."""
    part = SliceMetrics(200, 100, 100, rates={FPR: Rate(20, 100), TPR: Rate(80, 100)}, design_effect=2.0)
    evaluation = Evaluation({"candidate": {"overall": on(0.2, 10_000), "g:a": part}})
    found = line(decided(evaluation, {**CEILING, "slices": ["g:a"]}, facts={"elsewhere": 2.0}), "ceiling", "g:a")
    assert found.outcome == "not enough data"
    assert found.needed
    assert (found.n, found.needed.have, found.needed.examples, found.needed.available) == (50, 100, 200, 200)
