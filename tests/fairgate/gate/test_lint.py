"""Policy lint: a corpus of mistakes, all of them found with their remedy, and good policies without any alarm."""

import subprocess
import sys
from typing import Any

import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.lint import Problem, lint
from fairgate.gate.measured import measured
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness, image_quality
from fairgate.metrics import registry
from tests.fairgate.gate.linting import COMMENTS, FLOOR, FPR, GAP, IMAGES, found, policy_of


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
    (problem,) = lint(Policy(), COMMENTS)
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
    rules = [problem.rule for problem in lint(policy_of({**FLOOR, "min": 2}, {**GAP, "limit": 0}, FLOOR), COMMENTS)]
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
