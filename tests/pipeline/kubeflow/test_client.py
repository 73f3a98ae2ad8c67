"""Submitting and scheduling, against a server that holds every request to the published description of the API.

The description is what kfp's client package was generated from: paths, methods, query parameters and the fields and types of all
bodies, read back from it by `described`.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from fairgate.cli import main as cli
from pipeline.kubeflow.client import order

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


@dataclass(frozen=True)
class Operation:
    """One call of the API, as it is described.

    Attributes:
        method, path: of the request; the path as a regular expression.
        query: the parameters that it may have.
        body, answer: names of models; "" where there is none.
    """

    method: str
    path: str
    query: frozenset[str]
    body: str
    answer: str


@cache
def described() -> list[Operation]:
    """Every operation of the services that we call."""
    from kfp_server_api import api

    services = (api.ExperimentServiceApi, api.HealthzServiceApi, api.RecurringRunServiceApi, api.RunServiceApi)
    return [
        _operation(inspect.getsource(method))
        for service in services
        for name, method in inspect.getmembers(service, inspect.isfunction)
        if name.endswith("_with_http_info")
    ]


def _operation(source: str) -> Operation:
    path, method = re.findall(r"call_api\(\s*'([^']+)', '(\w+)'", source)[0]
    argument = re.findall(r"body_params = local_var_params\['(\w+)'\]", source)
    body = re.findall(rf":type {argument[0]}: (\w+)", source) if argument else []
    (answer,) = re.findall(r"response_type='(\w+)'", source)
    query = re.findall(r"query_params\.append\(\('(\w+)'", source)
    return Operation(method, re.sub(r"\{\w+\}", "[^/:]+", path), frozenset(query), body[0] if body else "", answer)


def faults(value: Any, kind: str, where: str = "body") -> list[str]:
    """How a value differs from a described type: fields that do not exist, wrong types, unknown names."""
    import kfp_server_api

    inner = re.fullmatch(r"(list\[|dict\(str, )(\w+)[\])]", kind)
    if inner:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [fault for key, item in items for fault in faults(item, inner[2], f"{where}.{key}")]
    if kind in PLAIN:
        return [] if PLAIN[kind](value) else [f"{where}: {value!r} is no {kind}"]
    model = getattr(kfp_server_api, kind)
    if hasattr(model, "allowable_values"):
        return [] if value in model.allowable_values else [f"{where}: {value!r} is no {kind}"]
    types = {name: model.openapi_types[attribute] for attribute, name in model.attribute_map.items()}
    unknown = [f"{where}: {kind} has no {name}" for name in value if name not in types]
    return unknown + [fault for name in value if name in types for fault in faults(value[name], types[name], f"{where}.{name}")]


PLAIN: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int),
    "object": lambda _: True,
    "datetime": lambda value: isinstance(value, str),
}


@dataclass
class Api:
    """Kubeflow Pipelines as far as its answers matter here: experiments, runs and recurring runs in memory."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    experiments: list[dict[str, Any]] = field(default_factory=list)
    recurring: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[int, dict[str, str]] | None = None
    page: int = 2

    def answer(self, method: str, address: str, body: Any) -> tuple[int, Any]:
        """Status and content."""
        url = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        self.requests.append((method, url.path))
        self.wrong += self.faults(method, url.path, query, body)
        if self.refusal:
            return self.refusal
        if body is not None:
            self.bodies.append(body)
        return 200, self._content(method, url.path.removeprefix("/apis/v2beta1/"), query, body)

    def faults(self, method: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
        """How a request differs from the description."""
        found = [one for one in described() if one.method == method and re.fullmatch(one.path, path)]
        if len(found) != 1:
            return [f"{method} {path}: no such operation"]
        unknown = [f"{path}: no parameter {name}" for name in query if name not in found[0].query]
        if (body is not None) != bool(found[0].body):
            return [*unknown, f"{path}: a body where there is none, or none where there is one"]
        return unknown + (faults(body, found[0].body) if found[0].body else [])

    def _content(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        if path == "healthz":
            return {"multi_user": False}
        if path == "runs":
            return {**body, "run_id": "run-1"}
        if path == "experiments" and method == "POST":
            self.experiments.append({**body, "experiment_id": f"experiment-{len(self.experiments) + 1}"})
            return self.experiments[-1]
        if path == "experiments":
            (predicate,) = json.loads(query["filter"])["predicates"]
            return {"experiments": [one for one in self.experiments if one["display_name"] == predicate["stringValue"]]}
        if path == "recurringruns" and method == "POST":
            self.recurring.append({**body, "recurring_run_id": f"schedule-{len(self.recurring) + 1}", "status": "ENABLED"})
            return self.recurring[-1]
        if path == "recurringruns":
            first = int(query["page_token"] or 0)
            rest = {"next_page_token": str(first + self.page)} if first + self.page < len(self.recurring) else {}
            return {"recurringRuns": self.recurring[first : first + self.page], **rest}
        return self._change(method, *path.removeprefix("recurringruns/").partition(":")[::2])

    def _change(self, method: str, schedule_id: str, action: str) -> Any:
        (one,) = (one for one in self.recurring if one["recurring_run_id"] == schedule_id)
        if method == "DELETE":
            self.recurring.remove(one)
        else:
            one["status"] = {"enable": "ENABLED", "disable": "DISABLED"}[action]
        return {}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The server, where the command looks for it; whatever was asked, it was asked as described."""
    known = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.tokens.add(self.headers["Authorization"])
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, content = known.answer(self.command, self.path, body)
            written = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_DELETE = do_GET  # noqa: N815  # http.server's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "*")
    yield known
    server.shutdown()
    thread.join()
    server.server_close()
    assert known.wrong == []


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
    assert "http://127.0.0.1:1 does not answer" in capfd.readouterr().err


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
