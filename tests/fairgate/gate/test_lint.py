"""Policy lint: a corpus of mistakes, all of them found with their remedy, and good policies without any alarm."""

import subprocess
import sys
from typing import Any

import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.lint import Problem, problems
from fairgate.gate.measured import Measured, measured
from fairgate.metrics import registry
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness, image_quality

GENDERS = {"gender": ("male", "female"), "race": ("black", "white")}
COMMENTS = measured(
    LabelSpec("toxicity", ("non-toxic", "toxic"), "binary"),
    EvaluationConfig(slice_features=("gender", "race"), intersections=(("race", "gender"),)),
    GENDERS,
    (
        "swaps:gender:male",
        "swaps:gender:female",
        "swaps:age:old",
        "swaps:age:young",
        "probes:gender:male",
        "probes:gender:female",
    ),
)
IMAGES = measured(LabelSpec("label", ("Bag", "Coat"), "multiclass"), EvaluationConfig(splits=("train", "eval")), {})

FPR: dict[str, Any] = {"metric": "false_positive_rate", "thresholds": [0.5]}
FLOOR: dict[str, Any] = {"kind": "quality", "metric": "auc", "min": 0.8}
GAP: dict[str, Any] = {"kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25}

FLIPS: dict[str, Any] = {"kind": "counterfactual", "metric": "flip_rate", "thresholds": [0.5], "limit": 0.1}
SHIFT: dict[str, Any] = {"kind": "counterfactual", "metric": "score_shift", "limit": 0.1}

BAD: list[tuple[dict[str, Any], str]] = [
    ({**FLOOR, "metric": "acu"}, "metric 'acu' is not evaluated; did you mean 'auc'?"),
    ({**FLOOR, "metric": "zzz"}, "metric 'zzz' is not evaluated; there are false_positive_rate, false_negative_rate, "),
    ({**FLOOR, "metric": "accuracy"}, "metric 'accuracy' is not evaluated"),
    (
        {**FLOOR, "metric": "train_test_accuracy_difference"},
        "train_test_accuracy_difference needs the split 'train' in evaluation.splits, which has ['eval'].",
    ),
    ({**FLOOR, "thresholds": [0.5]}, "auc depends on no threshold; remove thresholds [0.5]."),
    ({**GAP, "thresholds": []}, "false_positive_rate depends on a threshold; add thresholds, of 0.1, 0.3, 0.5, 0.7, 0.9."),
    ({**GAP, "thresholds": [0.5, 0.4]}, "threshold 0.4 is not evaluated; add it to evaluation.thresholds or use one of 0.1,"),
    ({**GAP, "thresholds": [5]}, "threshold 5 is not evaluated"),
    ({**GAP, "thresholds": [0.5, 0.5]}, "thresholds [0.5, 0.5] name one twice; remove it."),
    ({**GAP, "slices": []}, "slices is empty; name some, such as"),
    ({**GAP, "slices": ["gender:femal"]}, "no slice matches 'gender:femal'; did you mean 'gender:female'?"),
    (
        {**GAP, "slices": ["genders:*"]},
        "'genders' is no slice feature; did you mean 'gender'?, or add it to evaluation.slice_features.",
    ),
    ({**GAP, "slices": ["gender"]}, "no slice matches 'gender'; "),
    ({**GAP, "slices": ["gender:* × age:*"]}, "'age' is no slice feature; there are gender, race, or add it"),
    ({**GAP, "slices": ["gender:* × gender:*"]}, "gender × gender is not among evaluation.intersections; add the pair there."),
    ({**GAP, "slices": ["overall"]}, "a gap is that of a slice; replace"),
    ({**GAP, "slices": ["gender:male"], "against": "best"}, "gender:male is the only slice of its feature that is named"),
    (
        {**GAP, "metric": "jigsaw_score", "thresholds": []},
        "jigsaw_score is not evaluated on 'gender:female', which 'gender:*' names",
    ),
    (
        {**GAP, "metric": "subgroup_auc", "thresholds": []},
        "subgroup_auc is not evaluated on overall, so no slice can be compared",
    ),
    ({**FLOOR, "metric": "bpsn_auc"}, "bpsn_auc is not evaluated on 'overall', which 'overall' names; it is on slices."),
    ({**FLOOR, "metric": "bpsn_auc", "slices": ["*"]}, "bpsn_auc is not evaluated on 'overall', which '*' names"),
    ({"kind": "quality", **FPR, "min": 0.3, "max": 0.2}, "min 0.3 lies above max 0.2, so no candidate could ever pass"),
    ({**FLOOR, "min": 0.0}, "min 0 is kept by every auc, which is at least 0, so the rule could not refuse anything"),
    ({"kind": "quality", **FPR, "max": 1.0}, "max 1 is kept by every false_positive_rate, which is at most 1"),
    ({**FLOOR, "min": 1.1}, "min 1.1 is beyond every auc, which is at most 1, so no candidate could ever pass"),
    ({"kind": "quality", **FPR, "max": -0.1}, "max -0.1 is beyond every false_positive_rate, which is at least 0"),
    ({**FLOOR, "min": 80}, "min 80 is beyond every auc"),
    (
        {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "min": 0.1},
        "the worst false_positive_rate is the highest; replace min by max.",
    ),
    (
        {"kind": "worst_slice", "metric": "auc", "slices": ["gender:*"], "max": 0.9},
        "the worst auc is the lowest; replace max by min.",
    ),
    ({**FLIPS, "thresholds": []}, "flip_rate depends on a threshold; add thresholds, of 0.1, 0.3"),
    ({**FLIPS, "thresholds": [0.4]}, "threshold 0.4 is not evaluated"),
    ({**SHIFT, "thresholds": [0.5]}, "score_shift depends on no threshold; remove thresholds [0.5]."),
    ({**FLIPS, "slices": []}, 'slices is empty; name some, such as "swaps:*"'),
    ({**FLIPS, "slices": ["swaps:gender:mal"]}, "nothing for 'swaps:gender:mal'; did you mean 'swaps:gender:male'?"),
    ({**FLIPS, "slices": ["probes:age:*"]}, "the counterfactual test has nothing for 'probes:age:*'; "),
    ({**FLIPS, "slices": ["overall"]}, "the counterfactual test has nothing for 'overall'; there are swaps:gender:male, "),
    ({**FLIPS, "limit": 1}, "limit 1 is kept by every flip_rate, which is at most 1, so the rule could not refuse anything"),
    ({**SHIFT, "limit": -0.1}, "limit -0.1 is below 0, which is score_shift of a model that minds no term, so no candidate"),
    ({**FLIPS, "worse": "lower"}, "worse is 'lower', but flip_rate gets worse when higher; remove worse."),
    ({**FLOOR, "slices": ["swaps:*"]}, "no slice matches 'swaps:*': 'swaps' is no slice feature"),
    ({**GAP, "limit": 0.25}, "limit 0.25 is below 1, which is a ratio without any gap, so no candidate could ever pass"),
    ({**GAP, "limit": float("inf")}, "limit is infinite, so the rule could not refuse anything"),
    ({**GAP, "measure": "difference", "limit": 1.25}, "limit 1.25 allows any difference of false_positive_rate"),
    ({**GAP, "measure": "difference", "limit": 1}, "limit 1 allows any difference of false_positive_rate"),
    ({**GAP, "measure": "difference", "limit": -0.05}, "limit -0.05 is below 0, which is a difference without any gap"),
    ({"kind": "improvement", **FPR, "slices": ["gender:*"], "small_enough": 0.02}, "small_enough 0.02 is below 1"),
    ({"kind": "improvement", **FPR, "slices": ["overall"]}, "a gap is that of a slice"),
    (
        {**GAP, "metric": "jigsaw_score", "thresholds": [], "slices": ["gender:* × race:*"]},
        "jigsaw_score is not evaluated on 'gender:",
    ),
    ({"kind": "guard", **FPR, "margin": 1}, "margin 1 allows any change of false_positive_rate"),
    (
        {"kind": "guard", "metric": "mean_score", "margin": 0.1},
        "mean_score has no direction in which it gets worse; add worse: higher",
    ),
    ({"kind": "not_worse", "metric": "positive_rate", "thresholds": [0.5]}, "positive_rate has no direction"),
    ({**GAP, "worse": "lower"}, "worse is 'lower', but false_positive_rate gets worse when higher; remove worse."),
    (
        {"kind": "beats_trivial", "metric": "auc", "reference": "trivial_auc"},
        "reference 'trivial_auc' is neither a number nor a metric",
    ),
    ({"kind": "beats_trivial", "metric": "auc", "reference": "precision"}, "reference 'precision' depends on a threshold"),
    ({"kind": "beats_trivial", "metric": "auc", "reference": 0}, "reference 0 is beaten by nearly every auc"),
    ({"kind": "beats_trivial", "metric": "auc", "reference": 1}, "reference 1 is not beaten by any auc"),
    ({"kind": "beats_trivial", **FPR, "reference": 1.0}, "reference 1 is beaten by nearly every false_positive_rate"),
]

BAD_IMAGES: list[tuple[dict[str, Any], str]] = [
    (
        {"kind": "quality", "metric": "recall", "min": 0.5},
        "recall is not evaluated on 'overall', which 'overall' names; it is on class:*.",
    ),
    ({"kind": "quality", "metric": "recall", "slices": ["class:Coats"], "min": 0.5}, "did you mean 'class:Coat'?"),
    ({"kind": "gap", "metric": "recall", "slices": ["class:*"], "limit": 1.2}, "recall is not evaluated on overall, so no slice"),
    (
        {"kind": "gap", "metric": "train_test_accuracy_difference", "slices": ["class:*"], "limit": 1.2},
        "train_test_accuracy_difference may be negative, so it has no ratio",
    ),
    (
        {"kind": "quality", "metric": "train_test_accuracy_difference", "max": 1},
        "max 1 is kept by every train_test_accuracy_difference",
    ),
    ({"kind": "quality", "metric": "auc", "min": 0.8}, "metric 'auc' is not evaluated"),
    (SHIFT, "the run makes no counterfactual test; give it the section counterfactual, or remove the rule."),
    ({"kind": "quality", "metric": "accuracy", "thresholds": [0.5], "min": 0.8}, "accuracy depends on no threshold"),
]

GOOD: list[dict[str, Any]] = [
    FLOOR,
    GAP,
    {**FLOOR, "slices": ["gender:*", "race:black"]},
    {**GAP, "thresholds": [0.1, 0.3, 0.5, 0.7, 0.9]},
    {**GAP, "slices": ["gender:male × race:*"]},
    {**GAP, "slices": ["race:* × gender:*"]},
    {**GAP, "slices": ["*"]},
    {**GAP, "against": "best"},
    {**GAP, "limit": 1},
    {**GAP, "measure": "difference", "limit": 0, "direction": "both"},
    {**GAP, "metric": "positive_rate"},
    {**GAP, "metric": "auc", "thresholds": [], "measure": "difference", "limit": 0.1},
    {**GAP, "metric": "subgroup_auc", "thresholds": [], "against": "best"},
    {**FLOOR, "metric": "bnsp_auc", "slices": ["gender:*"], "min": 0.8},
    {**FLOOR, "metric": "jigsaw_score"},
    {"kind": "quality", "metric": "false_positive_rate_equality_difference", "thresholds": [0.5], "max": 1.2},
    {"kind": "guard", "metric": "false_negative_rate_equality_difference", "thresholds": [0.5], "margin": 0.2},
    {"kind": "quality", **FPR, "min": 0.1, "max": 0.1},
    {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "max": 0.5},
    {"kind": "improvement", **FPR, "slices": ["gender:*"], "small_enough": 1.1},
    {"kind": "guard", **FPR, "margin": 0},
    {"kind": "guard", "metric": "mean_score", "margin": 0.1, "worse": "higher"},
    {"kind": "not_worse", "metric": "calibration_error"},
    {"kind": "beats_trivial", "metric": "auc"},
    {**FLOOR, "worse": "lower"},
    {**FLIPS, "slices": ["swaps:gender:male", "swaps:age:*", "probes:*"]},
    {**FLIPS, "limit": 0.0, "across": "each"},
    {**SHIFT, "worse": "higher"},
]


def found(policy: Policy, by: Measured = COMMENTS) -> list[str]:
    """The problems as text."""
    return [str(problem) for problem in problems(policy, by)]


def policy_of(*rules: dict[str, Any]) -> Policy:
    """A policy whose rules are called a, b, c … unless they have an id."""
    return Policy.model_validate({"rules": [{"id": name, **rule} for name, rule in zip("abcdefgh", rules, strict=False)]})


@pytest.mark.parametrize(("rule", "message"), BAD)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each of them alone, by a message that names the rule, the value and the remedy."""
    messages = found(policy_of(rule))
    assert any(each.startswith("policy, rule 'a': ") and message in each for each in messages), messages


@pytest.mark.parametrize(("rule", "message"), BAD_IMAGES)
def test_bad_rules_for_images_are_found(rule: dict[str, Any], message: str) -> None:
    """The same for a multi-class task."""
    messages = found(policy_of(rule), IMAGES)
    assert any(message in each for each in messages), messages


@pytest.mark.parametrize("rule", GOOD)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert found(policy_of(rule)) == []


def test_one_mistake_is_one_problem() -> None:
    """A message for each mistake and no second one that only follows from it."""
    several = [rule for rule, _ in BAD if len(found(policy_of(rule))) != 1]
    assert several == []


def test_the_default_policies_are_good() -> None:
    """Those that the tasks start from, also when the values of a feature are not known beforehand."""
    assert found(binary_fairness(("gender", "race"))) == []
    assert found(image_quality(0.88, 0.6, 0.035), IMAGES) == []
    unknown = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(slice_features=("country",)), {})
    assert found(binary_fairness(("country",)), unknown) == []
    assert found(policy_of({**GAP, "slices": ["country:NL"]}), unknown) == []
    assert (
        "no slice matches 'country:NL × gender:*'" in found(policy_of({**GAP, "slices": ["country:NL × gender:*"]}), unknown)[0]
    )


def test_a_policy_without_rules_is_a_problem() -> None:
    """It would bless nothing."""
    (problem,) = problems(Policy(), COMMENTS)
    assert (problem.rule, "it has no rules" in problem.message) == ("", True)


def test_duplicate_ids_are_a_problem() -> None:
    """Two and three of one name."""
    assert found(policy_of({**FLOOR, "id": "x"}, {**GAP, "id": "x"})) == [
        "policy: 2 rules have the id 'x'; give each its own, so that verdicts can name it."
    ]
    assert found(policy_of({**FLOOR, "id": "x"}, {**GAP, "id": "x"}, {**FLOOR, "id": "x"}))[0].startswith("policy: 3 rules")


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [
        ({"kind": "quality", **FPR, "min": 0.3}, {"kind": "quality", **FPR, "max": 0.2}, "overall"),
        (
            {"kind": "quality", **FPR, "min": 0.3, "slices": ["gender:*"]},
            {"kind": "worst_slice", **FPR, "max": 0.2, "slices": ["*"]},
            "gender:female",
        ),
    ],
)
def test_contradicting_rules_are_a_problem(low: dict[str, Any], high: dict[str, Any], place: str) -> None:
    """A floor above the ceiling of another rule, in whichever order; once."""
    for rules in ((low, {"id": "b", **high}), ({"id": "b", **high}, {**low, "id": "a"})):
        (message,) = found(policy_of(*rules))
        assert "the floor 0.3 of rule 'a' lies above the ceiling 0.2 of rule 'b' for false_positive_rate of " + place in message


@pytest.mark.parametrize(
    "high",
    [
        {"kind": "quality", **FPR, "max": 0.3},
        {"kind": "quality", "metric": "false_positive_rate", "thresholds": [0.7], "max": 0.2},
        {"kind": "quality", "metric": "false_negative_rate", "thresholds": [0.5], "max": 0.2},
        {"kind": "quality", **FPR, "max": 0.2, "slices": ["race:*"]},
    ],
)
def test_rules_about_different_things_do_not_contradict(high: dict[str, Any]) -> None:
    """Limits that meet, another threshold, another metric, other slices."""
    assert found(policy_of({"kind": "quality", **FPR, "min": 0.3, "slices": ["overall", "gender:*"]}, high)) == []


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of the rules."""
    rules = [problem.rule for problem in problems(policy_of({**FLOOR, "min": 2}, {**GAP, "limit": 0}, FLOOR), COMMENTS)]
    assert rules == ["a", "b"]


def test_a_problem_as_text() -> None:
    """With and without a rule."""
    assert str(Problem("a", "It is wrong.")) == "policy, rule 'a': It is wrong."
    assert str(Problem("", "it is empty.")) == "policy: it is empty."


def test_what_a_binary_evaluation_produces() -> None:
    """Rates at thresholds, scalars, bias metrics on slices, and names of all slices."""
    assert COMMENTS.slices() == [
        "overall",
        "gender:male",
        "gender:female",
        "race:black",
        "race:white",
        "gender:male × race:black",
        "gender:male × race:white",
        "gender:female × race:black",
        "gender:female × race:white",
    ]
    precision, bpsn, jigsaw = (registry.get(name) for name in ("precision", "bpsn_auc", "jigsaw_score"))
    assert {precision, bpsn, jigsaw} <= set(COMMENTS.metrics)
    assert [COMMENTS.at_thresholds(metric) for metric in (precision, bpsn, jigsaw)] == [True, False, False]
    assert [COMMENTS.places(metric) for metric in (precision, bpsn, jigsaw)] == [["overall", "slices"], ["slices"], ["overall"]]
    unsliced = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(), {})
    assert (unsliced.metric("bpsn_auc"), unsliced.metric("jigsaw_score"), unsliced.slices()) == (None, None, ["overall"])


def test_what_a_multiclass_evaluation_produces() -> None:
    """Classes as slices, no thresholds, the gap only with the train split."""
    assert IMAGES.slices() == ["overall", "class:Bag", "class:Coat"]
    recall, difference = (registry.get(name) for name in ("recall", "train_test_accuracy_difference"))
    assert {recall, difference} <= set(IMAGES.metrics)
    assert [IMAGES.places(metric) for metric in (recall, difference)] == [["class:*"], ["overall"]]
    assert IMAGES.thresholds == ()
    alone = measured(LabelSpec("label", ("Bag", "Coat"), "multiclass"), EvaluationConfig(), {})
    assert alone.metric("train_test_accuracy_difference") is None


def test_lint_needs_no_heavy_packages() -> None:
    """`fairgate check` answers from these modules alone."""
    heavy = "tensorflow apache_beam tfx tensorflow_model_analysis pandas sklearn scipy statsmodels pyarrow"
    program = f"import sys, fairgate.gate.lint, fairgate.gate.presets; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
