"""What was measured and no rule judges."""

from typing import Any

import pytest

from fairgate.gate.decision import decide
from fairgate.gate.outcome import Decision, NotJudged
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

TPR, FPR, FNR = (MetricKey(name, 0.5) for name in ("true_positive_rate", "false_positive_rate", "false_negative_rate"))
GAP: dict[str, Any] = {
    "id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"], "limit": 1.25,
}  # fmt: skip
GUARD: dict[str, Any] = {"id": "guard", "kind": "guard", "metric": "false_negative_rate", "thresholds": [0.5], "margin": 0.1}


def on(called: float, missed: float = 0.2, n: int = 1000, auc: float = 0.8) -> SliceMetrics:
    """A slice of n negatives and n positives by its error rates."""
    rates = {FPR: Rate(called * n, n), FNR: Rate(missed * n, n), TPR: Rate((1 - missed) * n, n)}
    return SliceMetrics(2 * n, n, n, rates=rates, scalars={MetricKey("auc"): Scalar(auc, 0.01)})


def decided(candidate: dict[str, SliceMetrics], *rules: dict[str, Any], baseline: Any = None, **facts: Any) -> Decision:
    models = {"candidate": candidate} | ({"baseline": baseline} if baseline else {})
    settings = {key: facts.pop(key) for key in ("uncovered_harm", "min_examples") if key in facts}
    return decide(Policy.model_validate({"rules": rules, **settings}), Evaluation(models, **facts))


def listed(decision: Decision) -> list[tuple[str, str, str, bool]]:
    return [(each.slice, each.metric, each.because, each.proven) for each in decision.not_judged]


WHOLE = on(0.2, n=10_000)


@pytest.mark.parametrize(("effect", "outcome"), [("inconclusive", "inconclusive"), ("refuse", "refused"), ("report", "blessed")])
def test_proven_harm_where_no_rule_looks(effect: str, outcome: str) -> None:
    """The limit of gender holds for race too: an FPR of .4 against .2 is proven to be above 1.25 times."""
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.4)}, GAP, uncovered_harm=effect)
    assert decision.outcome == outcome
    assert listed(decision) == [("race:b", "false_positive_rate", "breaks a limit", True)]
    assert "not judged: 1 slice" in decision.summary
    harm = [line for line in decision.rules if line.id == "uncovered-harm"]
    assert [line.slice for line in harm] == ([] if effect == "report" else ["race:b"])
    assert all(
        "add the slice to rule 'gap', lower its `min_examples`, or set `uncovered_harm: report`." in line.reason for line in harm
    )


def test_unproven_harm_is_listed_and_decides_nothing() -> None:
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.26, n=100)}, GAP)
    assert (decision.outcome, listed(decision)) == ("blessed", [("race:b", "false_positive_rate", "breaks a limit", False)])


def test_slices_within_the_limits_are_not_listed() -> None:
    assert listed(decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.24)}, GAP)) == []


def test_rule_without_a_baseline_covers_nothing() -> None:
    """A first run: the guard of every group judges nothing, and a group of which .7 is missed breaks the ceiling of overall."""
    ceiling = {"id": "ceiling", "kind": "quality", "metric": "false_negative_rate", "thresholds": [0.5], "max": 0.35}
    guard = {**GUARD, "slices": ["overall", "g:*"]}
    decision = decided({"overall": WHOLE, "g:a": on(0.2, missed=0.7)}, ceiling, guard)
    assert decision.outcome == "inconclusive"
    assert listed(decision) == [("g:a", "false_negative_rate", "breaks a limit", True)]


def test_same_measurement_by_another_name_is_covered() -> None:
    """A floor on the true positive rate judges the false negative rate."""
    floor = {
        "id": "floor",
        "kind": "quality",
        "metric": "true_positive_rate",
        "thresholds": [0.5],
        "slices": ["overall", "race:*"],
        "min": 0.1,
    }
    ceiling = {"id": "ceiling", "kind": "quality", "metric": "false_negative_rate", "thresholds": [0.5], "max": 0.3}
    slices = {"overall": WHOLE, "race:b": on(0.2, missed=0.5)}
    assert listed(decided(slices, floor, ceiling)) == []
    assert listed(decided(slices, ceiling)) == [("race:b", "false_negative_rate", "breaks a limit", True)]


@pytest.mark.parametrize("more", [(), ({**GAP, "metric": "false_negative_rate", "slices": ["race:*"], "limit": 3.0},)], ids=str)
def test_another_rule_on_a_group_hides_no_harm(more: tuple[dict[str, Any], ...]) -> None:
    """Misses of race:b rose by .3, where the guard of all examples allows .1; a gap that is kept does not answer that."""
    slices = {"overall": WHOLE, "race:b": on(0.2, missed=0.5)}
    baseline = {"overall": WHOLE, "race:b": on(0.2, missed=0.2)}
    decision = decided(slices, GUARD, *more, baseline=baseline)
    assert decision.outcome == "inconclusive"
    assert listed(decision) == [("race:b", "false_negative_rate", "breaks a limit", True)]


