"""Plays the API of Kubeflow Pipelines and holds every request to its published description.

The description is what kfp's client package was generated from: paths, methods, query parameters and the fields and types of all
bodies, read back from it by `described`.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


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

    services = (
        *(api.ExperimentServiceApi, api.HealthzServiceApi, api.PipelineServiceApi),
        *(api.PipelineUploadServiceApi, api.RecurringRunServiceApi, api.RunServiceApi),
    )
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
    uploads: list[bytes] = field(default_factory=list)
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
        return 200, self.content(method, url.path.removeprefix("/apis/v2beta1/"), query, body)

    def faults(self, method: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
        """How a request differs from the description."""
        found = [one for one in described() if one.method == method and re.fullmatch(one.path, path)]
        if len(found) != 1:
            return [f"{method} {path}: no such operation"]
        unknown = [f"{path}: no parameter {name}" for name in query if name not in found[0].query]
        if (body is not None) != bool(found[0].body):
            return [*unknown, f"{path}: a body where there is none, or none where there is one"]
        return unknown + (faults(body, found[0].body) if found[0].body else [])

    def content(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        """The answer to a request that was accepted; the path is that behind the version of the API."""
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


@contextmanager
def served(known: Api) -> Iterator[str]:
    """Serve on a port of its own; yield the address. Whatever was asked must have been asked as described."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.tokens.add(self.headers["Authorization"])
            length = int(self.headers["Content-Length"] or 0)
            sent = self.rfile.read(length) if length else b""
            if sent and self.headers["Content-Type"].startswith("multipart/"):
                known.uploads.append(sent)
                sent = b""
            status, content = known.answer(self.command, self.path, json.loads(sent) if sent else None)
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
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert known.wrong == []
