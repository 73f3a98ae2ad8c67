"""Lint policies against a binary and a multi-class evaluation."""

from typing import Any

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.lint import lint
from fairgate.gate.measured import Measured, measured
from fairgate.gate.policy import Policy

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


def found(policy: Policy, by: Measured = COMMENTS) -> list[str]:
    """The problems as text."""
    return [str(problem) for problem in lint(policy, by)]


def policy_of(*rules: dict[str, Any]) -> Policy:
    """A policy whose rules are called a, b, c … unless they have an id."""
    return Policy.model_validate({"rules": [{"id": name, **rule} for name, rule in zip("abcdefgh", rules, strict=False)]})


def messages_of(*rules: dict[str, Any], by: Measured = COMMENTS) -> list[str]:
    """The problems of a policy with these rules."""
    return found(policy_of(*rules), by)
