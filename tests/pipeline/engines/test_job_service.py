"""What a run asks of a job server of Beam."""

from types import SimpleNamespace

import pytest

from fairgate.errors import InputError
from pipeline.engines.job_service import JobServerClient
from tests.pipeline.engines.conftest import DONE, RUNNING


def test_unfinished_jobs_are_those_of_the_run(server: SimpleNamespace) -> None:
    server.jobs.jobs = [
        ("b", "fairgate-1-x", RUNNING),
        ("a", "fairgate-1", RUNNING),
        ("c", "fairgate-1", DONE),
        ("d", "x", RUNNING),
    ]
    with JobServerClient(server.endpoint, "fairgate-1") as client:
        assert client.unfinished() == ("a", "b")
        client.cancel()
    assert server.jobs.cancelled == ["a", "b"]


def test_job_server_that_is_gone_is_no_reason_to_fail_in_cancelling() -> None:
    with JobServerClient("127.0.0.1:1", "fairgate-1") as client:
        client.cancel()


def test_options_of_the_server_have_names(server: SimpleNamespace) -> None:
    server.jobs.options = ["object_reuse", "parallelism"]
    with JobServerClient(server.endpoint) as client:
        assert client.option_names() == ("object_reuse", "parallelism")


def test_job_server_that_is_not_there_is_told_at_once() -> None:
    """Beam would wait for it for days."""
    with (
        JobServerClient("127.0.0.1:1") as client,
        pytest.raises(
            InputError, match=r"--job-endpoint 127.0.0.1:1: no job server of Beam answers there \(UNAVAILABLE\); start"
        ),
    ):
        client.option_names()
