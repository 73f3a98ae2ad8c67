"""What a cluster itself says about its jobs: who worked on them, and how often they started again."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.engines.cluster import Flink, Spark


@dataclass(frozen=True)
class JobRecord:
    """A job of a Flink cluster, as its REST API shows it; ended jobs stay for an hour.

    Attributes:
        name: as Beam has named it.
        state: RUNNING, RESTARTING, FINISHED, FAILED, …
        seconds: from submission to end.
        subtasks: task manager -> number of subtasks that ended well, or run, on it.
        restarts: how often a failure made it start again.
    """

    name: str
    state: str
    seconds: float
    subtasks: Mapping[str, int]
    restarts: int


def jobs(cluster: Flink) -> list[JobRecord]:
    """Return the jobs of a cluster, the oldest first."""
    shown = sorted(cluster.get("/jobs/overview")["jobs"], key=lambda job: job["start-time"])
    return [
        JobRecord(
            name=job["name"],
            state=job["state"],
            seconds=job["duration"] / 1000,
            subtasks=_subtasks(cluster, job["jid"]),
            restarts=_restarts(cluster, job["jid"]),
        )
        for job in shown
    ]


def _subtasks(cluster: Flink, job: str) -> dict[str, int]:
    by_manager: dict[str, int] = {}
    for vertex in cluster.get(f"/jobs/{job}")["vertices"]:
        for manager in cluster.get(f"/jobs/{job}/vertices/{vertex['id']}/taskmanagers")["taskmanagers"]:
            counts = manager["status-counts"]
            name = manager["taskmanager-id"]
            by_manager[name] = by_manager.get(name, 0) + counts["FINISHED"] + counts["RUNNING"]
    return by_manager


def _restarts(cluster: Flink, job: str) -> int:
    """Count failures by their time: all subtasks that one fault fails are one restart."""
    shown = cluster.get(f"/jobs/{job}/exceptions?maxExceptions=128")["exceptionHistory"]["entries"]
    return len({entry["timestamp"] for entry in shown})


def executors(cluster: Spark) -> dict[int, int]:
    """Return worker number -> executors that it has, or had, for all applications."""
    states = {number: cluster.get(port) for number, port in cluster.workers.items()}
    return {number: len(state["executors"]) + len(state["finishedexecutors"]) for number, state in states.items()}


def finished_applications(cluster: Spark) -> list[str]:
    """Return the names of the applications that ended, the newest first."""
    return [application["name"] for application in cluster.get(cluster.web)["completedapps"]]
