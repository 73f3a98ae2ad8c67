"""What somebody with a cluster of their own is told: before the first run, while they wait, and about what is left at the end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import BackendApi, BackendError, Clock, ObservedRun
from tests.kubeflow.backend.backend_settings import BackendSettings, read_settings
from tests.kubeflow.backend.clean_up import Made, remove, stop
from tests.kubeflow.backend.preflight import problems
from tests.kubeflow.played_api import Api, served

NOWHERE = "http://127.0.0.1:1"  # refuses every connection
TASKS = {"civil-comments": ("--sample",), "digits": ()}
RUN = {"run_id": "r", "created_at": "2026-11-27T03:00:00Z"}
DOWN = (502, {"message": "no healthy upstream"})
ENVIRONMENT = {"FAIRGATE_BACKEND_IMAGE": "fairgate:1", "FAIRGATE_BACKEND_VOLUME": "/data"}


@dataclass
class RefusingBackend(Api):
    """A backend with runs by their states; it writes down what it must delete, and refuses what `kept` names."""

    runs: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    kept: str = "-"

    def answer(self, method: str, address: str, body: Any) -> tuple[int, Any]:
        """Answer for deletions too."""
        if method == "DELETE" and self.kept in address:
            return 403, {"message": "not yours"}
        return super().answer(method, address, body)

    def content(self, method: str, path: str, query: Any, body: Any) -> Any:
        """Answer what `Api` only confirms."""
        if method == "DELETE":
            self.deleted.append(path)
        elif path.endswith(":terminate"):
            self.ended.append(path)
        elif path == "runs":
            return {
                "runs": [
                    {"run_id": run, "state": state, "created_at": "2026-11-27T03:00:00Z"} for run, state in self.runs.items()
                ]
            }
        else:
            return super().content(method, path, query, body)
        return {}


@pytest.fixture
def served_backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BackendApi, RefusingBackend]]:
    """A client, and what it talks to."""
    monkeypatch.setenv("no_proxy", "*")
    known = RefusingBackend(runs={"whole": "SUCCEEDED", "cached": "SUCCEEDED", "going": "RUNNING"})
    with served(known) as address:
        yield BackendApi(address, ""), known


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An acceptance with a folder on the volume, artifacts of a run, and a pipeline."""
    for name in (
        *("bucket/p/whole/ImportSchema/schema/f", "bucket/p/whole/Trainer/model/f"),
        *("bucket/p/going/Trainer/model/f", "bucket/p/other/Trainer/model/f"),
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x")
    folder = tmp_path / "volume" / "fairgate-acceptance" / "token"
    (folder / "digits").mkdir(parents=True)
    return Made("e", folder, [ArtifactStore(str(tmp_path), "minio://bucket", "p")], [("p", "v")])


def test_schedules_and_runs_under_way_are_stopped(served_backend: tuple[BackendApi, RefusingBackend], made: Made) -> None:
    api, known = served_backend
    known.recurring = [
        {"recurring_run_id": one, "experiment_id": its} for one, its in (("s", "e"), ("theirs", "other"), ("t", "e"))
    ]
    assert stop(api, made) == []
    assert (known.deleted, known.ended) == (["recurringruns/s", "recurringruns/t"], ["runs/going:terminate"])


def test_everything_is_removed_but_what_a_cache_may_name(
    served_backend: tuple[BackendApi, RefusingBackend], made: Made, tmp_path: Path
) -> None:
    api, known = served_backend
    assert remove(api, made) == []
    assert known.deleted == ["runs/whole", "runs/cached", "runs/going", "pipelines/p/versions/v", "pipelines/p", "experiments/e"]
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("f")} == {
        "bucket/p/whole/ImportSchema/schema/f",
        "bucket/p/other/Trainer/model/f",  # a run of somebody else
    }
    assert not (tmp_path / "bucket/p/going").exists()
    assert list((tmp_path / "volume").iterdir()) == []


