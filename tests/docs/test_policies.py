"""The examples of docs/policies.md do what the page says."""

import re
from pathlib import Path

import pytest

from fairgate.errors import InputError
from fairgate.gate.policy import Policy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"


def example(containing: str) -> str:
    """Return the YAML example that contains a text."""
    (block,) = (block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL) if containing in block)
    return str(block)


def test_example_of_a_waiver_is_a_policy() -> None:
    (waiver,) = Policy.parse(example("who: Review board"), "page").waivers
    assert (waiver.slice, str(waiver.until)) == ("gender:transgender", "2026-12-31")


def test_example_of_inheritance(tmp_path: Path) -> None:
    """And its error is the one that is shown."""
    (tmp_path / "organisation.yaml").write_text(example("# organisation.yaml"))
    team = tmp_path / "team.yaml"
    team.write_text(example("# team.yaml"))
    policy = Policy.from_yaml(team)
    assert [rule.id for rule in policy.rules] == ["false-positive-gap", "auc-floor", "recall"]
    assert policy.rules[0].slices == ("gender:*", "race:*")
    team.write_text(example("# team.yaml").replace("limit: 1.2}", "limit: 1.5}"))
    with pytest.raises(InputError) as error:
        Policy.from_yaml(team)
    assert f"Error: {error.value}".replace(f"{tmp_path}/", "") in PAGE.read_text()
