"""Write a policy as the YAML that it is read from, without what is the default: the start of a policy of one's own.

In: a `Policy`. Out: text that `Policy.parse` reads back equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel

from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule


def as_yaml(policy: Policy, rules: bool = True) -> str:
    """Return the policy.

    Args:
        policy: to write.
        rules: False leaves them out.
    """
    given = _given(policy)
    text = "".join(f"{key}: {in_one_line(value)}\n" for key, value in given.items() if key not in ("rules", "waivers"))
    if policy.waivers:
        text += f"waivers:\n{_items(waiver.model_dump(mode='json') for waiver in policy.waivers)}"
    return text + (f"rules:\n{rules_as_yaml(policy.rules)}" if rules and policy.rules else "")


def rules_as_yaml(rules: Sequence[Rule]) -> str:
    """Return rules as the items of a list."""
    return _items(map(_rule, rules))


def in_one_line(value: object) -> str:
    """Return a value as YAML writes it in one line."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True).removesuffix("...\n").strip()


def _rule(rule: Rule) -> dict[str, Any]:
    given = {"id": rule.id, "kind": rule.kind, **_given(rule)}
    if type(rule).model_validate(given) == rule:
        return given
    return {"id": rule.id, "kind": rule.kind, **rule.model_dump(mode="json")}  # a default of one key that rests on another key


def _given(model: BaseModel) -> dict[str, Any]:
    """Return the keys whose value is not the default."""
    return model.model_dump(mode="json", exclude_defaults=True)


def _items(items: Iterable[Mapping[str, object]]) -> str:
    """Return mappings as the items of a list, a line for each key."""
    lines = []
    for item in items:
        start = "  - "
        for key, value in item.items():
            lines.append(f"{start}{key}: {in_one_line(value)}\n")
            start = "    "
    return "".join(lines)