def test_guard_of_a_group_accepts_where_it_stood() -> None:
    """race:b is guarded; its false positive rate is twice that of all, as it was before."""
    slices = {"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.4)}
    guard = {**GUARD, "metric": "false_positive_rate", "slices": ["race:*"]}
    assert listed(decided(slices, GAP, guard, baseline=slices)) == []


def test_group_that_the_candidate_made_worse() -> None:
    """A guard that looks at overall alone: the false negatives of g:a rose from .2 to .26, within the margin, and provably."""
    slices, before = {"overall": WHOLE, "g:a": on(0.2, missed=0.26)}, {"overall": WHOLE, "g:a": on(0.2)}
    decision = decided(slices, GUARD, baseline=before)
    assert listed(decision) == [("g:a", "false_negative_rate", "worse than the baseline", True)]
    assert decision.outcome == "blessed"
    assert decision.summary == (
        "Blessed: 1 of 1 rules hold, 1 proven and 0 not disproven; not judged: 1 slice, 1 of them worse than the baseline."
    )


def test_margin_holds_where_no_rule_looks() -> None:
    slices, before = {"overall": WHOLE, "g:a": on(0.2, missed=0.5)}, {"overall": WHOLE, "g:a": on(0.2)}
    decision = decided(slices, GUARD, baseline=before)
    assert listed(decision) == [("g:a", "false_negative_rate", "breaks a limit", True)]
    assert decision.summary.endswith("not judged: 1 slice, 1 of them worse than the baseline.")
    assert decision.outcome == "inconclusive"


def test_group_below_min_examples_is_named() -> None:
    """It has 150 negatives and the policy asks for 151: the rule judges nothing of it, and it is proven to be harmed."""
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "g:b": on(0.6, n=150)}, GAP, min_examples=151)
    assert listed(decision) == [("g:b", "false_positive_rate", "breaks a limit", True)]
    assert decision.outcome == "inconclusive"


@pytest.mark.parametrize(
    ("rate", "n", "outcome"), [(0.34, 50, "blessed"), (0.9, 50, "inconclusive"), (0.9, 10, "inconclusive"), (1.0, 9, "blessed")]
)
def test_few_examples_decide_nothing_alone_unless_their_rate_is_far_off(rate: float, n: int, outcome: str) -> None:
    """17 wrong of 50 may be chance among the groups looked at, 45 of 50 and 9 of 10 are not; 9 prove nothing."""
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "g:b": on(rate, n=n)}, GAP)
    expected = [("g:b", "false_positive_rate", "breaks a limit", outcome == "inconclusive")]
    assert (decision.outcome, listed(decision)) == (outcome, expected)


def test_policy_that_judges_few_examples_takes_them_for_proof() -> None:
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.9, n=50)}, GAP, min_examples=50)
    assert (decision.outcome, listed(decision)) == ("inconclusive", [("race:b", "false_positive_rate", "breaks a limit", True)])


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (0.2, [("g:a", "false_positive_rate", "favoured", True)]),  # the candidate's doing
        (0.02, []),  # the baseline favoured it as much
        (None, [("g:a", "false_positive_rate", "favoured", True)]),
    ],
)
def test_favoured_group(before: float | None, expected: list[Any]) -> None:
    """A false positive rate of a tenth of overall's is no violation, and is said."""
    slices = {"overall": WHOLE, "g:a": on(0.02), "g:b": on(0.2)}
    baseline = None if before is None else {"overall": WHOLE, "g:a": on(before), "g:b": on(0.2)}
    decision = decided(slices, GAP, baseline=baseline)
    assert (decision.outcome, listed(decision)) == ("blessed", expected)


def test_favoured_by_a_metric_that_is_better_when_higher() -> None:
    gap = {**GAP, "metric": "true_positive_rate"}
    decision = decided({"overall": on(0.2, missed=0.6, n=10_000), "g:a": on(0.2, missed=0.1)}, gap)
    assert listed(decision) == [("g:a", "true_positive_rate", "favoured", True)]


def test_favoured_the_other_way_before() -> None:
    """The baseline harmed the group as much as the candidate favours it."""
    decision = decided({"overall": WHOLE, "g:a": on(0.02)}, GAP, baseline={"overall": WHOLE, "g:a": on(0.9)})
    assert ("g:a", "false_positive_rate", "favoured", True) in listed(decision)


