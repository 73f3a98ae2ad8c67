"""Policies that extend others: what they may add and change, and what is refused, by both files."""

from pathlib import Path
from typing import Any

import pytest

from fairgate.errors import InputError
from fairgate.gate.inheritance import Written, read, resolve
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.yaml_files import Document

ORGANISATION = """
confidence: 0.95
unproven: pass
unproven_violation: inconclusive
uncovered_harm: inconclusive
min_examples: 100
rules:
- {kind: gap, id: gap, metric: false_positive_rate, thresholds: [0.5], slices: ["gender:*"], limit: 1.25}
- {kind: quality, id: floor, metric: auc, min: 0.8}
- {kind: quality, id: ceiling, metric: false_positive_rate, thresholds: [0.5], max: 0.35}
- {kind: guard, id: guard, metric: false_negative_rate, thresholds: [0.5], margin: 0.1}
- {kind: improvement, id: shrink, metric: false_positive_rate, thresholds: [0.5], slices: ["gender:*"], small_enough: 1.25}
- {kind: improvement, id: each, metric: false_positive_rate, thresholds: [0.5], slices: ["gender:*"], across: each}
- {kind: worst_slice, id: worst, metric: false_negative_rate, thresholds: [0.5], slices: ["gender:*"], max: 0.4}
- {kind: beats_trivial, id: trivial, metric: auc, reference: 0.5, confidence: 0.99}
- {kind: beats_trivial, id: named, metric: accuracy, reference: trivial_accuracy}
- {kind: beats_trivial, id: loss, metric: false_negative_rate, thresholds: [0.5], reference: 0.5}
- {kind: counterfactual, id: swaps, metric: flip_rate, thresholds: [0.5], limit: 0.1}
- {kind: not_worse, id: not-worse, metric: auc}
- {kind: not_worse, id: margin, metric: auc, margin: 0.02}
"""


def read_rules() -> list[Rule]:
    """Return one rule of each kind."""
    return list({rule.kind: rule for rule in Policy.parse(ORGANISATION, "organisation.yaml").rules}.values())


@pytest.fixture
def organisation(tmp_path: Path) -> Path:
    path = tmp_path / "organisation.yaml"
    path.write_text(ORGANISATION.lstrip())
    return path


def extend(organisation: Path, written: str, name: str = "team.yaml") -> Policy:
    path = organisation.parent / name
    path.write_text(f"extends: {organisation.name}\n{written}")
    return Policy.from_yaml(path)


def refusal(organisation: Path, written: str) -> str:
    with pytest.raises(InputError) as error:
        extend(organisation, written)
    return str(error.value).replace(f"{organisation.parent}/", "")


def test_policy_that_only_extends_is_the_one_that_it_extends(organisation: Path) -> None:
    assert extend(organisation, "") == Policy.from_yaml(organisation)


def test_policy_of_a_configuration_may_extend_another(organisation: Path) -> None:
    """The path is relative to the file that names it."""
    folder = organisation.parent / "teams"
    folder.mkdir()
    path = folder / "team.yaml"
    path.write_text("seed: 3\npolicy:\n  extends: ../organisation.yaml\n  confidence: 0.99\n")
    assert read(path) == Policy.from_yaml(organisation).model_copy(update={"confidence": 0.99})


def test_rules_are_added_behind_those_that_are_inherited(organisation: Path) -> None:
    policy = extend(organisation, "rules:\n- {kind: quality, id: recall, metric: recall, thresholds: [0.5], min: 0.6}")
    assert policy.rules[:-1] == Policy.from_yaml(organisation).rules
    assert (policy.rules[-1].id, policy.rules[-1].kind) == ("recall", "quality")


def test_slices_and_thresholds_are_added_to_a_rule(organisation: Path) -> None:
    policy = extend(organisation, "rules:\n- {id: gap, slices: ['race:*', 'gender:*'], thresholds: [0.3]}")
    assert policy.rules[0].slices == ("gender:*", "race:*")
    assert policy.rules[0].thresholds == (0.5, 0.3)
    assert policy.rules[1:] == Policy.from_yaml(organisation).rules[1:]


