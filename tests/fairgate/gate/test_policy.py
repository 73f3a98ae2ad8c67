"""Policies as data: read from YAML, checked when made."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from fairgate.errors import InputError
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness, image_quality
from fairgate.gate.rules import BeatsTrivialRule, GapRule, NotWorseRule, QualityRule
from fairgate.measurement import MetricKey

WRITTEN = """
min_examples: 50
multiplicity: holm
rules:
  - {kind: quality, id: floor, metric: auc, min: 0.8}
  - {kind: worst_slice, id: worst, metric: recall, slices: ["class:*"], min: 0.6}
  - {kind: gap, id: gap, metric: false_positive_rate, thresholds: [0.3, 0.5], slices: ["gender:*"], limit: 1.25}
  - {kind: improvement, id: shrink, metric: false_positive_rate, thresholds: [0.5], slices: ["gender:*"], across: each}
  - {kind: guard, id: guard, metric: false_negative_rate, thresholds: [0.5], margin: 0.1, unproven: refuse}
  - {kind: not_worse, id: not-worse, metric: auc}
  - {kind: beats_trivial, id: trivial, metric: accuracy, reference: trivial_accuracy}
"""


def test_every_kind_of_rule_is_read_from_yaml() -> None:
    """The kind chooses the rule."""
    policy = Policy.model_validate(yaml.safe_load(WRITTEN))
    kinds = [rule.kind for rule in policy.rules]
    assert kinds == ["quality", "worst_slice", "gap", "improvement", "guard", "not_worse", "beats_trivial"]
    assert (policy.min_examples, policy.multiplicity) == (50, "holm")


def test_a_policy_is_read_from_a_file(tmp_path: Path) -> None:
    """As YAML, by its path."""
    (tmp_path / "policy.yaml").write_text(WRITTEN)
    assert Policy.from_yaml(tmp_path / "policy.yaml") == Policy.from_yaml(str(tmp_path / "policy.yaml"))
    assert Policy.from_yaml(tmp_path / "policy.yaml") == Policy.model_validate(yaml.safe_load(WRITTEN))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (None, "no such file; name the file of the policy"),
        (b"\xff", "not UTF-8 text"),
        (b"rules: [", "is not valid YAML: "),
        (b"- a", "must hold keys and values at its top, such as `seed: 1`, not a list."),
        (b"rules: [{kind: gap, id: a, metric: auc, limit: much}]", "rules.0.limit: Input should be a valid number"),
        (b"policy: 3", ", line 1: policy must hold keys and values, such as `rules:`, not 3."),
        (b"policy:\n  min_examples: yes", ", line 2: policy.min_examples: Input should be a valid integer (got 'yes')"),
        (b"min_examples: true", ", line 1: min_examples: Input should be a valid integer (got True); true is no number."),
        (b"min_examples: 0100", "min_examples: Input should be a valid integer (got '0100'); write 100, or 64 if it is octal."),
        (b"rules: []\nmin_examples: 5\nrules: []", ", line 3: the key 'rules' is given a second time, after line 1; remove one."),
        (
            b"rules:\n- kind: gap\n  id: a\n  metric: auc\n  limit: 1:30",
            ", line 5: rules.0.limit: Input should be a valid number (got '1:30'); "
            "write a number without colons; YAML 1.1 reads 1:30 to the base 60.",
        ),
        (
            b'rules:\n- kind: gap\n  id: a\n  metric: auc\n  limit: "1.25"',
            "rules.0.limit: Input should be a valid number (got '1.25'); write it without quotes, 1.25.",
        ),
        (
            b"rules:\n- {kind: gap, id: a, metric: auc, limit: true}",
            ", line 2: rules.0.limit: Input should be a valid number (got True); true is no number.",
        ),
        (
            b"rules:\n- {kind: gap, id: a, metric: auc, limit: 1.25, thresholds: 0.5}",
            "rules.0.thresholds: Input should be a list (got 0.5); write a list, [0.5].",
        ),
        (
            b"rules:\n- {kind: gap, id: a, metric: auc, limit: 1.25, slices: overall}",
            "rules.0.slices: Input should be a list (got 'overall'); write a list, [overall].",
        ),
        (
            b"rules:\n- {kind: gap, id: 5, metric: auc, limit: 2}",
            'Input should be a valid string (got 5); write it in quotes, "5".',
        ),
        (b"rules:\n- {kind: gap, id: a, metric: auc}", ", line 2: rules.0.limit: Field required."),
        (b"rules:\n- {kind: beats_trivial, id: a, metric: auc, reference: true}", ", line 2: rules.0.reference: Input should be"),
        (b"waivers:\n- {rule: a, slice: b, who: c, why: d, until: 2026-02-30}", ", line 2: waivers.0.until: "),
        (b"rules: [{kind: gaps, id: a, metric: auc}]\nleast: 3", "beats_trivial, counterfactual, gap, guard"),
        (
            b"rules: [{kind: gaps, id: a, metric: auc}]\nleast: 3",
            ", line 2: unknown key 'least' (value 3); remove it or correct its spelling.",
        ),
    ],
)
def test_a_file_that_is_no_policy_is_an_input_error(tmp_path: Path, written: bytes | None, message: str) -> None:
    """The message names the file, the key and the value."""
    path = tmp_path / "policy.yaml"
    if written is not None:
        path.write_bytes(written)
    with pytest.raises(InputError) as error:
        Policy.from_yaml(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)


def test_the_keys_of_a_rule_are_written_in_one_order() -> None:
    """The digest of a configuration rests on it."""
    assert list(GapRule(id="gap", metric="auc", limit=1.25).model_dump()) == [
        "id", "metric", "thresholds", "slices", "worse", "min_examples", "confidence", "unproven", "unproven_violation",
        "rationale", "kind", "against", "measure", "limit", "within", "direction",
    ]  # fmt: skip


@pytest.mark.parametrize("policy", [binary_fairness(("gender", "race")), image_quality(0.88, 0.6, 0.035)])
def test_policies_survive_yaml(policy: Policy) -> None:
    """What is written reads back equal."""
    assert Policy.model_validate(yaml.safe_load(yaml.safe_dump(policy.model_dump(mode="json")))) == policy


def test_thresholds_make_metric_keys() -> None:
    """One key for each threshold, or one without."""
    gap = GapRule(id="gap", metric="precision", thresholds=(0.3, 0.5), limit=1.25)
    assert gap.metric_keys() == [MetricKey("precision", 0.3), MetricKey("precision", 0.5)]
    assert QualityRule(id="floor", metric="auc", min=0.8).metric_keys() == [MetricKey("auc")]


def test_defaults() -> None:
    """The readable default: the value decides passing, the interval proves a violation."""
    policy = Policy()
    assert (policy.min_examples, policy.confidence, policy.multiplicity, policy.without_baseline) == (100, 0.95, "none", "skip")
    assert (policy.unproven, policy.unproven_violation) == ("pass", "inconclusive")
    assert (policy.rules, QualityRule(id="a", metric="auc", min=0).slices) == ((), ("overall",))
    trivial, not_worse = BeatsTrivialRule(id="a", metric="auc"), NotWorseRule(id="b", metric="auc")
    assert (trivial.unproven, trivial.unproven_violation, trivial.reference) == ("inconclusive", "refuse", 0.5)
    assert (not_worse.unproven, not_worse.unproven_violation) == (None, "pass")


@pytest.mark.parametrize(
    "policy",
    [
        {"min_examples": 0},
        {"confidence": 0.5},
        {"confidence": 1},
        {"unproven": "bless"},
        {"unproven_violation": "fail"},
        {"multiplicity": "bonferroni"},
        {"without_baseline": "bless"},
        {"rule": []},
    ],
)
def test_mistakes_in_policies_are_errors(policy: dict[str, Any]) -> None:
    """Unknown keys, and values that are none."""
    with pytest.raises(ValidationError, match=next(iter(policy))):
        Policy.model_validate(policy)


def test_the_default_policy_for_comments() -> None:
    """The limits that the design names."""
    policy = binary_fairness(("gender", "race"), 0.3)
    by_id: dict[str, Any] = {rule.id: rule for rule in policy.rules}
    gap = by_id["false-positive-gap"]
    assert (gap.limit, gap.measure, gap.thresholds, gap.slices) == (1.25, "ratio", (0.3,), ("gender:*", "race:*"))
    assert (by_id["false-negative-guard"].margin, by_id["auc-guard"].margin, policy.min_examples) == (0.10, 0.02, 100)
    assert by_id["gap-shrinks"].slices == ("gender:*", "race:*")
    assert by_id["beats-trivial"].reference == 0.5


def test_the_default_policy_for_images() -> None:
    """The limits that the task names."""
    policy = image_quality(0.88, 0.6, 0.035, min_examples=10)
    by_id: dict[str, Any] = {rule.id: rule for rule in policy.rules}
    assert (by_id["accuracy-floor"].min, by_id["worst-class-recall"].min, by_id["train-test-gap"].max) == (0.88, 0.6, 0.035)
    assert by_id["worst-class-recall"].slices == ("class:*",)
    assert (by_id["beats-trivial"].reference, by_id["not-worse"].metric, policy.min_examples) == (
        "trivial_accuracy",
        "accuracy",
        10,
    )


def test_text_that_is_no_policy_is_an_input_error() -> None:
    """The message names the source that was given, and the line."""
    with pytest.raises(InputError) as error:
        Policy.parse("min_examples: 3\nrules: 3", "the policy of run 7")
    assert str(error.value).startswith("Policy error in the policy of run 7, line 2: rules: ")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("threshold: [0.5]", "thresholds"),
        ("slice: ['g:*']", "slices"),
        ("limt: 1.2", "limit"),
        ("min_example: 5", "min_examples"),
    ],
)
def test_a_misspelt_key_of_a_rule_is_named_as_it_is_typed(written: str, meant: str) -> None:
    """Whatever its kind has beside what all kinds have."""
    rule = f"{{id: a, kind: gap, metric: auc, limit: 1.25, {written}}}"
    with pytest.raises(InputError, match=rf"unknown key 'rules\.0\..*; did you mean 'rules\.0\.{meant}'\?$"):
        Policy.parse(f"rules: [{rule}]", "policy.yaml")


def test_a_list_is_shown_as_it_was_written() -> None:
    with pytest.raises(InputError, match=r"unknown key 'rules\.0\.cuts' \(value \[0\.5\]\)"):
        Policy.parse("rules: [{id: a, kind: quality, metric: auc, min: 0.5, cuts: [0.5]}]", "policy.yaml")
