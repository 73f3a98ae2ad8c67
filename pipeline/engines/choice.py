"""The engine that a run asks for, as its options say it. Imports nothing heavy."""

import json
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from fairgate.errors import InputError, os_reason
from pipeline.engines import flink_rest, jars
from pipeline.engines.address import MOST_PORT, EngineCluster, parse
from pipeline.engines.refused import is_direct, require_sound

STALL = 10.0  # minutes
SPREADING = "pipeline.engines.spread_reads.SpreadingRunner"  # Beam's portable runner; it is imported with Beam
WORKER_DEADLINE = 120.0  # seconds; 29 to 45 are usual, 157 were seen on a machine with eight times as much work as cores
_SECONDS = 10.0  # for a connection to Spark's master


@dataclass(frozen=True)
class EngineChoice:
    """Where the work inside the Beam steps is done.

    Attributes:
        beam_args: options for Beam, as typed; they outweigh those that the engine sets.
        address: of a cluster, `flink://HOST:PORT` or `spark://HOST:PORT`; "" = wherever the Beam options say, else this machine.
        job_endpoint: "HOST:PORT" of a job server of Beam that runs already; "" = one is started beside the run.
        stall: minutes without progress of the cluster, after which a job is cancelled.
        worker_deadline: seconds in which the workers must have answered the check that comes first.
    """

    beam_args: tuple[str, ...] = ()
    address: str = ""
    job_endpoint: str = ""
    stall: float = STALL
    worker_deadline: float = WORKER_DEADLINE

    @property
    def cluster(self) -> EngineCluster | None:
        """The cluster; None without one. Raises InputError as `address.parse`."""
        return parse(self.address) if self.address else None

    def check(self) -> None:
        """Check what can be known before anything is loaded.

        Raises:
            InputError: a runner that is silently wrong, an address that is none, options that do not fit each other, or a
                cluster that does not answer, has no slots, or is of another version.
        """
        require_sound(self.beam_args)
        self._check_times()
        cluster = self.cluster
        if cluster is None:
            self._check_unused()
            return
        if cluster.kind == "flink":
            _check_flink(cluster)
        else:
            _check_spark(cluster)
        if self.job_endpoint:
            _check_endpoint(self.job_endpoint)

    def _check_times(self) -> None:
        if not self.stall > 0:
            raise InputError(
                f"--stall {self.stall:g}: minutes without progress must be more than 0; type for example --stall 10."
            )
        if not self.worker_deadline > 0:
            raise InputError(
                f"--worker-deadline {self.worker_deadline:g}: the seconds for the workers' answers must be more than 0; "
                "type for example --worker-deadline 120."
            )

    def _check_unused(self) -> None:
        """Check that no option was given that has an effect on a cluster alone."""
        needs = "needs the cluster that does the work: --engine flink://HOST:PORT or spark://HOST:PORT"
        if self.job_endpoint:
            raise InputError(f"--job-endpoint {self.job_endpoint} {needs}.")
        if self.stall != STALL:
            raise InputError(f"--stall {self.stall:g} {needs}.")
        if self.worker_deadline != WORKER_DEADLINE and is_direct(self.beam_args):
            raise InputError(f"--worker-deadline {self.worker_deadline:g} {needs}, or --beam-arg=--runner=PortableRunner.")


HERE = EngineChoice()  # this machine


def worker_command() -> Path:
    """Return the command that a task manager or executor starts as a worker, which must be there under this path."""
    return Path(sys.executable).with_name("fairgate-worker")


def options(cluster: EngineCluster, endpoint: str, job: str) -> tuple[str, ...]:
    """Return the Beam options of a cluster.

    Args:
        cluster: gets the jobs.
        endpoint: "HOST:PORT" of its job server.
        job: the names of all jobs begin so.
    """
    environment = json.dumps({"command": str(worker_command())})
    common = (
        f"--runner={SPREADING}",
        f"--job_endpoint={endpoint}",
        "--job_server_timeout=864000",  # of Beam's own calls, the wait for the job among them: ten days
        "--environment_type=PROCESS",
        f"--environment_config={environment}",
        f"--job_name={job}",
    )
    if cluster.kind == "spark":
        return (*common, _kept(600))
    return (*common, _kept(20), f"--parallelism={max(1, flink_rest.overview(cluster).slots)}")  # else the job server's own number


def _kept(seconds: int) -> str:
    """Return the option that keeps a worker between two stages; else one is started anew for each.

    Flink keeps it as long after the end of the job, so that it should not be many; Spark's executors end with their job.
    """
    return f"--environment_cache_millis={seconds * 1000}"


def _check_flink(cluster: EngineCluster) -> None:
    found = flink_rest.overview(cluster)
    wanted = jars.versions()["flink.line"]
    if not f"{found.version}.".startswith(f"{wanted}."):
        raise InputError(
            f"{cluster}: is Flink {found.version}, and Beam's job server here is made for {wanted}; use a cluster of {wanted}."
        )
    if not found.slots:
        raise InputError(f"{cluster}: the cluster has {found}; start a task manager that registers there.")


def _check_spark(cluster: EngineCluster) -> None:
    if refusal := _refusal(cluster.host, cluster.port):
        raise InputError(
            f"{cluster}: no Spark master answers there ({refusal}); start the cluster, or name the host and port of its master: "
            "--engine spark://HOST:7077"
        )


def _check_endpoint(endpoint: str) -> None:
    host, _, port = endpoint.rpartition(":")
    usable = bool(host) and port.isascii() and port.isdigit() and int(port) <= MOST_PORT
    if refusal := _refusal(host, int(port)) if usable else "not of the form HOST:PORT":
        raise no_job_server(endpoint, refusal)


def no_job_server(endpoint: str, reason: str) -> InputError:
    """Return the error of a job endpoint where no job server answers, for a reason."""
    return InputError(
        f"--job-endpoint {endpoint}: no job server of Beam answers there ({reason}); start it, or leave the option out, and one "
        "is started beside the run of --engine flink://HOST:PORT or spark://HOST:PORT."
    )


def _refusal(host: str, port: int) -> str:
    """Return why nothing can be reached at an address; empty where something listens."""
    try:
        socket.create_connection((host.strip("[]"), port), timeout=_SECONDS).close()
    except (OSError, UnicodeError) as error:  # the latter of a name that cannot be one of a host
        return os_reason(error) if isinstance(error, OSError) else "not the name of a host"
    return ""
