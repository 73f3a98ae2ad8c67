"""`make run`: three jobs, their outcomes, and one exit code."""

import subprocess
from pathlib import Path

import pytest

from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR, OUTCOMES

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT, EXERCISE, DIGITS = (
    "run civil-comments --sample",
    "run civil-comments --sample --preset exercise --published --root runs/exercise",
    "run digits",
)


def run_jobs(folder: Path, *codes: int) -> tuple[int, list[str], list[str]]:
    """The exit code, the last three lines and the commands where the jobs end with these codes."""
    commands, numbers, fake = (folder / name for name in ("commands", "codes", "fairgate"))
    numbers.write_text("".join(f"{code}\n" for code in codes))
    fake.write_text(f'#!/bin/sh\necho "$@" >> {commands}\nexit "$(sed -n "$(wc -l < {commands})p" {numbers})"\n')
    fake.chmod(0o755)
    done = subprocess.run(
        [PROJECT / "scripts" / "run_jobs.sh"],
        env={"FAIRGATE": str(fake), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.splitlines()[-3:], commands.read_text().splitlines()


def test_any_verdict_is_a_success(tmp_path: Path) -> None:
    """The sample is trained and judged in two ways, in a root of its own each."""
    codes = OUTCOMES["refused"], OUTCOMES["blessed"], OUTCOMES["inconclusive"]
    code, lines, commands = run_jobs(tmp_path, *codes)
    assert code == 0
    assert lines == ["sample, default: refused", "sample, exercise: blessed", "digits: inconclusive"]
    assert commands == [DEFAULT, EXERCISE, DIGITS]


@pytest.mark.parametrize("failure", [INPUT_ERROR, CRASHED])
def test_a_job_without_a_verdict_fails_all_and_stops_none(tmp_path: Path, failure: int) -> None:
    code, lines, commands = run_jobs(tmp_path, OUTCOMES["blessed"], failure, OUTCOMES["refused"])
    assert (code, len(commands)) == (failure, 3)
    assert lines[1] == f"sample, exercise: no verdict (exit code {failure})"
