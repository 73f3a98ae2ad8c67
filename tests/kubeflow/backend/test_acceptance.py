"""Accepts an installation of Kubeflow Pipelines: `make test-kubeflow-backend`; kubeflow/README.md describes the variables.

Everything that a user does is done by the command (`fairgate run`, `kubeflow compile`, `submit`, `schedule`, `schedules …`); what
became of it is read from the backend's API, the object store and the volume. Tests share runs, as fixtures; each test compares.
"""

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.tasks import pipeline_name
from tests.kubeflow.backend.acceptance import COMMENTS, DIGITS, Accepted, Compiled, experiment_name, found, lay, options, prepare
from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import ENDED, BackendApi, BackendError, ObservedRun, minutes_passed, most_at_once
from tests.kubeflow.backend.backend_settings import DESCRIBED, ENDPOINT, PREFIX, SettingsError, read_settings
from tests.kubeflow.backend.clean_up import Made, remove, stop
from tests.kubeflow.backend.compared import differences, rows
from tests.kubeflow.backend.preflight import problems
from tests.kubeflow.backend.step_pods import StepPods

NOT_NAMED = f"{ENDPOINT} is not set: export the address of Kubeflow Pipelines to accept its installation (kubeflow/README.md)"
pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.skipif(not os.environ.get(ENDPOINT), reason=NOT_NAMED)]

FIXTURES = {COMMENTS: "comments", DIGITS: "digits"}  # of each task, and first_… of its first run
BLESSES = {"rules": [{"id": "useful", "kind": "beats_trivial", "metric": "auc"}]}
REFUSES = {"rules": [{"id": "perfect", "kind": "quality", "metric": "accuracy", "min": 0.999999}]}
AFTER_POLICY = {"FairnessGate", "Reporter"}  # what runs again under another policy, beside Pusher
NOT_PUBLISHED = {"Pusher"}  # leaves an empty folder, which an object store does not know, where it publishes nothing
NO_EXAMPLES = {"ImportSchema"}  # reads none, and may come from the cache of an earlier acceptance
KILLED = "TrainerCandidate"
RETRY_MINUTES = 10.0  # between the request and its effect
MINUTE = 60  # seconds between two runs of the schedule


@pytest.fixture(scope="module")
def accepted(request: pytest.FixtureRequest) -> Iterator[Accepted]:
    """The backend, which was asked whether it answers, and a folder of this acceptance on its volume; removed at the end.

    What runs on the backend is stopped in any case. Runs and files of an acceptance that failed stay, to be looked at.
    """
    say = reporter(request.config)
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        pytest.exit(str(error), returncode=1)
    assert settings
    api = BackendApi(settings.endpoint, settings.namespace, say=say)
    if wrong := problems(settings, api, options(settings)):
        pytest.exit("\n".join([*wrong, DESCRIBED]), returncode=1)
    token = uuid.uuid4().hex[:8]
    part = f"fairgate-acceptance/{token}"
    stores = [ArtifactStore(settings.store, settings.root, pipeline_name(task)) for task in FIXTURES]
    made = Made(api.experiment(experiment_name(token)), settings.share / part, stores)
    yield Accepted(settings, api, token, f"{settings.mount}/{part}", made, say)
    left = stop(api, made)
    if settings.keep or (settings.keep is None and request.session.testsfailed):
        left.append(f"Experiment {experiment_name(token)!r}, its runs and {made.folder} are kept ({PREFIX}KEEP=0 removes them).")
    else:
        left += remove(api, made)
    for line in left:
        say(line)


def reporter(config: pytest.Config) -> Callable[[str], None]:
    """Return what shows a line with the time between the names of the tests, while what a test prints is captured."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")

    def say(line: str) -> None:
        if not terminal:
            return
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            terminal.ensure_newline()
            terminal.write_line(f"  {datetime.now().astimezone():%H:%M:%S} {line}", flush=True)

    return say


@pytest.fixture(scope="module")
def digits(accepted: Accepted, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The digits, ready to run."""
    return prepare(accepted, DIGITS, tmp_path_factory.mktemp("acceptance"))


@pytest.fixture(scope="module")
def comments(accepted: Accepted, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The sample of comments, ready to run."""
    return prepare(accepted, COMMENTS, tmp_path_factory.mktemp("acceptance"))


@pytest.fixture(scope="module")
def uploaded(accepted: Accepted, digits: Compiled) -> tuple[str, str]:
    """The digits' pipeline as the backend keeps it: ids of pipeline and version."""
    ids = accepted.api.upload(f"fairgate-acceptance-{accepted.token}", digits.package)
    accepted.made.pipelines.append(ids)
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
    accepted.say(f"run {run_id} (digits) is started from the uploaded pipeline")
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
    unseen = NO_EXAMPLES | (set() if verdict["outcome"] == "blessed" else NOT_PUBLISHED)
    assert all_steps(compiled) - unseen <= store.steps(first.run_id)
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
    assert accepted.store(DIGITS).steps(run_id) - NOT_PUBLISHED == AFTER_POLICY
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
    victims: list[str] = []

    def killed_at_work() -> ObservedRun | None:
        run = api.run(run_id)
        victims[:] = [pod for pod in [pods.at_work(run_id, KILLED)] if pod]
        assert victims or run.state not in ENDED, f"{run.describe()} before a pod of {KILLED} was seen at work"
        return run if victims else None

    api.until(killed_at_work, minutes, f"no pod of {KILLED} in run {run_id} is at work")
    accepted.say(f"killing pod {victims[0]}")
    pods.kill(victims[0])
    if api.wait(run_id, minutes).state == "FAILED":  # else the backend retries by itself
        api.retry(run_id)
        api.until(lambda: started_again(api.run(run_id)), RETRY_MINUTES, f"run {run_id} has not started again after its retry")
    accepted.succeed(run_id)
    store = accepted.store(DIGITS)
    assert {step: store.copies(run_id, step, file) for step, file in FINISHED.items()} == dict.fromkeys(FINISHED, 1)
    killed, whole = (json.loads(store.read(one, "Reporter", "report/verdict.json")) for one in (run_id, first_digits.run_id))
    assert differences(killed, whole, accepted.settings.tolerance) == []


FINISHED = {"DataGate": "data_blessing/facts.json", "FairnessGate": "verdict/verdict.json", "Reporter": "report/verdict.json"}


def started_again(run: ObservedRun) -> ObservedRun | None:
    """Return the run unless it is failed, as a backend may list it for a moment after a retry."""
    return None if run.state == "FAILED" else run


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
