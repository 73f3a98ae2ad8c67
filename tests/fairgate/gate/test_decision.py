"""From rules to an outcome: what blesses, what refuses, what leaves it open."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from fairgate.gate.checks import Check
from fairgate.gate.outcome import EXIT_CODES, Decision, RuleLine, RuleResult, decisive
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import decide

MakeSlice = Callable[..., SliceMetrics]
FPR: dict[str, Any] = {"metric": "false_positive_rate", "thresholds": [0.5]}
GAP: dict[str, Any] = {"id": "gap", "kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25}
FLOOR: dict[str, Any] = {"id": "floor", "kind": "quality", "metric": "auc", "min": 0.8}
ACCURACY = MetricKey("accuracy")
ACCURATE = {**FLOOR, "metric": "accuracy"}
COMMENTS = binary_fairness(("gender",))


def judged(evaluation: Evaluation, *rules: dict[str, Any], **settings: Any) -> Decision:
    """The decision by some rules."""
    return decide(Policy.model_validate({"rules": rules, **settings}), evaluation)


def one_slice(metrics: SliceMetrics) -> Evaluation:
    """A candidate that is measured on overall alone."""
    return Evaluation({"candidate": {"overall": metrics}})


def test_the_remediated_model_is_blessed(practicum: Evaluation) -> None:
    """The published candidate keeps the default policy; the slice with 16 negatives does not decide."""
    decision = decide(COMMENTS, practicum)
    assert (decision.outcome, EXIT_CODES[decision.outcome]) == ("blessed", 0)
    assert decision.summary == (
        "Blessed: 5 of 5 rules hold, 4 proven and 1 not disproven; not judged: 3 slices, 2 of them worse than the baseline."
    )
    lacking = {outcome.slice for outcome in decision.rules if outcome.outcome == "not enough data"}
    assert lacking == {"gender:other_gender"}


@pytest.mark.parametrize("multiplicity", ["none", "holm"])
def test_the_baseline_as_candidate_is_refused(practicum: Evaluation, multiplicity: str) -> None:
    """Without remediation the gap rule names male and female, also after the correction."""
    same = Evaluation({"baseline": practicum.models["baseline"], "candidate": practicum.models["baseline"]})
    decision = decide(COMMENTS.model_copy(update={"multiplicity": multiplicity}), same)
    assert (decision.outcome, EXIT_CODES[decision.outcome]) == ("refused", 1)
    assert decision.summary == "Refused: false-positive-gap (gender:female and gender:male); not judged: 1 slice."
    assert [outcome.slice for outcome in decisive(decision.rules)] == ["gender:female", "gender:male"]
    assert decisive(decision.rules)[1].reason == (
        "False positive rate of gender:male at 0.5 is 0.51, 1.82 times the overall 0.28 (95 % interval 1.71–1.93, n = 1,000); "
        "the limit is 1.25."
    )


def test_swapped_models_are_refused(practicum: Evaluation) -> None:
    """The model with the gap in the place of the candidate."""
    assert (
        decide(COMMENTS, Evaluation(dict(zip(["candidate", "baseline"], practicum.models.values(), strict=True)))).outcome
        == "refused"
    )


def test_more_examples_than_exist_leave_it_open(practicum: Evaluation) -> None:
    """No rule has enough data."""
    decision = decide(COMMENTS.model_copy(update={"min_examples": 1_000_000}), practicum)
    assert (decision.outcome, EXIT_CODES[decision.outcome]) == ("inconclusive", 2)
    assert {outcome.outcome for outcome in decision.rules} == {"not enough data"}
    assert decision.rules[0].reason == (
        "False positive rate of gender:female at 0.5 rests on 1,200 examples; 1,000,000 are needed. "
        "At least 998,800 more negatives of gender:female are needed before this is judged (there are 1,200)."
    )


def test_a_first_run_is_judged_by_the_other_rules(practicum: Evaluation) -> None:
    """Without a baseline absolute and gap rules still refuse and still bless."""
    good, bad = (Evaluation({"candidate": practicum.models[model]}) for model in ("candidate", "baseline"))
    assert decide(COMMENTS, good).summary == (
        "Blessed: 2 of 5 rules hold, 1 proven and 1 not disproven; the others need a baseline; not judged: 1 slice."
    )
    assert decide(COMMENTS, bad).outcome == "refused"
    skipped = [(outcome.id, outcome.slice) for outcome in decide(COMMENTS, good).rules if outcome.outcome == "not applicable"]
    assert skipped == [("gap-shrinks", "gender:*"), ("false-negative-guard", "overall"), ("auc-guard", "overall")]


def test_a_first_run_by_comparing_rules_alone_is_open(practicum: Evaluation) -> None:
    """When every rule needs a baseline, nothing was proven without one."""
    candidate = Evaluation({"candidate": practicum.models["candidate"]})
    assert judged(candidate, {"id": "a", "kind": "not_worse", "metric": "auc"}).outcome == "inconclusive"


def test_a_policy_may_ask_for_a_baseline(practicum: Evaluation) -> None:
    """Then a run without one is inconclusive."""
    candidate = Evaluation({"candidate": practicum.models["candidate"]})
    decision = judged(candidate, FLOOR, {"id": "a", "kind": "not_worse", "metric": "auc"}, without_baseline="inconclusive")
    assert (decision.outcome, decision.summary) == ("inconclusive", "Inconclusive: a (overall).")


def test_a_policy_without_rules_never_blesses(practicum: Evaluation) -> None:
    """There is nothing to bless for; checks may still refuse."""
    assert decide(Policy(), practicum).outcome == "inconclusive"
    nothing = "Inconclusive: the policy has no rules, so there is nothing that a candidate could prove."
    assert decide(Policy(), practicum).summary == nothing
    assert decide(Policy(), practicum, checks=[Check("serving", ok=True, reason="It serves.")]).outcome == "inconclusive"
    refused = decide(Policy(), practicum, checks=[Check("serving", ok=False, reason="It does not.")])
    assert (refused.outcome, refused.summary) == ("refused", "Refused: serving.")


def test_checks_come_first_and_refuse(practicum: Evaluation) -> None:
    """A check that is not in order outweighs all rules; one that is decides nothing."""
    ok, broken = Check("serving", ok=True, reason="It serves."), Check("artifacts", ok=False, reason="Another model was scored.")
    assert decide(COMMENTS, practicum, checks=[ok]).outcome == "blessed"
    decision = decide(COMMENTS, practicum, checks=[ok, broken])
    assert decision.outcome == "refused"
    assert [(outcome.id, outcome.kind, outcome.outcome) for outcome in decision.rules[:2]] == [
        ("serving", "check", "passed"),
        ("artifacts", "check", "failed"),
    ]
    assert decision.rules[1].reason == "Another model was scored."
    assert (decision.rules[0].slice, decision.rules[0].metric) == ("", "")
    assert [outcome.id for outcome in decisive(decision.rules)] == ["artifacts"]


@pytest.mark.parametrize("model", ["candidate", "baseline"])
def test_invalid_scores_refuse(practicum: Evaluation, model: str) -> None:
    """One NaN score of either model."""
    decision = decide(COMMENTS, Evaluation(practicum.models, invalid_scores={model: 1}))
    assert (decision.outcome, decision.summary[:24]) == ("refused", "Refused: invalid-scores;")
    assert decision.rules[0].reason.startswith(f"The {model} gave 1 score that is NaN or infinite")
    assert decide(COMMENTS, Evaluation(practicum.models, invalid_scores={model: 0})).outcome == "blessed"


def test_invalid_scores_of_both_models_are_told_in_one_order(practicum: Evaluation) -> None:
    """Baseline before candidate, however they were counted, so that equal runs have equal verdicts."""
    for counted in ({"candidate": 1, "baseline": 2}, {"baseline": 2, "candidate": 1}):
        reasons = [outcome.reason for outcome in decide(COMMENTS, Evaluation(practicum.models, invalid_scores=counted)).rules[:2]]
        assert [reason.split(" gave ")[0] for reason in reasons] == ["The baseline", "The candidate"]


def test_without_candidate_there_is_nothing_to_bless(practicum: Evaluation) -> None:
    """A renamed or absent model, or one that was not measured overall."""
    for models in ({"baseline": practicum.models["baseline"]}, {"new": practicum.models["candidate"]}, {}):
        decision = decide(COMMENTS, Evaluation(models))
        assert decision.outcome == "refused"
        assert (decision.rules[0].id, decision.rules[0].reason) == ("measured", "The candidate was not measured on overall.")
    sliced = {name: metrics for name, metrics in practicum.models["candidate"].items() if name != "overall"}
    assert decide(COMMENTS, Evaluation({"candidate": sliced})).outcome == "refused"


def test_a_baseline_without_overall_refuses(practicum: Evaluation) -> None:
    """It is there, but cannot be compared with."""
    decision = decide(COMMENTS, Evaluation({**practicum.models, "baseline": {}}))
    assert decision.rules[0].reason == "The baseline was not measured on overall."
    assert decision.outcome == "refused"


def test_models_measured_on_different_examples_refuse() -> None:
    """Other numbers of examples, or of positives among them."""
    rule = {"id": "a", "kind": "quality", "metric": "auc", "min": 0.5}
    mine = SliceMetrics(n=1000, n_positive=200, n_negative=800, scalars={MetricKey("auc"): Scalar(0.9, 0.01)})
    for n, positive in ((900, 200), (1000, 300)):
        theirs = SliceMetrics(n=n, n_positive=positive, n_negative=n - positive, scalars=mine.scalars)
        decision = judged(Evaluation({"candidate": {"overall": mine}, "baseline": {"overall": theirs}}), rule)
        assert decision.summary == "Refused: same-examples."
        of_them = ", 200 and 300 of them positive" if n == 1000 else ""
        counts = f"(1,000 and {n:,} of overall{of_them})"
        assert decision.rules[0].reason == (
            f"Candidate and baseline were measured on different examples {counts}; they cannot be compared."
        )
    assert judged(Evaluation({"candidate": {"overall": mine}, "baseline": {"overall": mine}}), rule).outcome == "blessed"


def test_a_slice_without_enough_data_never_decides_alone(of: MakeSlice) -> None:
    """99 negatives are too few, 100 are enough; the other slice decides, unless the 99 are far off: then nobody does."""
    for wrong, n, outcome in ((6, 99, "blessed"), (99, 99, "inconclusive"), (100, 100, "refused")):
        slices = {"overall": of(fpr=(300, 10_000)), "gender:male": of(fpr=(wrong, n)), "gender:female": of(fpr=(30, 1000))}
        assert judged(Evaluation({"candidate": slices}), GAP).outcome == outcome


def test_a_rule_without_any_data_leaves_it_open(of: MakeSlice) -> None:
    """All slices of the gap rule are too small, although the other rule passes; a failing one still refuses."""
    slices = {"overall": of(fpr=(300, 1000), auc=0.9, error=0.01), "gender:male": of(fpr=(9, 20))}
    evaluation = Evaluation({"candidate": slices})
    decision = judged(evaluation, FLOOR, GAP)
    assert (decision.outcome, decision.summary) == (
        "inconclusive",
        "Inconclusive: gap (gender:male); not judged: 1 slice.",
    )
    assert [(each.kind, each.metric, each.threshold) for each in decisive(decision.rules)] == [
        ("gap", "false_positive_rate", 0.5)
    ]
    assert judged(evaluation, {**FLOOR, "min": 0.95}, GAP).outcome == "refused"


def test_rules_of_one_id_do_not_cover_for_each_other(of: MakeSlice) -> None:
    """A rule without data stays open, also when another of its name passes."""
    slices = {"overall": of(fpr=(300, 1000), auc=0.9, error=0.01), "gender:male": of(fpr=(9, 20))}
    assert judged(Evaluation({"candidate": slices}), {**FLOOR, "id": "gap"}, GAP).outcome == "inconclusive"


def test_a_rule_may_ask_for_other_numbers_of_examples(of: MakeSlice) -> None:
    """The rule's own minimum goes before the policy's, upwards and downwards."""
    evaluation = one_slice(of(auc=0.9, error=0.01, n=150))
    assert judged(evaluation, {**FLOOR, "min_examples": 151}).outcome == "inconclusive"
    assert judged(evaluation, {**FLOOR, "min_examples": 150}, min_examples=1000).outcome == "blessed"


def test_minimum_counts_effective_examples() -> None:
    """200 negatives whose weights are worth 90 are not 100; of unequal weights it takes 150."""
    rates = {MetricKey("false_positive_rate", 0.5): Rate(20, 200)}
    rule = {"id": "a", "kind": "quality", **FPR, "max": 0.9}
    assert judged(one_slice(SliceMetrics(n=300, rates=rates, design_effect=200 / 90)), rule).outcome == "inconclusive"
    assert judged(one_slice(SliceMetrics(n=300, rates=rates, design_effect=200 / 160)), rule).outcome == "blessed"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({**FLOOR, "metric": "accuracy"}, "The evaluation has no accuracy of overall for the candidate."),
        ({**FLOOR, "thresholds": [0.5]}, "The evaluation has no AUC of overall at 0.5 for the candidate."),
        ({**GAP, "thresholds": [0.7]}, "The evaluation has no false positive rate of gender:female at 0.7 for the candidate."),
        (
            {**GAP, "thresholds": [0.7], "against": "best"},
            "The evaluation has no false positive rate of gender:female at 0.7 for the candidate.",
        ),
        ({**GAP, "slices": ["gender:*", "race:*"]}, "The evaluation has no slice that matches race:*."),
        ({**GAP, "slices": ["gender:male", "gender:femal"]}, "The evaluation has no slice gender:femal."),
        ({**FLOOR, "slices": []}, "The rule floor names no slice."),
        ({"id": "a", "kind": "not_worse", "metric": "loss"}, "The evaluation has no loss of overall for the candidate."),
    ],
)
def test_what_was_not_measured_is_never_blessed(practicum: Evaluation, rule: dict[str, Any], reason: str) -> None:
    """Renamed metrics, thresholds and slices leave it open, beside a rule that passes."""
    decision = judged(practicum, {**FLOOR, "id": "other"}, rule)
    assert decision.outcome == "inconclusive"
    assert reason in [outcome.reason for outcome in decision.rules]


@pytest.mark.parametrize(
    ("slices", "unmatched"),
    [
        (["gender:*", "race:*"], []),
        (["race:*"], ["race:*"]),
        (["gender:*", "race:black"], ["race:black"]),
        (["gender:*", "nationality:*"], ["nationality:*"]),
        (["gender:*", "race:* × gender:*"], ["race:* × gender:*"]),
    ],
)
def test_pattern_of_groups_that_the_data_lack_leaves_no_gap_beside_others(
    practicum: Evaluation, slices: list[str], unmatched: list[str]
) -> None:
    """Race is known to the task, and the data have no column for it; nationality is not known."""
    evaluation = replace(practicum, expected={"race": ("black", "white")}, absent_columns=("race:black", "race:white"))
    decision = judged(evaluation, {**GAP, "slices": slices})
    assert [line.slice for line in decision.rules if line.outcome == "unproven"] == unmatched
    assert "no column for race:*" in decision.summary


@pytest.mark.parametrize("kind", [{"kind": "guard", "margin": 0.5}, {"kind": "not_worse"}, {"kind": "improvement"}])
def test_a_slice_that_one_model_lacks_is_never_blessed(practicum: Evaluation, kind: dict[str, Any]) -> None:
    """The baseline was not measured on male, or the candidate was not."""
    for model, other in (("baseline", "candidate"), ("candidate", "baseline")):
        fewer = {name: metrics for name, metrics in practicum.models[model].items() if name != "gender:male"}
        evaluation = Evaluation({model: fewer, other: practicum.models[other]})
        decision = judged(evaluation, {"id": "a", **FPR, "slices": ["gender:*"], **kind})
        assert decision.outcome == "inconclusive"
        assert f"The {model} was not measured on gender:male." in [outcome.reason for outcome in decision.rules]


def test_an_improvement_needs_overall_of_both_models(practicum: Evaluation, of: MakeSlice) -> None:
    """Overall is there, but without the metric."""
    bare = {**practicum.models["baseline"], "overall": of(auc=0.9, n=20_000)}
    evaluation = Evaluation({"baseline": bare, "candidate": practicum.models["candidate"]})
    decision = judged(evaluation, {"id": "a", "kind": "improvement", **FPR, "slices": ["gender:*"]})
    assert decision.outcome == "inconclusive"
    assert (decision.rules[-1].slice, decision.rules[-1].outcome) == ("overall", "unproven")
    assert decision.rules[-1].reason == "The evaluation has no false positive rate of overall at 0.5 for the baseline."


def test_slices_left_out_for_size_lack_data(of: MakeSlice) -> None:
    """An intersection that was omitted is named with its examples, and leaves the rule open when it is the only one."""
    pair, rule = "gender:male × race:black", {**GAP, "slices": ["gender:* × race:*", "age:*"]}
    decision = decide(
        Policy.model_validate({"rules": [rule]}), Evaluation({"candidate": {"overall": of(fpr=(30, 1000))}}, omitted={pair: 12})
    )
    found, unknown = decision.rules
    assert (found.slice, found.outcome, found.n) == (pair, "not enough data", 12)
    assert (unknown.slice, unknown.reason) == ("age:*", "The evaluation has no slice that matches age:*.")
    assert found.needed
    assert found.reason == f"The slice {pair} was left out of the evaluation for having only 12 examples. {found.needed.sentence}"
    assert decision.outcome == "inconclusive"


def test_overall_is_no_gap_from_itself(of: MakeSlice) -> None:
    """A pattern that matches every slice names all but overall, for a gap; for a floor overall as well."""
    slices = {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(60, 200)), "gender:female": of(fpr=(60, 200))}
    evaluation = Evaluation({"candidate": slices, "baseline": slices})
    assert [found.slice for found in judged(evaluation, {**GAP, "slices": ["*"]}).rules] == ["gender:female", "gender:male"]
    floor = {"id": "a", "kind": "quality", **FPR, "slices": ["*"], "max": 0.5}
    assert [found.slice for found in judged(evaluation, floor).rules] == ["gender:female", "gender:male", "overall"]


def test_undefined_metrics_are_never_blessed() -> None:
    """An AUC of a slice with one class, a ratio of infinities: open, although there are examples enough."""
    auc = judged(one_slice(SliceMetrics(n=1000, scalars={MetricKey("auc"): Scalar(math.nan)})), FLOOR)
    assert (auc.rules[0].slice, auc.rules[0].n) == ("overall", 1000)
    assert (auc.outcome, auc.rules[0].reason) == (
        "inconclusive",
        "AUC of overall is undefined, although there are 1,000 examples.",
    )
    infinite = {name: SliceMetrics(n=1000, scalars={MetricKey("loss"): Scalar(math.inf)}) for name in ("overall", "class:a")}
    gap = judged(
        Evaluation({"candidate": infinite}), {"id": "a", "kind": "gap", "metric": "loss", "slices": ["class:a"], "limit": 2}
    )
    assert (gap.outcome, gap.rules[0].value is None) == ("inconclusive", True)
    assert gap.rules[0].reason.count(" This cannot be compared with the limit.") == 1


def test_what_is_decisive() -> None:
    """Failures; else what stayed open, and slices without data of rules that have nothing else; else what passed."""

    def decide_among(**results: RuleResult) -> list[str]:
        lines = [
            RuleLine(id=name[0], kind="quality", slice=name, metric="auc", measure="value", outcome=result, reason="")
            for name, result in results.items()
        ]
        return [line.slice for line in decisive(lines)]

    assert decide_among(a1="passed", b1="failed", c1="unproven", d1="not enough data") == ["b1"]
    assert decide_among(a1="passed", c1="unproven", d1="not enough data") == ["c1", "d1"]
    assert decide_among(a1="passed", d1="not enough data", b1="passed") == ["d1"]
    assert decide_among(a1="passed", a2="not enough data", b1="passed") == ["a1", "b1"]
    assert decide_among(a1="not applicable", a2="not enough data", b1="passed") == ["b1"]
    assert decide_among(a1="unproven", a2="not enough data") == ["a1"]


def test_several_rules_are_named_in_one_sentence(of: MakeSlice) -> None:
    """Each with its slices."""
    slices = {"overall": of(fpr=(300, 1000), auc=0.7, error=0.01), "gender:male": of(fpr=(90, 100))}
    assert judged(Evaluation({"candidate": slices}), FLOOR, GAP).summary == "Refused: floor (overall); gap (gender:male)."


def test_a_metric_without_interval_is_judged_by_its_value() -> None:
    """No standard error is known: kept passes, broken fails."""
    evaluation = one_slice(SliceMetrics(n=1000, scalars={MetricKey("train_test_accuracy_difference"): Scalar(0.04)}))
    rule = {"id": "a", "kind": "quality", "metric": "train_test_accuracy_difference"}
    assert judged(evaluation, {**rule, "max": 0.05}, unproven="refuse").outcome == "blessed"
    broken = judged(evaluation, {**rule, "max": 0.035})
    assert (broken.outcome, broken.rules[0].reason) == (
        "refused",
        "Train/test accuracy difference of overall is 0.04 (n = 1,000); the limit is 0.035. "
        "No interval is known; the value alone decides.",
    )


@pytest.mark.parametrize(
    ("floor", "settings", "result", "outcome"),
    [
        (0.86, {}, "passed", "blessed"),
        (0.86, {"unproven": "refuse", "unproven_violation": "refuse"}, "passed", "blessed"),
        (0.89, {}, "passed", "blessed"),
        (0.89, {"unproven": "inconclusive"}, "unproven", "inconclusive"),
        (0.89, {"unproven": "refuse"}, "failed", "refused"),
        (0.91, {}, "unproven", "inconclusive"),
        (0.91, {"unproven_violation": "pass"}, "passed", "blessed"),
        (0.91, {"unproven_violation": "refuse"}, "failed", "refused"),
        (0.94, {}, "failed", "refused"),
        (0.94, {"unproven": "pass", "unproven_violation": "pass"}, "failed", "refused"),
    ],
)
def test_what_an_unproven_rule_does(of: MakeSlice, floor: float, settings: dict[str, str], result: str, outcome: str) -> None:
    """An AUC of 0.9 ± 0.02 against floors below, within and above its interval; as the policy or the rule itself says."""
    evaluation = one_slice(of(auc=0.9, error=0.01, n=1000))
    by_policy, by_rule = (
        judged(evaluation, {**FLOOR, "min": floor}, **settings),
        judged(evaluation, {**FLOOR, "min": floor, **settings}),
    )
    assert [(each.rules[0].outcome, each.outcome) for each in (by_policy, by_rule)] == [(result, outcome)] * 2


def test_remarks_say_what_was_not_proven(of: MakeSlice) -> None:
    """And that the policy refuses it, where it does."""
    evaluation = one_slice(of(auc=0.9, error=0.01, n=1000))
    kept, refused = (
        judged(evaluation, {**FLOOR, "min": 0.89}),
        judged(evaluation, {**FLOOR, "min": 0.91}, unproven_violation="refuse"),
    )
    assert kept.rules[0].reason.endswith("The limit is kept, but the interval reaches beyond it.")
    assert refused.rules[0].reason.endswith(
        "The limit is broken, but the interval reaches back within it; the policy refuses that."
    )


def test_confidence_widens_the_interval(of: MakeSlice) -> None:
    """A floor of 0.925 is excluded at 95 %, not at 99.9 %; as the policy or the rule says."""
    evaluation, rule = one_slice(of(auc=0.9, error=0.01, n=1000)), {**FLOOR, "min": 0.925}
    assert judged(evaluation, rule).outcome == "refused"
    assert judged(evaluation, rule, confidence=0.999).outcome == "inconclusive"
    decision = judged(evaluation, {**rule, "confidence": 0.999})
    assert (decision.outcome, "99.9 % interval" in decision.rules[0].reason) == ("inconclusive", True)


def _terms(*values: float) -> Evaluation:
    """Slices by their accuracy with an error of .01, whose interval is normal, so that p-values are those of the table."""
    slices = {f"g:{at}": SliceMetrics(1000, scalars={ACCURACY: Scalar(value, 0.01)}) for at, value in enumerate(values)}
    return Evaluation({"candidate": {"overall": SliceMetrics(5000, scalars={ACCURACY: Scalar(0.95, 0.01)}), **slices}})


@pytest.mark.parametrize(
    ("values", "failed"),
    [
        ((0.875, 0.95, 0.95, 0.95), ["g:0"]),  # p = 0.0124
        ((0.8751, 0.95, 0.95, 0.95), []),  # p = 0.0128
        ((0.8775, 0.95, 0.95, 0.95), []),
        ((0.86, 0.8775, 0.95, 0.95), ["g:0"]),
        ((0.86, 0.86, 0.86, 0.8775), ["g:0", "g:1", "g:2", "g:3"]),
    ],
)
def test_holm(values: tuple[float, ...], failed: list[str]) -> None:
    """Four slices against a floor of 0.9 with an error of 0.01: the least p against 0.05 / 4, the next against 0.05 / 3."""
    rule = {**ACCURATE, "slices": ["g:*"], "min": 0.9}
    decision = judged(_terms(*values), rule, multiplicity="holm")
    assert [outcome.slice for outcome in decision.rules if outcome.outcome == "failed"] == failed
    plain = judged(_terms(*values), rule)
    assert [outcome.slice for outcome in plain.rules if outcome.outcome == "failed"] == [
        f"g:{i}" for i, v in enumerate(values) if v < 0.9
    ]


@pytest.mark.parametrize("seed", range(20))
def test_holm_agrees_with_statsmodels(seed: int) -> None:
    """Eight slices around a floor of 0.9 with an error of 0.01: refused for those that the reference rejects."""
    values = np.random.default_rng(seed).uniform(0.85, 0.92, 8)
    raw = [2 * norm.sf((0.9 - value) / 0.01) if value < 0.9 else 1.0 for value in values]
    rejected = np.flatnonzero(multipletests(raw, alpha=0.05, method="holm")[0])
    decision = judged(_terms(*values.tolist()), {**ACCURATE, "slices": ["g:*"], "min": 0.9}, multiplicity="holm")
    assert [outcome.slice for outcome in decision.rules if outcome.outcome == "failed"] == [f"g:{i}" for i in rejected]


def test_holm_says_what_was_not_proven() -> None:
    """A p-value of 0.0244 becomes 0.0977 among four; the interval that is shown stays uncorrected."""
    found = judged(_terms(0.8775, 0.95, 0.95, 0.95), {**ACCURATE, "slices": ["g:*"], "min": 0.9}, multiplicity="holm").rules[0]
    assert found.outcome == "unproven"
    assert found.reason.count("The limit is broken, but with Holm's correction this is not proven (p = 0.0978).") == 1
    assert found.interval is not None
    assert (found.interval[1] or 1.0) < 0.9


def test_holm_is_not_blamed_for_what_is_not_proven_without_it() -> None:
    """0.885 lies 1.5 errors below the floor: a p-value of 0.13, and an interval up to 0.905."""
    rule = {**ACCURATE, "slices": ["g:*"], "min": 0.9}
    found, plain = (judged(_terms(0.885, 0.95), rule, multiplicity=name).rules[0] for name in ("holm", "none"))
    assert found.outcome == plain.outcome == "unproven"
    assert "The limit is broken, but the interval reaches back within it." in found.reason
    assert "Holm" not in found.reason


def test_holm_never_falls_from_rank_to_rank() -> None:
    """A second p-value that is nearly the first does not pass where the first does not."""
    decision = judged(_terms(0.8755, 0.8756), {**ACCURATE, "slices": ["g:*"], "min": 0.9}, multiplicity="holm")
    assert [outcome.outcome for outcome in decision.rules] == ["failed", "failed"]
    open_ones = judged(_terms(0.8780, 0.8781, 0.95, 0.95), {**ACCURATE, "slices": ["g:*"], "min": 0.9}, multiplicity="holm")
    assert ["(p = 0.111)." in outcome.reason for outcome in open_ones.rules[:2]] == [True, True]


def test_holm_is_over_all_rules_with_an_interval() -> None:
    """A p-value of 0.0244 is proven alone and beside a metric without interval, not beside three other comparisons."""
    broken, kept = (
        {**ACCURATE, "slices": ["g:0"], "min": 0.9},
        {**ACCURATE, "slices": ["g:1", "g:2", "g:3"], "id": "kept", "min": 0.9},
    )
    evaluation = _terms(0.8775, 0.95, 0.95, 0.95)
    assert judged(evaluation, broken, multiplicity="holm").outcome == "refused"
    assert judged(evaluation, broken, kept, multiplicity="holm").outcome == "inconclusive"
    loss = {MetricKey("loss"): Scalar(0.1)}
    slices = {**evaluation.models["candidate"], "overall": SliceMetrics(n=5000, scalars=loss)}
    beside = {"id": "loss", "kind": "quality", "metric": "loss", "max": 1}
    assert judged(Evaluation({"candidate": slices}), broken, *[beside] * 3, multiplicity="holm").outcome == "refused"


def test_holm_counts_the_pairs_that_extremes_were_picked_from() -> None:
    """Four slices are six pairs: the p-value of worst against best counts six times, that of two slices once."""
    rule = {
        "id": "a",
        "kind": "gap",
        "metric": "accuracy",
        "slices": ["g:*"],
        "against": "best",
        "measure": "difference",
        "limit": 0.05,
    }
    four, two = _terms(0.86, 0.95, 0.95, 0.95), _terms(0.86, 0.95)
    plain = (0.95 - 0.86 - 0.05) / (0.01 * math.sqrt(2))
    assert math.erfc(plain / math.sqrt(2)) == pytest.approx(0.00468, abs=1e-5)
    assert judged(two, rule, multiplicity="holm", confidence=0.99).outcome == "refused"
    assert judged(four, rule, multiplicity="holm", confidence=0.99).rules[0].reason.count("(p = 0.0281).") == 1
    assert judged(four, rule, multiplicity="holm").outcome == "refused"


def test_holm_counts_an_improvement_slice_by_slice_once(of: MakeSlice) -> None:
    """Two slices that got worse are two comparisons of one look each; the largest gap alone is one comparison of two."""

    def model(*values: float) -> dict[str, SliceMetrics]:
        slices = {f"g:{number}": of(auc=value, error=0.01, n=1000) for number, value in enumerate(values)}
        return {"overall": of(auc=0.95, error=0.001, n=5000), **slices}

    evaluation = Evaluation({"candidate": model(0.905, 0.95), "baseline": model(0.94, 0.95)})
    rule = {"id": "a", "kind": "improvement", "metric": "auc", "slices": ["g:*"], "measure": "difference"}
    each = judged(evaluation, {**rule, "across": "each"}, multiplicity="holm").rules[0]
    worst = judged(evaluation, rule, multiplicity="holm").rules[0]
    assert (each.slice, worst.slice) == ("g:0", "g:0")
    assert each.reason.rpartition("(p = ")[2] == worst.reason.rpartition("(p = ")[2] != ""


def test_holm_counts_the_slices_that_the_worst_was_picked_from() -> None:
    """The worst of four with p = 0.0244 is not proven; with p = 0.0124 it is."""
    rule = {"id": "a", "kind": "worst_slice", "metric": "accuracy", "slices": ["g:*"], "min": 0.9}
    for value, outcome in ((0.8775, "inconclusive"), (0.875, "refused")):
        assert judged(_terms(value, 0.95, 0.95, 0.95), rule, multiplicity="holm").outcome == outcome
        assert judged(_terms(value, 0.95, 0.95, 0.95), rule).outcome == "refused"


@pytest.mark.parametrize(
    ("elsewhere", "says"),
    [(None, "are 1,000)."), (100.0, "; the rest of the data holds 100,000."), (0.1, "; the rest of the data holds only 100.")],
)
def test_open_finding_says_whether_the_rest_of_the_data_holds_enough(elsewhere: float | None, says: str) -> None:
    """The AUC of .89 is not proven to reach .9."""
    evaluation = one_slice(SliceMetrics(1000, 500, 500, scalars={MetricKey("auc"): Scalar(0.89, 0.01)}))
    policy = Policy.model_validate({"rules": [{"id": "floor", "kind": "quality", "metric": "auc", "min": 0.9}]})
    (line,) = decide(policy, evaluation, elsewhere=elsewhere).rules
    assert line.needed
    assert line.needed.available == (None if elsewhere is None else round(1000 * elsewhere))
    assert line.reason.endswith(says)


@pytest.mark.parametrize(("slices", "planned"), [(300, True), (301, False)])
def test_of_many_findings_only_the_open_ones_are_planned(slices: int, planned: bool) -> None:
    """An AUC of .91 ± .01 keeps .9 without proof, one of .89 breaks it without proof."""
    value = {True: 0.89, False: 0.91}
    parts = {
        f"g:{at}": SliceMetrics(1000, 500, 500, scalars={MetricKey("auc"): Scalar(value[at == 0], 0.01)}) for at in range(slices)
    }
    evaluation = Evaluation({"candidate": {"overall": parts["g:1"], **parts}})
    floor = {"id": "floor", "kind": "quality", "metric": "auc", "slices": ["g:*"], "min": 0.9}
    lines = judged(evaluation, floor).rules
    assert {line.outcome: line.needed is not None for line in lines} == {"unproven": True, "passed": planned}
