"""Plays a cluster on this machine: runs the containers of a compiled specification one by one, each as a process of its own.

`Cluster.run` does what Kubeflow's driver and launcher do around each container: it resolves parameters and artifacts, looks into
the cache, copies the inputs from the bucket, writes the executor input into the container's own command line, runs that, reads
the executor output and copies the outputs back. Only files are copied, as an object store knows no empty folders. A step that
fails leaves out what depends on it.

Two dialects: PLAIN is Kubeflow Pipelines v2 with MinIO, VERTEX is Vertex AI. What they differ in is in `_driven` and `_input`.
"""

import hashlib
import itertools
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from pipeline.kubeflow.entry import FOLDERS, MOUNTS

Dialect = Literal["plain", "vertex"]
Json = dict[str, Any]

SCHEMES: Mapping[Dialect, str] = {"plain": "minio", "vertex": "gs"}
BUCKET = "bucket"
WORKERS = 2
STARTED = b"Starting executor"  # TFX's entry point logs it
SECONDS = 1800
LOG_SHOWN = 3000  # characters of a failed container's log, from its end

logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of the tasks of one run.

    Attributes:
        ran, cached, failed, skipped: names of tasks.
        artifacts: (task, output) -> the artifact, as the next task's driver knows it.
    """

    ran: set[str] = field(default_factory=set)
    cached: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    artifacts: dict[tuple[str, str], Json] = field(default_factory=dict)


class Cluster:
    """A bucket, a cache and a dialect; they outlive a run, as a cluster does."""

    def __init__(self, folder: Path, specification: Path, dialect: Dialect) -> None:
        """Reads the specification; `folder` will hold the bucket, the cache, and a folder per container with its log."""
        self._folder = folder
        self._spec: Json = next(yaml.safe_load_all(specification.read_text(encoding="utf-8")))
        self._dialect = dialect
        self.pods: dict[str, _Pod] = {}  # of the run under way, by task
        self._runs = 0
        self.run_id = ""  # of the run under way; in the URIs of its artifacts
        self._ids = itertools.count(1)  # of artifacts in the metadata store
        (folder / "cache").mkdir(parents=True, exist_ok=True)

    def run(self, parameters: Mapping[str, str], kill: Collection[str] = (), run_id: str = "") -> Outcome:
        """Runs every task that can be run; `kill` names those whose container is killed as soon as it is at work."""
        self._runs += 1
        self.run_id = run_id or str(self._runs)
        self.pods.clear()
        outcome = Outcome()
        tasks: dict[str, Json] = self._spec["root"]["dag"]["tasks"]
        waiting = set(tasks)
        running: dict[Future[Json | None], str] = {}
        with ThreadPoolExecutor(WORKERS) as pool:
            while waiting or running:
                for name in [name for name in sorted(waiting) if not _needed(tasks[name]) - _settled(outcome)]:
                    waiting.remove(name)
                    if _needed(tasks[name]) & (outcome.failed | outcome.skipped):
                        outcome.skipped.add(name)
                    else:
                        running[pool.submit(self._run_task, name, parameters, outcome, name in kill)] = name
                for done in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                    _record(outcome, running.pop(done), done)
        return outcome

    def file(self, uri: str) -> Path:
        """The file or folder of the bucket at a URI."""
        return self._folder / uri.replace("://", "/")

    def _run_task(self, name: str, parameters: Mapping[str, str], outcome: Outcome, kill: bool) -> Json | None:
        """The output artifacts, and whether they are `cached`; None when the container failed."""
        component = self._spec["components"][self._spec["root"]["dag"]["tasks"][name]["componentRef"]["name"]]
        container = self._spec["deploymentSpec"]["executors"][component["executorLabel"]]["container"]
        pod = self.pods[name] = _Pod(self._folder / "pods" / f"{self._runs}-{name}", self._folder)
        asked = self._input(name, component, parameters, outcome, pod)
        driven = self._driven(container, asked, pod)
        if driven is None:
            return None
        known = self._folder / "cache" / f"{_fingerprint(asked, driven, container)}.json"
        if known.exists():
            return {"cached": True, **json.loads(known.read_text())}
        for listed in asked["inputs"]["artifacts"].values():
            pod.download(listed["artifacts"][0]["uri"])
        if not pod.execute(container["command"] + container.get("args", []), asked, kill):
            return None
        output = pod.output()
        artifacts = {}
        for key, listed in asked["outputs"]["artifacts"].items():
            (artifact,) = listed["artifacts"]
            (given,) = output.get("artifacts", {}).get(key, {}).get("artifacts", [{}])
            pod.upload(artifact["uri"])
            metadata = {**artifact.get("metadata", {}), **given.get("metadata", {})}
            artifacts[key] = {"name": str(next(self._ids)), **artifact, **given, "metadata": metadata}
        known.write_text(json.dumps({"artifacts": artifacts}))
        return {"cached": False, "artifacts": artifacts}

    def _driven(self, container: Json, asked: Json, pod: "_Pod") -> Json | None:
        """The output of the driver that Vertex AI calls before it asks its cache, merged into the input; None when it failed."""
        hook = container.get("lifecycle", {}).get("preCacheCheck")
        if self._dialect == "plain" or not hook:
            return {}
        if not pod.execute(hook["command"] + hook["args"], asked):
            return None
        driven = pod.output()
        for key, listed in driven.get("artifacts", {}).items():
            asked["outputs"]["artifacts"][key]["artifacts"][0]["metadata"] = listed["artifacts"][0]["metadata"]
        return driven

    def _input(self, name: str, component: Json, parameters: Mapping[str, str], outcome: Outcome, pod: "_Pod") -> Json:
        """The executor input."""
        task = self._spec["root"]["dag"]["tasks"][name]
        inputs: Json = {"artifacts": {}, "parameterValues": {}}
        for key, source in task.get("inputs", {}).get("artifacts", {}).items():
            produced = source["taskOutputArtifact"]
            artifact = dict(outcome.artifacts[produced["producerTask"], produced["outputArtifactKey"]])
            if self._dialect == "plain":
                del artifact["type"]  # its driver reads inputs from the metadata store and leaves the type out
            inputs["artifacts"][key] = {"artifacts": [artifact]}
        for key, source in task.get("inputs", {}).get("parameters", {}).items():
            inputs["parameterValues"][key] = self._value(source, parameters)
        return {"inputs": inputs, "outputs": self._outputs(name, component, pod)}

    def _outputs(self, name: str, component: Json, pod: "_Pod") -> Json:
        artifacts: Json = {}
        for key, defined in component.get("outputDefinitions", {}).get("artifacts", {}).items():
            uri = f"{SCHEMES[self._dialect]}://{BUCKET}/{self._spec['pipelineInfo']['name']}/{self.run_id}/{name}/{key}"
            artifact: Json = {"uri": uri, "type": defined["artifactType"], "metadata": {}}
            if self._dialect == "vertex":
                artifact["name"] = f"projects/1/locations/here/metadataStores/default/artifacts/{self._runs}-{name}-{key}"
            artifacts[key] = {"artifacts": [artifact]}
        return {"artifacts": artifacts, "outputFile": str(pod.output_file)}

    def _value(self, source: Json, parameters: Mapping[str, str]) -> Any:
        if "runtimeValue" in source:
            return source["runtimeValue"]["constant"]
        name = source["componentInputParameter"]
        defined = self._spec["root"]["inputDefinitions"]["parameters"][name]
        return parameters[name] if name in parameters else defined["defaultValue"]


class _Pod:
    """The part of a container that its process sees: an own folder of mounted artifacts, a log, the executor output."""

    def __init__(self, folder: Path, bucket: Path) -> None:
        self._folder, self._bucket = folder, bucket
        self.output_file = folder / "outputs" / "output_metadata.json"
        self.process: subprocess.Popen[bytes] | None = None  # of the container, once it was started
        folder.mkdir(parents=True)

    def execute(self, command: list[str], asked: Json, kill: bool = False) -> bool:
        """Runs the command; true when it ended well."""
        for listed in asked["outputs"]["artifacts"].values():
            self._mounted(listed["artifacts"][0]["uri"]).parent.mkdir(parents=True, exist_ok=True)
        self.output_file.parent.mkdir(exist_ok=True)
        command = [word.replace("{{$}}", json.dumps(asked)) for word in command]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, MOUNTS: str(self._folder / "mounts"), "TF_CPP_MIN_LOG_LEVEL": "2"}
        log = self._folder / "log.txt"
        with (
            log.open("ab") as handle,
            subprocess.Popen(
                command, cwd=self._folder, env=environment, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle
            ) as process,
        ):
            self.process = process
            if kill:
                _wait_for(STARTED, log, process)
                process.kill()
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:  # leaving the block would wait for it without an end
                logger.warning("%s has not ended within %d seconds and is killed", self._folder.name, SECONDS)
                process.kill()
                code = process.wait()
        if code:
            logger.warning("%s ended with %d:\n%s", self._folder.name, code, log.read_text(errors="replace")[-LOG_SHOWN:])
        return code == 0

    def kill(self) -> None:
        """Kill its process, if there is one."""
        if self.process:
            self.process.kill()

    def at_work(self) -> bool:
        """Whether the executor has begun and not ended."""
        running = self.process is not None and self.process.poll() is None
        return running and STARTED in (self._folder / "log.txt").read_bytes()

    def output(self) -> Json:
        """The executor output; empty where there is none."""
        found: Json = json.loads(self.output_file.read_text()) if self.output_file.exists() else {}
        return found

    def download(self, uri: str) -> None:
        """Puts an artifact of the bucket where the container looks for it."""
        target = self._mounted(uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() and (source := self._bucket / uri.replace("://", "/")).exists():
            target.symlink_to(source)

    def upload(self, uri: str) -> None:
        """Copies the files of an output to the bucket."""
        source, target = self._mounted(uri), self._bucket / uri.replace("://", "/")
        for file in [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)

    def _mounted(self, uri: str) -> Path:
        scheme, _, rest = uri.partition("://")
        return self._folder / "mounts" / FOLDERS[scheme] / rest


def _needed(task: Json) -> set[str]:
    sources = task.get("inputs", {}).get("artifacts", {}).values()
    return {source["taskOutputArtifact"]["producerTask"] for source in sources} | set(task.get("dependentTasks", ()))


def _settled(outcome: Outcome) -> set[str]:
    return outcome.ran | outcome.cached | outcome.failed | outcome.skipped


def _record(outcome: Outcome, name: str, done: Future[Json | None]) -> None:
    result = done.result()
    if result is None:
        outcome.failed.add(name)
        return
    (outcome.cached if result["cached"] else outcome.ran).add(name)
    outcome.artifacts |= {(name, key): artifact for key, artifact in result["artifacts"].items()}


def _fingerprint(asked: Json, driven: Json, container: Json) -> str:
    """What a cached result depends on: names of input artifacts, parameters, types of outputs, image and command."""
    inputs = {key: [artifact["name"] for artifact in listed["artifacts"]] for key, listed in asked["inputs"]["artifacts"].items()}
    outputs = {key: listed["artifacts"][0]["type"] for key, listed in asked["outputs"]["artifacts"].items()}
    values = {**asked["inputs"]["parameterValues"], **driven.get("parameterValues", {})}
    command = [container["image"], *container["command"], *container.get("args", [])]
    return hashlib.sha256(json.dumps([inputs, values, outputs, command], sort_keys=True).encode()).hexdigest()


def _wait_for(text: bytes, log: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in _ticks():
        if text in log.read_bytes() or process.poll() is not None:
            return


def _ticks() -> Iterator[None]:
    for _ in range(SECONDS * 10):
        yield
        time.sleep(0.1)
