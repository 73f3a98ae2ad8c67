"""How a cluster ends a job, in the words that came back when a fault was provoked, and what is made of them."""

from pathlib import Path

import grpc
import pytest

from pipeline import faults
from pipeline.engines import cluster_faults

ROOT = Path("/share/run")
ENDED = "Pipeline fairgate-1-root-1127205353-c3cec94b_d29d0c1f failed in state {}: {}"
OF_A_WORKER = """java.lang.RuntimeException: Error received from SDK harness for instruction 2: Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1495, in apache_beam.runners.common.DoFnRunner.process
  File "/opt/fairgate/data/opening.py", line 19, in read
{0}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1497, in apache_beam.runners.common.DoFnRunner.process
{0} [while running 'Convert sources/Read blocks']
"""
# Reason of a job in state FAILED -> how the message begins.
FLINK = {
    "java.io.IOException: error=2, No such file or directory": (
        "a host of the cluster cannot start the command of --environment_config; bring this checkout to every host under "
        'the same path, or name what every host has with --beam-arg=\'--environment_config={"command": "PATH/fairgate-worker"}\''
    ),
    "java.lang.IllegalStateException: Process died with exit code 1": "a worker ended with exit code 1 before it took work: its",
    "java.util.concurrent.TimeoutException: Timeout has occurred: 25000 ms": "the cluster had no free slot for as long as it",
    "org.apache.beam.vendor.grpc.v1p60p1.io.grpc.StatusRuntimeException: org.apache.beam.vendor.grpc.v1p60p1.io.grpc."
    "StatusRuntimeException: CANCELLED: client cancelled": "the cluster lost a worker at work, and did not try again (org.apache",
    "org.apache.flink.runtime.io.network.netty.exception.RemoteTransportException: Connection unexpectedly closed by remote task "
    "manager '127.0.0.1/127.0.0.1:41887 [ tm2 ] '. This might indicate that the remote task manager was lost.": (
        "the cluster lost a worker at work, and did not try again (org.apache.flink.runtime.io.network.netty.exception.Remote"
    ),
    "org.apache.flink.runtime.client.JobCancellationException: Job was cancelled.": "the job was cancelled on the cluster, by a",
    "java.io.IOException: Could not connect to BlobServer at address localhost/127.0.0.1:44155 (java.net.ConnectException)": (
        "Flink's job manager listens at one address alone, and stores a job's files through its own loopback; write"
    ),
    "java.io.IOException: No space left on device": "the disk of a task manager or executor is full; free some on its host, in",
    "java.net.ConnectException: Connection refused": "Beam's job server does not reach the cluster any more; start the job",
    "java.lang.IllegalArgumentException: x\nmore": (
        "the cluster ended the job in state FAILED: java.lang.IllegalArgumentException: x; its log has more"
    ),
}
# Last line of a worker's traceback -> how the message begins.
WORKERS = {
    "FileNotFoundError: [Errno 2] No such file or directory: '/only/here/train.csv'": (
        "/only/here/train.csv: a worker does not see this file, or it was removed meanwhile; every worker must have it under"
    ),
    "PermissionError: [Errno 13] Permission denied: '/share/run/x'": "/share/run/x: a worker's user may not read or write this;",
    "ModuleNotFoundError: No module named 'pipeline'": "a worker has no Python package pipeline; name a worker of this checkout",
    "RuntimeError: Pipeline construction environment and pipeline runtime environment are not compatible. Submission "
    "environment: beam:version:sdk_base:apache/beam_python3.10_sdk:2.59.0. Runtime environment: "
    "beam:version:sdk_base:apache/beam_python3.11_sdk:2.59.0.": (
        "this run has Python 3.10 and Beam 2.59.0, a worker has Python 3.11 and Beam 2.59.0; name a worker of this checkout"
    ),
    "OSError: [Errno 28] No space left on device": "no space left on a worker's disk, or on the disk of",
}


@pytest.mark.parametrize(("reason", "start"), FLINK.items())
def test_job_that_flink_ends(reason: str, start: str) -> None:
    explained = str(faults.explain(RuntimeError(ENDED.format("FAILED", reason)), ROOT))
    assert explained.startswith(start)
    assert explained.endswith("finished steps are kept, and the same command continues from there.")


@pytest.mark.parametrize(("line", "start"), WORKERS.items())
def test_worker_whose_surroundings_are_to_blame(line: str, start: str) -> None:
    error = RuntimeError(ENDED.format("FAILED", OF_A_WORKER.format(line)))
    assert str(faults.explain(error, ROOT)).startswith(start)


def test_beam_s_own_job_service_returns_the_traceback_alone() -> None:
    """That of the worker is in it, with the same last line."""
    reason = OF_A_WORKER.replace(
        "java.lang.RuntimeException: Error received from SDK harness for instruction 2: ", "Error running pipeline.\n"
    )
    line, start = next(iter(WORKERS.items()))
    error = RuntimeError(ENDED.format("FAILED", reason.format(line)))
    assert str(faults.explain(error, ROOT)).startswith(start)


def test_mistake_of_a_worker_is_a_crash() -> None:
    error = RuntimeError(ENDED.format("FAILED", OF_A_WORKER.format("ValueError: shapes differ")))
    assert faults.explain(error, ROOT) is None


def test_mistake_in_the_input_that_a_worker_finds_keeps_its_words() -> None:
    line = "fairgate.errors.InputError: /share/train.csv: line 3 is cut off; export it again"
    error = RuntimeError(ENDED.format("FAILED", OF_A_WORKER.format(line)))
    assert str(faults.explain(error, ROOT)) == "/share/train.csv: line 3 is cut off; export it again"


LOST = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.UNAVAILABLE
\tdetails = "Stream removed (Socket closed)"
\tdebug_error_string = "UNAVAILABLE:Stream removed (Socket closed)"
>"""


@pytest.mark.parametrize("error", [grpc.FutureTimeoutError(), RuntimeError(LOST)], ids=["never started", "killed"])
def test_job_server_that_is_not_there(error: Exception) -> None:
    explained = str(faults.explain(error, ROOT))
    assert explained.startswith(
        "Beam's job server does not answer any more: was it killed, or out of memory? The same command st"
    )


@pytest.mark.parametrize(
    "words",
    ["Insufficient number of network buffers: required 512, but only 31 available. The total number of network buffers is"],
)
def test_too_few_network_buffers(words: str) -> None:
    """In words that users of Flink report: this was not provoked."""
    reason = ENDED.format("FAILED", f"java.io.IOException: {words}")
    assert "`taskmanager.network.sort-shuffle.min-buffers: 32`" in cluster_faults.explain(reason)
