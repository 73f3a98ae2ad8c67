"""A policy as YAML."""

from datetime import date

import pytest

from fairgate.gate.policy import Policy
from fairgate.gate.policy_text import as_yaml
from fairgate.gate.rules import NotWorseRule, QualityRule
from fairgate.gate.waivers import Waiver
from pipeline import config, tasks

RULE = QualityRule(id="floor", metric="auc", min=0.8)


def test_only_what_is_no_default_is_written() -> None:
    policy = Policy(rules=(RULE,), unproven="inconclusive")
    written = "unproven: inconclusive\nrules:\n  - id: floor\n    kind: quality\n    metric: auc\n    min: 0.8\n"
    assert as_yaml(policy) == written
    assert as_yaml(policy, rules=False) == "unproven: inconclusive\n"
    assert as_yaml(Policy()) == ""


@pytest.mark.parametrize("task", tasks.TASKS)
def test_every_preset_reads_back_equal(task: str) -> None:
    presets = config.policies(tasks.find(task))
    assert {name: Policy.parse(as_yaml(policy), name) for name, policy in presets.items()} == presets


@pytest.mark.parametrize(
    "policy",
    [
        Policy(rules=(NotWorseRule(id="a", metric="auc", margin=0.01, unproven=None),)),  # with a margin, None is no default
        Policy(rules=(QualityRule(id="a: #", metric="auc", min=0.1, slices=("city:*", "a 'b'")),)),
        Policy(
            rules=(RULE,),
            waivers=(Waiver(rule="floor", slice="overall", who="A", why="b: c", until=date(2026, 12, 31)),),
        ),
    ],
    ids=["default that rests on another key", "marks of YAML", "waiver"],
)
def test_policy_reads_back_equal(policy: Policy) -> None:
    assert Policy.parse(as_yaml(policy), "page") == policy
