"""The engine of a run while it lasts: a job server beside the run, and an eye on the cluster's progress."""

import logging
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from fairgate.errors import InputError
from pipeline import faults
from pipeline.engines import beam_options, cluster_faults, flink_rest, job_server, spark_rest, stall
from pipeline.engines.address import EngineCluster
from pipeline.engines.choice import EngineChoice, options
from pipeline.engines.job_service import JobServerClient
from pipeline.engines.refused import is_direct
from pipeline.engines.rest import SECONDS
from pipeline.engines.stall import EngineState, JobState, StallWatch, endable
from pipeline.faults import ClusterFaultError

logger = logging.getLogger(__name__)


@contextmanager
def engaged(choice: EngineChoice, logs: Path) -> Iterator[tuple[str, ...]]:
    """Yield the Beam options of a run; while it lasts, a cluster's job server is there, and its progress is watched.

    Args:
        choice: the engine; without a cluster its Beam options are all.
        logs: folder for the log of a job server that is started.

    Raises:
        InputError: an option that nobody reads, the job server does not start, the cluster has ended a job, or it has made no
            progress for as long as `choice` allows; the message has the cluster's address.
    """
    cluster = choice.cluster
    if cluster is None:
        _check_options(choice.beam_args)
        yield choice.beam_args
        return
    job = f"fairgate-{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        ui_port = _free_port()
        log = logs / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-job-server.log"
        endpoint = choice.job_endpoint or stack.enter_context(job_server.serving(cluster, log, ui_port))
        progress = _progress(cluster, job, None if choice.job_endpoint else ui_port)
        jobs = stack.enter_context(JobServerClient(endpoint, job))
        beam_options.require_known(choice.beam_args, jobs.option_names())
        watch = StallWatch(partial(_look, jobs, progress), partial(_cancel, cluster, jobs), choice.stall, stall.PERIOD)
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
            explained = faults.explain(error, logs)
            if isinstance(explained, ClusterFaultError):
                raise InputError(f"{explained} The cluster is {cluster}.") from error
            raise


def _check_options(beam_args: Sequence[str]) -> None:
    """Check the options of a run without a cluster; a job server that Beam starts by itself cannot be asked what it knows."""
    endpoint = "" if is_direct(beam_args) else beam_options.job_endpoint(beam_args)
    if not endpoint:
        beam_options.require_known_offline(beam_args)
        return
    with JobServerClient(endpoint) as jobs:
        beam_options.require_known(beam_args, jobs.option_names())


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
    cause = cluster_faults.remedy(stalled)
    explained = f" {cause[0].upper()}{cause[1:]}." if cause else ""
    return (
        f"{cluster}: {stalled}.{resources} The job is cancelled.{explained} Start what is missing, or allow more time with "
        "--stall MINUTES; finished steps are kept, and the same command continues from there."
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
