"""What the acceptance test sees with: its settings, the backend's answers, the store, the comparison, the pods."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import BackendApi, BackendError, Clock, ObservedRun, minutes_passed, most_at_once
from tests.kubeflow.backend.backend_settings import SettingsError, read_settings
from tests.kubeflow.backend.compared import differences, numbers, rows
from tests.kubeflow.backend.step_pods import working_pod
from tests.kubeflow.played_api import Api, served

START = datetime(2026, 11, 27, 3, 0, 30, tzinfo=timezone.utc)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The least that names a backend."""
    return {
        "KF_PIPELINES_ENDPOINT": "http://127.0.0.1:1",
        "FAIRGATE_BACKEND_IMAGE": "fairgate:1",
        "FAIRGATE_BACKEND_VOLUME": "fairgate:/mnt/fairgate/",
        "FAIRGATE_BACKEND_SHARE": str(tmp_path),
        "FAIRGATE_BACKEND_STORE": "http://127.0.0.1:9000",
    }


def test_without_an_address_there_is_nothing_to_accept(environment: dict[str, str]) -> None:
    assert read_settings({**environment, "KF_PIPELINES_ENDPOINT": ""}) is None


def test_defaults_suit_a_cluster_of_one_user(environment: dict[str, str], tmp_path: Path) -> None:
    found = read_settings(environment)
    assert found is not None
    assert (found.volume, found.mount, found.share) == ("fairgate:/mnt/fairgate", "/mnt/fairgate", tmp_path)
    assert (found.namespace, found.pods, found.root) == ("", "kubeflow", "minio://mlpipeline/v2/artifacts")
    assert (found.kubeconfig, found.local, found.minutes, found.tolerance) == (None, None, 60, 1e-9)
    assert (found.small, found.keep) == (False, None)


def test_pods_are_looked_for_in_the_user_s_namespace(environment: dict[str, str]) -> None:
    found = read_settings({**environment, "FAIRGATE_BACKEND_NAMESPACE": "team"})
    assert found is not None
    assert (found.namespace, found.pods) == ("team", "team")


def test_volume_may_be_mounted_by_other_means(environment: dict[str, str]) -> None:
    found = read_settings({**environment, "FAIRGATE_BACKEND_VOLUME": "/data"})
    assert found is not None
    assert (found.volume, found.mount) == (None, "/data")


def test_everything_that_is_missing_or_wrong_is_named_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    wrong = {
        "FAIRGATE_BACKEND_IMAGE": "",
        "FAIRGATE_BACKEND_VOLUME": "fairgate",
        "FAIRGATE_BACKEND_STORE": str(tmp_path / "absent"),
        "FAIRGATE_BACKEND_MINUTES": "an hour",
        "FAIRGATE_BACKEND_TOLERANCE": "nan",
        "FAIRGATE_BACKEND_KEEP": "yes",
        "FAIRGATE_BACKEND_MOUNT": "/data",
    }
    with pytest.raises(SettingsError) as raised:
        read_settings({**environment, **wrong})
    assert str(raised.value).splitlines() == [
        "FAIRGATE_BACKEND_IMAGE is not set.",
        "FAIRGATE_BACKEND_MOUNT is set, and no such variable is read.",
        "FAIRGATE_BACKEND_VOLUME='fairgate' is neither CLAIM:/path nor /path.",
        "FAIRGATE_BACKEND_KEEP='yes' is neither 0 nor 1.",
        f"FAIRGATE_BACKEND_STORE={str(tmp_path / 'absent')!r} does not exist on this machine.",
        "FAIRGATE_BACKEND_MINUTES='an hour' is no number from 0 on.",
        "FAIRGATE_BACKEND_TOLERANCE='nan' is no number from 0 on.",
        "kubeflow/README.md, 'Accepting an installation', describes the variables.",
    ]


