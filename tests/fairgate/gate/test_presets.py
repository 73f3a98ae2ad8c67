"""The presets: what each asks, word for word, and that the lint finds nothing wrong with any of them."""

from typing import Any

import pytest

from fairgate.errors import UnknownNameError
from fairgate.gate import presets
from fairgate.gate.decision import decide
from fairgate.gate.lint import lint
from fairgate.gate.policy import Policy
from fairgate.gate.presets import ImageLimits
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from tests.fairgate.gate.linting import COMMENTS, IMAGES

GROUPS = ("gender:*", "race:*")
AT = (0.5,)
SAID = ("author", "rationale")
REPORTED = {"uncovered_harm": "report"}
FPR = {"metric": "false_positive_rate", "thresholds": AT}
FNR = {"metric": "false_negative_rate", "thresholds": AT}
BEATS = {"id": "beats-trivial", "kind": "beats_trivial", "metric": "auc"}

DEFAULT: list[dict[str, Any]] = [
    {"id": "false-positive-gap", "kind": "gap", **FPR, "slices": GROUPS, "against": "rest", "limit": 1.25},
    {"id": "gap-shrinks", "kind": "improvement", **FPR, "slices": GROUPS, "small_enough": 1.25},
    {"id": "false-negative-guard", "kind": "guard", **FNR, "slices": ("overall", *GROUPS), "margin": 0.10},
    {"id": "false-positive-ceiling", "kind": "quality", **FPR, "max": 0.35},
    {"id": "false-negative-ceiling", "kind": "quality", **FNR, "max": 0.35},
    {"id": "bpsn-auc-guard", "kind": "guard", "metric": "bpsn_auc", "slices": GROUPS, "margin": 0.02},
    {
        "id": "not-worse-than-reference",
        "kind": "not_worse",
        "metric": "auc",
        "against": "reference",
        "margin": 0.01,
        **dict.fromkeys(("unproven", "unproven_violation"), "inconclusive"),
    },
    BEATS,
]
FORMER: list[dict[str, Any]] = [
    {"id": "false-positive-gap", "kind": "gap", **FPR, "slices": GROUPS, "limit": 1.25},
    {"id": "gap-shrinks", "kind": "improvement", **FPR, "slices": GROUPS},
    {"id": "false-negative-guard", "kind": "guard", **FNR, "margin": 0.10},
    {"id": "auc-guard", "kind": "guard", "metric": "auc", "margin": 0.02},
    BEATS,
]
RATES: dict[str, Any] = {
    "kind": "gap",
    "metric": "positive_rate",
    "thresholds": AT,
    "slices": GROUPS,
    "against": "best",
    "limit": 1.25,
    "worse": "higher",
}
BINARY: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "default": ({"multiplicity": "holm"}, DEFAULT),
    "strict": ({"multiplicity": "holm", "unproven": "inconclusive"}, DEFAULT),
    "lenient": (REPORTED, FORMER),
    "exercise-gender": (REPORTED, [{**rule, "slices": ("gender:*",)} if rule.get("slices") else rule for rule in FORMER]),
    "four-fifths": ({}, [{"id": "four-fifths", **RATES}]),
    "ll144": ({"reports_only": True}, [{"id": "impact-ratio", **RATES}]),
}
CLASSES = ("class:*",)
IMAGE_FORMER: list[dict[str, Any]] = [
    {"id": "accuracy-floor", "kind": "quality", "metric": "accuracy", "min": 0.9},
    {"id": "train-test-gap", "kind": "quality", "metric": "train_test_accuracy_difference", "max": 0.05},
    {"id": "worst-class-recall", "kind": "worst_slice", "metric": "recall", "slices": CLASSES, "min": 0.6},
    {"id": "not-worse", "kind": "not_worse", "metric": "accuracy"},
    {"id": "beats-trivial", "kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"},
]
IMAGE_DEFAULT: list[dict[str, Any]] = [
    *IMAGE_FORMER,
    {"id": "class-recall-floor", "kind": "quality", "metric": "recall", "slices": CLASSES, "min": 0.6},
    {"id": "calibration-ceiling", "kind": "quality", "metric": "calibration_error", "max": 0.07},
    {"id": "class-recall-guard", "kind": "guard", "metric": "recall", "slices": CLASSES, "margin": 0.1},
]
IMAGE: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "default": ({"min_examples": 10, "multiplicity": "holm"}, IMAGE_DEFAULT),
    "strict": ({"min_examples": 10, "multiplicity": "holm", "unproven": "inconclusive"}, IMAGE_DEFAULT),
    "lenient": ({"min_examples": 10, **REPORTED}, IMAGE_FORMER),
}
MADE = presets.binary(("gender", "race"))
MADE_IMAGES = presets.images(ImageLimits(0.9, 0.6, 0.05, 0.07, recall_margin=0.1, min_examples=10))


