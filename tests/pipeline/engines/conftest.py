"""What a run asks of a cluster, played: a REST API with fixed answers that remembers what was asked, and a job server of Beam."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

from pipeline.engines.address import EngineCluster

RUNNING, DONE = beam_job_api_pb2.JobState.RUNNING, beam_job_api_pb2.JobState.DONE
OVERVIEW = {"taskmanagers": 2, "slots-total": 2, "slots-available": 1, "flink-version": "1.19.0"}
TASKS = {"running": 44, "created": 128, "finished": 20, "canceled": 0, "total": 192}
JOB = {"jid": "6b13", "name": "fairgate-818b763b", "start-time": 10, "end-time": -1, "state": "RUNNING", "tasks": TASKS}
VERTICES = [{"metrics": {"read-records": 7, "write-records": 5, "read-bytes": 99}}, {"metrics": {"write-records": None}}]


@dataclass
class RestApi:
    """The server.

    Attributes:
        port: that it listens on.
        answers: path, with its query -> JSON values; an unknown path is answered with 404.
        asked: "METHOD path" of each request.
    """

    port: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def flink(self) -> EngineCluster:
        """The server as a Flink cluster."""
        return EngineCluster("flink", "127.0.0.1", self.port)


@pytest.fixture
def api() -> Iterator[RestApi]:
    """A server without answers."""
    found = RestApi()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            found.asked.append(f"{self.command} {self.path}")
            known = self.path in found.answers or self.command == "PATCH"
            body = json.dumps(found.answers.get(self.path)).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PATCH = answer  # noqa: N815  # the names that the library asks for

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def flink(api: RestApi) -> RestApi:
    """A Flink cluster with one job at work."""
    api.answers = {
        "/overview": OVERVIEW,
        "/jobs/overview": {"jobs": [JOB]},
        "/jobs/6b13": {"vertices": VERTICES},
        "/jobs/6b13/exceptions?maxExceptions=1": {"exceptionHistory": {"entries": []}},
    }
    return api


class JobsServed(beam_job_api_pb2_grpc.JobServiceServicer):
    """Answers with the jobs that it is told of, and remembers which were cancelled."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str, int]] = []  # id, name, state
        self.cancelled: list[str] = []
        self.options: list[str] = []  # names

    def DescribePipelineOptions(self, *_: Any) -> Any:  # noqa: N802  # the interface's name
        """Return the options that the server knows."""
        known = [beam_job_api_pb2.PipelineOptionDescriptor(name=name) for name in self.options]
        return beam_job_api_pb2.DescribePipelineOptionsResponse(options=known)

    def GetJobs(self, *_: Any) -> Any:  # noqa: N802  # the interface's name
        """Return all jobs."""
        infos = [beam_job_api_pb2.JobInfo(job_id=job, job_name=name, state=state) for job, name, state in self.jobs]
        return beam_job_api_pb2.GetJobsResponse(job_info=infos)

    def Cancel(self, request: Any, _: Any) -> Any:  # noqa: N802  # the interface's name
        """Cancel a job."""
        self.cancelled.append(request.job_id)
        return beam_job_api_pb2.CancelJobResponse()


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    """Return the endpoint of a job server, and its jobs."""
    jobs, listening = JobsServed(), grpc.server(ThreadPoolExecutor(2))
    beam_job_api_pb2_grpc.add_JobServiceServicer_to_server(jobs, listening)
    port = listening.add_insecure_port("127.0.0.1:0")
    listening.start()
    yield SimpleNamespace(endpoint=f"127.0.0.1:{port}", jobs=jobs)
    listening.stop(0)
