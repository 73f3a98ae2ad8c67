"""Rules on the counterfactual test, with numbers chosen by hand."""

from typing import Any

import pytest

from fairgate.counterfactual import CounterfactualResults, FlipRate, ScoreShift, TermResult, TestKind
from fairgate.gate.outcome import Decision, RuleLine
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from tests.fairgate.gate import linting
from tests.fairgate.gate.judging import decide
from tests.fairgate.gate.linting import IMAGES, messages_of

ALONE = Evaluation({"candidate": {"overall": SliceMetrics(n=1000, rates={MetricKey("false_positive_rate", 0.5): Rate(1, 500)})}})


def term(name: str, flips: float = 0.0, shift: float = 0.0, **values: Any) -> TermResult:
    """A term of 100 comments whose shift has a standard error of 0.01; its interval is shift ± 0.0198."""
    test: TestKind = values.get("test", "swaps")
    error = values.get("error", 0.01)
    return TermResult(
        test=test,
        model=values.get("model", "candidate"),
        group="gender",
        term=name,
        n=values.get("n", 100),
        flips=(FlipRate(threshold=0.5, value=flips, low=0.0, high=1.0),),
        shift=ScoreShift(value=shift, standard_error=error, low=None, high=None),
    )


def decided(terms: list[TermResult], invalid: int = 0, multiplicity: str = "none", **rule: Any) -> Decision:
    """What the gate answers to one rule."""
    found = CounterfactualResults(
        confidence=0.95, seed=1, mentioned={}, left_out={}, invalid_scores={"candidate": invalid}, terms=tuple(terms)
    )
    policy = Policy.model_validate({"rules": [{"kind": "counterfactual", "id": "c", **rule}], "multiplicity": multiplicity})
    return decide(policy, ALONE, counterfactual=found)


def outcomes(terms: list[TermResult], **rule: Any) -> list[RuleLine]:
    """The outcomes of one rule."""
    return list(decided(terms, **rule).rules)


FLIPS: dict[str, Any] = {"metric": "flip_rate", "thresholds": [0.5]}
SHIFT: dict[str, Any] = {"metric": "score_shift"}


def test_worst_flip_rate_is_one_line() -> None:
    """The worst of the terms, with Wilson's interval of 20 of 100 (0.1334 to 0.2888)."""
    (found,) = outcomes([term("male", 0.05), term("female", 0.2)], **FLIPS, limit=0.1)
    assert (found.kind, found.slice, found.metric, found.threshold) == ("counterfactual", "swaps:gender:female", "flip_rate", 0.5)
    assert (found.outcome, found.value, found.limit, found.n) == ("failed", 0.2, 0.1, 100)
    assert found.interval == pytest.approx((0.1333669, 0.2888292), abs=1e-6)
    assert found.reason == (
        "Flip rate of swaps:gender:female at 0.5 is 0.2, the worst of 2 (95 % interval 0.133–0.289, n = 100); the limit is 0.1."
    )


def test_few_comments_with_the_worst_term_do_not_hide_what_many_prove() -> None:
    """7 of 20 may be chance at a limit of .3; 400 of 1,200 are not."""
    worst, decides = outcomes(
        [term("a", 0.35, n=20), term("b", 1 / 3, n=1200), term("c", 0.05)], **FLIPS, limit=0.3, min_examples=10
    )
    assert (worst.slice, worst.outcome) == ("swaps:gender:a", "unproven")
    assert (decides.slice, decides.outcome, decides.value) == ("swaps:gender:b", "failed", 1 / 3)
    assert "not the worst of 3, but the one that decides" in decides.reason


def test_each_term_has_a_line() -> None:
    """Below the limit, beyond it, and beyond it without proof."""
    found = outcomes([term("a", 0.05), term("b", 0.2), term("c", 0.12)], **FLIPS, limit=0.1, across="each")
    assert [(each.slice, each.outcome) for each in found] == [
        ("swaps:gender:a", "passed"),
        ("swaps:gender:b", "failed"),
        ("swaps:gender:c", "unproven"),
    ]


