"""What a Flink cluster says of itself and of a job, by its REST API. Imports nothing heavy."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairgate.errors import InputError
from pipeline.engines import rest
from pipeline.engines.address import EngineCluster
from pipeline.engines.rest import RestError
from pipeline.engines.stall import JobState

_RECORDS = ("read-records", "write-records")
_LONGEST = 300  # characters of a cause that are shown
_CAUSED = "Caused by: "  # before each cause in a trace of Java; the last one is the root
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FlinkOverview:
    """The resources of a cluster.

    Attributes:
        version: of Flink.
        managers: task managers that are registered.
        slots: slots of all of them.
        free: slots without work.
    """

    version: str
    managers: int
    slots: int
    free: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.managers} task managers, {self.slots} slots, {self.free} of them free"


def overview(cluster: EngineCluster) -> FlinkOverview:
    """Return the resources of a cluster.

    Raises:
        InputError: it does not answer, or is no Flink.
    """
    try:
        found = rest.get(f"{cluster.rest}/overview")
        return FlinkOverview(
            found["flink-version"], int(found["taskmanagers"]), int(found["slots-total"]), int(found["slots-available"])
        )
    except (RestError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{cluster}: no Flink answers at {cluster.rest}/overview ({error}); start the cluster, or name the host and "
            "the REST port of its job manager: --engine flink://HOST:8081"
        ) from None


def job_state(cluster: EngineCluster, name: str) -> JobState | None:
    """Return the state of the newest unfinished job whose name begins so; None where Flink knows none.

    Raises:
        RestError: the cluster does not answer.
    """
    jobs = _unfinished(cluster, name)
    if not jobs:
        return None
    job = max(jobs, key=lambda each: each["start-time"])
    vertices = rest.get(f"{cluster.rest}/jobs/{job['jid']}")["vertices"]
    records = sum(int(vertex["metrics"].get(key) or 0) for vertex in vertices for key in _RECORDS)
    words = f"Flink's job {job['jid']} {_state(job)}{_cause(cluster, job['jid'])}"
    return JobState((int(job["tasks"]["finished"]), records), words)


def cancel(cluster: EngineCluster, name: str) -> None:
    """Cancel all unfinished jobs whose name begins so, as far as the cluster answers."""
    try:
        for job in _unfinished(cluster, name):
            rest.patch(f"{cluster.rest}/jobs/{job['jid']}?mode=cancel")
    except RestError as error:
        logger.warning("%s does not cancel: %s", cluster, error)


def _unfinished(cluster: EngineCluster, name: str) -> list[Any]:
    jobs = rest.get(f"{cluster.rest}/jobs/overview")["jobs"]
    return [job for job in jobs if job["name"].startswith(name) and job["end-time"] < 0]


def _state(job: Mapping[str, Any]) -> str:
    tasks = job["tasks"]
    counts = ", ".join(f"{tasks[state]} {state}" for state in sorted(tasks) if state != "total" and tasks[state])
    return f"is {job['state']}: of {tasks['total']} tasks {counts}"


def _cause(cluster: EngineCluster, job: str) -> str:
    """Return the newest failure that a job was restarted after, and what has caused it, as the end of a sentence."""
    entries = rest.get(f"{cluster.rest}/jobs/{job}/exceptions?maxExceptions=1").get("exceptionHistory", {}).get("entries", ())
    if not entries:
        return ""
    first, *trace = str(entries[0].get("stacktrace") or entries[0].get("exceptionName")).splitlines()
    root = next((line.strip() for line in reversed(trace) if line.strip().startswith(_CAUSED)), "")
    caused = f", caused by {root.removeprefix(_CAUSED)[:_LONGEST]}" if root else ""
    return f"; the last failure that it was restarted after is: {first[:_LONGEST]}{caused}"
