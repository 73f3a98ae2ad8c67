"""Submitting and scheduling, against a server that holds every request to the published description of the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairgate.cli import main as cli
from pipeline.kubeflow.client import order
from tests.kubeflow.played_api import Api, faults, served

SPEC: dict[str, Any] = {
    "pipelineInfo": {"name": "fairgate-digits"},
    "root": {
        "dag": {"tasks": {}},
        "inputDefinitions": {
            "parameters": {
                "examples": {"parameterType": "STRING"},
                "policy": {"parameterType": "STRING", "defaultValue": "{}"},
            }
        },
    },
    "deploymentSpec": {"executors": {}},
    "schemaVersion": "2.1.0",
}
WAIVED = (
    "{rules: [{id: useful, kind: beats_trivial, metric: auc}], "
    "waivers: [{rule: useful, slice: overall, who: A. Smith, why: appeal, until: 2026-12-31}]}"
)
PVC = {"constant": "claim", "mountPath": "/mnt"}
MOUNTS = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"Trainer": {"pvcMount": [PVC]}}}}}}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The server, where the command looks for it."""
    known = Api()
    monkeypatch.setenv("no_proxy", "*")
    with served(known) as address:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", address)
        yield known


@pytest.fixture
def package(tmp_path: Path) -> str:
    """A compiled pipeline, with a volume."""
    path = tmp_path / "pipeline.yaml"
    path.write_text(yaml.safe_dump_all([SPEC, MOUNTS]))
    return str(path)


GIVEN = ("-p", "examples=/mnt/examples")


