"""Faults of a cluster under a run: it ends with the numbers of a run in memory, or with exit 3 and what to do, and never hangs.

After each fault the next run with the same root goes on from the cache.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fairgate.cli.exit_codes import INPUT_ERROR
from fairgate.gate.outcome import EXIT_CODES
from tests.engines import evidence
from tests.engines.cluster import Flink, flink
from tests.engines.conftest import RunInMemory
from tests.engines.processes import children, wait_until
from tests.engines.runs import MOST, QUICK, Run, largest_difference, run, running
from tests.faults.harness import fill_up, small_disk

pytestmark = pytest.mark.engines

BOUND = 600.0  # seconds in which a run must end after a fault, whatever the fault
# Where a fault ends the run by --stall, two minutes do: a step of the samples makes progress every few seconds.
# Workers have taken 75 seconds to answer on a machine with eight times as much work as cores, near the deadline that users have.
SOON = ("--stall", "2", "--worker-deadline", "300")
# Where the run must recover, the cluster has as long as users give it.
PATIENT = ("--worker-deadline", "300")
DISK = 1400  # megabytes; a task manager keeps 150 of each job for an hour, and both runs of a test have eight jobs
TASKS = {"digits": QUICK, "toxicity": ("civil-comments", "--sample")}
VERDICTS = {"digits": EXIT_CODES["blessed"], "toxicity": EXIT_CODES["refused"]}  # the sample has a planted bias


class Strikes:
    """Finds the moment in which a run's Beam step is under way on a cluster; each Beam step is a job, or several.

    The first job of each run asks the workers, and is no step.

    Args:
        cluster: has the jobs.
        under_way: the run, just started.
    """

    def __init__(self, cluster: Flink, under_way: Run) -> None:
        self._cluster, self._run = cluster, under_way
        self._before = {job["jid"] for job in self._jobs()}

    def wait_for(self, number: int) -> str:
        """Wait until the cluster has finished a task of the run's step of this number, from 1, and works on others.

        Returns:
            where that is, for people; "" if the run ended before.
        """
        where = ""

        def reached() -> bool:
            nonlocal where
            jobs = sorted((job for job in self._jobs() if job["jid"] not in self._before), key=lambda job: job["start-time"])
            for job in jobs[number:]:
                if job["state"] == "RUNNING" and job["tasks"]["finished"] and job["tasks"]["running"]:
                    where = f"job {jobs.index(job)}, after {list(self._run.steps)[-1]}"
            return bool(where) or self._run.process.poll() is not None

        wait_until(reached, 3 * BOUND, f"job {number} of {self._cluster.address}")
        return where

    def _jobs(self) -> list[Any]:
        jobs: list[Any] = self._cluster.get("/jobs/overview")["jobs"]
        return jobs


def ended_with_advice(under_way: Run, report: list[str], what: str) -> str:
    """Wait for exit 3 with one error; return its message."""
    since = time.monotonic()
    code = under_way.end(BOUND)
    seconds = time.monotonic() - since
    report.append(f"{what}: exit {code} after {seconds:.0f} s: {under_way.message or under_way.output[-500:]}")
    assert code == INPUT_ERROR, under_way.output[-3000:]
    assert "Traceback" not in under_way.output
    return under_way.message


def finishes_from_cache(root: Path, reference: Path, cluster: Flink, report: list[str]) -> None:
    """Run the digits again: what was finished comes from the cache, and the numbers are those of the run in memory."""
    done = run(root, *QUICK, "--engine", cluster.address, *SOON)
    difference = largest_difference(root, reference)
    cached = [name for name, step in done.steps.items() if step.cached]
    report.append(f"the next run: {', '.join(cached)} from the cache; difference {difference}")
    assert cached, done.output
    assert difference.value <= MOST


@pytest.mark.parametrize("task", TASKS)
def test_task_managers_that_are_killed_and_replaced_change_nothing(
    tmp_path: Path, in_memory: RunInMemory, report: list[str], task: str
) -> None:
    """In each Beam step of one run, the one and the other by turns."""
    strikes = 0
    with (
        flink(tmp_path / "cluster") as cluster,
        running(tmp_path / "root", *TASKS[task], "--engine", cluster.address, *PATIENT) as under_way,
    ):
        strike = Strikes(cluster, under_way)
        while where := strike.wait_for(strikes + 1):
            strikes += 1
            victim = strikes % 2 + 1
            cluster.processes.kill(f"taskmanager{victim}")
            cluster.start_task_manager(victim)
            report.append(f"{task}: task manager {victim} killed in {where}, and replaced")
        code = under_way.end(BOUND)
        restarts = [job.restarts for job in evidence.jobs(cluster)]
        report.append(f"exit {code}; restarts by job: {restarts}; {under_way.message}")
        assert code == VERDICTS[task], under_way.output[-3000:]
    assert strikes >= 4
    assert sum(restarts) >= strikes
    assert largest_difference(tmp_path / "root", in_memory(*TASKS[task])).value <= MOST


@pytest.mark.parametrize("task", TASKS)
def test_task_managers_that_are_killed_for_good_end_the_run_with_advice(
    tmp_path: Path, in_memory: RunInMemory, report: list[str], task: str
) -> None:
    """In each Beam step: each run goes on from where the one before it ended, and is struck in the step after that."""
    strikes = 0
    with flink(tmp_path / "cluster") as cluster:
        while True:
            with running(tmp_path / "root", *TASKS[task], "--engine", cluster.address, *SOON) as under_way:
                where = Strikes(cluster, under_way).wait_for(2 if strikes else 1)
                if not where:
                    assert under_way.end(BOUND) == VERDICTS[task], under_way.output[-3000:]
                    break
                strikes += 1
                cluster.processes.kill("taskmanager2")
                message = ended_with_advice(under_way, report, f"{task}: task manager killed for good in {where}")
            assert "1 task managers" in message
            assert "--stall" in message
            cluster.start_task_manager(2)
            cluster.wait_for_slots(2)
    assert strikes >= 4
    assert largest_difference(tmp_path / "root", in_memory(*TASKS[task])).value <= MOST


def test_job_manager_that_is_killed_ends_the_run_with_advice(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    with flink(tmp_path / "cluster") as cluster:
        with running(tmp_path / "root", *QUICK, "--engine", cluster.address, *SOON) as under_way:
            assert Strikes(cluster, under_way).wait_for(2)
            cluster.processes.kill("jobmanager")
            message = ended_with_advice(under_way, report, "job manager killed")
        assert cluster.address in message
        cluster.start_job_manager()
        cluster.wait_for_slots(2)
        finishes_from_cache(tmp_path / "root", in_memory(*QUICK), cluster, report)


def test_job_server_that_is_killed_ends_the_run_with_advice(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    with flink(tmp_path / "cluster") as cluster:
        with running(tmp_path / "root", *QUICK, "--engine", cluster.address, *SOON) as under_way:
            assert Strikes(cluster, under_way).wait_for(2)
            (server,) = children(under_way.process.pid, "FlinkJobServerDriver")
            os.kill(server, signal.SIGKILL)
            message = ended_with_advice(under_way, report, "job server killed")
        assert "job server" in message
        finishes_from_cache(tmp_path / "root", in_memory(*QUICK), cluster, report)


def test_worker_that_is_killed_is_started_again(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    with (
        flink(tmp_path / "cluster") as cluster,
        running(tmp_path / "root", *QUICK, "--engine", cluster.address, *PATIENT) as under_way,
    ):
        assert Strikes(cluster, under_way).wait_for(2)
        killed = []

        def has_failed() -> bool:
            """Kill whatever worker there is, until that fails the job: one of the job before may still be kept."""
            for worker in cluster.processes.workers("taskmanager1"):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
            return any(job.restarts for job in evidence.jobs(cluster))

        wait_until(has_failed, BOUND, "the job that has lost its worker")
        code = under_way.end(BOUND)
        restarts = [job.restarts for job in evidence.jobs(cluster)]
        report.append(f"{len(set(killed))} workers killed: exit {code}; restarts by job: {restarts}; {under_way.message}")
        assert code == 0, under_way.output[-3000:]
    assert largest_difference(tmp_path / "root", in_memory(*QUICK)).value <= MOST


def test_job_server_that_is_not_there_is_named(tmp_path: Path, report: list[str]) -> None:
    with flink(tmp_path / "cluster", managers=1) as cluster:
        options = ("--engine", cluster.address, "--job-endpoint", "127.0.0.1:1")
        with running(tmp_path / "root", *QUICK, *options) as under_way:
            assert "127.0.0.1:1" in ended_with_advice(under_way, report, "no job server")


def test_two_runs_share_a_cluster(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    """Whichever waits for slots for too long may give up with exit 3; the other one, and the next run, end well."""
    with flink(tmp_path / "cluster") as cluster:
        options = (*QUICK, "--engine", cluster.address, "--stall", "5", *PATIENT)
        with running(tmp_path / "one", *options) as one, running(tmp_path / "two", *options) as two:
            codes = [each.end(4 * BOUND) for each in (one, two)]
        report += [f"{name}: exit {code}: {each.message}" for name, code, each in zip("12", codes, (one, two), strict=True)]
        assert 0 in codes
        assert set(codes) <= {0, INPUT_ERROR}, one.output[-2000:] + two.output[-2000:]
        for name, code in zip(("one", "two"), codes, strict=True):
            if code:
                run(tmp_path / name, *options)
            assert largest_difference(tmp_path / name, in_memory(*QUICK)).value <= MOST


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount file systems")
def test_full_disk_of_a_task_manager_ends_the_run_with_advice(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    disk = tmp_path / "cluster" / "taskmanager1.tmp"
    with small_disk(disk, DISK), flink(tmp_path / "cluster") as cluster:
        with running(tmp_path / "root", *QUICK, "--engine", cluster.address, *SOON) as under_way:
            assert Strikes(cluster, under_way).wait_for(2)
            fill_up(disk / "rest")
            message = ended_with_advice(under_way, report, "disk of a task manager full")
        assert "No space left" in message or "no space left" in message
        (disk / "rest").unlink()
        cluster.wait_for_slots(2)
        finishes_from_cache(tmp_path / "root", in_memory(*QUICK), cluster, report)
