"""The clusters' processes: nothing is left of them, however they end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.processes import NotReadyError, processes, wait_until

PARENT = """
import sys, time
from pathlib import Path
from tests.engines.processes import Processes
group = Processes(Path(sys.argv[1]))
group.start("one", ["sleep", "100"])
print(group.started["one"].pid, flush=True)
time.sleep(100)
"""


def test_children_of_a_process_end_with_the_block(tmp_path: Path) -> None:
    with processes(tmp_path) as group:
        group.start("one", ["sh", "-c", "sleep 100 & exec sleep 100"])
        wait_until(lambda: len(group.left()) == 2, 10, "both processes")
    assert group.left() == []


def test_kill_ends_one_process_and_leaves_its_children(tmp_path: Path) -> None:
    with processes(tmp_path) as group:
        group.start("one", ["sh", "-c", "sleep 100 & exec sleep 100"])
        wait_until(lambda: len(group.left()) == 2, 10, "both processes")
        group.kill("one")
        assert len(group.left()) == 1
    assert group.left() == []


def test_process_dies_with_the_one_that_started_it(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    wait_until(
        lambda: not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes(), 10, "its end"
    )


def test_process_that_ended_is_reported_with_its_log(tmp_path: Path) -> None:
    with processes(tmp_path) as group:
        group.start("one", ["sh", "-c", "echo no port; exit 7"])
        group.started["one"].wait()
        with pytest.raises(NotReadyError, match="one ended with 7:\nno port"):
            group.check_alive()