@dataclass
class ListedRuns(Api):
    """A backend that answers what it is given, page by page; the state of the one run changes with each question."""

    states: list[str] = field(default_factory=list)

    def content(self, method: str, path: str, query: Any, body: Any) -> Any:
        if path == "pipelines/upload":
            return {"pipeline_id": "p", "display_name": query["name"]}
        if path == "pipelines/p/versions":
            return {"pipeline_versions": [{"pipeline_version_id": "v"}]}
        if path == "runs" and method == "POST":
            return {**body, "run_id": "started"}
        if path == "runs":
            page = int(query["page_token"] or 0)
            more = {"next_page_token": "1"} if page == 0 else {}
            return {"runs": [listed(f"second-{page}", "s", minute=5), listed(f"first-{page}", "s"), listed("other", "")], **more}
        if path.startswith("runs/"):
            return {**listed("r", ""), "state": self.states.pop(0)}
        return super().content(method, path, query, body)


def listed(run_id: str, schedule: str, minute: int = 0) -> dict[str, Any]:
    """A run as the backend lists it; one that goes on has ended in 1970."""
    ends = {"finished_at": "1970-01-01T00:00:00Z"}
    return {"run_id": run_id, "recurring_run_id": schedule, "created_at": f"2026-11-27T03:0{minute}:30.123Z", **ends}


class FakeTime:
    """Time that passes by waiting alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = Clock(self._sleep, lambda: self.now)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BackendApi, ListedRuns]]:
    """A client that does not wait, and what it talks to, which holds it to the published description."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("FAIRGATE_KUBEFLOW_TOKEN", "abc")
    known = ListedRuns()
    with served(known) as address:
        yield BackendApi(address, "", FakeTime().clock), known


def test_uploaded_pipeline_is_started_by_its_version(backend: tuple[BackendApi, ListedRuns], tmp_path: Path) -> None:
    api, known = backend
    package = tmp_path / "pipeline.yaml"
    package.write_text("a: 1")
    assert api.start(api.upload("name", package), "run", api.experiment("acceptance"), {"examples": "/x"}) == "started"
    assert known.bodies[-1]["experiment_id"] == "experiment-1"
    assert b"a: 1" in known.uploads[0]
    assert known.bodies[-1]["pipeline_version_reference"] == {"pipeline_id": "p", "pipeline_version_id": "v"}
    assert known.bodies[-1]["runtime_config"] == {"parameters": {"examples": "/x"}}
    assert known.tokens == {"Bearer abc"}


def test_runs_of_a_schedule_are_listed_from_all_pages_oldest_first(backend: tuple[BackendApi, ListedRuns]) -> None:
    runs = backend[0].runs_of("s", "e")
    assert [run.run_id for run in runs] == ["first-0", "first-1", "second-0", "second-1"]
    assert runs[0] == ObservedRun("first-0", "", "s", START, None)


def test_run_is_waited_for_until_it_has_ended(backend: tuple[BackendApi, ListedRuns]) -> None:
    backend[1].states = ["", "PENDING", "RUNNING", "FAILED"]
    assert backend[0].wait("r", 1).state == "FAILED"


def test_run_that_does_not_end_is_an_error_after_its_minutes(backend: tuple[BackendApi, ListedRuns]) -> None:
    backend[1].states = ["RUNNING"] * 13
    with pytest.raises(BackendError) as raised:
        backend[0].wait("r", 1)
    assert str(raised.value) == "run r has not ended within 1 minutes; last seen: run r is RUNNING."
    assert backend[1].states == []


def test_refusal_of_the_backend_is_shown(backend: tuple[BackendApi, ListedRuns]) -> None:
    backend[1].refusal = (401, {"message": "who are you?"})
    with pytest.raises(BackendError, match=r"GET .*/apis/v2beta1/runs/r answered 401: .*who are you"):
        backend[0].run("r")


def run(first: float, last: float | None) -> ObservedRun:
    """A run between two moments, in seconds."""
    ends = None if last is None else START + timedelta(seconds=last)
    return ObservedRun("r", "", "s", START + timedelta(seconds=first), ends)


@pytest.mark.parametrize(
    ("runs", "most"),
    [
        ([], 0),
        ([run(0, 60), run(60, 120)], 1),  # one ends as the next begins
        ([run(0, 61), run(60, 120)], 2),
        ([run(60, 120), run(0, 200), run(100, 130)], 3),
        ([run(0, None), run(100, 130)], 2),  # without an end it goes on
        ([run(0, 10), run(20, None)], 1),
    ],
)
def test_runs_at_the_same_time_are_counted(runs: list[ObservedRun], most: int) -> None:
    assert most_at_once(runs, START + timedelta(hours=1)) == most