def parts(policy: Policy) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The policy's own fields and its rules, without what has its default value."""
    fields = policy.model_dump(exclude_defaults=True)
    for key in ("rules", *SAID):
        fields.pop(key, None)
    return fields, [{"kind": rule.kind, **rule.model_dump(exclude_defaults=True, exclude={*SAID})} for rule in policy.rules]


@pytest.mark.parametrize("policy", [*MADE.values(), *MADE_IMAGES.values()])
def test_every_preset_says_who_wrote_it_and_why_each_rule(policy: Policy) -> None:
    assert policy.author == presets.AUTHOR
    assert policy.rationale
    assert all(rule.rationale for rule in policy.rules)


@pytest.mark.parametrize(("name", "expected"), BINARY.items())
def test_what_each_preset_of_a_binary_task_asks(name: str, expected: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    assert parts(MADE[name]) == expected


@pytest.mark.parametrize(("name", "expected"), IMAGE.items())
def test_what_each_preset_of_an_image_task_asks(name: str, expected: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    assert parts(MADE_IMAGES[name]) == expected


def test_no_preset_is_left_out_of_these_tables() -> None:
    assert (list(MADE), list(MADE_IMAGES)) == (list(BINARY), list(IMAGE))


@pytest.mark.parametrize("name", BINARY)
def test_the_lint_finds_nothing_wrong_with_a_preset_of_a_binary_task(name: str) -> None:
    assert lint(MADE[name], COMMENTS) == []


@pytest.mark.parametrize("name", IMAGE)
def test_the_lint_finds_nothing_wrong_with_a_preset_of_an_image_task(name: str) -> None:
    assert lint(MADE_IMAGES[name], IMAGES) == []


@pytest.mark.parametrize("policy", [*MADE.values(), *MADE_IMAGES.values()])
def test_a_preset_survives_json(policy: Policy) -> None:
    """Kubeflow carries it as a parameter."""
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


def test_classes_of_few_examples_are_not_compared_with_the_baseline() -> None:
    fields, rules = parts(presets.images(ImageLimits(0.9, 0.6, 0.05, 0.07, min_examples=10))["default"])
    assert (fields, rules) == (IMAGE["default"][0], IMAGE_DEFAULT[:-1])


def test_a_task_without_gender_has_no_gender_preset() -> None:
    assert "exercise-gender" not in presets.binary(("country",))


def test_another_threshold_is_that_of_every_rule() -> None:
    assert {rule.thresholds for policy in presets.binary(("gender",), 0.3).values() for rule in policy.rules} == {(0.3,), ()}


def test_a_task_with_a_default_alone_has_a_stricter_and_a_more_lenient_one() -> None:
    made = presets.of_default(MADE["default"])
    changes = {name: parts(policy)[0] for name, policy in made.items()}
    assert changes == {
        "default": {"multiplicity": "holm"},
        "strict": {"multiplicity": "holm", "unproven": "inconclusive"},
        "lenient": REPORTED,
    }
    assert {policy.rules for policy in made.values()} == {MADE["default"].rules}


def test_a_lenient_policy_takes_nothing_from_a_strict_default() -> None:
    strict = Policy(rules=MADE["default"].rules, unproven="refuse", unproven_violation="refuse", multiplicity="holm")
    assert parts(presets.of_default(strict)["lenient"])[0] == REPORTED


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"no policy preset 'strikt'; did you mean policy=.strict.\? known: default, strict, leni"
    ):
        presets.find(MADE, "strikt")


def of_rates(**selected: tuple[int, int]) -> dict[str, SliceMetrics]:
    """Slices by how many of how many are selected; labels are not known."""
    return {name: SliceMetrics(n, rates={MetricKey("positive_rate", 0.5): Rate(hits, n)}) for name, (hits, n) in selected.items()}


@pytest.mark.parametrize(("name", "outcome"), [("four-fifths", "inconclusive"), ("ll144", "reported")])
def test_impact_ratios_of_the_rules_own_example(name: str, outcome: str) -> None:
    """The scoring rates of 6 RCNY 5-301: female .82 of male's, White .58 of Hispanic's."""
    slices = of_rates(overall=(84, 168)) | {
        f"{feature}:{value}": metrics
        for feature, groups in {
            "sex": of_rates(male=(50, 92), female=(34, 76)),
            "race": of_rates(hispanic=(18, 28), white=(15, 40), black=(16, 32)),
        }.items()
        for value, metrics in groups.items()
    }
    make = presets.four_fifths if name == "four-fifths" else presets.ll144
    policy = make(("sex", "race")).model_copy(update={"min_examples": 20})
    decision = decide(policy, Evaluation({"candidate": slices}))
    ratios = {line.slice: round(line.value or 0, 2) for line in decision.rules if line.kind != "check"}
    assert (decision.outcome, ratios) == (outcome, {"sex:female": 0.82, "race:white": 0.58})
    assert "usefulness not judged: no labels" in decision.summary
