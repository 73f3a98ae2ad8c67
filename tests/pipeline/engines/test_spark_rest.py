"""What a job on Spark says by its driver's REST API."""

import socket

import pytest

from pipeline.engines import spark_rest
from pipeline.engines.rest import RestError
from pipeline.engines.stall import JobState
from tests.pipeline.engines.conftest import RestApi

API = "/api/v1/applications"


def test_state_sums_all_stages(api: RestApi) -> None:
    stages = [
        {"status": "COMPLETE", "numCompleteTasks": 2, "inputRecords": 3, "shuffleReadRecords": 5},
        {"status": "ACTIVE", "numCompleteTasks": 1, "shuffleWriteRecords": 7},
        {"status": "PENDING", "numCompleteTasks": 0},
    ]
    executors = [{"id": "driver", "isActive": True}, {"id": "0", "isActive": True}, {"id": "1", "isActive": False}]
    api.answers = {API: [{"id": "app-1"}], f"{API}/app-1/stages": stages, f"{API}/app-1/executors": executors}
    words = "Spark's application app-1 has 1 executors, 3 tasks complete, 2 stages open"
    assert spark_rest.job_state(api.port) == JobState((3, 3, 0, 5, 7), words)


def test_no_application_and_no_driver_are_no_job(api: RestApi) -> None:
    api.answers = {API: []}
    assert spark_rest.job_state(api.port) is None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert spark_rest.job_state(free.getsockname()[1]) is None


def test_driver_that_answers_otherwise_is_an_error(api: RestApi) -> None:
    with pytest.raises(RestError, match="404"):
        spark_rest.job_state(api.port)
