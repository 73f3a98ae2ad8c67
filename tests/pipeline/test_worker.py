"""`fairgate-worker` as a runner starts it: a small graph of Beam runs in it, and ends as in memory."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.worker_handlers import GrpcWorkerHandler, WorkerHandler
from apache_beam.transforms.environments import ProcessEnvironment

from fairgate.cli import pipeline_commands
from fairgate.errors import InputError
from pipeline import worker

COMMAND = Path(sys.executable).with_name("fairgate-worker")


class ProcessHandler(GrpcWorkerHandler):
    """Starts the command of an environment, which Beam's Java runners do and its Python runner does not."""

    started: list["subprocess.Popen[bytes]"] = []  # noqa: RUF012  # of all handlers

    def __init__(self, payload: Any, state: Any, provision_info: Any, grpc_server: Any) -> None:
        super().__init__(state, provision_info, grpc_server)
        self._command = payload.command

    def start_worker(self) -> None:
        command = [self._command, f"--id={self.worker_id}", f"--provision_endpoint={self.control_address}"]
        self.started.append(subprocess.Popen(command))

    def stop_worker(self) -> None:
        """Its control channel is closed by now, so that it ends by itself."""
        self.started[-1].wait()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Let Beam's own runner start processes; return those."""
    known = {**WorkerHandler._registered_environments}
    monkeypatch.setattr(WorkerHandler, "_registered_environments", known)
    WorkerHandler.register_environment(common_urns.environments.PROCESS.urn, beam_runner_api_pb2.ProcessPayload)(ProcessHandler)
    monkeypatch.setattr(ProcessHandler, "started", [])
    yield ProcessHandler.started
    for process in ProcessHandler.started:
        process.kill()
        process.wait()


def counted(folder: Path, runner: Any) -> list[str]:
    """Count words by length in a pipeline, without code of this file, which a worker does not have; return the lines written."""
    with beam.Pipeline(runner=runner) as root:
        _ = (
            root
            | "Create" >> beam.Create(["fair", "gate", "of", "models"])
            | "Measure" >> beam.Map(len)
            | "Count" >> beam.combiners.Count.PerElement()
            | "Write" >> beam.Map(str)
            | "ToFile" >> beam.io.WriteToText(str(folder / "counts"))
        )
    return sorted(line for file in folder.iterdir() for line in file.read_text().splitlines())


@pytest.mark.slow
def test_graph_in_the_worker_ends_as_in_memory(started: list["subprocess.Popen[bytes]"], tmp_path: Path) -> None:
    for name in ("worker", "memory"):
        (tmp_path / name).mkdir()
    runner = FnApiRunner(default_environment=ProcessEnvironment(str(COMMAND)))
    assert counted(tmp_path / "worker", runner) == ["(2, 1)", "(4, 2)", "(6, 1)"]
    assert [process.returncode for process in started] == [0]
    assert counted(tmp_path / "memory", FnApiRunner()) == ["(2, 1)", "(4, 2)", "(6, 1)"]


def test_worker_that_a_person_starts_says_who_should(capsys: pytest.CaptureFixture[str]) -> None:
    assert pipeline_commands.worker(["--id=1"]) == 3
    assert capsys.readouterr().err.startswith("Error: fairgate-worker is started by a Beam runner, with --id and --provision_end")


def test_runner_that_does_not_answer_is_named() -> None:
    with pytest.raises(InputError, match=r"worker 1: the runner at 127\.0\.0\.1:1 does not answer within 5 s \(UNAVAILABLE\)"):
        worker.provided("1", "127.0.0.1:1", seconds=5)
