"""The check of the workers, with Beam's own job service and worker pool in this process."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from apache_beam.runners.portability.local_job_service import LocalJobServicer
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

from fairgate.errors import InputError
from pipeline.engines import answers, flink_rest, workers
from pipeline.engines.address import EngineCluster
from pipeline.engines.answers import Answer, WorkerQuestion, own_answer
from pipeline.engines.rest import RestError
from pipeline.engines.stall import JobState
from pipeline.engines.workers import check_workers


@pytest.fixture
def job_service() -> Iterator[list[str]]:
    """The options that name a job service, of Beam's own, which has no workers yet."""
    service = LocalJobServicer()
    port = service.start_grpc_server()
    yield ["--runner=PortableRunner", f"--job_endpoint=localhost:{port}", "--sdk_container_image=none"]
    service.stop()


@pytest.fixture
def pool(job_service: list[str]) -> Iterator[list[str]]:
    """The options that name a pool too, which starts the first `python` on PATH as a worker."""
    address, server = BeamFnExternalWorkerPoolServicer.start(use_process=True)
    yield [*job_service, "--environment_type=EXTERNAL", f"--environment_config={address}"]
    server.stop(0).wait()


def first_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.slow
def test_worker_like_this_process_is_counted(pool: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_on_path(Path(sys.executable).parent, monkeypatch)
    seen = check_workers(pool, tmp_path, [Path(__file__)])
    assert (len(seen.hosts), seen.workers) == (1, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_python_that_ends_at_once_is_noticed_within_the_deadline(
    pool: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    first_on_path(tmp_path / "bin", monkeypatch)
    with pytest.raises(InputError, match=r"^no worker has answered within 1 s; Beam's job .*\. Likely causes: no pool serves"):
        check_workers(pool, tmp_path, [], deadline=1)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


class AnsweringJob:
    """A job that ends at once, and its answers."""

    error: Exception | None = None
    counted: tuple[Answer, ...] = ()
    cancelled = False

    def __init__(self, _: Any, question: WorkerQuestion) -> None:
        self.question = question

    def start(self) -> None:
        """Let the workers answer."""

    def is_alive(self) -> bool:
        return False

    def join(self, seconds: float) -> None:
        """It has ended."""

    def answers(self) -> dict[str, Answer]:
        return {answer.process: answer for answer in self.counted}

    def cancel(self) -> str:
        type(self).cancelled = True
        return "Beam's job was RUNNING"


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> type[AnsweringJob]:
    """The class of the job that is started."""
    job = type("Job", (AnsweringJob,), {})
    monkeypatch.setattr(workers, "_Job", job)
    return job


OWN = own_answer(WorkerQuestion("", "", ()))


def test_worker_that_does_not_see_the_root_answers_by_its_counter(job: Any, tmp_path: Path) -> None:
    job.counted = (replace(OWN, root=answers.MISSING, host="A"), replace(OWN, root=answers.MISSING, python="2.7", process="c"))
    with pytest.raises(InputError) as raised:
        check_workers([], tmp_path, [])
    root, python = str(raised.value).splitlines()
    assert root.startswith(f"workers on A, {OWN.host}: {tmp_path}: not seen there")
    assert python.startswith(f"worker on {OWN.host}: Python 2.7, this run has {OWN.python}")


def test_files_of_a_worker_that_this_run_cannot_read(job: Any, tmp_path: Path) -> None:
    job.counted = (replace(OWN, user=17),)  # says that it has written, and nothing can be read
    with pytest.raises(
        InputError, match=r"files are written that this run cannot read \(No such file or directory\) by its user, 17"
    ):
        check_workers([], tmp_path, [])


def test_answer_in_the_folder_that_differs_ends_the_wait(job: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job goes on, and is cancelled."""
    other = replace(OWN, python="2.7", process="b")
    monkeypatch.setattr(workers, "GRACE", 0.0)
    monkeypatch.setattr(job, "is_alive", lambda _: True)
    monkeypatch.setattr(job, "start", lambda self: (Path(self.question.folder) / "b").write_text(other.to_json()))
    with pytest.raises(InputError, match=r"Python 2\.7, this run has"):
        check_workers([], tmp_path, [])
    assert job.cancelled


def test_job_that_fails_says_why(job: Any, tmp_path: Path) -> None:
    job.error = RuntimeError("it is broken")
    with pytest.raises(InputError, match="the workers could not do a small piece of work: it is broken"):
        check_workers([], tmp_path, [])


@pytest.mark.usefixtures("job")
def test_runner_without_counters_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no worker has answered, though the job has ended: this runner returns no counters"):
        check_workers([], tmp_path, [])


@pytest.mark.parametrize(
    ("found", "words"), [(JobState((), "is RESTARTING"), "is RESTARTING"), (None, "Flink has not got the job")]
)
def test_flink_says_what_its_job_waits_for_and_cancels_it(
    job: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: JobState | None, words: str
) -> None:
    asked = []
    monkeypatch.setattr(job, "is_alive", lambda _: True)
    monkeypatch.setattr(flink_rest, "job_state", lambda *_: found)
    monkeypatch.setattr(flink_rest, "cancel", lambda _, name: asked.append(name))
    with pytest.raises(
        InputError, match=rf"^no worker has answered within 0 s; {words}\. Likely causes: the cluster has no free"
    ):
        check_workers(["--job_name=fairgate-1"], tmp_path, [], deadline=0, cluster=EngineCluster("flink", "h", 1))
    assert (asked, job.cancelled) == (["fairgate-1"], True)


@pytest.mark.usefixtures("job")
def test_job_manager_that_is_gone_meanwhile_is_the_cause(job: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise RestError("Connection refused")

    monkeypatch.setattr(flink_rest, "job_state", refuse)
    monkeypatch.setattr(job, "is_alive", lambda _: True)
    with pytest.raises(
        InputError, match=r"flink://h:1: the job manager does not answer any more \(Connection refused\); start it"
    ):
        check_workers(["--job_name=fairgate-1"], tmp_path, [], deadline=0, cluster=EngineCluster("flink", "h", 1))


def test_folders_of_killed_runs_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".workers-0a1b").mkdir()
    assert check_workers([], tmp_path, []).workers == 1
    assert list(tmp_path.iterdir()) == []


def test_root_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"none: cannot be written \(No such file or directory\); name another folder with --root"
    ):
        check_workers([], tmp_path / "none", [])
