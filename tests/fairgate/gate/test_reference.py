"""What a policy can say."""

import pytest
from pydantic import BaseModel

from fairgate.gate.policy import Policy
from fairgate.gate.reference import GROUPS, Key, Topic, documented, topics
from fairgate.gate.rule import KINDS, Rule
from fairgate.gate.waivers import Waiver
from fairgate.metrics import registry
from pipeline import config, tasks

PRESETS = {name: config.policies(task) for name, task in tasks.TASKS.items()}


@pytest.fixture(scope="module")
def found() -> list[Topic]:
    return topics(PRESETS)


def of(found: list[Topic], name: str) -> Topic:
    """The only topic of that name."""
    (topic,) = (topic for topic in found if topic.name == name)
    return topic


def key(topic: Topic, name: str) -> Key:
    """The only key of that name."""
    (known,) = (key for key in topic.keys if key.name == name)
    return known


def test_everything_that_a_policy_can_name_is_a_topic(found: list[Topic]) -> None:
    assert [topic.name for topic in found if topic.group == "rule kind"] == list(KINDS)
    assert [topic.name for topic in found if topic.group == "metric"] == [metric.name for metric in registry.known()]
    assert [(topic.task, topic.name) for topic in found if topic.group == "preset"] == [
        (task, name) for task, named in PRESETS.items() for name in named
    ]
    assert list(dict.fromkeys(topic.group for topic in found)) == list(GROUPS)


@pytest.mark.parametrize("model", [Policy, Waiver, Rule, *KINDS.values()], ids=lambda model: model.__name__)
def test_docstrings_name_every_key_and_no_other(model: type[BaseModel]) -> None:
    assert documented(model).keys() == model.model_fields.keys()


def test_keys_have_type_default_and_meaning(found: list[Topic]) -> None:
    policy, gap, swaps = of(found, "policy"), of(found, "gap"), of(found, "counterfactual")
    assert key(policy, "unproven") == Key(
        "unproven",
        "pass | inconclusive | refuse",
        "pass",
        "what follows when a value keeps its limit but the interval reaches beyond it.",
    )
    assert [key(policy, name).type for name in ("rules", "min_examples", "confidence", "allow_waivers")] == [
        "list of rules",
        "whole number at least 1",
        "number above 0.5, below 1",
        "true | false",
    ]
    assert key(of(found, "waivers"), "until").type == "day, such as 2026-12-31"
    assert (key(gap, "limit").type, key(gap, "limit").default) == ("number", "required")
    assert (key(swaps, "slices").type, key(swaps, "slices").default) == ("list of texts", "['swaps:*']")
    assert key(of(found, "not_worse"), "margin").type == "number at least 0"


def test_a_kind_has_its_own_keys_and_what_it_makes_of_the_common_ones(found: list[Topic]) -> None:
    assert [key.name for key in of(found, "quality").keys] == ["min", "max"]
    trivial = {key.name: key.default for key in of(found, "beats_trivial").keys}
    assert trivial == {"reference": "0.5", "unproven": "inconclusive", "unproven_violation": "refuse"}


def test_a_kind_shows_a_rule_of_a_preset(found: list[Topic]) -> None:
    assert of(found, "quality").example.splitlines()[:3] == [
        "# of the policy default of civil-comments",
        "- id: false-positive-ceiling",
        "  kind: quality",
    ]
    assert of(found, "counterfactual").example == ""  # no preset has one


def test_tables_of_docstrings_become_rows(found: list[Topic]) -> None:
    (judging,) = (topic for topic in found if topic.group == "judging")
    assert [row.name for row in judging.keys][:2] == [
        "the interval lies within the limit",
        "the value keeps the limit, its interval reaches beyond it",
    ]
    assert judging.keys[4].meaning.endswith("a rule in which no slice has enough data leaves the outcome inconclusive")
    assert "of a rule: slices, thresholds" in [row.name for row in of(found, "extends").keys]


def test_metric_says_where_it_is_measured(found: list[Topic]) -> None:
    assert of(found, "false_positive_rate").text == (
        "Negatives that the model calls positive.",
        "False positive rate: better when lower, 0 to 1; binary tasks, every slice; at every threshold; "
        "rests on the negative examples; needs labels.",
    )
    assert of(found, "train_accuracy").text[1].endswith("all examples; needs labels; needs the training split.")
    assert of(found, "score_shift").text[1].startswith("Score shift: neither direction is better, -1 to 1")


def test_preset_with_the_rules_of_the_default_names_what_differs(found: list[Topic]) -> None:
    strict = next(topic for topic in found if (topic.task, topic.name) == ("digits", "strict"))
    lines = strict.example.splitlines(keepends=True)
    said = [line for line in lines if line.startswith(("author: ", "rationale: "))]
    assert len(said) == 2
    assert (
        "".join(line for line in lines if line not in said)
        == "# the rules of default, and\nmin_examples: 10\nunproven: inconclusive\nmultiplicity: holm\n"
    )
    default = next(topic for topic in found if (topic.task, topic.name) == ("digits", "default"))
    assert Policy.parse(default.example, "page") == PRESETS["digits"]["default"]
