"""Calls the part of Kubeflow Pipelines' API that the acceptance test needs beside the command: uploads, runs, their states."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx

from pipeline.kubeflow.client import TOKEN

V2 = "/apis/v2beta1"
ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")
POLL = 5.0  # seconds


@dataclass(frozen=True)
class ObservedRun:
    """A run as the backend lists it.

    Attributes:
        run_id: its id.
        state: "PENDING", "RUNNING", "SUCCEEDED" and so on; "" before the backend knows one.
        schedule_id: the schedule that started it; "" if none did.
        created: when the backend made it.
        finished: when it ended; None while it goes on.
    """

    run_id: str
    state: str
    schedule_id: str
    created: datetime
    finished: datetime | None


class BackendError(Exception):
    """The backend refused a request, or a run did not end in time; the message says which."""


class BackendApi:
    """Calls one backend."""

    def __init__(self, endpoint: str, namespace: str, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the address, the user's namespace ("" for none), and how to wait."""
        token = os.environ.get(TOKEN)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=endpoint.rstrip("/"), headers=headers, timeout=60)
        self._namespace = namespace
        self._sleep = sleep

    def experiment(self, name: str) -> str:
        """Create an experiment and return its id."""
        body = {"display_name": name, **({"namespace": self._namespace} if self._namespace else {})}
        return str(self._call("POST", "/experiments", json=body)["experiment_id"])

    def upload(self, name: str, package: Path) -> tuple[str, str]:
        """Upload a compiled pipeline; return the ids of the pipeline and of its version."""
        query = {"name": name, **({"namespace": self._namespace} if self._namespace else {})}
        with package.open("rb") as file:
            made = self._call("POST", "/pipelines/upload", params=query, files={"uploadfile": (package.name, file)})
        versions = self._call("GET", f"/pipelines/{made['pipeline_id']}/versions")["pipeline_versions"]
        return str(made["pipeline_id"]), str(versions[0]["pipeline_version_id"])

    def start(self, uploaded: tuple[str, str], name: str, experiment: str, parameters: Mapping[str, str]) -> str:
        """Start a run of an uploaded pipeline and return its id."""
        version = {"pipeline_id": uploaded[0], "pipeline_version_id": uploaded[1]}
        body = {
            "display_name": name,
            "experiment_id": experiment,
            "pipeline_version_reference": version,
            "runtime_config": {"parameters": dict(parameters)},
        }
        return str(self._call("POST", "/runs", json=body)["run_id"])

    def run(self, run_id: str) -> ObservedRun:
        """Return a run as it is now."""
        return _observed(self._call("GET", f"/runs/{run_id}"))

    def runs_of(self, schedule_id: str, experiment: str) -> list[ObservedRun]:
        """Return the runs that a schedule has started, oldest first."""
        listed: list[ObservedRun] = []
        page = ""
        while True:
            query = {"experiment_id": experiment, "page_size": "100", "page_token": page}
            answer = self._call("GET", "/runs", params=query)
            listed += map(_observed, answer.get("runs", ()))
            page = answer.get("next_page_token", "")
            if not page:
                return sorted((run for run in listed if run.schedule_id == schedule_id), key=lambda run: run.created)

    def wait(self, run_id: str, minutes: float) -> ObservedRun:
        """Return a run once it has ended. Raises BackendError if that takes longer than `minutes`."""
        return self.until(lambda: _ended(self.run(run_id)), minutes, f"run {run_id} has not ended")

    def until(self, seen: Callable[[], ObservedRun | None], minutes: float, otherwise: str) -> ObservedRun:
        """Return what `seen` returns first. Raises BackendError, with the words of `otherwise`, after `minutes`."""
        for _ in range(max(1, round(minutes * 60 / POLL))):
            found = seen()
            if found:
                return found
            self._sleep(POLL)
        raise BackendError(f"{otherwise} within {minutes:g} minutes.")

    def retry(self, run_id: str) -> None:
        """Run the steps of a failed run again that have not succeeded."""
        self._call("POST", f"/runs/{run_id}:retry")

    def forget(self, method: str, path: str) -> None:
        """Send a request of the clean-up, whatever it answers: what it names may be gone."""
        self._client.request(method, V2 + path)

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = self._client.request(method, V2 + path, **more)
        if answer.is_error:
            raise BackendError(f"{method} {answer.url} answered {answer.status_code}: {answer.text[:500]}")
        return dict(answer.json())


def most_at_once(runs: list[ObservedRun], now: datetime) -> int:
    """Return the largest number of runs that were under way at the same moment; those without an end go on until `now`."""
    events = [(run.created, 1) for run in runs] + [(run.finished or now, -1) for run in runs]
    most = current = 0
    for _, change in sorted(events):  # at the same moment, one ends before another begins
        current += change
        most = max(most, current)
    return most


def minutes_passed(run: ObservedRun, now: datetime) -> int:
    """Return how many full minutes of the clock began while the run was under way: the times when a second could have started."""
    return int((run.finished or now).timestamp() // 60) - int(run.created.timestamp() // 60)


def _ended(run: ObservedRun) -> ObservedRun | None:
    return run if run.state in ENDED else None


def _observed(run: Mapping[str, Any]) -> ObservedRun:
    finished = _moment(run.get("finished_at"))
    return ObservedRun(
        run_id=run["run_id"],
        state=run.get("state", ""),
        schedule_id=run.get("recurring_run_id", ""),
        created=_moment(run["created_at"]) or datetime.now(timezone.utc),
        finished=finished,
    )


def _moment(text: str | None) -> datetime | None:
    """Return the moment of an RFC 3339 text; None for none and for 1970, which the server sends for a run that goes on."""
    if not text:
        return None
    found = datetime.fromisoformat(text.partition(".")[0].removesuffix("Z") + "+00:00")
    return found if found.year > 1970 else None