@pytest.mark.parametrize(
    ("shift", "rule", "outcome"),
    [
        (0.04, {}, "passed"),
        (-0.04, {}, "passed"),
        (0.06, {}, "unproven"),
        (0.08, {}, "failed"),
        (-0.08, {}, "failed"),
        (-0.08, {"worse": "higher"}, "passed"),
        (0.08, {"worse": "higher"}, "failed"),
        (-0.08, {"worse": "lower"}, "failed"),
    ],
)
def test_score_shift_is_limited_in_both_directions(shift: float, rule: dict[str, Any], outcome: str) -> None:
    """Unless the rule names the worse one; the limit is 0.05, the interval reaches 0.02 to either side."""
    (found,) = outcomes([term("male", shift=shift)], **SHIFT, limit=0.05, **rule)
    assert (found.outcome, found.value) == (outcome, shift)
    assert found.interval == pytest.approx((shift - 0.019842, shift + 0.019842), abs=1e-6)


def test_worst_shift_is_the_farthest_from_nothing() -> None:
    """A term that lowers scores counts as much as one that raises them."""
    (found,) = outcomes([term("a", shift=0.07), term("b", shift=-0.09), term("c", shift=0.01)], **SHIFT, limit=0.05)
    assert (found.slice, found.limit) == ("swaps:gender:b", -0.05)
    assert found.reason.startswith("Score shift of swaps:gender:b is −0.09, the worst of 3 (95 % interval −0.11 to −0.0702")
    assert found.reason.endswith("; −0.05 to 0.05 is allowed.")


def test_only_named_terms_of_the_candidate_count() -> None:
    """Patterns choose the test, the group and the term."""
    terms = [term("a", 0.9, model="baseline"), term("a", 0.01), term("b", 0.02, test="probes"), term("b", 0.5)]
    rule = {**FLIPS, "limit": 0.1, "across": "each"}
    assert [found.slice for found in outcomes(terms, **rule, slices=["probes:*", "*:gender:a"])] == [
        "probes:gender:b",
        "swaps:gender:a",
    ]


@pytest.mark.parametrize(
    ("terms", "rule", "outcome", "reason"),
    [
        ([term("a", n=29)], FLIPS, "not enough data", "Flip rate of swaps:gender:a at 0.5 rests on 29 examples; 30 are needed."),
        ([term("a", n=30)], {**FLIPS, "min_examples": 31}, "not enough data", "31 are needed"),
        ([term("a")], {**FLIPS, "thresholds": [0.4]}, "unproven", "Flip rate of swaps:gender:a at 0.4 is undefined"),
        ([term("a", flips=0.01)], {**FLIPS, "thresholds": []}, "unproven", "Flip rate of swaps:gender:a is undefined"),
        ([term("a")], {**FLIPS, "slices": ["probes:*"]}, "unproven", "The counterfactual test found nothing for probes:*."),
        ([], FLIPS, "unproven", "The counterfactual test found nothing for swaps:*."),
        ([term("a")], {**FLIPS, "slices": []}, "unproven", "The rule c names no slice."),
    ],
)
def test_what_was_not_measured_is_never_blessed(terms: list[TermResult], rule: dict[str, Any], outcome: str, reason: str) -> None:
    """Too few comments, another threshold, no such term."""
    decision = decided(terms, **rule, limit=0.1)
    (found,) = decision.rules
    assert (found.outcome, decision.outcome) == (outcome, "inconclusive")
    assert reason in found.reason


def test_shift_without_an_interval_is_judged_by_its_value() -> None:
    """As other metrics are."""
    (found,) = outcomes([term("a", shift=0.06, error=None)], **SHIFT, limit=0.05)
    assert (found.outcome, found.reason.endswith("No interval is known; the value alone decides.")) == ("failed", True)


def test_each_term_has_its_own_sentence() -> None:
    """With the digits that tell the value from the limit, and nothing about a worst one."""
    (found,) = outcomes([term("a", 0.100001, n=100_000)], **FLIPS, limit=0.1, across="each")
    assert found.reason.startswith("Flip rate of swaps:gender:a at 0.5 is 0.100001 (95 % interval")
    (worst,) = outcomes([term("a", 0.100001, n=100_000)], **FLIPS, limit=0.1)
    assert worst.reason.startswith("Flip rate of swaps:gender:a at 0.5 is 0.100001, the worst of 1 (95 % interval")


