"""Test what is measured of processes, on one that takes memory and time when it is told to."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.process_usage import UsageWatch

MIB = 1 << 20
CHILD = """
import os, sys, time
for line in sys.stdin:
    taken = bytearray(int(line))
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    del taken
    print(flush=True)
"""


@pytest.fixture
def child() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate()


def _take(child: "subprocess.Popen[str]", size: int) -> None:
    assert child.stdin
    assert child.stdout
    child.stdin.write(f"{size}\n")
    child.stdin.flush()
    child.stdout.readline()


def test_a_peak_that_is_over_counts_for_its_step_alone(child: "subprocess.Popen[str]") -> None:
    watch = UsageWatch(lambda: {"child": child.pid})
    _take(child, 100 * MIB)
    first = watch.usage()["child"]
    watch.restart()
    second = watch.usage()["child"]
    assert first.peak > second.peak + 90 * MIB
    assert first.processor >= 0.03  # of 0.05; the kernel counts in hundredths
    assert second.processor < 0.03  # it only waits


def test_a_process_belongs_to_its_nearest_ancestor(child: "subprocess.Popen[str]") -> None:
    _take(child, 1)
    apart = UsageWatch(lambda: {"own": os.getpid(), "child": child.pid})
    together = UsageWatch(lambda: {"own": os.getpid()})
    _take(child, 100 * MIB)
    own, both = apart.usage()["own"], together.usage()["own"]
    assert set(apart.usage()) == {"own", "child"}
    assert both.peak > own.peak
    assert own.started == both.started == 0


def test_processes_that_start_during_a_step_are_counted() -> None:
    watch = UsageWatch(lambda: {"own": os.getpid()})
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        _take(child, 1)
        used = watch.usage()["own"]
        child.communicate()
    assert used.started == 1
    assert used.processor - used.first >= 0.03  # the child's, of 0.05
