"""`python -m tests.engines.table [TASK …]`: each engine's time per step, beside a run in memory; writes docs/engines-measured.md.

In: Java, Maven, and a machine that is not busy with anything else. Out: the table in Markdown, on the terminal and in the file.
Ends with 1 where an engine's numbers differ by more than 1e-9, or a worker of a cluster has done nothing.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.engines import evidence
from tests.engines.cluster import PROJECT, Flink, Spark, flink, spark
from tests.engines.runs import MOST, QUICK, Difference, Run, largest_difference, run

Started = TypeVar("Started", Flink, Spark)
WRITTEN = PROJECT / "docs" / "engines-measured.md"
TASKS = {"digits": ("digits",), "civil-comments --sample": ("civil-comments", "--sample")}
HEAD = """# Engines, measured

Written by `make engines`; not edited by hand.
Two workers of one core each, on the machine of the run itself; {cores} cores, {system}, Python {python}.
Seconds of a step include the start of its job and its workers. What each engine is, and the faults that were tried: `engines.md`.
"""


@dataclass(frozen=True)
class EngineResult:
    """A task's run on one engine.

    Attributes:
        engine: its name.
        run: the steps and their times.
        difference: largest difference of any number in metrics.parquet to the run in memory.
        work: what the cluster's REST API says of the workers' shares.
        even: whether every worker has worked.
    """

    engine: str
    run: Run
    difference: Difference
    work: str
    even: bool


def on_flink(cluster: Flink) -> tuple[str, bool]:
    """Return the subtasks of each task manager in words, and whether each worked on each job."""
    jobs = evidence.jobs(cluster)
    managers = sorted({manager for job in jobs for manager in job.subtasks})
    shares = [f"{manager} {sum(job.subtasks.get(manager, 0) for job in jobs)}" for manager in managers]
    even = len(managers) > 1 and all(job.subtasks.get(manager, 0) for job in jobs for manager in managers)
    restarts = sum(job.restarts for job in jobs)
    return f"{len(jobs)} jobs, subtasks: {', '.join(shares)}; {restarts} restarts", even


def on_spark(cluster: Spark) -> tuple[str, bool]:
    """Return the executors of each worker in words, and whether each had some."""
    counts = evidence.executors(cluster)
    shares = ", ".join(f"worker{number} {count}" for number, count in counts.items())
    return f"{len(evidence.finished_applications(cluster))} applications, executors: {shares}", all(counts.values())


def results(task: str, folder: Path) -> Iterator[EngineResult]:
    """Run a task in memory and on each engine."""
    arguments, memory = TASKS[task], folder / "memory"
    yield EngineResult("memory", run(memory, *arguments), Difference(0.0, ""), "one process", even=True)
    yield _on("Flink 1.19", folder / "flink", arguments, flink, on_flink)
    yield _on("Spark 3.5.1", folder / "spark", arguments, spark, on_spark)


def _on(
    engine: str,
    folder: Path,
    arguments: Sequence[str],
    started: Callable[[Path], AbstractContextManager[Started]],
    shares: Callable[[Started], tuple[str, bool]],
) -> EngineResult:
    with started(folder / "cluster") as cluster:
        done = run(folder / "root", *arguments, "--engine", cluster.address)
        work, even = shares(cluster)
    return EngineResult(engine, done, largest_difference(folder / "root", folder.parent / "memory"), work, even)


def table(task: str, found: Sequence[EngineResult]) -> str:
    """Return a task's table in Markdown: a row per step, a column per engine."""
    lines = [f"## {task}", ""]
    lines += ["| step | rows |" + "".join(f" {each.engine}, s |" for each in found), "|---|---|" + "---|" * len(found)]
    for step, seen in max((each.run.steps for each in found), key=len).items():  # memory has no workers to ask
        times = (each.run.steps.get(step) for each in found)
        cells = (f"{time.seconds:.1f}" if time else "" for time in times)
        lines.append(f"| {step} | {seen.rows or ''} | " + " | ".join(cells) + " |")
    sums = (f"**{sum(step.seconds for step in each.run.steps.values()):.0f}**" for each in found)
    lines += ["| **all** | | " + " | ".join(sums) + " |", ""]
    lines += [f"* {each.engine}: largest difference to memory {each.difference}; {each.work}." for each in found[1:]]
    return "\n".join(lines)


def faults(found: Mapping[str, Sequence[EngineResult]]) -> list[str]:
    """Return what is wrong, a line each."""
    named = [(task, each) for task, engines in found.items() for each in engines]
    different = [
        f"{task} on {each.engine}: differs by {each.difference}" for task, each in named if not each.difference.value <= MOST
    ]
    return different + [f"{task} on {each.engine}: a worker had no work: {each.work}" for task, each in named if not each.even]


def main(tasks: Sequence[str]) -> int:
    """Measure, print and write the tables; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="fairgate-engines-") as folder:
        run(Path(folder) / "first", *QUICK)  # so that memory, which begins, does not pay for what the disk has not read yet
        found = {task: list(results(task, Path(folder) / str(number))) for number, task in enumerate(tasks or TASKS)}
        tables = [
            table(task, engines) + "\n" for task, engines in found.items()
        ]  # from the logs, which are removed with the folder
    head = HEAD.format(cores=os.cpu_count(), system=platform.system(), python=platform.python_version())
    text = "\n".join([head, *tables])
    print(text)
    wrong = faults(found)
    print(*wrong, sep="\n", file=sys.stderr)
    if not wrong and not tasks:
        WRITTEN.write_text(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
