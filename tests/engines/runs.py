"""Runs of `fairgate` as a user starts them, their steps and times, and the largest difference between two runs' metrics."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fairgate import run_folder
from fairgate.report import content

FAIRGATE = Path(sys.executable).with_name("fairgate")
QUICK = ("digits", "--config", str(Path(__file__).with_name("quick.yaml")))  # the smallest run of the whole graph
KEY = ["model", "slice", "metric", "threshold"]
MOST = 1e-9  # largest difference between engines that is only the order of a sum
_STEP = re.compile(
    r"^ +✓ +(?:\d+ of \d+ )?(?P<step>\w+) +(?P<seconds>[\d.]+) s +\S+(?: +(?P<rows>[\d,]+) rows)?(?P<cached>.*from cache)?"
)


@dataclass
class Run:
    """A run in a process of its own.

    Attributes:
        process: leads a group of its own.
        log: its standard output and error.
        started: by the monotonic clock, in seconds.
    """

    process: "subprocess.Popen[bytes]"
    log: Path
    started: float = field(default_factory=time.monotonic)

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def end(self, seconds: float) -> int:
        """Wait for its end; return the exit code.

        Raises:
            AssertionError: it does not end in time: what must never happen, whatever the fault.
        """
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"does not end within {seconds:g} s:\n{self.output[-2000:]}") from None

    @property
    def message(self) -> str:
        """The line of its error; empty if it printed none."""
        lines = [line for line in self.output.splitlines() if line.startswith("Error: ")]
        return lines[-1] if lines else ""

    @property
    def steps(self) -> dict[str, "StepTime"]:
        """The steps that have ended, in their order."""
        found = (_STEP.match(line) for line in self.output.splitlines())
        return {
            step["step"]: StepTime(float(step["seconds"]), int((step["rows"] or "0").replace(",", "")), bool(step["cached"]))
            for step in found
            if step
        }


@dataclass(frozen=True)
class StepTime:
    """A step as the run prints it; rows are 0 where it prints none."""

    seconds: float
    rows: int
    cached: bool


@contextmanager
def running(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Run]:
    """Start `fairgate run … --root ROOT`, and end what is left of it with the block.

    Args:
        root: of the run.
        arguments: the task and its options.
        environment: replaces variables of this process's environment.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    log = root.parent / f"{root.name}.{time.time_ns()}.out"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [FAIRGATE, "run", *arguments, "--root", root],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "COLUMNS": "2000", **(environment or {})},
        )
    try:
        yield Run(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run(root: Path, *arguments: str, seconds: float = 1800) -> Run:
    """Run to the end, which must be a verdict: blessed, refused or inconclusive."""
    with running(root, *arguments) as started:
        code = started.end(seconds)
    assert code in (0, 1, 2), f"exit {code}:\n{started.output[-3000:]}"
    return started


@dataclass(frozen=True)
class Difference:
    """The largest difference of any number between two runs' metrics, and which number it is; "" where all are equal.

    Of numbers beyond 1 it is the relative one: the far end of a ratio's interval may be any number, and rounding grows with it.
    """

    value: float
    where: str

    def __str__(self) -> str:
        """Return both, for a report."""
        return f"{self.value:g}" + (f" ({self.where})" if self.where else "")


def largest_difference(root: Path, reference: Path) -> Difference:
    """Compare the newest metrics of two roots.

    Raises:
        AssertionError: one has rows, columns or NaN where the other has none.
    """
    ours, theirs = (
        content.load(run_folder.newest(folder)).metrics.sort_values(KEY).reset_index(drop=True) for folder in (root, reference)
    )
    assert list(ours.columns) == list(theirs.columns)
    assert ours[KEY].equals(theirs[KEY]), f"{root} and {reference} have rows about different models, slices or metrics"
    numbers = ours.select_dtypes("number").columns.difference(KEY)
    one, other = ours[numbers].to_numpy(float), theirs[numbers].to_numpy(float)
    assert np.array_equal(np.isnan(one), np.isnan(other))
    equal = (one == other) | np.isnan(one)  # infinities that are equal differ by NaN
    scale = np.where(np.isfinite(other), np.maximum(np.abs(other), 1.0), 1.0)
    apart = np.abs(np.where(equal, 0.0, one) - np.where(equal, 0.0, other)) / scale
    if equal.all():
        return Difference(0.0, "")
    row, column = np.unravel_index(apart.argmax(), apart.shape)
    return Difference(float(apart[row, column]), f"{numbers[column]} of {', '.join(map(str, ours.loc[row, KEY]))}")
