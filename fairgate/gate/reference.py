"""Explain everything that a policy can say: its keys, the kinds of rules, the metrics, the presets.

In: the models of policies and rules with their docstrings, the registry of metrics, and the presets of tasks. Out: `Topic`s,
which `fairgate policy explain` prints and `docs/policy-reference.md` holds. Nothing is written here that stands there: a key
without a line in its docstring is an error.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from fairgate.gate import inheritance, policy_text, presets
from fairgate.gate import policy as policies
from fairgate.gate.policy import Policy
from fairgate.gate.rule import KINDS, Rule
from fairgate.gate.waivers import Waiver
from fairgate.metrics import registry
from fairgate.metrics.registry import Metric

GROUPS = ("judging", "policy", "rule", "rule kind", "metric", "preset")
REQUIRED = "required"
_INDENT, _LEFT = 4, 20  # of the tables in docstrings: rows are indented by so much, a right column by more
_BOUNDS = {
    "minimum": "at least",
    "ge": "at least",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true | false"}
_ON = {"all": "every slice", "overall": "all examples", "groups": "every slice but overall", "classes": "the slices of a class"}
_NEEDS = {
    "groups": "slices other than overall",
    "train": "the training split",
    "counterfactual": "the counterfactual test",
    "labels": "labels",
    "scores": "scores, not decisions alone",
    "table": "a table of predictions (`fairgate evaluate`)",
}
_TASKS = {"binary": "binary tasks", "multiclass": "multi-class tasks", "any": "all tasks"}

Presets = Mapping[str, Mapping[str, Policy]]  # task -> name -> policy


@dataclass(frozen=True)
class Key:
    """A key of a policy or a rule.

    Attributes:
        type: in words: "number above 0.5, below 1", "pass | inconclusive | refuse".
        default: as it is written; "" for none, "required" where it must be given.
        meaning: of its line in the docstring.
    """

    name: str
    type: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Topic:
    """One thing that a policy can name.

    Attributes:
        name: as it is written in a policy.
        group: one of GROUPS.
        text: paragraphs.
        keys: what it has; rows of a table where their type is "".
        example: YAML; "" for none.
        task: of a preset.
    """

    name: str
    group: str
    text: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    example: str = ""
    task: str = ""


def topics(of_tasks: Presets) -> list[Topic]:
    """Return all topics, by group.

    Args:
        of_tasks: the policy presets of each task; empty where no task is installed.
    """
    return [_judging(), *_of_policy(), _of_rules(), *_kinds(of_tasks), *map(_metric, registry.known()), *_presets(of_tasks)]


def _judging() -> Topic:
    """Return how a rule is judged, of the docstring of `fairgate.gate.policy`."""
    _, _, text = (inspect.getdoc(policies) or "").partition("How a rule is judged. ")
    before, table, after = text.split("\n\n", 2)
    return Topic("", "judging", (_joined(after), _joined(before)), _rows(table))


def _of_policy() -> Iterator[Topic]:
    yield Topic("policy", "policy", (_paragraphs(Policy)[0],), _keys(Policy))
    yield Topic("waivers", "policy", (_paragraphs(Waiver)[0],), _keys(Waiver))
    title, _, table, after = (inspect.getdoc(inheritance) or "").split("\n\n", 3)
    yield Topic(inheritance.EXTENDS, "policy", (_joined(title), _joined(after)), _rows(table))


def _rows(table: str) -> tuple[Key, ...]:
    """Return the rows of a table of two columns; a line of one column continues the left or the right one of the row above."""
    rows: list[list[str]] = []
    for line in table.splitlines():
        left, *right = re.split(" {2,}", line.strip(), maxsplit=1)
        indent = len(line) - len(line.lstrip())
        if right:
            rows.append([f"{'' if indent <= _INDENT else 'of a rule: '}{left}", *right])
        else:
            rows[-1][indent > _LEFT] += f" {left}"
    return tuple(Key(left, "", "", right) for left, right in rows)


def _of_rules() -> Topic:
    return Topic("rule", "rule", (_paragraphs(Rule)[0],), _keys(Rule))


def _kinds(of_tasks: Presets) -> Iterator[Topic]:
    for name, kind in KINDS.items():
        keys = [key for key in _keys(kind) if key.name != "kind" and key not in _keys(Rule)]
        yield Topic(name, "rule kind", tuple(_paragraphs(kind)), tuple(keys), _example(kind, of_tasks))


def _example(kind: type[Rule], of_tasks: Presets) -> str:
    """Return the first rule of the kind in a preset; "" where no preset has one."""
    for task, named in of_tasks.items():
        for name, policy in named.items():
            for rule in policy.rules:
                if type(rule) is kind:
                    return f"# of the policy {name} of {task}\n{textwrap.dedent(policy_text.rules_as_yaml([rule]))}"
    return ""


def _metric(metric: Metric) -> Topic:
    least, most = (f"{end:g}" for end in metric.bounds)
    better = "neither direction is better" if metric.better == "neither" else f"better when {metric.better}"
    facts = [f"{metric.label}: {better}, {least} to {most}", f"{_TASKS[metric.task]}, {_ON[metric.on]}"]
    facts += ["at every threshold"] if metric.at_thresholds else []
    facts += [f"rests on the {metric.trials} examples"] if metric.trials else []
    facts += [f"needs {_NEEDS[need]}" for need in sorted(metric.needs)]
    return Topic(metric.name, "metric", (metric.meaning, f"{'; '.join(facts)}."))


def _presets(of_tasks: Presets) -> Iterator[Topic]:
    """Yield the presets of each task; one that only changes keys of its default says so."""
    for task, named in of_tasks.items():
        default = named[presets.DEFAULT]
        for name, policy in named.items():
            text = policy_text.as_yaml(policy)
            if policy is not default and policy.rules == default.rules:
                text = f"# the rules of {presets.DEFAULT}, and\n{policy_text.as_yaml(policy, rules=False)}"
            meaning = presets.MEANINGS.get(name)
            yield Topic(name, "preset", (meaning,) if meaning else (), example=text, task=task)


def _keys(model: type[BaseModel]) -> tuple[Key, ...]:
    """Return every key of a model.

    Raises:
        KeyError: the docstrings of the model and its bases say nothing of one.
    """
    schema = model.model_json_schema()
    meanings = documented(model)
    required = schema.get("required", ())
    return tuple(
        Key(name, _type(part), REQUIRED if name in required else _written(part.get("default")), meanings[name])
        for name, part in schema["properties"].items()
    )


def documented(model: type[BaseModel]) -> dict[str, str]:
    """Return attribute -> meaning, of the sections "Attributes" of a model's docstring and those of its bases.

    "a, b: text" is the meaning of both.
    """
    bases = model.__mro__[: model.__mro__.index(BaseModel)]
    found: dict[str, str] = {}
    for base in reversed(bases):
        _, _, section = inspect.cleandoc(base.__doc__ or "").partition("\nAttributes:\n")
        for entry in filter(None, re.split(r"\n(?=    \S)", section.partition("\n\n")[0])):
            names, _, meaning = _joined(entry).partition(": ")
            found |= dict.fromkeys(names.split(", "), meaning)
    return found


def _paragraphs(model: type) -> list[str]:
    """Return the docstring without its sections."""
    text = re.split(r"\n\n(?:Class attributes|Attributes)", inspect.getdoc(model) or "")[0]
    return [_joined(paragraph) for paragraph in text.split("\n\n")]


def _joined(text: str) -> str:
    return " ".join(text.split())


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a JSON schema in words."""
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"] if part.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].lower()
    if "enum" in schema or "const" in schema:
        return " | ".join(map(_written, schema.get("enum", [schema.get("const")])))
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}s"
    if schema.get("format") == "date":
        return "day, such as 2026-12-31"
    bounds = [f"{words} {schema[bound]:g}" for bound, words in _BOUNDS.items() if bound in schema]
    return f"{_WORDS[schema['type']]} {', '.join(bounds)}".rstrip()


def _written(value: object) -> str:
    """Return a value as YAML writes it in one line; "" for none."""
    return "" if value in (None, "") else policy_text.in_one_line(value)