@pytest.mark.parametrize(("last", "minutes"), [(29, 0), (30, 1), (89, 1), (90, 2), (None, 60)])
def test_minutes_that_began_during_a_run_are_counted(last: float | None, minutes: int) -> None:
    assert minutes_passed(run(0, last), START + timedelta(hours=1)) == minutes


@pytest.mark.parametrize("between", ["", "8a0c/"])
def test_store_finds_what_a_run_wrote(between: str, tmp_path: Path) -> None:
    """With and without a folder for each start of a step."""
    for path in ("run-1/Gate/%sverdict/v.json", "run-1/Reporter/%sreport/v.json", "run-12/Pusher/%spushed/x"):
        file = tmp_path / "bucket" / "artifacts" / "fairgate-digits" / (path % between)
        file.parent.mkdir(parents=True)
        file.write_text(path)
    store = ArtifactStore(str(tmp_path), "minio://bucket/artifacts", "fairgate-digits")
    assert (store.steps("run-1"), store.steps("run-2")) == ({"Gate", "Reporter"}, set())
    assert store.read("run-1", "Gate", "verdict/v.json") == b"run-1/Gate/%sverdict/v.json"
    assert (store.copies("run-1", "Gate", "verdict/v.json"), store.copies("run-1", "Gate", "report/v.json")) == (1, 0)
    with pytest.raises(FileNotFoundError, match=r"run-2/Gate/…/verdict/v\.json"):
        store.read("run-2", "Gate", "verdict/v.json")


def test_numbers_are_named_by_their_paths() -> None:
    value = {"b": [{"c": 1}, {"c": "text"}], "a": {"d": None, "e": True, "f": 0.5}}
    assert dict(numbers(value)) == {"a.d": None, "a.e": True, "a.f": 0.5, "b[0].c": 1}


@pytest.mark.parametrize(
    ("found", "expected", "lines"),
    [
        ({"a": 1.0, "at": "3:00"}, {"a": 1.0 + 1e-10, "at": "4:00"}, []),
        ({"a": 1.0}, {"a": 1.0 + 1e-8}, ["a: 1.0 in the cluster, 1.00000001 here"]),
        ({"a": None}, {"a": 0.0}, ["a: None in the cluster, 0.0 here"]),
        ({"a": True}, {"a": 1}, ["a: True in the cluster, 1 here"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a[1]: only in one of the two"]),
        ({"a": float("inf")}, {"a": float("inf")}, []),
    ],
)
def test_numbers_that_differ_are_reported(found: Any, expected: Any, lines: list[str]) -> None:
    assert differences(found, expected, 1e-9) == lines


def test_rows_of_the_metrics_have_none_for_nan() -> None:
    file = BytesIO()
    pq.write_table(pa.table({"slice": ["b", "a"], "value": [0.5, float("nan")]}), file)
    assert rows(file.getvalue()) == [{"slice": "b", "value": 0.5}, {"slice": "a", "value": None}]


def pod(name: str, node: str, state: dict[str, Any] | None) -> dict[str, Any]:
    """A pod as Kubernetes' client describes it."""
    statuses = None if state is None else [{"name": "wait", "state": {"running": {}}}, {"name": "main", "state": state}]
    annotations = {"workflows.argoproj.io/node-name": node} if node else None
    return {"metadata": {"name": name, "annotations": annotations}, "status": {"container_statuses": statuses}}


WORKING = {"running": {"started_at": "2026-11-27"}, "terminated": None}
PODS = [
    pod("other", "", WORKING),
    pod("driver", "w.root.Trainer-driver", WORKING),
    pod("waiting", "w.root.Trainer.executor", None),
    pod("ended", "w.root.Trainer.executor", {"running": None, "terminated": {"exit_code": 0}}),
    pod("evaluator", "w.root.Evaluator.executor", WORKING),
    pod("at-work", "w.root.Trainer.executor", WORKING),
]


@pytest.mark.parametrize(("step", "name"), [("Trainer", "at-work"), ("Evaluator", "evaluator"), ("Train", ""), ("Pusher", "")])
def test_pod_at_work_is_the_executor_s_whose_container_runs(step: str, name: str) -> None:
    assert working_pod(PODS, step) == name