def test_run_is_submitted(api: Api, package: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The specification as it was compiled, its parameters, an experiment that is made once."""
    for _ in range(2):
        assert cli.main(["kubeflow", "submit", package, *GIVEN]) == 0
    assert capfd.readouterr().out == "Run run-1: fairgate-digits, in the experiment fairgate-digits.\n" * 2
    assert [request for request in api.requests if request[0] == "POST"] == [
        ("POST", "/apis/v2beta1/experiments"),
        ("POST", "/apis/v2beta1/runs"),
        ("POST", "/apis/v2beta1/runs"),
    ]
    run = api.bodies[-1]
    assert (run["display_name"], run["experiment_id"]) == ("fairgate-digits", "experiment-1")
    assert run["runtime_config"] == {"parameters": {"examples": "/mnt/examples"}}
    assert run["pipeline_spec"]["pipeline_spec"]["pipelineInfo"] == SPEC["pipelineInfo"]
    assert run["pipeline_spec"]["platform_spec"] == MOUNTS
    assert api.tokens == {None}


def test_schedule_never_overlaps_and_never_catches_up(api: Api, package: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Six fields in the cluster's zone, one run at a time, no backlog."""
    cron = ("--cron", "0 3 * * 1", "--timezone", "Asia/Tokyo")
    assert cli.main(["kubeflow", "schedule", package, *cron, "--name", "weekly", *GIVEN]) == 0
    assert capfd.readouterr().out == (
        "Schedule schedule-1: weekly, at 0 3 * * 1 in Asia/Tokyo (for the cluster: 0 0 18 * * 0).\n"
    )
    made = api.bodies[-1]
    assert made["trigger"] == {"cron_schedule": {"cron": "0 0 18 * * 0"}}
    assert (made["mode"], made["max_concurrency"], made["no_catchup"]) == ("ENABLE", "1", True)
    assert made["runtime_config"]["parameters"] == {"examples": "/mnt/examples"}


def test_second_schedule_of_the_same_name_is_refused(api: Api, package: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Two would run at the same time."""
    command = ["kubeflow", "schedule", package, "--cron", "0 3 * * 1", *GIVEN]
    assert [cli.main(command), cli.main(command)] == [0, 3]
    assert "A schedule 'fairgate-digits' (0 0 3 * * 1) already exists: schedule-1" in capfd.readouterr().err
    assert len(api.recurring) == 1


def test_schedules_are_listed_paused_resumed_deleted(api: Api, package: str, capfd: pytest.CaptureFixture[str]) -> None:
    """All pages of them; each change reaches the one that is named."""
    for name in ("one", "two", "three"):
        cli.main(["kubeflow", "schedule", package, "--cron", "5 * * * *", "--name", name, *GIVEN])
    for change in ("pause", "resume", "pause"):
        assert cli.main(["kubeflow", "schedules", change, "schedule-2"]) == 0
    assert cli.main(["kubeflow", "schedules", "delete", "schedule-1"]) == 0
    api.page = 1
    capfd.readouterr()
    assert cli.main(["kubeflow", "schedules", "list"]) == 0
    assert [line.split() for line in capfd.readouterr().out.splitlines()] == [
        ["schedule-2", "paused", "0", "5", "*", "*", "*", "*", "two"],
        ["schedule-3", "on", "0", "5", "*", "*", "*", "*", "three"],
    ]


def test_token_comes_from_the_environment(api: Api, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes into the header of every request."""
    monkeypatch.setenv("FAIRGATE_KUBEFLOW_TOKEN", "abc")
    cli.main(["kubeflow", "submit", package, *GIVEN])
    assert api.tokens == {"Bearer abc"}


def test_refusal_of_the_cluster_is_one_line(api: Api, package: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a traceback, and at once."""
    api.refusal = (401, {"message": "who are you?"})
    assert cli.main(["kubeflow", "submit", package, *GIVEN]) == 3
    printed, errors = capfd.readouterr()
    assert (printed, errors.count("\n")) == ("", 1)
    assert "answered 401 Unauthorized: who are you?" in errors


def test_cluster_that_is_down_is_one_line(
    package: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the address."""
    monkeypatch.setenv("no_proxy", "*")
    assert cli.main(["kubeflow", "submit", package, *GIVEN, "--host", "http://127.0.0.1:1"]) == 3
    said = capfd.readouterr().err
    assert "http://127.0.0.1:1 does not answer" in said
    assert (
        "(--host, or KF_PIPELINES_ENDPOINT)? For --host http://localhost:8888, `kubectl port-forward -n kubeflow svc/ml-" in said
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("submit", "PACKAGE", *GIVEN), "Add --host http://localhost:8888, or set KF_PIPELINES_ENDPOINT to that"),
        (("schedules", "list"), "Add --host http://localhost:8888, or set KF_PIPELINES_ENDPOINT to that"),
        (("submit", "absent.yaml"), "absent.yaml cannot be read"),
        (("schedule", "absent.yaml", "--cron", "0 3"), "has 2 fields"),
    ],
    ids=" ".join,
)
def test_missing_address_is_said_with_an_example_after_all_else(
    arguments: tuple[str, ...], words: str, package: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KF_PIPELINES_ENDPOINT", raising=False)
    assert cli.main(["kubeflow", *(package if part == "PACKAGE" else part for part in arguments)]) == 3
    assert words in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs a value for 'examples'"),
        ((*GIVEN, "-p", "steps=5"), "has no parameter 'steps'; it has examples, policy"),
        ((*GIVEN, "-p", "steps"), "not of the form NAME=VALUE"),
        ((*GIVEN, "-p", "policy=@absent.json"), "the file cannot be read"),
        ((*GIVEN, "-p", 'policy={"rules": 5}'), "Policy error in --parameter policy, line 1: rules: "),
        (
            (*GIVEN, "-p", f"policy={WAIVED}"),
            "has a waiver (useful on overall, waived by A. Smith until 2026-12-31: appeal), but ",
        ),
    ],
)
def test_mistakes_are_answered_before_the_cluster_is_called(
    arguments: tuple[str, ...], words: str, package: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not after hours of training."""
    assert cli.main(["kubeflow", "submit", package, *arguments, "--host", "http://127.0.0.1:1"]) == 3
    assert words in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [("submit", "--name", "a\nb"), ("schedule", "--cron", "0 3 * * 1", "--name=-x"), ("submit", "--namespace", "A")],
)
def test_names_that_a_cluster_would_refuse_are_not_sent(
    arguments: tuple[str, ...], api: Api, package: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["kubeflow", arguments[0], package, *GIVEN, *arguments[1:]]) == 3
    assert capfd.readouterr().err.startswith("Error: --name")
    assert api.requests == []


def test_waivers_are_sent_to_a_gate_that_never_comes_from_the_cache(tmp_path: Path) -> None:
    path = tmp_path / "waived.yaml"
    gate = {"FairnessGate": {"cachingOptions": {"enableCache": False}}}
    path.write_text(yaml.safe_dump(SPEC | {"root": SPEC["root"] | {"dag": {"tasks": gate}}}))
    assert order(path, "", "", {"examples": "/mnt", "policy": WAIVED}).parameters["policy"] == WAIVED


@pytest.mark.parametrize("text", ["", "a: [", "a: 1", "[1]"])
def test_file_that_is_no_specification_is_refused(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The message says how one is written."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert cli.main(["kubeflow", "submit", str(path), "--host", "http://127.0.0.1:1"]) == 3
    assert "is no pipeline specification; write it with `fairgate kubeflow compile`" in capfd.readouterr().err


def test_the_server_would_notice() -> None:
    """A field, a type and a path that the description does not have."""
    assert faults({"max_concurrency": 1}, "V2beta1RecurringRun") == ["body.max_concurrency: 1 is no str"]
    assert faults({"trigger": {"cron": "x"}}, "V2beta1RecurringRun") == ["body.trigger: V2beta1Trigger has no cron"]
    assert faults({"mode": "ON"}, "V2beta1RecurringRun") == ["body.mode: 'ON' is no RecurringRunMode"]
    known = Api()
    assert known.faults("POST", "/apis/v2beta1/jobs", {}, {}) == ["POST /apis/v2beta1/jobs: no such operation"]
    path = "/apis/v2beta1/recurringruns"
    assert known.faults("GET", path, {"colour": "red"}, None) == [f"{path}: no parameter colour"]
    assert known.faults("POST", path, {}, None) == [f"{path}: a body where there is none, or none where there is one"]
