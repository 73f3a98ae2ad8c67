"""Explain how a cluster ended a job, each end with its remedy. Imports nothing heavy.

Beam returns of a failed job little more than the last cause of a chain of Java's exceptions: most signs below are what arrived
from Flink 1.19 through Beam's job server 2.62 when a fault was provoked; the tests have the texts. Not provoked: too few network
buffers, the missing heartbeat of a task manager, and whatever Spark says; their signs are from what users of these report.
"""

import re

_REASON = re.compile(r"Pipeline \S+ failed in state (?P<state>[A-Z]+): (?P<reason>.*)", re.DOTALL)  # by Beam's client
_OF_A_WORKER = "Traceback (most recent call last)"  # of Python: Java says it otherwise
_LONGEST = 300  # characters of a reason that is not known
_COMMAND = '--beam-arg=\'--environment_config={"command": "PATH/fairgate-worker"}\''
_SHARED = "every worker must have it under the same path, as on a shared volume"

# Sign in what a worker's Python says -> sentence, with what the sign's groups have found.
_WORKERS = (
    (
        re.compile(r"FileNotFoundError: \[Errno 2\] No such file or directory: '([^']+)'"),
        "{}: a worker does not see this file, or it was removed meanwhile; " + _SHARED,
    ),
    (
        re.compile(r"PermissionError: \[Errno 13\] Permission denied: '([^']+)'"),
        "{}: a worker's user may not read or write this; start the workers as this run's user, or give both users a group, "
        "the root to that group with `chgrp -R GROUP` and `chmod -R g+rwXs`, and type `umask 002` before both are started",
    ),
    (
        re.compile(r"ModuleNotFoundError: No module named '([^']+)'"),
        "a worker has no Python package {}; name a worker of this checkout with " + _COMMAND,
    ),
    (
        re.compile(  # Beam's own words, before it unpickles anything
            r"Submission environment: \S*beam_python([\d.]+)_sdk:([\w.]+?)\.? "
            r"Runtime environment: \S*beam_python([\d.]+)_sdk:([\w.]+?)\.?(?:\s|$)"
        ),
        "this run has Python {} and Beam {}, a worker has Python {} and Beam {}; name a worker of this checkout with " + _COMMAND,
    ),
    (
        re.compile(r"OSError: \[Errno (?:28|122)\]"),
        "no space left on a worker's disk, or on the disk of the root; free some",
    ),
)
# Sign in what the cluster or Beam's client says -> sentence.
_CLUSTERS = (
    (
        re.compile(r"Insufficient number of network buffers"),
        "the task managers have too few network buffers; write `taskmanager.network.sort-shuffle.min-buffers: 32`, "
        "`taskmanager.memory.network.min: 512mb` and `taskmanager.memory.network.max: 512mb` into Flink's configuration, and "
        "start the task managers again",
    ),
    (
        re.compile(r"NoResourceAvailableException|TimeoutException: Timeout has occurred|has not accepted any resources"),
        "the cluster had no free slot for as long as it waits; start more task managers or executors, wait until other jobs "
        "have ended, or ask for less with --beam-arg=--parallelism=N",
    ),
    (
        re.compile(r"No space left on device"),
        "the disk of a task manager or executor is full; free some on its host, in the folder of Flink's `io.tmp.dirs` or of "
        "Spark's SPARK_LOCAL_DIRS",
    ),
    (
        re.compile(r"Cannot run program \"|IOException: error=\d+, "),
        "a host of the cluster cannot start the command of --environment_config; bring this checkout to every host under the "
        "same path, or name what every host has with " + _COMMAND,
    ),
    (
        re.compile(r"Could not connect to BlobServer at address localhost"),
        "Flink's job manager listens at one address alone, and stores a job's files through its own loopback; write "
        "`jobmanager.bind-host: 0.0.0.0` into Flink's configuration and start the job manager again",
    ),
    (
        re.compile(r"java\.net\.ConnectException"),
        "Beam's job server does not reach the cluster any more; start the job manager (Flink) or the master (Spark) again",
    ),
    (
        re.compile(r"Process died with exit code (\d+)"),
        "a worker ended with exit code {} before it took work: its Python is not that of fairgate's checkout, or cannot import "
        "it; start the command of --environment_config on that host by hand, or name another one with " + _COMMAND,
    ),
)
# A worker's connection that broke, or its task manager that is gone.
_LOST = (
    "CANCELLED: client cancelled",
    "Multiplexer",
    "UNAVAILABLE",
    "heartbeat of TaskManager",
    "remote task manager",
    "Recovery is suppressed",
)
_AGAIN = "was it killed, or out of memory? Flink tries again with the restart strategy of docs/engines/flink.yaml"
_CANCELLED = "JobCancellationException"
_TIMEOUT = re.compile(r"StatusCode\.DEADLINE_EXCEEDED")
_GONE = re.compile(r"StatusCode\.UNAVAILABLE|FutureTimeoutError")


def explain(words: str) -> str:
    """Return how a cluster ended a job, and the remedy, without a stop at its end; empty if the words are of nothing like it.

    What fairgate's own code has raised on a worker is not explained, unless the worker's surroundings are to blame.

    Args:
        words: the names and the texts of the exceptions.
    """
    if _GONE.search(words):
        return (
            "Beam's job server does not answer any more: was it killed, or out of memory? The same command starts another one "
            "beside the run; start one that you have named yourself, or correct its address, --job-endpoint HOST:PORT (or "
            "--beam-arg=--job_endpoint=HOST:PORT)"
        )
    if _TIMEOUT.search(words):
        return "Beam's client has waited for the job as long as it may; allow it a day with --beam-arg=--job_server_timeout=86400"
    ended = _REASON.search(words)
    if ended is None:
        return ""
    if _OF_A_WORKER in ended["reason"]:
        return _matching(_WORKERS, ended["reason"])
    if said := _matching(_CLUSTERS, ended["reason"]):
        return said
    reason = ended["reason"].strip().splitlines()[0][:_LONGEST]
    if ended["state"] == "CANCELLED" or _CANCELLED in reason:  # Flink's arrives as FAILED
        return f"the job was cancelled on the cluster, by a person or by a cluster that was stopped ({reason})"
    if any(sign in reason for sign in _LOST):
        return f"the cluster lost a worker at work, and did not try again ({reason}); {_AGAIN}"
    return f"the cluster ended the job in state {ended['state']}: {reason}; its log has more"


def remedy(words: str) -> str:
    """Return what is wrong with a cluster by its own words, and the remedy, without a stop; empty if they say nothing known."""
    return _matching(_CLUSTERS, words)


def _matching(faults: tuple[tuple[re.Pattern[str], str], ...], words: str) -> str:
    for sign, sentence in faults:
        if found := sign.search(words):
            for value in found.groups():
                sentence = sentence.replace("{}", value, 1)
            return sentence
    return ""