STRICTER: list[tuple[str, str, Any]] = [
    ("gap", "limit", 1.1),
    ("gap", "direction", "both"),
    ("floor", "min", 0.85),
    ("floor", "max", 0.99),
    ("ceiling", "max", 0.3),
    ("ceiling", "min", 0.01),
    ("guard", "margin", 0.05),
    ("shrink", "small_enough", 1.1),
    ("shrink", "small_enough", None),
    ("worst", "max", 0.3),
    ("trivial", "reference", 0.6),
    ("loss", "reference", 0.4),
    ("swaps", "limit", 0.05),
    ("margin", "margin", 0.01),
    ("gap", "confidence", 0.99),
    ("trivial", "confidence", 0.995),
    ("gap", "unproven", "inconclusive"),
    ("gap", "unproven_violation", "refuse"),
    ("not-worse", "unproven_violation", "inconclusive"),
    ("not-worse", "unproven_violation", None),
    ("each", "slices", ["race:*"]),
    ("gap", "metric", "false_positive_rate"),
    ("gap", "measure", "ratio"),
]


@pytest.mark.parametrize(("rule", "key", "value"), STRICTER)
def test_limits_and_effects_of_rules_may_become_stricter(organisation: Path, rule: str, key: str, value: object) -> None:
    """Also from what the policy says to what the rule says. A value that is repeated changes nothing."""
    policy = extend(organisation, f"rules:\n- {{id: {rule}, {key}: {'null' if value is None else value}}}")
    changed = next(each for each in policy.rules if each.id == rule)
    before = next(each for each in Policy.from_yaml(organisation).rules if each.id == rule)
    expected = ("gender:*", "race:*") if key == "slices" else value
    assert changed == before.model_copy(update={key: expected})
    assert len(policy.rules) == 13


LOOSER = [
    ("gap", "limit", "1.3", "1.3 instead of 1.25"),
    ("gap", "against", "best", "best instead of overall"),
    ("gap", "measure", "difference", "difference instead of ratio"),
    ("gap", "kind", "guard", "guard instead of gap"),
    ("gap", "metric", "auc", "auc instead of false_positive_rate"),
    ("gap", "min_examples", "5", "5 instead of null"),
    ("gap", "worse", "higher", "higher instead of null"),
    ("gap", "confidence", "0.9", "0.9 instead of null"),
    ("gap", "unproven_violation", "pass", "pass instead of null"),
    ("floor", "min", "0.7", "0.7 instead of 0.8"),
    ("floor", "min", "null, max: 0.9", "null instead of 0.8"),
    ("ceiling", "max", "0.4", "0.4 instead of 0.35"),
    ("ceiling", "max", "null, min: 0.1", "null instead of 0.35"),
    ("guard", "margin", "0.2", "0.2 instead of 0.1"),
    ("shrink", "small_enough", "1.3", "1.3 instead of 1.25"),
    ("each", "small_enough", "1.01", "1.01 instead of null"),
    ("shrink", "across", "each", "each instead of worst"),
    ("shrink", "slices", "['race:*']", "('gender:*', 'race:*') instead of ('gender:*',)"),
    ("worst", "max", "0.5", "0.5 instead of 0.4"),
    ("trivial", "reference", "0.4", "0.4 instead of 0.5"),
    ("trivial", "reference", "trivial_accuracy", "trivial_accuracy instead of 0.5"),
    ("named", "reference", "0.9", "0.9 instead of trivial_accuracy"),
    ("loss", "reference", "0.6", "0.6 instead of 0.5"),
    ("trivial", "confidence", "0.98", "0.98 instead of 0.99"),
    ("trivial", "confidence", "null", "null instead of 0.99"),
    ("trivial", "unproven", "pass", "pass instead of inconclusive"),
    ("margin", "margin", "0.03", "0.03 instead of 0.02"),
    ("margin", "margin", "null", "null instead of 0.02"),
    ("margin", "against", "reference", "reference instead of baseline"),
    ("margin", "unproven", "pass", "pass instead of inconclusive"),
    ("not-worse", "margin", "0.01", "0.01 instead of null"),
    ("swaps", "limit", "0.2", "0.2 instead of 0.1"),
    ("swaps", "across", "each", "each instead of worst"),
]


