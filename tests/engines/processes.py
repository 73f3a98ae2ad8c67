"""Processes of a cluster: each leads a group of its own, writes a log, and dies with the process that started it."""

import atexit
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

PR_SET_PDEATHSIG = 1
WORKER = "apache_beam.runners.worker.sdk_worker_main"  # what fairgate-worker becomes
_LIBC = ctypes.CDLL(None)


class NotReadyError(Exception):
    """A process ended, or a condition did not come about in time."""


def free_port() -> int:
    """Return a port of loopback that nothing listens at now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until the condition holds; exceptions of a server that does not answer yet count as no.

    Raises:
        NotReadyError: it does not hold in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, ValueError, KeyError, httpx.HTTPError):
            if condition():
                return
        time.sleep(0.25)
    raise NotReadyError(f"{what}: not within {seconds:g} s")


@dataclass
class Processes:
    """The processes of one cluster by their role.

    Attributes:
        folder: receives a log per role.
        started: role -> process, as started; also those that have ended.
    """

    folder: Path
    started: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, role: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a process in a session of its own; its output goes to FOLDER/ROLE.log."""
        with (self.folder / f"{role}.log").open("ab") as log:
            self.started[role] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def kill(self, role: str) -> None:
        """Kill (-9) the process of this role alone, as a fault would; what it has started must notice by itself."""
        self.started[role].kill()
        self.started[role].wait()

    def workers(self, role: str) -> list[int]:
        """Return the ids of the Python workers that the process of this role has started."""
        return [pid for pid in _alive({self.started[role].pid}) if WORKER in _command_line(pid)]

    def left(self) -> list[int]:
        """Return the ids of all processes, of whatever role, that still run in one of the groups."""
        return list(_alive({process.pid for process in self.started.values()}))

    def log(self, role: str, characters: int = 3000) -> str:
        """Return the end of a role's log."""
        return (self.folder / f"{role}.log").read_text(errors="replace")[-characters:]

    def check_alive(self) -> None:
        """Raise NotReadyError, with the end of its log, where a process has ended."""
        for role, process in self.started.items():
            if process.poll() is not None:
                raise NotReadyError(f"{role} ended with {process.returncode}:\n{self.log(role)}")

    def stop(self) -> None:
        """End all groups, first by SIGTERM."""
        for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            for process in self.started.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
            with suppress(NotReadyError):
                wait_until(lambda: not self.left(), patience, "the end of the cluster")
        for process in self.started.values():
            process.wait()


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Yield the processes of a cluster, and end what is left of them, also where the interpreter ends early."""
    folder.mkdir(parents=True, exist_ok=True)
    group = Processes(folder)
    atexit.register(group.stop)
    try:
        yield group
    finally:
        group.stop()
        atexit.unregister(group.stop)


def children(parent: int, word: str) -> list[int]:
    """Return the ids of a process's own children with this word in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return [pid for pid in found if any(word in argument for argument in _command_line(pid))]


def _die_with_parent() -> None:
    """Run in the child before its program starts: SIGKILL as soon as the parent's thread is gone."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _alive(groups: Set[int]) -> Iterator[int]:
    """Yield the ids of all processes in these groups, except those that are only not yet waited for."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(group) in groups and state != "Z":
                yield int(folder.name)


def _command_line(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    return []
