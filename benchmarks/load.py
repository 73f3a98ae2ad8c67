"""Run the toxicity task on as many comments as the real data set has; report time and peak memory of every step.

Run: python benchmarks/load.py [--rows 1800000] [--shards N] [--preset exercise] [--root FOLDER], or `make load`;
on Flink with `--managers N`, which starts a cluster of N task managers of one slot on this machine, or `--engine flink://HOST:PORT`.

In: nothing, the comments are generated. Out: a line for every step when it ends, a table of them, and ROOT/load.jsonl, which also
has Flink's jobs as its REST API shows them.
Memory is resident memory at its peak during the step, packages and TensorFlow included, of the run's process with those it starts
(Linux only). On a cluster that `--managers` has started, beside it that of the largest task manager with its Python workers.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a file, Python looks for modules beside it alone

from tests.engines import cluster as clusters  # first: IPython, which TFX imports, brings a package `tests` of its own

# isort: split
from benchmarks import flink_phases
from benchmarks.flink_phases import Phases
from benchmarks.process_usage import Usage, UsageWatch
from fairgate.run_folder import LOGS
from pipeline import config as configuration
from pipeline import local
from pipeline.engines.choice import STALL, WORKER_DEADLINE, EngineChoice
from pipeline.engines.engaged import engaged
from pipeline.progress import StepEnd, StepLog, StepStart

PROJECT = Path(__file__).resolve().parents[1]
EVAL_SHARE = 0.05  # about the share of the public data's test split
GIB = 1 << 30
PATIENCE = 1800.0  # seconds for the first answers of workers: on a machine with other work, two minutes are not enough
RUN = "run"  # the tree of the run's own process; the others are named by the roles of a cluster
MANAGER = "taskmanager"
COLUMNS = ("step", "seconds", "processor s", "peak GiB")
ON_WORKERS = ("Java there, processor s", "Python there, processor s", "largest task manager, GiB", "Python started")
OF_JOBS = ("submission s", "scheduling s", "work s", "rest s", "stages", "exchanged MB")


@dataclass
class StepRecorder:
    """Records what each step takes.

    Attributes:
        watch: of the trees of processes.
        file: receives a line of JSON for every step.
        choice: the engine.
        rows: of the table, as text.
    """

    watch: UsageWatch
    file: Path
    choice: EngineChoice
    rows: list[tuple[str, ...]] = field(default_factory=list)
    begun: float = 0.0

    def start(self, _: StepStart) -> None:
        """Start to measure."""
        self.watch.restart()
        self.begun = time.time()

    def end(self, step: StepEnd) -> None:
        """Write and print what the step took."""
        ended, cluster = time.time(), self.choice.cluster
        used = self.watch.usage()
        jobs = flink_phases.jobs_between(cluster, self.begun, ended) if cluster and cluster.kind == "flink" else []
        found = flink_phases.phases(self.begun, ended, jobs)
        record = {
            "step": step.step,
            "cached": step.cached,
            "begun": self.begun,
            "seconds": step.seconds,
            "load": os.getloadavg()[0],
        }
        record |= {"usage": {name: asdict(each) for name, each in used.items()}, "jobs": jobs}
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
        on_cluster = (*_on_workers(used), *_of_jobs(found)) if cluster else ()
        name = f"{step.step} (from cache)" if step.cached else step.step
        row = (name, f"{step.seconds:.1f}", f"{used[RUN].processor:.1f}", f"{used[RUN].peak / GIB:.2f}", *on_cluster)
        self.rows.append(row)
        print("  ".join(row), file=sys.stderr, flush=True)

    def table(self) -> Table:
        """Return all steps as a table."""
        table = Table(*COLUMNS, *((*ON_WORKERS, *OF_JOBS) if self.choice.cluster else ()))
        for row in self.rows:
            table.add_row(*row)
        return table


def _on_workers(used: Mapping[str, Usage]) -> tuple[str, ...]:
    managers = [each for name, each in used.items() if name.startswith(MANAGER)]
    if not managers:
        return ("–",) * len(ON_WORKERS)
    java = sum(each.first for each in managers)
    python, started = sum(each.processor for each in managers) - java, sum(each.started for each in managers)
    return f"{java:.1f}", f"{python:.1f}", f"{max(each.peak for each in managers) / GIB:.2f}", str(started)


def _of_jobs(found: Phases | None) -> tuple[str, ...]:
    if found is None:
        return ("–",) * len(OF_JOBS)
    seconds = (found.submission, found.scheduling, found.work, found.rest)
    return (*(f"{each:.1f}" for each in seconds), str(found.stages), f"{found.exchanged / 1e6:.0f}")


def run(given: argparse.Namespace, choice: EngineChoice, roots: Mapping[str, int]) -> tuple[Table, str]:
    """Run the task on generated comments; return the table and the outcome as text.

    Args:
        given: the command's options.
        choice: the engine.
        roots: name of a tree of processes -> the id of its first one.
    """
    held_out = round(given.rows * EVAL_SHARE)
    sample = {"sample": True, "sample_train_rows": given.rows - held_out, "sample_eval_rows": held_out, "shards": given.shards}
    values: dict[str, Any] = {"input": sample} | ({"preset": given.preset} if given.preset else {})
    logging.getLogger(local.TFX_LOGGER).propagate = False  # StepLog gets its records; on the screen they would hide the table
    given.root.mkdir(parents=True, exist_ok=True)
    watch = UsageWatch(lambda: roots)
    recorder = StepRecorder(watch, given.root / "load.jsonl", choice)
    started = time.monotonic()
    watch.start()
    try:
        config = configuration.load("civil-comments", configuration.Overrides(values=values))
        with engaged(choice, given.root / LOGS) as beam_args:
            result = local.run(config, given.root, beam_args, StepLog(recorder.start, recorder.end), choice)
    finally:
        watch.stop()
    return recorder.table(), f"{given.rows} rows: {result.verdict.outcome} after {(time.monotonic() - started) / 60:.1f} minutes"


@contextmanager
def engine(given: argparse.Namespace) -> Iterator[tuple[EngineChoice, Mapping[str, int]]]:
    """Yield the engine, started here if `--managers` asks for that, and the trees of processes that are watched."""
    if not given.managers:
        deadline = PATIENCE if given.engine else WORKER_DEADLINE
        yield EngineChoice(address=given.engine, stall=given.stall, worker_deadline=deadline), {RUN: os.getpid()}
        return
    with clusters.flink(given.root / "cluster", given.managers) as flink:
        started = {role: process.pid for role, process in flink.processes.started.items()}
        choice = EngineChoice(address=flink.address, stall=given.stall, worker_deadline=PATIENCE)
        yield choice, {RUN: os.getpid(), **started}


def main() -> None:
    """Run the task and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_800_000)
    parser.add_argument("--root", type=Path, default=PROJECT / "runs" / "load")
    parser.add_argument("--shards", type=int, help="files of each split (default: by size)")
    parser.add_argument("--preset", help="of the configuration (default: none)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--engine", default="", help="a cluster, flink://HOST:PORT or spark://HOST:PORT (default: this process)")
    where.add_argument("--managers", type=int, default=0, help="start a Flink of so many task managers on this machine")
    parser.add_argument("--stall", type=float, default=STALL, help="minutes without progress that end a job")
    given = parser.parse_args()
    given.root = given.root.resolve()  # a cluster has other working folders
    with engine(given) as (choice, roots):
        choice.check()
        table, outcome = run(given, choice, roots)
    console = Console(width=200)
    console.print(table)
    console.print(outcome)


if __name__ == "__main__":
    main()