def test_what_was_not_found_bears_its_pattern() -> None:
    """One line for a run without the test, however many patterns; one for each pattern that found nothing."""
    missing = outcomes([term("a")], **FLIPS, slices=["probes:*", "swaps:age:*"], limit=0.1)
    assert [found.slice for found in missing] == ["probes:*", "swaps:age:*"]
    rule = {"kind": "counterfactual", "id": "c", **FLIPS, "slices": ["probes:*", "swaps:*"], "limit": 0.1}
    (untested,) = decide(Policy.model_validate({"rules": [rule]}), ALONE).rules
    assert (untested.slice, untested.kind) == ("probes:*", "counterfactual")


def test_a_run_without_the_test_proves_nothing() -> None:
    """A rule that cannot be measured does not pass."""
    rule = {"kind": "counterfactual", "id": "c", **FLIPS, "limit": 0.1}
    decision = decide(Policy.model_validate({"rules": [rule]}), ALONE)
    assert (decision.outcome, decision.rules[0].outcome) == ("inconclusive", "unproven")
    assert decision.rules[0].reason.startswith("The run made no counterfactual test")


def test_invalid_scores_refuse() -> None:
    """Even when every rule holds."""
    decision = decided([term("a")], invalid=2, **FLIPS, limit=0.1)
    assert decision.outcome == "refused"
    assert decision.rules[0].reason == (
        "The candidate gave 2 scores of the counterfactual test that are NaN or infinite; every text needs an answer."
    )


def test_worst_of_many_terms_counts_as_many_with_holms_correction() -> None:
    """18 of 100 against a limit of 0.1 is proven for one term (p about 0.008), not for the worst of twenty."""
    rule: dict[str, Any] = {**FLIPS, "limit": 0.1, "multiplicity": "holm"}
    (alone,) = outcomes([term("a", 0.18)], **rule)
    (picked,) = outcomes([term("a", 0.18), *(term(f"t{number}") for number in range(19))], **rule)
    assert (alone.outcome, picked.outcome) == ("failed", "unproven")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**linting.FLIPS, "thresholds": []}, "flip_rate depends on a threshold; add thresholds, of 0.1, 0.3"),
        ({**linting.FLIPS, "thresholds": [0.4]}, "threshold 0.4 is not evaluated"),
        ({**linting.SHIFT, "thresholds": [0.5]}, "score_shift depends on no threshold; remove thresholds [0.5]."),
        ({**linting.FLIPS, "slices": []}, 'slices is empty; name some, such as "swaps:*"'),
        ({**linting.FLIPS, "slices": ["swaps:gender:mal"]}, "nothing for 'swaps:gender:mal'; did you mean 'swaps:gender:male'?"),
        ({**linting.FLIPS, "slices": ["probes:age:*"]}, "the counterfactual test has nothing for 'probes:age:*'; "),
        (
            {**linting.FLIPS, "slices": ["overall"]},
            "the counterfactual test has nothing for 'overall'; there are swaps:gender:male, ",
        ),
        (
            {**linting.FLIPS, "limit": 1},
            "limit 1 is kept by every flip_rate, which is at most 1, so the rule could not refuse anything",
        ),
        (
            {**linting.SHIFT, "limit": -0.1},
            "limit -0.1 is below 0, which is score_shift of a model that minds no term, so no candidate",
        ),
        ({**linting.FLIPS, "worse": "lower"}, "worse is 'lower', but flip_rate gets worse when higher; remove worse."),
    ],
)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each alone, by one message that names the rule, the value and the remedy."""
    (found,) = messages_of(rule)
    assert found.startswith("policy, rule 'a': ")
    assert message in found


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (linting.SHIFT, "the run makes no counterfactual test; give it the section counterfactual, or remove the rule."),
    ],
)
def test_bad_rules_for_images_are_found(rule: dict[str, Any], message: str) -> None:
    """The same for a multi-class task."""
    assert any(message in each for each in messages_of(rule, by=IMAGES))


@pytest.mark.parametrize(
    "rule",
    [
        {**linting.FLIPS, "slices": ["swaps:gender:male", "swaps:age:*", "probes:*"]},
        {**linting.FLIPS, "limit": 0.0, "across": "each"},
        {**linting.SHIFT, "worse": "higher"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []
