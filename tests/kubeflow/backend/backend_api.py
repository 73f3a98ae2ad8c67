"""Calls the part of Kubeflow Pipelines' API that the acceptance test needs beside the command: uploads, runs, their states."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx

from pipeline.kubeflow.client import HOST, REACH, TOKEN

V2 = "/apis/v2beta1"
ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")
POLL = 5.0  # seconds
OUTAGE = 300.0  # seconds without an answer that a wait survives, as while `kubectl port-forward` is started again
BEFORE_THE_BACKEND = (502, 503, 504)  # a gateway's answers while the server behind it starts
DONE_STATES = ("SUCCEEDED", "SKIPPED")


@dataclass(frozen=True)
class ObservedRun:
    """A run as the backend lists it.

    Attributes:
        run_id: its id.
        state: "PENDING", "RUNNING", "SUCCEEDED" and so on; "" before the backend knows one.
        schedule_id: the schedule that started it; "" if none did.
        created: when the backend made it.
        finished: when it ended; None while it goes on.
        steps: the state of each task that the backend lists for it; empty where it lists none.
    """

    run_id: str
    state: str
    schedule_id: str
    created: datetime
    finished: datetime | None
    steps: Mapping[str, str] = field(default_factory=dict)

    def describe(self) -> str:
        """Return a line as in "run 5c1e is RUNNING; steps: 3 SUCCEEDED, 1 RUNNING (StatisticsGen)"."""
        text = f"run {self.run_id} is {self.state or 'not yet known'}"
        counts = Counter(self.steps.values())
        parts = []
        for state, number in sorted(counts.items()):
            named = ", ".join(sorted(name for name, its in self.steps.items() if its == state))
            parts.append(f"{number} {state}" if state in DONE_STATES else f"{number} {state} ({named})")
        return f"{text}; steps: {', '.join(parts)}" if parts else text


class BackendError(Exception):
    """The backend refused a request, or a run did not end in time; the message says which."""


class NoAnswerError(BackendError):
    """Nothing answered at the address, or something before the backend failed: it may answer later."""


@dataclass(frozen=True)
class Clock:
    """How to wait, and the seconds since some moment."""

    sleep: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic


class BackendApi:
    """Calls one backend."""

    def __init__(
        self, endpoint: str, namespace: str, clock: Clock | None = None, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """Take the address, the user's namespace ("" for none), a clock, and what shows a line of progress."""
        token = os.environ.get(TOKEN)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=endpoint.rstrip("/"), headers=headers, timeout=60)
        self._namespace = namespace
        self._clock = clock or Clock()
        self._say = say
        self._last_seen = ""  # of the runs that a wait looks at

    def check(self) -> None:
        """Raise BackendError if this is no Kubeflow Pipelines that answers."""
        self._call("GET", "/healthz")

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
        found = _observed(self._call("GET", f"/runs/{run_id}"))
        self._note(found.describe())
        return found

    def runs_of(self, schedule_id: str, experiment: str) -> list[ObservedRun]:
        """Return the runs that a schedule has started, oldest first."""
        found = [run for run in self.runs(experiment) if run.schedule_id == schedule_id]
        self._note("; ".join(run.describe() for run in found) or f"schedule {schedule_id} has started no run")
        return found

    def runs(self, experiment: str) -> list[ObservedRun]:
        """Return the runs of an experiment, oldest first."""
        return sorted(map(_observed, self._listed("/runs", "runs", experiment)), key=lambda run: run.created)

    def schedules(self, experiment: str) -> list[str]:
        """Return the ids of an experiment's schedules."""
        listed = self._listed("/recurringruns", "recurringRuns", experiment)
        return [str(one["recurring_run_id"]) for one in listed if one.get("experiment_id") == experiment]

    def wait(self, run_id: str, minutes: float) -> ObservedRun:
        """Return a run once it has ended. Raises BackendError if that takes longer than `minutes`."""
        return self.until(lambda: _ended(self.run(run_id)), minutes, f"run {run_id} has not ended")

    def until(self, seen: Callable[[], ObservedRun | None], minutes: float, otherwise: str) -> ObservedRun:
        """Return what `seen` returns first.

        Raises:
            BackendError: with the words of `otherwise` and what was last seen, after `minutes`, or after OUTAGE seconds without
                an answer.
        """
        began = answered = self._clock.seconds()
        self._last_seen = ""
        while True:
            try:
                found = seen()
                answered = self._clock.seconds()
            except NoAnswerError as error:
                found = None
                self._note(str(error))
                if self._clock.seconds() - answered > OUTAGE:
                    raise BackendError(f"{otherwise} when the backend fell silent for {OUTAGE / 60:g} minutes: {error}") from None
            if found:
                return found
            if self._clock.seconds() - began >= minutes * 60:
                raise BackendError(f"{otherwise} within {minutes:g} minutes; last seen: {self._last_seen or 'nothing'}.")
            self._clock.sleep(POLL)

    def retry(self, run_id: str) -> None:
        """Run the steps of a failed run again that have not succeeded."""
        self._call("POST", f"/runs/{run_id}:retry")

    def end(self, run_id: str) -> None:
        """Stop a run that is under way."""
        self._call("POST", f"/runs/{run_id}:terminate")

    def delete(self, path: str) -> None:
        """Delete what a path names, as in "/experiments/ID"."""
        self._call("DELETE", path)

    def _listed(self, path: str, key: str, experiment: str) -> list[dict[str, Any]]:
        """Return what is listed for an experiment, from all pages."""
        listed: list[dict[str, Any]] = []
        page = ""
        while True:
            answer = self._call("GET", path, params={"experiment_id": experiment, "page_size": "100", "page_token": page})
            listed += answer.get(key, ())
            page = answer.get("next_page_token", "")
            if not page:
                return listed

    def _note(self, seen: str) -> None:
        """Keep what was seen, and show it where it is new."""
        if seen != self._last_seen:
            self._last_seen = seen
            self._say(seen)

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        address = f"{str(self._client.base_url).rstrip('/')}{V2}{path}"
        try:
            answer = self._client.request(method, V2 + path, **more)
        except httpx.HTTPError as error:
            raise NoAnswerError(f"{method} {address} got no answer ({type(error).__name__}: {error}). {REACH}") from None
        kind = NoAnswerError if answer.status_code in BEFORE_THE_BACKEND else BackendError
        if not answer.is_success:
            where = f"; it points to {answer.headers['Location']}" if "Location" in answer.headers else ""
            raise kind(f"{method} {address} answered {answer.status_code}: {answer.text[:500]}{where}")
        try:
            return dict(answer.json())
        except ValueError:
            raise BackendError(
                f"{method} {address} answered what is no JSON ({answer.text[:80]!r}): {HOST} must be the address of Kubeflow "
                f"Pipelines, and {TOKEN} hold a bearer token where a login is required."
            ) from None


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
        steps={
            task["display_name"]: task["state"]
            for task in run.get("run_details", {}).get("task_details", ())
            if task.get("display_name") and task.get("state")
        },
    )


def _moment(text: str | None) -> datetime | None:
    """Return the moment of an RFC 3339 text; None for none and for 1970, which the server sends for a run that goes on."""
    if not text:
        return None
    found = datetime.fromisoformat(text.partition(".")[0].removesuffix("Z") + "+00:00")
    return found if found.year > 1970 else None
