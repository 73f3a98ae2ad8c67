"""Accepts an installation of Kubeflow Pipelines: `make test-kubeflow-backend`; kubeflow/README.md describes the variables.

Everything that a user does is done by the command (`fairgate run`, `kubeflow compile`, `submit`, `schedule`, `schedules …`); what
became of it is read from the backend's API, the object store and the volume. Tests share runs, as fixtures; each test compares.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.tasks import pipeline_name
from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import BackendApi, BackendError, ObservedRun, minutes_passed, most_at_once
from tests.kubeflow.backend.backend_settings import ENDPOINT, PREFIX, BackendSettings, SettingsError, read_settings
from tests.kubeflow.backend.compared import differences, rows
from tests.kubeflow.backend.step_pods import StepPods

NOT_NAMED = f"{ENDPOINT} is not set: export the address of Kubeflow Pipelines to accept its installation (kubeflow/README.md)"
pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.skipif(not os.environ.get(ENDPOINT), reason=NOT_NAMED)]

COMMENTS, DIGITS = "civil-comments", "digits"
FIXTURES = {COMMENTS: "comments", DIGITS: "digits"}  # of each task, and first_… of its first run
OPTIONS = {COMMENTS: ("--set", "input.sample=true"), DIGITS: ()}
BLESSES = {"rules": [{"id": "useful", "kind": "beats_trivial", "metric": "auc"}]}
REFUSES = {"rules": [{"id": "perfect", "kind": "quality", "metric": "accuracy", "min": 0.999999}]}
AFTER_POLICY = {"FairnessGate", "Reporter", "Pusher"}  # what runs again under another policy
NO_EXAMPLES = {"ImportSchema"}  # reads none, and may come from the cache of an earlier acceptance
KILLED = "TrainerCandidate"
MINUTE = 60  # seconds between two runs of the schedule


@dataclass
class Accepted:
    """The backend under test, what was laid on its volume, and what must be removed from it.

    Attributes:
        settings: where it is.
        api: its API.
        token: a word that makes the names of this acceptance its own.
        experiment: id of the experiment that lists its runs.
        folder: on this machine, of the volume's part that is used.
        inside: the same as the containers see it.
        paths: (method, path) of the requests that clean up.
    """

    settings: BackendSettings
    api: BackendApi
    token: str
    experiment: str
    folder: Path
    inside: str
    paths: list[tuple[str, str]] = field(default_factory=list)

    def store(self, task: str) -> ArtifactStore:
        """Return the artifacts of a task's runs."""
        return ArtifactStore(self.settings.store, self.settings.root, pipeline_name(task))

    def published(self, task: str) -> list[str]:
        """Return the published versions of a task's model."""
        return sorted(path.name for path in (self.folder / task / "serving").glob("[0-9]*"))

    def fairgate(self, *arguments: str) -> str:
        """Run the command, which must end well, and return what it printed."""
        environment = {**os.environ, ENDPOINT: self.settings.endpoint}
        command = [str(Path(sys.executable).with_name("fairgate")), "kubeflow", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def submit(self, compiled: "Compiled", name: str, *parameters: str) -> str:
        """Start a run by `fairgate kubeflow submit` and return its id."""
        given = [word for parameter in parameters for word in ("-p", parameter)]
        names = ("--name", f"{name} {self.token}", "--experiment", experiment_name(self.token))
        printed = self.fairgate("submit", str(compiled.package), *self.namespace, *names, *given)
        return found(r"Run (\S+):", printed)

    def succeed(self, run_id: str) -> str:
        """Wait until a run has ended well; return its id."""
        ended = self.api.wait(run_id, self.settings.minutes)
        assert ended.state == "SUCCEEDED", f"run {run_id} is {ended.state}; the Kubeflow UI shows the logs of its steps"
        return run_id

    @property
    def namespace(self) -> tuple[str, ...]:
        """The option that names the user's namespace, if there is one."""
        return ("--namespace", self.settings.namespace) if self.settings.namespace else ()


@dataclass(frozen=True)
class Compiled:
    """A task compiled for the backend, with its examples on the volume and its local run.

    Attributes:
        package: the compiled pipeline.
        examples: the folder of its examples in the containers.
        local: the folder of the newest local report.
    """

    package: Path
    examples: str
    local: Path


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern that must be in a text."""
    match = re.search(pattern, text)
    assert match, f"no {pattern} in {text!r}"
    return match[1]


def experiment_name(token: str) -> str:
    """Return the name of the experiment of an acceptance."""
    return f"fairgate acceptance {token}"


@pytest.fixture(scope="module")
def accepted() -> Iterator[Accepted]:
    """The backend, and a folder of this acceptance on its volume; removed at the end."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        pytest.fail(str(error), pytrace=False)
    assert settings
    token = uuid.uuid4().hex[:8]
    part = f"fairgate-acceptance/{token}"
    api = BackendApi(settings.endpoint, settings.namespace)
    experiment = api.experiment(experiment_name(token))
    one = Accepted(settings, api, token, experiment, settings.share / part, f"{settings.mount}/{part}")
    one.paths.append(("DELETE", f"/experiments/{experiment}"))
    yield one
    if not settings.keep:
        for method, path in reversed(one.paths):
            one.api.forget(method, path)
        shutil.rmtree(one.folder, ignore_errors=True)  # what user 10001 wrote, only root may remove


def prepare(accepted: Accepted, task: str, root: Path) -> Compiled:
    """Run a task on this machine, lay its examples on the volume, and compile it."""
    if accepted.settings.local:
        root = accepted.settings.local / task
    else:
        command = [str(Path(sys.executable).with_name("fairgate")), "run", task, *OPTIONS[task], "--root", str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1, 2), f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    examples = list((root / "examples").iterdir())
    assert len(examples) == 1, f"{root}/examples has {len(examples)} folders; name a root with one run"
    lay(accepted, examples[0], f"{task}/examples")
    serving = accepted.folder / task / "serving"
    serving.mkdir(parents=True)
    serving.chmod(0o777)  # the containers are user 10001
    package = root.parent / f"{task}-{accepted.token}.yaml"
    volume = ("--volume", accepted.settings.volume) if accepted.settings.volume else ()
    places = ("--image", accepted.settings.image, "--root", accepted.settings.root, *volume)
    inside = f"{accepted.inside}/{task}"
    accepted.fairgate("compile", task, *OPTIONS[task], *places, "--serving", f"{inside}/serving", "-o", str(package))
    return Compiled(package, f"{inside}/examples", root / "latest")


def lay(accepted: Accepted, examples: Path, name: str) -> None:
    """Copy examples to the volume, readable for everyone."""
    target = accepted.folder / name
    shutil.copytree(examples, target)
    for path in (accepted.folder.parent, accepted.folder, target.parent, target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture(scope="module")
def digits(accepted: Accepted, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The digits, ready to run."""
    return prepare(accepted, DIGITS, tmp_path_factory.mktemp("acceptance") / DIGITS)


@pytest.fixture(scope="module")
def comments(accepted: Accepted, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The sample of comments, ready to run."""
    return prepare(accepted, COMMENTS, tmp_path_factory.mktemp("acceptance") / COMMENTS)


@pytest.fixture(scope="module")
def uploaded(accepted: Accepted, digits: Compiled) -> tuple[str, str]:
    """The digits' pipeline as the backend keeps it: ids of pipeline and version."""
    ids = accepted.api.upload(f"fairgate-acceptance-{accepted.token}", digits.package)
    accepted.paths += [("DELETE", f"/pipelines/{ids[0]}"), ("DELETE", f"/pipelines/{ids[0]}/versions/{ids[1]}")]
    return ids


@dataclass(frozen=True)
class FirstRun:
    """The first run of a task on the backend.

    Attributes:
        run_id: its id.
        published: the versions that were there when it had ended.
    """

    run_id: str
    published: list[str]


@pytest.fixture(scope="module")
def first_comments(accepted: Accepted, comments: Compiled) -> FirstRun:
    """Submitted by the command."""
    run_id = accepted.succeed(accepted.submit(comments, "comments", f"examples={comments.examples}"))
    return FirstRun(run_id, accepted.published(COMMENTS))


@pytest.fixture(scope="module")
def first_digits(accepted: Accepted, digits: Compiled, uploaded: tuple[str, str]) -> FirstRun:
    """Started from the uploaded pipeline."""
    parameters = {"examples": digits.examples}
    run_id = accepted.api.start(uploaded, f"digits {accepted.token}", accepted.experiment, parameters)
    return FirstRun(accepted.succeed(run_id), accepted.published(DIGITS))


def all_steps(compiled: Compiled) -> set[str]:
    """Return the steps of a compiled pipeline."""
    spec: Any = next(yaml.safe_load_all(compiled.package.read_text()))
    return set(spec["root"]["dag"]["tasks"])


@pytest.mark.parametrize("task", [COMMENTS, DIGITS])
def test_run_on_the_backend_ends_as_the_local_run(accepted: Accepted, task: str, request: pytest.FixtureRequest) -> None:
    """Every number of the verdict, and every row of the metrics."""
    compiled: Compiled = request.getfixturevalue(FIXTURES[task])
    first: FirstRun = request.getfixturevalue(f"first_{FIXTURES[task]}")
    store, limit = accepted.store(task), accepted.settings.tolerance
    verdict = json.loads(store.read(first.run_id, "Reporter", "report/verdict.json"))
    expected = json.loads((compiled.local / "verdict.json").read_text())
    assert verdict["outcome"] == expected["outcome"]
    assert differences(verdict, expected, limit) == []
    metrics = rows(store.read(first.run_id, "Reporter", "report/metrics.parquet"))
    local = rows((compiled.local / "metrics.parquet").read_bytes())
    names = ("model", "slice", "metric")
    assert [[row[name] for name in names] for row in metrics] == [[row[name] for name in names] for row in local]
    assert differences(metrics, local, limit) == []
    assert all_steps(compiled) - NO_EXAMPLES <= store.steps(first.run_id)
    assert len(first.published) == (1 if verdict["outcome"] == "blessed" else 0)


@pytest.mark.parametrize("task", [COMMENTS, DIGITS])
def test_same_run_again_comes_from_the_cache(accepted: Accepted, task: str, request: pytest.FixtureRequest) -> None:
    """No step writes anything, and nothing is published twice."""
    compiled: Compiled = request.getfixturevalue(FIXTURES[task])
    first: FirstRun = request.getfixturevalue(f"first_{FIXTURES[task]}")
    before = accepted.published(task)
    again = accepted.succeed(accepted.submit(compiled, f"{task} again", f"examples={compiled.examples}"))
    assert again != first.run_id
    assert accepted.store(task).steps(again) == set()
    assert accepted.published(task) == before


def test_refused_policy_publishes_nothing(accepted: Accepted, digits: Compiled, first_digits: FirstRun) -> None:
    """The run itself ends well; gate, Reporter and Pusher run again, the other steps come from the cache."""
    policy = f"policy={json.dumps(REFUSES)}"
    run_id = accepted.succeed(accepted.submit(digits, "refused", f"examples={digits.examples}", policy))
    assert accepted.store(DIGITS).steps(run_id) == AFTER_POLICY
    assert json.loads(accepted.store(DIGITS).read(run_id, "Reporter", "report/verdict.json"))["outcome"] == "refused"
    assert accepted.published(DIGITS) == first_digits.published


def test_blessed_policy_publishes_once(accepted: Accepted, comments: Compiled, first_comments: FirstRun) -> None:
    """The model of the first run, under a policy that it passes."""
    policy = f"policy={json.dumps(BLESSES)}"
    run_id = accepted.succeed(accepted.submit(comments, "blessed", f"examples={comments.examples}", policy))
    assert json.loads(accepted.store(COMMENTS).read(run_id, "Reporter", "report/verdict.json"))["outcome"] == "blessed"
    assert len(accepted.published(COMMENTS)) == len(first_comments.published) + 1


@pytest.fixture
def pods(accepted: Accepted) -> StepPods:
    """The pods of the backend."""
    if accepted.settings.kubeconfig is None:
        pytest.skip(f"{PREFIX}KUBECONFIG is not set: export the path of a kubeconfig to let the test kill a pod")
    return StepPods(accepted.settings.kubeconfig, accepted.settings.pods)


def test_killed_step_is_finished_by_a_retry(
    accepted: Accepted, digits: Compiled, first_digits: FirstRun, pods: StepPods, tmp_path: Path
) -> None:
    """Finished steps are not repeated, and the numbers are those of a run that nobody killed."""
    shutil.copytree(accepted.folder / DIGITS / "examples", tmp_path / "examples")
    lay(accepted, tmp_path / "examples", f"{DIGITS}/examples-again")  # which the cache does not know
    minutes, api = accepted.settings.minutes, accepted.api
    run_id = accepted.submit(digits, "killed", f"examples={digits.examples}-again")
    api.until(lambda: api.run(run_id) if pods.at_work(run_id, KILLED) else None, minutes, f"{KILLED} is not at work")
    pods.kill(pods.at_work(run_id, KILLED))
    if api.wait(run_id, minutes).state == "FAILED":  # else the backend retries by itself
        api.retry(run_id)
    succeeded = f"run {run_id} has not succeeded after its retry"
    api.until(lambda: succeeded_run(api.run(run_id)), minutes, succeeded)
    store = accepted.store(DIGITS)
    assert {step: store.copies(run_id, step, file) for step, file in FINISHED.items()} == dict.fromkeys(FINISHED, 1)
    killed, whole = (json.loads(store.read(one, "Reporter", "report/verdict.json")) for one in (run_id, first_digits.run_id))
    assert differences(killed, whole, accepted.settings.tolerance) == []


FINISHED = {"DataGate": "data_blessing/facts.json", "FairnessGate": "verdict/verdict.json", "Reporter": "report/verdict.json"}


def succeeded_run(run: ObservedRun) -> ObservedRun | None:
    """Return the run if it has ended well; just after a retry, a backend may still list it as failed."""
    return run if run.state == "SUCCEEDED" else None


@dataclass
class Recurring:
    """A schedule of every minute, and what it did.

    Attributes:
        schedule_id: its id.
        first: its runs, once two had ended.
    """

    schedule_id: str
    first: list[ObservedRun]


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def recurring(
    accepted: Accepted,
    digits: Compiled,
    first_digits: FirstRun,  # noqa: ARG001  # most of its steps are in the cache
) -> Recurring:
    """Created by the command, and watched until two of its runs have ended."""
    policy = (
        f"policy={json.dumps({'rules': [{**REFUSES['rules'][0], 'id': accepted.token}]})}"  # new to the cache: the gate has work
    )
    names = ("--name", f"acceptance {accepted.token}", "--experiment", experiment_name(accepted.token))
    given = ("-p", f"examples={digits.examples}", "-p", policy)
    printed = accepted.fairgate("schedule", str(digits.package), "--cron", "* * * * *", *accepted.namespace, *names, *given)
    schedule_id = found(r"Schedule (\S+):", printed)
    accepted.paths.append(("DELETE", f"/recurringruns/{schedule_id}"))
    experiment, api = accepted.experiment, accepted.api

    def second_end() -> ObservedRun | None:
        runs = [run for run in api.runs_of(schedule_id, experiment) if run.finished]
        return runs[1] if len(runs) > 1 else None

    api.until(second_end, 3 * accepted.settings.minutes, f"schedule {schedule_id} has not ended two runs")
    return Recurring(schedule_id, api.runs_of(schedule_id, experiment))


def test_schedule_fires_and_never_runs_twice_at_a_time(recurring: Recurring) -> None:
    """A run that takes longer than a minute keeps the next one waiting."""
    assert [run.state for run in recurring.first[:2]] == ["SUCCEEDED", "SUCCEEDED"]
    assert most_at_once(recurring.first, now()) == 1
    waited = [minutes_passed(run, now()) for run in recurring.first]
    assert max(waited) >= 1, "no run was under way when the next was due, so that nothing could have overlapped"


def listed(accepted: Accepted, schedule_id: str) -> str:
    """Return how the command lists the schedule: "on", "paused", or "" if it does not."""
    lines = accepted.fairgate("schedules", "list", *accepted.namespace).splitlines()
    return next((line.split()[1] for line in lines if line.startswith(schedule_id)), "")


def test_schedule_is_paused_resumed_and_deleted(accepted: Accepted, recurring: Recurring, request: pytest.FixtureRequest) -> None:
    """Pausing lets the run under way go on; deleting ends it, which the backend does not show and Kubernetes does."""
    api, minutes = accepted.api, accepted.settings.minutes
    schedule_id, experiment = recurring.schedule_id, accepted.experiment

    def newest() -> ObservedRun:
        return api.runs_of(schedule_id, experiment)[-1]

    def under_way() -> ObservedRun | None:
        return newest() if newest().state in ("PENDING", "RUNNING") else None

    api.until(under_way, minutes, "the schedule has started no run to pause")
    accepted.fairgate("schedules", "pause", schedule_id, *accepted.namespace)
    going = newest().run_id
    assert listed(accepted, schedule_id) == "paused"
    accepted.succeed(going)
    time.sleep(2.5 * MINUTE)
    assert newest().run_id == going, "a paused schedule started a run"
    accepted.fairgate("schedules", "resume", schedule_id, *accepted.namespace)
    assert listed(accepted, schedule_id) == "on"
    last = api.until(lambda: newest() if newest().run_id != going else None, minutes, "a resumed schedule started no run").run_id
    accepted.fairgate("schedules", "delete", schedule_id, *accepted.namespace)
    assert listed(accepted, schedule_id) == ""
    time.sleep(2.5 * MINUTE)
    assert newest().run_id == last, "a deleted schedule started a run"
    assert most_at_once([run for run in api.runs_of(schedule_id, experiment) if run.run_id != last], now()) == 1
    if accepted.settings.kubeconfig:
        pods: StepPods = request.getfixturevalue("pods")
        assert pods.left(last) == 0, "pods of the deleted schedule's run are still at work"


def test_unknown_run_is_an_error_of_the_backend(accepted: Accepted) -> None:
    """So that the answers above are the backend's own, not a proxy's page."""
    with pytest.raises(BackendError, match="404"):
        accepted.api.run(str(uuid.uuid4()))
