"""The digits' whole graph, conversion included, on real clusters: the numbers of a run in memory, by the work of all workers."""

from pathlib import Path

import pytest

from tests.engines import evidence
from tests.engines.cluster import flink, spark
from tests.engines.conftest import RunInMemory
from tests.engines.runs import MOST, Run, largest_difference, run

pytestmark = pytest.mark.engines

BEAM_STEPS = ("StatisticsGen", "Transform", "Evaluator", "EvaluatorTrain")


def times(done: Run) -> str:
    return ", ".join(f"{step} {time.seconds:.0f} s" for step, time in done.steps.items() if step in ("Prepare", *BEAM_STEPS))


def test_flink_computes_the_same_numbers(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    with flink(tmp_path / "cluster") as cluster:
        done = run(tmp_path / "root", "digits", "--engine", cluster.address)
        difference = largest_difference(tmp_path / "root", in_memory("digits"))
        jobs = evidence.jobs(cluster)
    report += [f"{times(done)}; difference {difference}", *map(str, jobs)]
    assert difference.value <= MOST
    assert len(jobs) >= len(BEAM_STEPS)
    assert {job.state for job in jobs} == {"FINISHED"}
    assert all(set(job.subtasks) == {"taskmanager1", "taskmanager2"} for job in jobs), jobs
    assert all(min(job.subtasks.values()) > 0 for job in jobs), jobs
    assert cluster.processes.left() == []


def test_spark_computes_the_same_numbers(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    with spark(tmp_path / "cluster") as cluster:
        done = run(tmp_path / "root", "digits", "--engine", cluster.address)
        difference = largest_difference(tmp_path / "root", in_memory("digits"))
        executors, applications = evidence.executors(cluster), evidence.finished_applications(cluster)
    report += [f"{times(done)}; difference {difference}", f"{len(applications)} applications, executors by worker: {executors}"]
    assert difference.value <= MOST
    assert applications
    assert all(count >= 1 for count in executors.values()), executors
    assert cluster.processes.left() == []
