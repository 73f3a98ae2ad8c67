"""A share of the minutes of continuous integration: what is not done in time fails, and says which share it was."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHARE = PROJECT / "scripts" / "share.sh"
CI = PROJECT / ".ci" / "run"


@pytest.mark.parametrize(
    ("minutes", "command", "expected"),
    [
        ("1", ["echo", "done"], (0, r"done\nci: the tests: [0-9]+ s of its 1 minutes\n", "")),
        ("0.005", ["sleep", "60"], (124, "", "ci: the tests: not done within its 0.005 minutes\n")),
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


def test_the_shares_leave_room_for_later_ones() -> None:
    """Set-up, environments, audit, both stacks, a cluster: 63 of 70 minutes."""
    shares = re.findall(r'^scripts/share\.sh (?:"[^"]+"|\S+) (\d+) ', CI.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(minutes) for minutes in shares] == [10, 3, 2, 20, 20, 8]
