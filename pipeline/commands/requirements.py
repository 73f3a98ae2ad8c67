"""Is this machine fit for a run? One function per question, the light ones first; nothing heavy is imported here.

In: the folder that runs would go to. Out: findings with their remedies. Beam and Keras are tried in processes of their own,
`python -m pipeline.commands.probes NAME`, because what is wrong with them may end the process that finds it out.
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = "fairgate"
FREE_DISK = 4 << 30  # bytes; the sample needs a quarter, 200,000 comments a half
FREE_MEMORY = 3 << 30  # bytes; twice the peak of 200,000 comments
PROBE_SECONDS = 600  # most of them go to importing TensorFlow where many others are at work
MODERN_GLIBC = Version("2.38")  # tensorflow-data-validation and ml-metadata of TFX 1.21 are linked against it
MODERN_PYTHON = (3, 11)
PINNED = ("tensorflow-hub", "protobuf")
# Demands that are left aside on purpose, as pyproject.toml says: (who asks, for what).
WAIVED = {
    ("tfx", "tensorflow-hub"),
    ("fairness-indicators", "witwidget"),
    ("ipywidgets", "widgetsnbextension"),
    ("tensorflow", "libclang"),
}
_INSTALL = "Run `make setup`, which installs the locked packages."
_UNLIMITED = 1 << 60  # what control groups of version 1 say for "no limit" is larger


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    Attributes:
        name: what was looked at.
        ok: whether a run can work with it.
        found: what is there.
        remedy: what to do; empty when nothing is to be done.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Demand:
    """A distribution asks for a version of another.

    Attributes:
        by: who asks.
        name: for what.
        versions: which, "" for any.
        found: what is installed; None when nothing is.
        ok: whether that is what was asked for.
    """

    by: str
    name: str
    versions: str
    found: str | None
    ok: bool

    def __str__(self) -> str:
        return f"{self.by} asks for {self.name}{self.versions}, installed is {self.found or 'none'}"


def examine(folder: Path) -> Iterator[Finding]:
    """Asks every question; heavy ones last, so that what is simply missing is told first.

    Args:
        folder: where runs would go; it need not be there yet.
    """
    yield python(sys.version_info[:2], platform.libc_ver()[1])
    yield glibc(*platform.libc_ver(), sys.version_info[:2])
    asked = list(demands())
    yield packages(asked)
    yield from (pinned(name, asked) for name in PINNED)
    yield disk(folder)
    yield memory()
    yield from (probe(name) for name in ("beam", "keras"))


def python(version: tuple[int, int], libc: str) -> Finding:
    """Whether this Python is one that the lock supports on this C library."""
    wanted = "3.10 to 3.13" if libc and Version(libc) >= MODERN_GLIBC else "3.10"
    ok = (3, 10) <= version < (3, 14)
    remedy = "" if ok else f"Use Python {wanted}: `make setup` finds it, or name one in FAIRGATE_PYTHON."
    return Finding("Python", ok, f"{platform.python_version()} in {sys.prefix}", remedy)


def glibc(library: str, version: str, python_version: tuple[int, int]) -> Finding:
    """Whether the C library is new enough for the packages of this Python."""
    if library != "glibc":
        return Finding(
            "C library", ok=False, found=library or "unknown", remedy="TFX needs Linux with glibc, such as Debian or Ubuntu."
        )
    ok = python_version < MODERN_PYTHON or Version(version) >= MODERN_GLIBC
    remedy = "" if ok else f"Python {python_version[0]}.{python_version[1]} needs glibc {MODERN_GLIBC}: use Python 3.10 here."
    return Finding("C library", ok, f"glibc {version}", remedy)


def demands() -> Iterator[Demand]:
    """Every demand of this project, of what it asks for, and so on, that applies to this machine, without those waived."""
    if _version(PROJECT) is None:
        yield Demand("the command", PROJECT, "", None, False)
        return
    seen, waiting = set(), [PROJECT]
    while waiting:
        by = waiting.pop()
        if by in seen:
            continue
        seen.add(by)
        for asked in _parsed(importlib.metadata.requires(by) or ()):
            name = canonicalize_name(asked.name)
            if (asked.marker and not asked.marker.evaluate({"extra": ""})) or (by, name) in WAIVED:
                continue
            found = _version(name)
            yield Demand(by, name, str(asked.specifier), found, bool(found) and asked.specifier.contains(found or "", True))
            waiting += [name] if found else []


def _parsed(demanded: Iterable[str]) -> Iterator[Requirement]:
    """Without those of old packages that no tool of today understands."""
    for text in demanded:
        with suppress(InvalidRequirement):
            yield Requirement(text)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def packages(asked: list[Demand]) -> Finding:
    """Whether every package is there in a version that suits all who need it."""
    wrong = [str(demand) for demand in asked if not demand.ok]
    found = "; ".join(wrong) or f"{len({demand.name for demand in asked})} packages, each in a version that all accept"
    return Finding("packages", not wrong, found, _INSTALL if wrong else "")


def pinned(name: str, asked: list[Demand]) -> Finding:
    """One package that TFX and the others disagree about easily: what is installed, and who wants what."""
    own = [demand for demand in asked if demand.name == name]
    wanted = ", ".join(sorted({part for demand in own for part in demand.versions.split(",") if part}))
    found = next((demand.found for demand in own if demand.found), None)
    ok = bool(own) and all(demand.ok for demand in own)
    return Finding(name, ok, f"{found or 'none'} (wanted: {wanted or 'any'})", "" if ok else _INSTALL)


def disk(folder: Path) -> Finding:
    """Whether the disk that runs would go to can be written and has room."""
    place = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        return Finding("disk", ok=False, found=f"{place} cannot be written", remedy="Name another folder with --root.")
    ok = free >= FREE_DISK
    remedy = "" if ok else f"Free {_gigabytes(FREE_DISK)} in {place}, or name a folder on another disk with --root."
    return Finding("disk", ok, f"{_gigabytes(free)} free in {place}", remedy)


def memory() -> Finding:
    """Whether there is memory for a run, within what the container allows."""
    free = min(_available(Path("/proc/meminfo")), _allowed(Path("/sys/fs/cgroup")))
    ok = free >= FREE_MEMORY
    remedy = "" if ok else f"Close other programs, or give the container {_gigabytes(FREE_MEMORY)} of memory."
    return Finding("memory", ok, f"{_gigabytes(free)} free", remedy)


def _available(meminfo: Path) -> int:
    """Bytes that programs could still get, as the kernel estimates."""
    lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="utf-8").splitlines())
    return int(lines["MemAvailable"].split()[0]) << 10


def _allowed(cgroup: Path) -> int:
    """Bytes that the control group still allows; very many where there is no limit."""
    for limit, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):
        if (cgroup / limit).is_file() and (text := (cgroup / limit).read_text(encoding="utf-8").strip()).isdecimal():
            return int(text) - int((cgroup / used).read_text(encoding="utf-8"))
    return _UNLIMITED


def probe(name: str, run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run) -> Finding:
    """Tries one heavy part in a process of its own, whose last line says what it found."""
    title = {"beam": "Beam runner", "keras": "Keras"}[name]
    command = [sys.executable, "-m", "pipeline.commands.probes", name]
    try:
        done = run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Finding(
            title, ok=False, found=f"no answer within {PROBE_SECONDS} s", remedy="Try again on a machine that is less busy."
        )
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = lines[-1] if lines else f"exit code {done.returncode}, no message"
    ok = done.returncode == 0
    remedy = (
        "" if ok else f"See `{' '.join(command[1:])}` with this Python. A processor without AVX cannot run TensorFlow. {_INSTALL}"
    )
    return Finding(title, ok, last, remedy)


def _gigabytes(size: int) -> str:
    return "unlimited" if size >= _UNLIMITED else f"{size / (1 << 30):.1f} GiB"
