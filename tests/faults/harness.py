"""Runs of the whole graph in processes of their own, which can be killed at any moment, and what must hold afterwards.

Each run is a fork of the test's process, which has imported everything once; so a killed run costs what it did, not its imports.
"""

import io
import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairgate import manifest, run_folder
from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from pipeline import config as configuration
from pipeline import local
from pipeline.progress import StepEnd, StepLog
from pipeline.provenance import source_digests

STEPS = (
    *("Prepare", "ImportExamples", "ImportSchema", "StatisticsGen", "ExampleValidator", "DataGate", "Transform"),
    *("TrainerBaseline", "TrainerCandidate", "Evaluator", "FairnessGate", "Reporter", "Pusher"),
)
COLLECT = "Collect"  # what follows the last step: the report's folder, the manifest, the link
# The smallest run: one split, a policy that any model keeps. One epoch is too few: two digits are then never predicted.
SMALL: Mapping[str, Any] = {
    "training": {"baseline": {"epochs": 3}, "candidate": {"epochs": 3}},
    "evaluation": {"splits": ["eval"]},
    "policy": {"rules": [{"id": "any", "kind": "quality", "metric": "accuracy", "min": 0.001}]},
}


@dataclass
class Child:
    """A run that goes on in another process.

    Attributes:
        pid: of the process, which leads a group of its own.
        output: where it tells what it does, a line each.
        log: its standard output and error.
        told: what was read of `output` so far.
    """

    pid: int
    output: io.TextIOWrapper
    log: Path
    told: list[str] = field(default_factory=list)

    def wait_for(self, line: str) -> bool:
        """Whether the line came before the end."""
        for told in self.output:
            self.told.append(told.strip())
            if self.told[-1] == line:
                return True
        return False

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends a signal to the run alone; it may have ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def end(self) -> int:
        """Waits, and ends what the run has left behind; the exit code, negative for the signal that ended it."""
        with self.output:
            self.told += [told.strip() for told in self.output]
        _, status = os.waitpid(self.pid, 0)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(status)

    @property
    def message(self) -> str:
        """The last thing that it told."""
        return self.told[-1] if self.told else ""


def start(root: Path, log: Path, **values: Any) -> Child:
    """Starts a run in a fork; it tells each step's start by its name, and its outcome or its error at the end."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, os.fdopen(reading, encoding="utf-8"), log)
    os.close(reading)
    os.setsid()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os._exit(_run(root, os.fdopen(writing, "w", buffering=1, encoding="utf-8"), values))


def _run(root: Path, output: io.TextIOWrapper, values: Mapping[str, Any]) -> int:
    def tell(line: str) -> None:
        output.write(" ".join(line.split()) + "\n")

    def end(step: StepEnd) -> None:
        if step.step == STEPS[-1]:
            tell(COLLECT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = configuration.load("digits", configuration.Overrides(values={**SMALL, **values}))
        tell(local.run(config, root, (), StepLog(lambda step: tell(step.step), end)).verdict.outcome)
    except InputError as error:
        tell(str(error))
        return INPUT_ERROR
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseException as error:
        os.write(2, traceback.format_exc().encode())  # pytest has replaced sys.stderr
        tell(f"{type(error).__name__}: {error}")
        return CRASHED
    return 0


def finish(root: Path, log: Path, **values: Any) -> Child:
    """A run that is left alone; waits for its end, which must be a blessing."""
    child = start(root, log, **values)
    code = child.end()
    assert (code, child.message) == (0, "blessed"), f"{code}: {child.message}\n{log.read_text(errors='replace')[-3000:]}"
    return child


def blessed_digests(root: Path) -> set[str]:
    """The digests of all candidates that a verdict in the artifacts blesses."""
    found = [verdicts.read(path) for path in root.glob("artifacts/FairnessGate/verdict/*/verdict.json")]
    return {verdict.models["candidate"].digest for verdict in found if verdict.outcome == "blessed"}


def check_left(root: Path) -> None:
    """What must hold at every moment, whatever has happened to the run."""
    for version in (path for path in (root / "serving").glob("*") if not path.name.startswith(".")):
        assert folder_digest(version) in blessed_digests(root), f"{version} is not what a verdict blesses"
    for blessing in root.glob("artifacts/FairnessGate/blessing/*/BLESSED"):
        verdict = verdicts.read(root / "artifacts" / "FairnessGate" / "verdict" / blessing.parent.name / "verdict.json")
        assert verdict.outcome == "blessed", f"{blessing} without a verdict that says so"
    for report in (path for path in (root / "reports").glob("*") if not path.name.startswith(".")):
        assert (report / run_folder.MANIFEST).is_file(), f"{report} is half written"
        assert (report / "report.html").stat().st_size > 0


def check_finished(root: Path, versions: int) -> None:
    """What must hold after a run that ended well: so many versions, no rest, and everything as the manifest says."""
    check_left(root)
    assert len(list((root / "serving").iterdir())) == versions
    rest = [path for kind in ("serving", "reports", "examples") for path in (root / kind).glob(".*.partial")]
    assert rest == []
    report = (root / "latest").resolve()
    assert manifest.differences(manifest.read(report), root, source_digests()) == []
    assert list(manifest.contradictions(manifest.read(report), report)) == []


def fill_up(file: Path) -> None:
    """Takes all the room that its disk has left."""
    with suppress(OSError), file.open("wb", buffering=0) as rest:
        while True:
            rest.write(bytes(4096))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Callable[[str], None]]:
    """A file system in memory with so much room; yields what remounts it with other options. Needs root."""

    def mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)

    folder.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield lambda options: mount("-o", f"remount,{options}", str(folder))
    finally:
        for _ in range(20):
            if subprocess.run(["umount", str(folder)], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)