@pytest.mark.parametrize(("rule", "key", "value", "said"), LOOSER)
def test_any_other_change_of_a_rule_names_both_files(organisation: Path, rule: str, key: str, value: str, said: str) -> None:
    message = refusal(organisation, f"rules:\n- {{id: {rule}, {key}: {value}}}")
    assert f"Policy error in team.yaml, line 3: rule {rule!r}, {key}: {said} in organisation.yaml" in message
    assert "a policy may only make stricter what it extends; remove the key" in message


def test_line_of_the_inherited_value_is_named(organisation: Path) -> None:
    message = refusal(organisation, "rules:\n- {id: gap, limit: 2}")
    assert "team.yaml, line 3: rule 'gap', limit: 2.0 instead of 1.25 in organisation.yaml, line 7: " in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("confidence", "0.99"),
        ("confidence", "0.95"),
        ("unproven", "inconclusive"),
        ("unproven", "refuse"),
        ("unproven_violation", "refuse"),
        ("uncovered_harm", "refuse"),
        ("allow_waivers", "false"),
        ("min_examples", "100"),
        ("multiplicity", "none"),
    ],
)
def test_policy_may_become_stricter(organisation: Path, key: str, value: str) -> None:
    before = Policy.from_yaml(organisation)
    changed = Policy.parse(f"{key}: {value}", "x")
    assert extend(organisation, f"{key}: {value}") == before.model_copy(update={key: getattr(changed, key)})


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("confidence", "0.9", "0.9 instead of 0.95 in organisation.yaml, line 1"),
        ("unproven_violation", "pass", "pass instead of inconclusive in organisation.yaml, line 3"),
        ("uncovered_harm", "report", "report instead of inconclusive in organisation.yaml, line 4"),
        ("min_examples", "50", "50 instead of 100 in organisation.yaml, line 5"),
        ("min_examples", "500", "500 instead of 100 in organisation.yaml, line 5"),
        ("multiplicity", "holm", "holm instead of none in organisation.yaml: "),
        ("without_baseline", "inconclusive", "inconclusive instead of skip in organisation.yaml: "),
        ("reports_only", "true", "true instead of false in organisation.yaml: "),
        ("allow_never_predicted", "true", "true instead of false in organisation.yaml: "),
    ],
)
def test_any_other_change_of_the_policy_names_both_files(organisation: Path, key: str, value: str, said: str) -> None:
    assert f"Policy error in team.yaml, line 2: {key}: {said}" in refusal(organisation, f"{key}: {value}")


def test_all_changes_that_are_refused_are_named(organisation: Path) -> None:
    message = refusal(organisation, "min_examples: 5\nconfidence: 0.9\nrules:\n- {id: gap, limit: 3}")
    assert [f"team.yaml, line {line}: " in message for line in (2, 3, 5)] == [True] * 3


WAIVER = "waivers:\n- {rule: gap, slice: 'gender:male', who: A. Smith, why: appeal, until: 2026-12-31}\n"


def test_waivers_are_added(organisation: Path) -> None:
    organisation.write_text(f"{organisation.read_text()}{WAIVER.replace('male', 'female')}")
    assert [waiver.slice for waiver in extend(organisation, WAIVER).waivers] == ["gender:male", "gender:female"]


def test_organisation_may_forbid_waivers(organisation: Path) -> None:
    organisation.write_text(f"{organisation.read_text()}allow_waivers: false\n")
    message = refusal(organisation, f"allow_waivers: true\n{WAIVER}")
    assert "team.yaml, line 3: waivers: organisation.yaml, line 20 allows none (allow_waivers: false); remove them." in message
    assert "allow_waivers: true instead of false in organisation.yaml, line 20" in refusal(organisation, "allow_waivers: true")
    assert extend(organisation, "") == Policy.from_yaml(organisation)


def test_waiver_of_a_rule_that_is_not_there_names_its_line(organisation: Path) -> None:
    message = refusal(organisation, WAIVER.replace("rule: gap", "rule: gaps"))
    assert "team.yaml, line 3: waivers.0.rule: there is no rule of this id to waive; the rules are gap, " in message


