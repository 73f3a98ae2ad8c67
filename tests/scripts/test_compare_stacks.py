"""Two stacks side by side: what makes them agree, and the report when they do not."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "compare_stacks.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module; scripts are no package."""
    spec = importlib.util.spec_from_file_location("compare_stacks", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def line(rate: float, **changes: Any) -> dict[str, Any]:
    """A line of a verdict with a false positive rate on 500 negatives."""
    plain = {"slice": "overall", "model": "candidate", "threshold": 0.5, "n": 900, "n_positive": 400, "n_negative": 500}
    return {**plain, "false_positive_rate": rate, **changes}


FAILURE = '<testcase classname="tests.test_a" name="test_b[c]"><failure message="d"/></testcase>'
ERROR = '<testcase classname="tests.test_a" name="test_b[c]"><error message="d"/></testcase>'
SKIPPED = '<testcase classname="tests.test_e" name="test_f"><skipped message="g"/></testcase>'


def write(
    folder: Path, *lines: dict[str, Any], outcome: str = "blessed", suite: str = 'tests="9" skipped="2"', cases: str = SKIPPED
) -> str:
    """Write what a stack leaves behind."""
    folder.mkdir()
    verdict = {"outcome": outcome, "slices": lines, "provenance": {"package_versions": {"tfx": folder.name}}}
    (folder / "verdict.json").write_text(json.dumps(verdict))
    (folder / "tests.xml").write_text(f"<testsuites><testsuite {suite}>{cases}</testsuite></testsuites>")
    return str(folder)


def test_equal_stacks_agree(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, outcomes and rates stand side by side."""
    folders = [write(tmp_path / "1.16", line(0.18)), write(tmp_path / "1.21", line(0.19), suite='tests="8"')]
    assert script.main(folders) == 0
    shown = [" ".join(text.split()) for text in capsys.readouterr().out.splitlines()]
    assert shown == [
        "packages tfx 1.16 tfx 1.21",
        "tests 7 passed, 2 skipped 8 passed",
        "sample run blessed blessed",
        "candidate false_positive_rate @0.5, overall 0.1800 0.1900",
        "stacks agree: 1 rates, the largest difference is 0.0100 (false_positive_rate overall candidate 0.5)",
    ]


@pytest.mark.parametrize(
    ("second", "outcome", "cases", "reason"),
    [
        (0.21, "blessed", SKIPPED, "false_positive_rate overall candidate 0.5 differs by 0.0300, more than 0.02"),
        (float("nan"), "blessed", SKIPPED, "false_positive_rate overall candidate 0.5 differs by nan, more than 0.02"),
        (0.18, "refused", SKIPPED, "the sample run is blessed on one stack and refused on the other"),
        (0.18, "blessed", SKIPPED + FAILURE, "tests.test_a::test_b[c] failed with tfx new"),
        (0.18, "blessed", SKIPPED + ERROR, "tests.test_a::test_b[c] failed with tfx new"),
    ],
)
def test_difference_is_told(
    script: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    second: float,
    outcome: str,
    cases: str,
    reason: str,
) -> None:
    """And the exit code is 1."""
    folders = [write(tmp_path / "old", line(0.18)), write(tmp_path / "new", line(second), outcome=outcome, cases=cases)]
    assert script.main(folders) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"stacks: {reason}"


def test_few_examples_are_not_compared(script: ModuleType, tmp_path: Path) -> None:
    """A rate on fewer than 100 negatives says nothing."""
    few = {"slice": "gender:other_gender", "n_negative": 99}
    folders = [write(tmp_path / "old", line(0.18), line(0.1, **few)), write(tmp_path / "new", line(0.18), line(0.9, **few))]
    assert script.main(folders) == 0


def test_runs_without_a_common_rate_do_not_agree(script: ModuleType, tmp_path: Path) -> None:
    """Nothing compared is not the same."""
    assert script.main([write(tmp_path / "old", line(0.18)), write(tmp_path / "new")]) == 1
