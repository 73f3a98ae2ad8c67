"""Two verdicts of one configuration: every value is compared, what names a place is not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "compare_verdicts.py"


def verdict(auc: Any = 0.75, outcome: str = "blessed", uri: str = "/here", slices: int = 1) -> dict[str, Any]:
    """A verdict with seven values that are compared."""
    lines = [{"slice": "overall", "auc": auc}] * slices
    return {
        "outcome": outcome,
        "summary": "",
        "rules": [],
        "slices": lines,
        "data": {"rows": 9},
        "models": {"baseline": {"uri": uri}},
    }


def compare(folder: Path, first: dict[str, Any], second: dict[str, Any]) -> tuple[int, list[str]]:
    """Return exit code and output."""
    files = [folder / "first.json", folder / "second.json"]
    for file, value in zip(files, (first, second), strict=True):
        file.write_text(json.dumps(value))
    done = subprocess.run([sys.executable, SCRIPT, *files], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_equal_verdicts_of_two_places(tmp_path: Path) -> None:
    code, lines = compare(tmp_path, verdict(), verdict(uri="minio://there"))
    assert code == 0
    assert lines == ["verdicts: 7 values, 0 differ by more than 1e-09; the largest difference is 0"]


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        (verdict(auc=0.7500001), "slices[0].auc: 0.75 and 0.7500001"),
        (verdict(auc=None), "slices[0].auc: 0.75 and None"),
        (verdict(outcome="refused"), "outcome: blessed and refused"),
        (verdict(slices=0), "slices.length: 1 and 0"),
    ],
)
def test_difference_is_named(tmp_path: Path, other: dict[str, Any], shown: str) -> None:
    code, lines = compare(tmp_path, verdict(), other)
    assert code == 1
    assert f"verdicts: {shown}" in lines


def test_last_digits_and_missing_numbers_are_equal(tmp_path: Path) -> None:
    assert compare(tmp_path, verdict(auc=0.1 + 0.2), verdict(auc=0.3))[0] == 0
    assert compare(tmp_path, verdict(auc=float("nan")), verdict(auc=float("nan")))[0] == 0