def test_policies_extend_each_other_in_a_chain(organisation: Path) -> None:
    """What the middle one made stricter binds the last, by the file that says so."""
    extend(organisation, "rules:\n- {id: gap, limit: 1.2}\nunproven: inconclusive", "department.yaml")
    department = organisation.parent / "department.yaml"
    policy = extend(department, "rules:\n- {id: gap, limit: 1.1}\n- {id: floor, min: 0.9}")
    limits = [rule.model_dump() for rule in policy.rules[:2]]
    assert (limits[0]["limit"], limits[1]["min"], policy.unproven) == (1.1, 0.9, "inconclusive")
    message = refusal(department, "rules:\n- {id: floor, min: 0.7}\n- {id: gap, limit: 1.22}")
    assert "team.yaml, line 4: rule 'gap', limit: 1.22 instead of 1.2 in department.yaml, line 3" in message
    assert "team.yaml, line 3: rule 'floor', min: 0.7 instead of 0.8 in organisation.yaml, line 8" in message


def test_circle_is_refused(organisation: Path) -> None:
    organisation.write_text("extends: team.yaml\n")
    assert "team.yaml extends organisation.yaml extends team.yaml, which never ends" in refusal(organisation, "")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nowhere.yaml", "extends: there is no file nowhere.yaml."),
        ("5", "extends must name a policy file, not 5."),
        ("''", "extends must name a policy file, not ''."),
        ("[a.yaml]", "extends must name a policy file, not ['a.yaml']."),
    ],
)
def test_extended_file_must_exist(tmp_path: Path, value: str, said: str) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(f"rules: []\nextends: {value}")
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).replace(f"{tmp_path}/", "") == f"Policy error in team.yaml, line 2: {said}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("rules:\n- {id: gap, limit: yes}", "team.yaml, line 3: rules.0.limit: Input should be a valid number (got 'yes')"),
        ("rules:\n- {id: new, limit: 1}", "team.yaml, line 3: rules.13: the rule has no kind; choose from"),
        ("rules:\n- {id: floor, slices: overall}", "team.yaml, line 3: rules.1.slices: Input should be a list"),
        ("rules:\n- {id: floor, least: 1}", "team.yaml, line 3: unknown key 'rules.1.least'"),
        ("rules: 5", "team.yaml, line 2: rules: Input should be a list (got 5); write a list, [5]."),
        ("rules: [5]", "team.yaml, line 2: rules.13: a rule is written as keys and values"),
        ("waivers: 5", "team.yaml, line 2: waivers: Input should be a list (got 5)"),
        ("rule: []", "team.yaml, line 2: unknown key 'rule'"),
        ("confidence: high", "team.yaml, line 2: confidence: Input should be a valid number"),
    ],
)
def test_wrong_values_are_named_by_their_own_line(organisation: Path, written: str, said: str) -> None:
    assert said in refusal(organisation, written)


def test_result_survives_json(organisation: Path) -> None:
    """It is what a verdict and the cache know; nothing in it depends on the files."""
    policy = extend(organisation, f"rules:\n- {{id: gap, limit: 1.1}}\n{WAIVER}")
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


def test_policy_that_is_not_keys_and_values_is_refused(organisation: Path) -> None:
    organisation.write_text("policy: 3")
    assert "organisation.yaml, line 1: policy must hold keys and values" in refusal(organisation, "")


@pytest.mark.parametrize("rule", read_rules())
def test_no_limit_is_compared_with_that_of_another_kind(rule: Rule) -> None:
    other = next(each for each in read_rules() if each.kind != rule.kind)
    assert [rule.is_as_strict(key, other) for key in ("min", "max", "limit", "margin", "reference", "slices")] == [None] * 6


def test_kind_without_limits_of_its_own_may_not_change_any() -> None:
    rule = read_rules()[0]
    assert Rule.is_as_strict(rule, "limit", rule) is None


def test_policy_that_is_no_file_is_resolved_from_a_folder(organisation: Path) -> None:
    document = Document.without_lines("--set", {"policy": {"extends": "organisation.yaml", "confidence": 0.99}})
    written = Written({"extends": "organisation.yaml", "confidence": 0.99}, [document], ("policy",))
    assert resolve(written, organisation.parent).confidence == 0.99


