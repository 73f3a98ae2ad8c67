"""Features whose names hold signs that mean something in the names of slices."""

import json
import unicodedata
from pathlib import Path

import pytest

from fairgate.cli import main as cli
from fairgate.gate import presets
from fairgate.judging.judgement import evaluate

NAMES = ["a:b", "a × b", "a\\b", " sex", "a*", unicodedata.normalize("NFD", "é"), "a,b"]
HIRED, GROUP = [1, 0, 1, 0] * 60, ["x", "x", "y", "y"] * 60


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_judges_groups_of_a_feature_of_any_name(name: str) -> None:
    """Both of its groups are compared."""
    found = evaluate({"hired": HIRED, name: GROUP}, decisions="hired", slices=[name], policy="four-fifths")
    assert [line.value for line in found.verdict.rules if line.id == "four-fifths"] == [1]
    assert [row.category for row in found.verdict.impact[0].rows] == ["x", "y"]


def test_patterns_of_groups_are_spelled() -> None:
    assert presets.groups_of(("sex", "a:b", "a × b")) == ("sex:*", "a\\:b:*", "a \\× b:*")


def test_a_name_with_spaces_or_a_comma_can_be_typed(tmp_path: Path) -> None:
    """With the spaces, or without them where there is no such column; the comma within quotes."""
    lines = [json.dumps({"d": d, " sex": g, "race": g, "a,b": g}) for d, g in zip(HIRED, GROUP, strict=True)]
    (tmp_path / "p.jsonl").write_text("\n".join(lines))
    typed = ["--decision", "candidate=d", "--slices", ' sex, race,"a,b"', "--favourable", "positive", "--out", f"{tmp_path}/r"]
    assert cli.main(["evaluate", f"{tmp_path}/p.jsonl", *typed]) == 0
    columns = json.loads((tmp_path / "r" / "config.json").read_text())["columns"]
    assert columns["slices"] == [" sex", "race", "a,b"]
