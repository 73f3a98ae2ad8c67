"""A part of continuous integration: what is not done in time fails, and says which part it was."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHARE = PROJECT / "scripts" / "share.sh"
CI = PROJECT / ".ci" / "run"


@pytest.fixture(autouse=True)
def started_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Continuous integration runs these tests in a part of its own."""
    monkeypatch.delenv("FAIRGATE_CI_STARTED", raising=False)


@pytest.mark.parametrize(
    ("minutes", "command", "expected"),
    [
        ("1", ["echo", "done"], (0, r"done\nci: the tests: [0-9]+ s\n", "")),
        ("0.005", ["sleep", "60"], (124, "", "ci: the tests: not done by minute 0.005 of the run\n")),
        ("1", ["bash", "-c", "exit 7"], (7, "", "ci: the tests: failed with exit code 7\n")),
    ],
    ids=["done", "too slow", "failed"],
)
def test_a_share_ends_as_its_command_does(minutes: str, command: list[str], expected: tuple[int, str, str]) -> None:
    """With the exit code of the command, or that of a timeout."""
    done = subprocess.run([SHARE, "the tests", minutes, *command], capture_output=True, text=True, check=False)
    code, stdout, stderr = expected
    assert (done.returncode, done.stderr) == (code, stderr)
    assert re.fullmatch(stdout, done.stdout)


def test_what_earlier_parts_left_is_counted_from_the_start_of_the_run() -> None:
    """A part whose minute has passed is not begun."""
    started = {**os.environ, "FAIRGATE_CI_STARTED": str(int(time.time()) - 600)}
    command = ["echo", "done"]
    late, done = (
        subprocess.run([SHARE, "it", minute, *command], capture_output=True, text=True, check=False, env=started)
        for minute in ("9", "11")
    )
    assert (late.returncode, late.stdout, late.stderr) == (124, "", "ci: it: not begun by minute 9 of the run\n")
    assert done.returncode == 0


def test_a_part_that_needs_more_than_is_left_is_not_begun() -> None:
    """With an exit code of its own."""
    command = [str(SHARE), "--needs", "90", "the other stack", "1", "echo", "done"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (75, "")
    said = r"ci: the other stack: left out: it takes about 90 s on this machine, and \d\d s are left until minute 1 of the run\n"
    assert re.fullmatch(said, done.stderr)


def test_a_part_for_which_there_is_time_is_begun() -> None:
    command = [str(SHARE), "--needs", "30", "the other stack", "1", "echo", "done"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout.startswith("done\n")


def test_the_parts_end_within_70_minutes() -> None:
    """Set-up, environments, audit, `make test`, and what comes after it; none before the one that precedes it."""
    pattern = r'^ *scripts/share\.sh (?:--needs \S+( \S+)* / 100\)\) )?(?:"[^"]+"|\S+) (\d+) '
    shares = re.findall(pattern, CI.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(minutes) for _, minutes in shares] == [12, 15, 17, 66, 69]