ONLY = "a policy may only make stricter what it extends; remove the key"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "rules:\n- id: gap\n  kind: quality\n  metric: auc\n  min: 0.1\n",
            f"Policy error in team.yaml, line 4: rule 'gap', kind: quality instead of gap in organisation.yaml, line 7: {ONLY}; "
            f"team.yaml, line 5: rule 'gap', metric: auc instead of false_positive_rate in organisation.yaml, line 7: {ONLY}.",
        ),
        (
            "rules:\n- id: gap\n  limit: 1.5\n",
            f"Policy error in team.yaml, line 4: rule 'gap', limit: 1.5 instead of 1.25 in organisation.yaml, line 7: {ONLY}.",
        ),
        (
            "min_examples: 50\n",
            f"Policy error in team.yaml, line 2: min_examples: 50 instead of 100 in organisation.yaml, line 5: {ONLY}.",
        ),
        ("extra: 1\n", "Policy error in team.yaml, line 2: unknown key 'extra' (value 1); remove it or correct its spelling."),
    ],
)
def test_refusal_names_both_places(organisation: Path, written: str, message: str) -> None:
    """The key of a rule has the line on which it stands."""
    assert refusal(organisation, written) == message


@pytest.mark.parametrize(
    ("middle", "below", "message"),
    [
        (
            "rules:\n- id: gap\n  limit: 1.2\n",
            "rules:\n- id: gap\n  limit: 1.22\n",
            f"Policy error in team.yaml, line 4: rule 'gap', limit: 1.22 instead of 1.2 in middle.yaml, line 4: {ONLY}.",
        ),
        (
            "min_examples: 100\n",
            "allow_never_predicted: true\n",
            f"Policy error in team.yaml, line 2: allow_never_predicted: true instead of false in middle.yaml: {ONLY}.",
        ),
    ],
)
def test_refusal_names_the_policy_that_wrote_the_value_last(organisation: Path, middle: str, below: str, message: str) -> None:
    """A default has no line, and is that of the policy which is extended."""
    extend(organisation, middle, "middle.yaml")
    assert refusal(organisation.parent / "middle.yaml", below) == message


def test_thresholds_may_be_added_to_a_rule_whose_slices_may_not(organisation: Path) -> None:
    """The largest gap of more slices is another one."""
    added = extend(organisation, "rules:\n- {id: shrink, thresholds: [0.3]}\n")
    assert next(rule for rule in added.rules if rule.id == "shrink").thresholds == (0.5, 0.3)
    assert "rule 'shrink', slices" in refusal(organisation, "rules:\n- {id: shrink, slices: ['race:*']}\n")


SAYING = """
author: Trust team
rationale: Errors must be shared.
rules:
- {kind: quality, id: floor, metric: auc, min: 0.8, rationale: Below that it is no use.}
- {kind: quality, id: recall, metric: recall, thresholds: [0.5], min: 0.6}
"""


@pytest.fixture
def saying(tmp_path: Path) -> Path:
    path = tmp_path / "saying.yaml"
    path.write_text(SAYING.lstrip())
    return path


def test_author_and_rationale_are_added_to_the_inherited_ones(saying: Path) -> None:
    policy = extend(saying, "author: Comments team\nrationale: Ours is a small corpus.")
    assert (policy.author, policy.rationale) == ("Trust team; Comments team", "Errors must be shared. Ours is a small corpus.")


def test_rationale_of_a_rule_is_added_to_the_inherited_one(saying: Path) -> None:
    policy = extend(saying, "rules:\n- {id: floor, rationale: And we need more., min: 0.85}\n- {id: recall, rationale: New.}")
    assert [rule.rationale for rule in policy.rules] == ["Below that it is no use. And we need more.", "New."]


@pytest.mark.parametrize("written", ["", "author: Trust team\nrationale: Errors must be shared.", "author: ''\nrationale: ''"])
def test_the_same_words_and_none_change_nothing(saying: Path, written: str) -> None:
    assert extend(saying, written) == Policy.from_yaml(saying)


def test_author_and_rationale_that_are_no_text_are_refused(saying: Path) -> None:
    assert "author" in refusal(saying, "author: 3")
    assert "rationale" in refusal(saying, "rules:\n- {id: floor, rationale: [a]}")