def test_what_cannot_be_removed_is_named(
    served_backend: tuple[BackendApi, RefusingBackend], made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, known = served_backend
    known.kept = "experiments"
    (made.folder / "digits" / "model").write_text("x")
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # as where the image's user owns the files
    first, second = remove(api, made)
    assert first.startswith("Left: experiment e: DELETE http://")
    assert first.endswith('/apis/v2beta1/experiments/e answered 403: {"message": "not yours"}')
    assert second == f"1 files of the image's user are left on the volume: as root, `rm -r {made.folder}`."


@pytest.fixture
def settings(tmp_path: Path) -> BackendSettings:
    """A store without a bucket, and an address without a server."""
    places = {
        "FAIRGATE_BACKEND_SHARE": str(tmp_path),
        "FAIRGATE_BACKEND_STORE": str(tmp_path),
        "FAIRGATE_BACKEND_ROOT": "minio://b",
    }
    found = read_settings({**ENVIRONMENT, **places, "KF_PIPELINES_ENDPOINT": NOWHERE})
    assert found is not None
    return found


def test_everything_that_does_not_answer_is_named_before_the_first_run(settings: BackendSettings, tmp_path: Path) -> None:
    """Kubernetes too, and local runs that are not finished."""
    user = {"clusters": [{"name": "c", "cluster": {"server": NOWHERE}}], "users": [{"name": "u", "user": {}}]}
    context = {"contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "current-context": "c"}
    (tmp_path / "kubeconfig").write_text(json.dumps({**user, **context}))
    (tmp_path / "digits" / "latest").mkdir(parents=True)
    (tmp_path / "digits" / "examples" / "a").mkdir(parents=True)
    for name in ("verdict.json", "metrics.parquet"):
        (tmp_path / "digits" / "latest" / name).write_text("")
    asked = replace(settings, kubeconfig=tmp_path / "kubeconfig", local=tmp_path, share=tmp_path / "absent")
    address, store, share, kubernetes, local = problems(asked, BackendApi(NOWHERE, ""), TASKS)
    assert address.startswith(
        f"KF_PIPELINES_ENDPOINT={NOWHERE}: GET {NOWHERE}/apis/v2beta1/healthz got no answer (ConnectError: "
    )
    assert store.startswith(f"FAIRGATE_BACKEND_STORE={tmp_path}, with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: ")
    assert "the bucket" in store
    assert share == f"FAIRGATE_BACKEND_SHARE={tmp_path}/absent: this user cannot write there."
    assert kubernetes.startswith(
        f"FAIRGATE_BACKEND_KUBECONFIG={tmp_path}/kubeconfig, with FAIRGATE_BACKEND_POD_NAMESPACE=kubeflow: "
    )
    assert local == (
        f"FAIRGATE_BACKEND_LOCAL={tmp_path}: {tmp_path}/civil-comments is no root of one finished run: 0 folders in examples/, "
        "no latest/verdict.json and no latest/metrics.parquet. "
        f"Make it with `fairgate run civil-comments --sample --root {tmp_path}/civil-comments`."
    )


def test_backend_that_answers_has_no_problems(
    settings: BackendSettings, served_backend: tuple[BackendApi, RefusingBackend], tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    assert problems(settings, served_backend[0], TASKS) == []


def test_run_is_described_with_the_steps_that_matter() -> None:
    states = {
        "DataGate": "SUCCEEDED",
        "Evaluator": "FAILED",
        "Trainer": "FAILED",
        "StatisticsGen": "SUCCEEDED",
        "Pusher": "PENDING",
    }
    run = replace(OBSERVED, steps=states)
    assert run.describe() == "run r is FAILED; steps: 2 FAILED (Evaluator, Trainer), 1 PENDING (Pusher), 2 SUCCEEDED"
    assert OBSERVED.describe() == "run r is FAILED"


OBSERVED = ObservedRun("r", "FAILED", "", None, None)  # type: ignore[arg-type]


@dataclass
class GatewayBackend(Api):
    """A backend behind a gateway, with an answer for each question."""

    answers: list[tuple[int, Any]] = field(default_factory=list)

    def answer(self, *_: Any) -> tuple[int, Any]:
        """Return the next one, or for ever the last."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BackendApi, GatewayBackend, list[str]]]:
    """A client that does not wait, what it talks to, and what it shows."""
    monkeypatch.setenv("no_proxy", "*")
    known, seconds = GatewayBackend(), [0.0]
    shown: list[str] = []

    def sleep(more: float) -> None:
        seconds[0] += more

    with served(known) as address:
        yield BackendApi(address, "", Clock(sleep, lambda: seconds[0]), shown.append), known, shown


def test_wait_outlives_a_short_silence(flaky: tuple[BackendApi, GatewayBackend, list[str]]) -> None:
    """As while a port is forwarded anew; each change is shown once."""
    api, known, shown = flaky
    known.answers = [(200, {**RUN, "state": "RUNNING"}), DOWN, DOWN, (200, {**RUN, "state": "SUCCEEDED"})]
    assert api.wait("r", 10).state == "SUCCEEDED"
    running, down, succeeded = shown
    assert (running, succeeded) == ("run r is RUNNING", "run r is SUCCEEDED")
    assert "answered 502" in down


def test_wait_ends_where_the_backend_falls_silent(flaky: tuple[BackendApi, GatewayBackend, list[str]]) -> None:
    api, known, _ = flaky
    known.answers = [DOWN]
    with pytest.raises(BackendError, match=r"run r has not ended when the backend fell silent for 5 minutes: .* answered 502"):
        api.wait("r", 60)


def test_page_of_a_login_is_not_taken_for_an_answer(flaky: tuple[BackendApi, GatewayBackend, list[str]]) -> None:
    api, known, _ = flaky
    known.answers = [(200, "<html>")]
    with pytest.raises(BackendError, match="FAIRGATE_KUBEFLOW_TOKEN hold a bearer token where a login is required"):
        api.check()