def test_rule_on_both_sides_favours_nobody() -> None:
    assert listed(decided({"overall": WHOLE, "g:a": on(0.02)}, {**GAP, "direction": "both"})) == []


def test_worst_slice_sets_a_limit_for_every_slice() -> None:
    worst = {
        "id": "worst",
        "kind": "worst_slice",
        "metric": "false_positive_rate",
        "thresholds": [0.5],
        "slices": ["g:*"],
        "max": 0.3,
    }
    decision = decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.5)}, worst)
    assert listed(decision) == [("race:b", "false_positive_rate", "breaks a limit", True)]


def test_reference_of_half_holds_everywhere() -> None:
    trivial = {"id": "trivial", "kind": "beats_trivial", "metric": "auc"}
    decision = decided({"overall": WHOLE, "race:b": on(0.2, auc=0.4)}, trivial)
    assert listed(decision) == [("race:b", "auc", "breaks a limit", True)]


def test_rules_that_compare_slices_set_no_limit_for_others() -> None:
    best = {**GAP, "against": "best", "limit": 100.0}
    shrinks = {"id": "shrinks", "kind": "improvement", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"]}
    slices = {"overall": WHOLE, "g:a": on(0.2), "g:b": on(0.21), "race:b": on(0.9)}
    baseline = {"overall": WHOLE, "g:a": on(0.2), "g:b": on(0.25), "race:b": on(0.9)}
    assert listed(decided(slices, best, shrinks, baseline=baseline)) == []


def test_accuracy_of_a_class_is_its_recall() -> None:
    rates = {MetricKey("accuracy"): Rate(900, 1000)}
    whole = SliceMetrics(1000, rates=rates, scalars={MetricKey("trivial_accuracy"): Scalar(0.1)})
    low = {MetricKey("accuracy"): Rate(50, 100), MetricKey("recall"): Rate(50, 100), MetricKey("precision"): Rate(50, 60)}
    floor = {"id": "floor", "kind": "quality", "metric": "accuracy", "min": 0.8}
    decision = decided({"overall": whole, "class:b": SliceMetrics(100, rates=low), "g:a": SliceMetrics(100, rates=low)}, floor)
    assert listed(decision) == [("g:a", "accuracy", "breaks a limit", True)]


def test_metric_without_direction_is_never_worse() -> None:
    selection = {"id": "s", "kind": "quality", "metric": "mean_score", "max": 1.0}
    part = SliceMetrics(2000, 1000, 1000, rates=on(0.2).rates, scalars={MetricKey("mean_score"): Scalar(0.9, 0.001)})
    before = SliceMetrics(2000, 1000, 1000, rates=on(0.2).rates, scalars={MetricKey("mean_score"): Scalar(0.1, 0.001)})
    assert listed(decided({"overall": part, "g:a": part}, selection, baseline={"overall": before, "g:a": before})) == []


def test_holm_counts_everything_that_is_listed() -> None:
    """One slice with p = .03 is proven alone, and not among ten of the kind."""
    part = on(0.29, n=500)
    alone = decided({"overall": WHOLE, "g:a": on(0.2), "race:0": part}, GAP)
    among = decided({"overall": WHOLE, "g:a": on(0.2), **{f"race:{number}": part for number in range(10)}}, GAP)
    assert [each.proven for each in alone.not_judged] == [True]
    assert {each.proven for each in among.not_judged} == {False}


def test_groups_without_examples() -> None:
    expected = {"g": ("a", "b", "c")}
    decision = decided({"overall": WHOLE, "g:a": on(0.2)}, GAP, expected=expected, absent_columns=("g:c",))
    assert decision.absent_groups == ("g:b",)
    assert decision.outcome == "blessed"
    assert decision.summary.endswith("; no example of g:b; no column for g:c.")


def test_lines_read_back() -> None:
    (line,) = decided({"overall": WHOLE, "g:a": on(0.2), "race:b": on(0.4)}, GAP).not_judged
    assert NotJudged.model_validate_json(line.model_dump_json()) == line
    assert (line.rule, line.limit, line.n, line.measure) == ("gap", 1.25, 1000, "ratio")
    assert line.value == pytest.approx(2.0)


def test_standard_error_of_zero_proves_nothing() -> None:
    """Few examples that agree have one; they are listed and decide nothing."""
    floor = {"id": "floor", "kind": "quality", "metric": "auc", "min": 0.5}
    rates = on(0.2).rates
    agreed = SliceMetrics(2000, 1000, 1000, rates=rates, scalars={MetricKey("auc"): Scalar(0.4, 0.0)})
    decision = decided({"overall": WHOLE, "race:b": agreed}, floor)
    assert listed(decision) == [("race:b", "auc", "breaks a limit", False)]
