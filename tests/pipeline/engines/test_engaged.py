"""The engine of a run while it lasts, with a job server of Beam's interface that only pretends."""

import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairgate.errors import InputError
from pipeline.engines import engaged as engines
from pipeline.engines import flink_rest, job_server, stall
from pipeline.engines.choice import EngineChoice
from pipeline.engines.engaged import engaged
from pipeline.engines.job_service import JobServerClient
from pipeline.engines.stall import EngineState
from tests.pipeline.engines.conftest import RUNNING, JobsServed, RestApi


def wait_for_the_end(jobs: JobsServed) -> None:
    """Wait as Beam does, which raises when a job is cancelled."""
    while not jobs.cancelled:
        time.sleep(0.01)
    raise RuntimeError("job-1 failed in state CANCELLED")


def test_without_a_cluster_the_beam_options_are_all(tmp_path: Path) -> None:
    with engaged(EngineChoice(("--direct_num_workers=2",)), tmp_path) as beam_args:
        assert beam_args == ("--direct_num_workers=2",)


@pytest.mark.parametrize("is_named", [False, True])
def test_misspelt_option_is_refused_before_anything_is_done(server: SimpleNamespace, tmp_path: Path, is_named: bool) -> None:
    """By Beam's Python alone, or by a job server that is asked too."""
    named = ("--runner=PortableRunner", f"--job_endpoint={server.endpoint}") if is_named else ()
    with (
        pytest.raises(InputError, match=r"--beam-arg=--direct_workers=2: .* type --beam-arg=--direct_num_workers=2\."),
        engaged(EngineChoice((*named, "--direct_workers=2")), tmp_path),
    ):
        pass


@pytest.mark.parametrize("runner", ["--runner=PortableRunner", "--runner=FlinkRunner"])
def test_option_that_only_a_job_server_knows_passes(server: SimpleNamespace, tmp_path: Path, runner: str) -> None:
    """The runner of Flink starts a job server of its own, which nobody can ask before."""
    server.jobs.options = ["object_reuse"]
    beam_args = (runner, *((f"--job_endpoint={server.endpoint}",) if "Portable" in runner else ()), "--object_reuse=true")
    with engaged(EngineChoice(beam_args), tmp_path) as found:
        assert found == beam_args


def test_typed_options_outweigh_those_of_the_engine(flink: RestApi, server: SimpleNamespace, tmp_path: Path) -> None:
    choice = EngineChoice(("--parallelism=7",), str(flink.flink), server.endpoint)
    with engaged(choice, tmp_path) as beam_args:
        assert f"--job_endpoint={server.endpoint}" in beam_args
        assert [argument for argument in beam_args if "parallelism" in argument] == ["--parallelism=2", "--parallelism=7"]


def test_job_server_is_started_where_none_is_named(
    flink: RestApi, server: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []

    class Serving:
        def __init__(self, cluster: Any, log: Path, _: int) -> None:
            assert cluster == flink.flink
            started.append(log)

        def __enter__(self) -> str:
            return str(server.endpoint)

        def __exit__(self, *_: Any) -> None:
            started.append(Path("stopped"))

    monkeypatch.setattr(job_server, "serving", Serving)
    with engaged(EngineChoice(address=str(flink.flink)), tmp_path) as beam_args:
        assert f"--job_endpoint={server.endpoint}" in beam_args
        assert [log.parent for log in started] == [tmp_path]
    assert started[-1] == Path("stopped")


def test_cluster_without_progress_ends_the_run_with_its_state(
    flink: RestApi, server: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stall, "PERIOD", 0.01)
    monkeypatch.setattr(engines, "uuid", SimpleNamespace(uuid4=lambda: SimpleNamespace(hex="818b763b")))
    server.jobs.jobs = [("job-1", "fairgate-818b763b-root", RUNNING)]
    choice = EngineChoice(address=str(flink.flink), job_endpoint=server.endpoint, stall=1e-6)
    said = (
        r"flink://.*: no progress for 1e-06 minutes: Flink's job 6b13 is RUNNING: of 192 tasks 128 created, 20 finished, "
        r"44 running\. "
        r"The cluster has 2 task managers, 2 slots, 1 of them free\. The job is cancelled\. .*--stall MINUTES"
    )
    with pytest.raises(InputError, match=said), engaged(choice, tmp_path):
        wait_for_the_end(server.jobs)
    assert server.jobs.cancelled == ["job-1"]
    assert "PATCH /jobs/6b13?mode=cancel" in flink.asked


def test_cause_that_is_known_comes_with_its_remedy(flink: RestApi) -> None:
    stalled = "no progress for 2 minutes: Flink's job is RESTARTING, caused by java.io.IOException: No space left on device"
    assert " The disk of a task manager or executor is full; free some " in engines._words(flink.flink, stalled)


def test_job_server_that_is_not_there_is_told_at_once(flink: RestApi, tmp_path: Path) -> None:
    """Beam would wait for it for days."""
    choice = EngineChoice(address=str(flink.flink), job_endpoint="127.0.0.1:1")
    with (
        pytest.raises(InputError, match=r"127.0.0.1:1: no job server of Beam answers there \(UNAVAILABLE\)"),
        engaged(choice, tmp_path),
    ):
        pass


def test_cluster_is_asked_only_while_a_job_is_at_work(flink: RestApi, server: SimpleNamespace) -> None:
    """A run that trains for an hour does not end because its cluster is shut down meanwhile."""
    with JobServerClient(server.endpoint, "fairgate-1") as client:
        assert engines._look(client, partial(flink_rest.job_state, flink.flink, "fairgate-1")) == EngineState((), None)
    assert flink.asked == []


def test_job_that_the_cluster_has_ended_names_the_cluster(flink: RestApi, server: SimpleNamespace, tmp_path: Path) -> None:
    choice = EngineChoice(address=str(flink.flink), job_endpoint=server.endpoint)
    with (
        pytest.raises(InputError, match=rf"^Beam's job server does not reach the cluster .*\. The cluster is {flink.flink}\.$"),
        engaged(choice, tmp_path),
    ):
        raise RuntimeError("Pipeline job-1 failed in state FAILED: java.net.ConnectException: Connection refused")


def test_other_errors_pass_as_they_are(flink: RestApi, server: SimpleNamespace, tmp_path: Path) -> None:
    choice = EngineChoice(address=str(flink.flink), job_endpoint=server.endpoint)
    with pytest.raises(RuntimeError, match="the step has failed"), engaged(choice, tmp_path):
        raise RuntimeError("the step has failed")
