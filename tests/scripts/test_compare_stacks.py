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


def write(folder: Path, *lines: dict[str, Any], outcome: str = "blessed", suite: str = 'tests="9" skipped="2"') -> str:
    """What a stack leaves behind."""
    folder.mkdir()
    verdict = {"outcome": outcome, "slices": lines, "provenance": {"package_versions": {"tfx": folder.name}}}
    (folder / "verdict.json").write_text(json.dumps(verdict))
    (folder / "tests.xml").write_text(f"<testsuites><testsuite {suite}></testsuite></testsuites>")
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
    ("second", "outcome", "suite", "reason"),
    [
        (0.21, "blessed", 'tests="9"', "false_positive_rate overall candidate 0.5 differs by 0.0300, more than 0.02"),
        (float("nan"), "blessed", 'tests="9"', "false_positive_rate overall candidate 0.5 differs by nan, more than 0.02"),
        (0.18, "refused", 'tests="9"', "the sample run is blessed on one stack and refused on the other"),
        (0.18, "blessed", 'tests="9" failures="1" errors="1"', "2 tests failed with tfx new"),
    ],
)
def test_difference_is_told(
    script: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    second: float,
    outcome: str,
    suite: str,
    reason: str,
) -> None:
    """And the exit code is 1."""
    folders = [write(tmp_path / "old", line(0.18)), write(tmp_path / "new", line(second), outcome=outcome, suite=suite)]
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
