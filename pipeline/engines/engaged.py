"""The engine of a run while it lasts: a job server beside the run, and an eye on the cluster's progress."""

import logging
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

from fairgate.errors import InputError
from pipeline.engines import flink_rest, job_server, spark_rest
from pipeline.engines.address import EngineCluster
from pipeline.engines.choice import EngineChoice, options
from pipeline.engines.flink_rest import JobState
from pipeline.engines.rest import SECONDS
from pipeline.engines.stall import EngineState, StallWatch, endable

logger = logging.getLogger(__name__)
_ENDED = tuple(
    getattr(beam_job_api_pb2.JobState, state) for state in ("DONE", "FAILED", "CANCELLED", "STOPPED", "DRAINED", "UPDATED")
)


@contextmanager
def engaged(choice: EngineChoice, logs: Path) -> Iterator[tuple[str, ...]]:
    """Yield the Beam options of a run; while it lasts, a cluster's job server is there, and its progress is watched.

    Args:
        choice: the engine; without a cluster its Beam options are all.
        logs: folder for the log of a job server that is started.

    Raises:
        InputError: the job server does not start, or the cluster has made no progress for as long as `choice` allows.
    """
    cluster = choice.cluster
    if cluster is None:
        yield choice.beam_args
        return
    job = f"fairgate-{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        ui_port = _free_port()
        log = logs / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-job-server.log"
        endpoint = choice.job_endpoint or stack.enter_context(job_server.serving(cluster, log, ui_port))
        progress = _progress(cluster, job, None if choice.job_endpoint else ui_port)
        jobs = stack.enter_context(JobServerClient(endpoint, job))
        jobs.require_answer()
        watch = StallWatch(partial(_look, jobs, progress), partial(_cancel, cluster, jobs), choice.stall)
        try:
            with endable():
                watch.start()
                try:
                    yield options(cluster, endpoint, job) + choice.beam_args
                finally:
                    watch.stop()
        except BaseException as error:  # a StalledError, or what the cancelled job ended with
            if watch.stalled:
                watch.join(2 * SECONDS)  # it is cancelling
                raise InputError(_words(cluster, watch.stalled)) from error
            raise


class JobServerClient:
    """Asks a job server for the jobs of one run, and cancels them.

    Args:
        endpoint: "HOST:PORT".
        job: the names of the run's jobs begin so.
    """

    def __init__(self, endpoint: str, job: str) -> None:
        self.job = job
        self._endpoint = endpoint
        self._channel = grpc.insecure_channel(endpoint)
        self._service: Any = beam_job_api_pb2_grpc.JobServiceStub(self._channel)

    def __enter__(self) -> "JobServerClient":
        """Connect with the first call."""
        return self

    def __exit__(self, *raised: Any) -> None:
        """Close the connection."""
        self._channel.close()

    def require_answer(self) -> None:
        """Check that the server is there: Beam itself would wait for it as long as for a job.

        Raises:
            InputError: it does not answer.
        """
        try:
            self.unfinished()
        except grpc.RpcError as error:
            raise InputError(
                f"{self._endpoint}: no job server of Beam answers there ({error.code().name}); start it, or leave --job-endpoint "
                "out, and one is started beside the run."
            ) from None

    def unfinished(self) -> tuple[str, ...]:
        """Return the ids of the jobs that have not ended. Raises grpc.RpcError where the server does not answer."""
        found = self._service.GetJobs(beam_job_api_pb2.GetJobsRequest(), timeout=SECONDS).job_info
        return tuple(sorted(each.job_id for each in found if each.job_name.startswith(self.job) and each.state not in _ENDED))

    def cancel(self) -> None:
        """Cancel the jobs that have not ended, as far as the server answers."""
        try:
            for job in self.unfinished():
                self._service.Cancel(beam_job_api_pb2.CancelJobRequest(job_id=job), timeout=SECONDS)
        except grpc.RpcError as error:
            logger.warning("The job server does not cancel: %s", error)


def _progress(cluster: EngineCluster, job: str, ui_port: int | None) -> Callable[[], JobState | None]:
    """Return what observes how far the cluster has come."""
    if cluster.kind == "flink":
        return partial(flink_rest.job_state, cluster, job)
    if ui_port is None:
        logger.warning("The progress of %s cannot be seen through a job server that runs already: only jobs count.", cluster)
        return lambda: None
    return partial(spark_rest.job_state, ui_port)


def _look(jobs: JobServerClient, progress: Callable[[], JobState | None]) -> EngineState:
    unfinished = jobs.unfinished()
    return EngineState(unfinished, progress() if unfinished else None)


def _cancel(cluster: EngineCluster, jobs: JobServerClient) -> None:
    jobs.cancel()
    if cluster.kind == "flink":
        flink_rest.cancel(cluster, jobs.job)


def _words(cluster: EngineCluster, stalled: str) -> str:
    resources = ""
    if cluster.kind == "flink":
        try:
            resources = f" The cluster has {flink_rest.overview(cluster)}."
        except InputError:
            resources = " Its job manager does not answer."
    return (
        f"{cluster}: {stalled}.{resources} The job is cancelled. Start what is missing, or allow more time with --stall MINUTES; "
        "finished steps are kept, and the same command continues from there."
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
