"""Measure the memory and processor time of trees of processes, step by step; Linux only.

In: the process that each tree starts with. Out: for each step and tree its peak of resident memory, its processor time, and how
many processes it started. Files that several processes map, as shared libraries, count in each of them.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PERIOD = 0.5  # seconds between two looks at all processes
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_RESET_PEAK = "5"  # see proc(5), clear_refs: VmHWM falls to the current size


@dataclass(frozen=True)
class Usage:
    """What a tree of processes took during a step.

    Attributes:
        peak: most resident memory of all its processes together at a moment, in bytes; at least the peak of each of them.
        processor: seconds of all its processes. What a process takes between the last look at it and its end is not in it.
        first: those of its first process alone.
        started: processes that came during the step, except those that ended between two looks.
    """

    peak: int
    processor: float
    first: float
    started: int


@dataclass(frozen=True)
class _Process:
    parent: int
    processor: float
    born: int  # ticks since the machine started; with the id, names a process for good
    resident: int


class UsageWatch(threading.Thread):
    """Looks at trees of processes every half second, and sums up what they take between two calls of `restart`.

    Args:
        roots: returns the name of each tree -> the id of its first process; asked at every look. A process belongs to the tree
            of its nearest ancestor among these.
    """

    def __init__(self, roots: Callable[[], Mapping[str, int]]) -> None:
        super().__init__(daemon=True, name="usage-watch")
        self._roots = roots
        self._lock, self._stopped = threading.Lock(), threading.Event()
        self._before: dict[tuple[int, int], float] = {}
        self._processor: dict[str, dict[tuple[int, int], float]] = {}
        self._peaks: dict[str, int] = {}
        self.restart()

    def run(self) -> None:
        """Look until `stop`."""
        while not self._stopped.wait(PERIOD):
            self._look()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def restart(self) -> None:
        """Forget what was used so far."""
        with self._lock:
            self._processor, self._peaks = {}, {}
            table = _table()
            self._before = {(pid, found.born): found.processor for pid, found in table.items()}
            for pid in _members(table, self._roots()):
                with suppress(OSError):
                    Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")

    def usage(self) -> dict[str, Usage]:
        """Return what each tree has used since `restart`, until now."""
        self._look()
        with self._lock:
            return {name: self._usage_of(name, self._roots()[name]) for name in self._processor}

    def _usage_of(self, name: str, first: int) -> Usage:
        used = {key: seconds - self._before.get(key, 0.0) for key, seconds in self._processor[name].items()}
        return Usage(
            peak=self._peaks[name],
            processor=sum(used.values()),
            first=sum(seconds for (pid, _), seconds in used.items() if pid == first),
            started=sum(key not in self._before for key in used),
        )

    def _look(self) -> None:
        with self._lock:
            table = _table()
            resident: dict[str, int] = {}
            for pid, name in _members(table, self._roots()).items():
                found = table[pid]
                self._processor.setdefault(name, {})[pid, found.born] = found.processor
                resident[name] = resident.get(name, 0) + found.resident
                self._peaks[name] = max(self._peaks.get(name, 0), _peak(pid))
            for name, size in resident.items():
                self._peaks[name] = max(self._peaks[name], size)


def _members(table: Mapping[int, _Process], roots: Mapping[str, int]) -> dict[int, str]:
    """Return process id -> name of its tree."""
    names = {pid: name for name, pid in roots.items()}
    members = {}
    for pid in table:
        named = next((names[each] for each in _line(table, pid) if each in names), None)
        if named is not None:
            members[pid] = named
    return members


def _line(table: Mapping[int, _Process], pid: int) -> Iterator[int]:
    """Yield a process and its ancestors, the nearest first."""
    while pid in table:
        yield pid
        pid = table[pid].parent


def _table() -> dict[int, _Process]:
    """Return all processes of the machine by their ids."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            values = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()  # from the state on, field 3
            user, system = int(values[11]), int(values[12])
            found[int(folder.name)] = _Process(int(values[1]), (user + system) / _TICKS, int(values[19]), int(values[21]) * _PAGE)
    return found


def _peak(pid: int) -> int:
    """Return the peak of a process's resident memory in bytes, VmHWM; 0 of one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0
