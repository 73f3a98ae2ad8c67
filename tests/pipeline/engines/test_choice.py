"""The engine that a run asks for: what can be known of it before anything is loaded, and its Beam options."""

import json
import socket
import sys
from pathlib import Path

import pytest

from fairgate.errors import InputError
from pipeline.engines.address import EngineCluster
from pipeline.engines.choice import SPREADING, EngineChoice, options, worker_command
from tests.pipeline.engines.conftest import OVERVIEW, RestApi


def test_no_engine_has_nothing_to_check() -> None:
    EngineChoice().check()
    assert EngineChoice().cluster is None


def test_deadline_of_workers_that_another_runner_starts() -> None:
    EngineChoice(("--runner=PortableRunner",), worker_deadline=300).check()


def test_cluster_with_slots_of_the_right_version_passes(flink: RestApi) -> None:
    EngineChoice(address=str(flink.flink)).check()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"flink-version": "1.18.1"}, r"is Flink 1.18.1, and Beam's job server here is made for 1.19; use a cluster of 1.19"),
        ({"slots-total": 0, "slots-available": 0, "taskmanagers": 0}, r"has 0 task managers, 0 slots, 0 of them free; start a"),
    ],
)
def test_cluster_that_cannot_run_the_jobs_is_refused(flink: RestApi, change: dict[str, object], said: str) -> None:
    flink.answers["/overview"] = {**OVERVIEW, **change}
    with pytest.raises(InputError, match=said):
        EngineChoice(address=str(flink.flink)).check()


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (EngineChoice(("--runner=DaskRunner",)), "--runner=dask: refused"),
        (EngineChoice(address="http://jobs"), "--engine http://jobs: not the address"),
        (EngineChoice(job_endpoint="jobs:8099"), "--job-endpoint jobs:8099 needs the cluster that does the work"),
        (EngineChoice(stall=5), "--stall 5 needs the cluster that does the work: --engine flink://HOST:PORT or spark"),
        (EngineChoice(worker_deadline=5), "--worker-deadline 5 needs the cluster that does the work: .*, or --beam-arg=--runner"),
        (EngineChoice(stall=0), "--stall 0: minutes without progress must be more than 0; type for example --stall 10"),
        (
            EngineChoice(worker_deadline=-1),
            "--worker-deadline -1: the seconds .* more than 0; type for example --worker-deadline",
        ),
        (EngineChoice(stall=float("nan")), "--stall nan: minutes"),
    ],
)
def test_options_that_do_not_fit_are_refused(choice: EngineChoice, said: str) -> None:
    with pytest.raises(InputError, match=said):
        choice.check()


def test_spark_master_must_listen() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"spark://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match=r"no Spark master answers there \(Connection refused\)"):
            EngineChoice(address=address).check()
        server.listen()
        EngineChoice(address=address).check()


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("127.0.0.1:1", "Connection refused"),
        ("jobs", "not of the form HOST:PORT"),
        ("jobs:x", "not of the form HOST:PORT"),
        (":8099", "not of the form HOST:PORT"),
        ("jobs:99999", "not of the form HOST:PORT"),
    ],
)
def test_job_server_that_is_not_there_is_told_before_anything_is_loaded(flink: RestApi, endpoint: str, reason: str) -> None:
    with pytest.raises(InputError, match=rf"--job-endpoint {endpoint}: no job server of Beam answers there \({reason}\)"):
        EngineChoice(address=str(flink.flink), job_endpoint=endpoint).check()


def test_spark_address_that_is_no_host_is_told() -> None:
    with pytest.raises(InputError, match=r"spark://a..b:7077: no Spark master answers there \(not the name of a host\)"):
        EngineChoice(address="spark://a..b:7077").check()


def test_worker_is_the_command_beside_this_python() -> None:
    assert worker_command() == Path(sys.executable).parent / "fairgate-worker"


def test_options_of_flink_have_as_many_parallel_tasks_as_there_are_slots(flink: RestApi) -> None:
    found = options(flink.flink, "localhost:8099", "fairgate-1")
    given = dict(argument.removeprefix("--").split("=", 1) for argument in found)
    assert json.loads(given.pop("environment_config")) == {"command": str(worker_command())}
    assert given == {
        "runner": SPREADING,
        "job_endpoint": "localhost:8099",
        "job_server_timeout": "864000",
        "environment_type": "PROCESS",
        "job_name": "fairgate-1",
        "environment_cache_millis": "20000",
        "parallelism": "2",
    }


def test_options_of_spark_keep_the_workers() -> None:
    found = options(EngineCluster("spark", "master", 7077), "localhost:8099", "fairgate-1")
    assert "--environment_cache_millis=600000" in found
    assert not any(argument.startswith("--parallelism") for argument in found)
