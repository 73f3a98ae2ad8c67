"""What a Flink cluster says by its REST API."""

import pytest

from fairgate.errors import InputError
from pipeline.engines import flink_rest
from pipeline.engines.flink_rest import FlinkOverview
from pipeline.engines.rest import RestError
from pipeline.engines.stall import JobState
from tests.pipeline.engines.conftest import JOB, RestApi

STATE = "Flink's job 6b13 is RUNNING: of 192 tasks 128 created, 20 finished, 44 running"


def test_overview_has_the_resources(flink: RestApi) -> None:
    found = flink_rest.overview(flink.flink)
    assert found == FlinkOverview("1.19.0", 2, 2, 1)
    assert str(found) == "2 task managers, 2 slots, 1 of them free"


def test_address_without_flink_is_told(api: RestApi) -> None:
    with pytest.raises(InputError, match=r"flink://127.0.0.1:\d+: no Flink answers at http://127.0.0.1:\d+/overview \(.*404"):
        flink_rest.overview(api.flink)


def test_other_server_is_no_flink(api: RestApi) -> None:
    api.answers = {"/overview": {"status": "up"}}
    with pytest.raises(InputError, match="no Flink answers"):
        flink_rest.overview(api.flink)


def test_job_state_counts_finished_tasks_and_records(flink: RestApi) -> None:
    assert flink_rest.job_state(flink.flink, "fairgate-818b") == JobState((20, 12), STATE)


def test_newest_failure_is_told(flink: RestApi) -> None:
    failure = {"exceptionName": "java.io.IOException", "stacktrace": "java.io.IOException: Insufficient number\n\tat a.B.c"}
    flink.answers["/jobs/6b13/exceptions?maxExceptions=1"] = {"exceptionHistory": {"entries": [failure]}}
    state = flink_rest.job_state(flink.flink, "fairgate-818b")
    assert state is not None
    assert state.words == f"{STATE}; the last failure that it was restarted after is: java.io.IOException: Insufficient number"


def test_root_of_the_newest_failure_is_told(flink: RestApi) -> None:
    causes = "\n\tat a.B.c\nCaused by: java.io.IOException: broken\nCaused by: java.io.IOException: No space left\n\t... 1 more"
    failure = {"stacktrace": f"java.io.IOException: Failed to fetch BLOB{causes}"}
    flink.answers["/jobs/6b13/exceptions?maxExceptions=1"] = {"exceptionHistory": {"entries": [failure]}}
    state = flink_rest.job_state(flink.flink, "fairgate-818b")
    assert state is not None
    assert state.words.endswith("is: java.io.IOException: Failed to fetch BLOB, caused by java.io.IOException: No space left")


@pytest.mark.parametrize("change", [{"name": "another"}, {"end-time": 12}])
def test_jobs_of_others_and_those_that_have_ended_are_none(flink: RestApi, change: dict[str, object]) -> None:
    flink.answers["/jobs/overview"] = {"jobs": [{**JOB, **change}]}
    assert flink_rest.job_state(flink.flink, "fairgate-818b") is None


def test_cancel_asks_for_each_unfinished_job(flink: RestApi) -> None:
    jobs = [JOB, {**JOB, "jid": "7c14"}, {**JOB, "jid": "ended", "end-time": 3}]
    flink.answers["/jobs/overview"] = {"jobs": jobs}
    flink_rest.cancel(flink.flink, "fairgate-818b")
    assert flink.asked[1:] == ["PATCH /jobs/6b13?mode=cancel", "PATCH /jobs/7c14?mode=cancel"]


def test_cluster_that_does_not_answer_is_no_reason_to_fail_in_cancelling(api: RestApi) -> None:
    flink_rest.cancel(api.flink, "fairgate")
    assert api.asked == ["GET /jobs/overview"]
    with pytest.raises(RestError, match="404"):
        flink_rest.job_state(api.flink, "fairgate")
