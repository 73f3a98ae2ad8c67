"""Where the time of a step on Flink goes, by the timestamps of its jobs in the REST API.

In: when a step began and ended, and its jobs as `/jobs/ID` shows them. Out: the seconds of its phases, and what was exchanged.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engines import rest
from pipeline.engines.address import EngineCluster

_MS = 1e-3
_PATIENCE = 30.0  # seconds that a job may take to end


@dataclass(frozen=True)
class Phases:
    """The phases of a step that ran jobs; together they take as long as the step.

    Attributes:
        submission: seconds from the start of the step to that of its first job: the graph is built, translated and handed over.
        scheduling: seconds in which a job exists and no task of it has started yet.
        work: seconds from the first task's start to the last one's end, of all jobs, as far as the step waits for that. Starts
            of Python workers lie in it.
        rest: all other seconds, most of them after the last job: its end is noticed, and the results are recorded.
        stages: number of Flink's vertices.
        exchanged: bytes that stages wrote for other stages.
    """

    submission: float
    scheduling: float
    work: float
    rest: float
    stages: int
    exchanged: int


def jobs_between(cluster: EngineCluster, begun: float, ended: float) -> list[Any]:
    """Return the jobs that started between two moments, the oldest first, as `/jobs/ID` shows them when they have ended.

    Beam's job server calls a job done a little earlier than Flink does.

    Args:
        cluster: a Flink.
        begun: seconds since 1970, as of `time.time`.
        ended: likewise.

    Raises:
        RestError: the cluster does not answer.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        shown = rest.get(f"{cluster.rest}/jobs/overview")["jobs"]
        wanted = sorted((job for job in shown if begun <= job["start-time"] * _MS <= ended), key=lambda job: job["start-time"])
        if all(job["end-time"] > 0 for job in wanted) or time.monotonic() > until:
            return [rest.get(f"{cluster.rest}/jobs/{job['jid']}") for job in wanted]
        time.sleep(0.1)


def phases(begun: float, ended: float, jobs: Sequence[Mapping[str, Any]]) -> Phases | None:
    """Return the phases of a step; None of one without jobs.

    Args:
        begun: start of the step, in seconds since 1970.
        ended: its end.
        jobs: the jobs that ended well in between, the oldest first, one after the other.
    """
    if not jobs:
        return None
    submission = jobs[0]["start-time"] * _MS - begun
    scheduling = work = 0.0
    for job in jobs:
        first = min(vertex["start-time"] for vertex in job["vertices"])
        last = min(max(vertex["end-time"] for vertex in job["vertices"]), ended / _MS)
        scheduling += (first - job["start-time"]) * _MS
        work += (last - first) * _MS
    vertices = [vertex for job in jobs for vertex in job["vertices"]]
    return Phases(
        submission=submission,
        scheduling=scheduling,
        work=work,
        rest=ended - begun - submission - scheduling - work,
        stages=len(vertices),
        exchanged=sum(vertex["metrics"]["write-bytes"] for vertex in vertices),
    )
