"""Plays a whole backend on this machine: the API of `played_api`, and each run in the processes of `harness`, step by step.

It proves that the acceptance test accepts a backend that does what is asked of it. Schedules fire at each full minute; as in
Kubeflow Pipelines, a schedule never has two runs at a time, pausing it lets its run go on, and deleting it leaves its run listed
as running for ever. Of Kubernetes, it plays the list of pods and their deletion.
"""

import logging
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from tests.kubeflow.harness import Cluster, Outcome
from tests.kubeflow.played_api import Api

logger = logging.getLogger(__name__)

PODS = "/api/v1/namespaces/kubeflow/pods"
LEAST_SECONDS = 65  # of a scheduled run: a real one has a pod per step even where all of them come from the cache


@dataclass
class PlayedBackend(Api):
    """Runs, pipelines and schedules in memory; artifacts in `folder`/minio.

    Attributes:
        folder: of caches and containers, with the empty folder of the buckets, minio.
        runs, pipelines: by their ids, as the API answers.
    """

    folder: Path = Path()
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    pipelines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _specifications: dict[str, dict[str, Any]] = field(default_factory=dict)  # by run
    _clusters: dict[str, Cluster] = field(default_factory=dict)
    _one_run: Lock = field(default_factory=Lock)
    _making: Lock = field(default_factory=Lock)

    def content(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        """Answer what `Api` only confirms."""
        if path == "pipelines/upload":
            pipeline_id = str(uuid.uuid4())
            self.pipelines[pipeline_id] = _documents(self.uploads[-1])
            return {"pipeline_id": pipeline_id, "display_name": query["name"]}
        if path.startswith("pipelines/") and method == "GET":
            return {"pipeline_versions": [{"pipeline_version_id": "version-1", "pipeline_id": path.split("/")[1]}]}
        if path == "runs" and method == "POST":
            return self._start(body, "")
        if path == "runs":
            return {"runs": [_listed(run) for run in list(self.runs.values()) if run["experiment_id"] == query["experiment_id"]]}
        if path.endswith(":retry"):
            return self._retry(path.removeprefix("runs/").removesuffix(":retry"))
        if path.endswith(":terminate"):
            return self._terminate(path.removeprefix("runs/").removesuffix(":terminate"))
        if path.startswith("runs/") and method == "DELETE":
            del self.runs[path.removeprefix("runs/")]
            return {}
        if path.startswith("runs/"):
            return self._detailed(self.runs[path.removeprefix("runs/")])
        if path.startswith("pipelines/") and method == "DELETE":
            if "/versions/" not in path:
                del self.pipelines[path.removeprefix("pipelines/")]
            return {}
        if method == "DELETE" and not path.startswith("recurringruns/"):
            return {}
        return super().content(method, path, query, body)

    def answer(self, method: str, address: str, body: Any) -> tuple[int, Any]:
        """Answer for Kubernetes too; refuse what is not there, as a backend does."""
        url = urlsplit(address)
        if url.path.startswith(PODS):
            return 200, self._kubernetes(method, url.path.removeprefix(PODS), parse_qs(url.query))
        try:
            return super().answer(method, address, body)
        except (KeyError, ValueError):
            return 404, {"message": f"{address} not found"}

    @property
    def left(self) -> dict[str, int]:
        """How much is still listed."""
        return {"runs": len(self.runs), "schedules": len(self.recurring), "pipelines": len(self.pipelines)}

    def fire(self) -> None:
        """Start a run of each schedule that is on and has none under way."""
        for schedule in list(self.recurring):
            schedule_id = schedule["recurring_run_id"]
            going = [
                run for run in list(self.runs.values()) if run["recurring_run_id"] == schedule_id and run["state"] == "RUNNING"
            ]
            if schedule["status"] == "ENABLED" and not going:
                self._start(schedule, schedule_id)

    def _start(self, asked: Mapping[str, Any], schedule_id: str) -> dict[str, Any]:
        run = {
            "run_id": str(uuid.uuid4()),
            "display_name": asked["display_name"],
            "experiment_id": asked["experiment_id"],
            "recurring_run_id": schedule_id,
            "state": "RUNNING",
            "created_at": _now(),
        }
        self.runs[run["run_id"]] = run
        version = asked.get("pipeline_version_reference")
        specification = (
            self.pipelines[version["pipeline_id"]][0]
            if version
            else asked["pipeline_spec"].get("pipeline_spec", asked["pipeline_spec"])
        )
        self._specifications[run["run_id"]] = specification
        run["runtime_config"] = asked["runtime_config"]
        Thread(target=self._work, args=(run,), daemon=True).start()
        return dict(run)

    def _retry(self, run_id: str) -> dict[str, Any]:
        """Run what is not in the cache, under the same id."""
        self.runs[run_id]["state"] = "RUNNING"
        Thread(target=self._work, args=(self.runs[run_id],), daemon=True).start()
        return {}

    def _terminate(self, run_id: str) -> dict[str, Any]:
        """Kill what works for a run."""
        for step in self._working(self.runs[run_id]):
            self._cluster(self._specifications[run_id]).pods[step].kill()
        return {}

    def _working(self, run: Mapping[str, Any]) -> list[str]:
        """The steps of a run that are at work."""
        cluster = self._cluster(self._specifications[run["run_id"]])
        if run["state"] != "RUNNING" or cluster.run_id != run["run_id"]:
            return []
        return [step for step, pod in list(cluster.pods.items()) if pod.at_work()]

    def _detailed(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """A run with the states of its steps: those at work while it goes on, and those that have failed."""
        states = dict.fromkeys(self._working(run), "RUNNING") | dict.fromkeys(run.get("failed", ()), "FAILED")
        details = {"task_details": [{"display_name": step, "state": state} for step, state in sorted(states.items())]}
        return {**_listed(run), "run_details": details}

    def _kubernetes(self, method: str, name: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        """List the pods that work for a run, or kill one, which is named RUN.STEP."""
        if method == "DELETE":
            run_id, _, step = name.strip("/").partition(".")
            self._cluster(self._specifications[run_id]).pods[step].kill()
            return {"kind": "Status", "status": "Success"}
        run_id = query.get("labelSelector", [""])[0].partition("=")[2]
        working = self._working(self.runs[run_id]) if run_id else []
        return {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [_pod(run_id, step) for step in working]}

    def _work(self, run: dict[str, Any]) -> None:
        began = time.monotonic()
        with self._one_run:
            outcome = self._outcome(run)
        if run["recurring_run_id"]:
            time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - began)))
            if all(schedule["recurring_run_id"] != run["recurring_run_id"] for schedule in self.recurring):
                return  # deleted: the run is listed as running for ever
        run["failed"] = sorted(outcome.failed)
        run["finished_at"] = _now()
        run["state"] = "FAILED" if outcome.failed else "SUCCEEDED"

    def _outcome(self, run: Mapping[str, Any]) -> Outcome:
        """Run the steps. What goes wrong in here fails the run: nobody should wait for it."""
        specification, parameters = self._specifications[run["run_id"]], run["runtime_config"]["parameters"]
        try:
            return self._cluster(specification).run(parameters, run_id=run["run_id"])
        except Exception:
            logger.exception("The played backend could not run %s", run["run_id"])
            return Outcome(failed={"the played backend"})

    def _cluster(self, specification: dict[str, Any]) -> Cluster:
        """One for each pipeline: they share the bucket, not the cache."""
        name = specification["pipelineInfo"]["name"]
        with self._making:
            if name not in self._clusters:
                folder = self.folder / name
                folder.mkdir()
                (folder / "minio").symlink_to(self.folder / "minio")
                file = folder / "pipeline.yaml"
                file.write_text(yaml.safe_dump(specification), encoding="utf-8")
                self._clusters[name] = Cluster(folder, file, "plain")
            return self._clusters[name]


@contextmanager
def firing(backend: PlayedBackend) -> Iterator[None]:
    """Fire the backend's schedules at each full minute."""
    stopped = Event()

    def minutes() -> None:
        while not stopped.wait(60 - time.time() % 60):
            backend.fire()

    thread = Thread(target=minutes)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _listed(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run without its steps, as in a list of runs."""
    return {key: value for key, value in run.items() if key != "failed"}


def _pod(run_id: str, step: str) -> dict[str, Any]:
    """A pod as Kubernetes lists it, with a container that works."""
    state = {"running": {"startedAt": _now()}}
    container = {"name": "main", "image": "", "imageID": "", "ready": True, "restartCount": 0, "state": state}
    annotations = {"workflows.argoproj.io/node-name": f"fairgate-digits-x.root.{step}.executor"}
    return {
        "metadata": {"name": f"{run_id}.{step}", "annotations": annotations},
        "status": {"phase": "Running", "containerStatuses": [container]},
    }


def _documents(multipart: bytes) -> list[dict[str, Any]]:
    """Return the YAML documents of the one file in a multipart body."""
    content = multipart.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
    return list(yaml.safe_load_all(content))


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
