"""Check whether this machine can run the pipeline: one function per check, the quick ones first; imports nothing heavy.

In: the folder for runs. Out: one `MachineCheck` per check, with its remedy. Beam and Keras run in separate processes,
`python -m pipeline.commands.probes NAME`, because a fault in them may kill the process.
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
# The group `pipeline` of pyproject.toml, which no metadata list; without ipykernel, which one stack alone needs.
PIPELINE = (
    "tfx",
    "tensorflow",
    "tensorflow-model-analysis",
    "apache-beam",
    "fairness-indicators",
    "tensorflow-hub",
    "setuptools",
    "scikit-learn",
    "google-crc32c",
    "httpx",
    "tenacity",
    "packaging",
    "grimp",
    "pillow",
)
FREE_DISK = 4 << 30  # bytes; the sample needs a quarter, 200,000 comments a half
FREE_MEMORY = 3 << 30  # bytes; twice the peak of 200,000 comments
PROBE_SECONDS = 600  # mostly for importing TensorFlow on a busy machine
MODERN_GLIBC = Version("2.38")  # tensorflow-data-validation and ml-metadata of TFX 1.21 are linked against it
MODERN_PYTHON = (3, 11)
PINNED = ("tensorflow-hub", "protobuf")
# Requirements that are ignored on purpose, explained in pyproject.toml: (dependent package, required package).
WAIVED = {
    ("tfx", "tensorflow-hub"),
    ("fairness-indicators", "witwidget"),
    ("ipywidgets", "widgetsnbextension"),
    ("tensorflow", "libclang"),
}
_INSTALL = "Run `make setup`, which installs the locked packages."
_UNLIMITED = 1 << 60  # control groups of version 1 report a larger number for "no limit"


@dataclass(frozen=True)
class MachineCheck:
    """The result of one check.

    Attributes:
        name: what is checked.
        ok: whether the check passed.
        state: what the machine has.
        remedy: how to fix a failed check; empty if it passed.
    """

    name: str
    ok: bool
    state: str
    remedy: str = ""


@dataclass(frozen=True)
class InstalledRequirement:
    """A requirement of one installed distribution on another, and what is installed.

    Attributes:
        by: the dependent distribution.
        name: the required distribution.
        versions: the version specifier; "" allows any version.
        installed: the installed version; None if it is not installed.
        ok: whether the installed version is allowed.
    """

    by: str
    name: str
    versions: str
    installed: str | None
    ok: bool

    def __str__(self) -> str:
        return f"{self.by} requires {self.name}{self.versions}, installed: {self.installed or 'none'}"


def examine(folder: Path) -> Iterator[MachineCheck]:
    """Run every check and yield the results; slow checks come last, so that missing packages are reported first.

    Args:
        folder: the folder for runs; it may not exist yet.
    """
    yield python(sys.version_info[:2], platform.libc_ver()[1])
    yield glibc(*platform.libc_ver(), sys.version_info[:2])
    needed = list(requirements())
    yield packages(needed)
    yield from (pinned(name, needed) for name in PINNED)
    yield disk(folder)
    yield memory()
    yield from (probe(name) for name in ("beam", "keras"))


def python(version: tuple[int, int], libc: str) -> MachineCheck:
    """Check that the lock file supports this Python on this C library."""
    wanted = "3.10 to 3.13" if libc and Version(libc) >= MODERN_GLIBC else "3.10"
    ok = (3, 10) <= version < (3, 14)
    remedy = "" if ok else f"Use Python {wanted}: `make setup` finds it, or name one in FAIRGATE_PYTHON."
    return MachineCheck("Python", ok, f"{platform.python_version()} in {sys.prefix}", remedy)


def glibc(library: str, version: str, python_version: tuple[int, int]) -> MachineCheck:
    """Check that the C library is new enough for the packages of this Python."""
    if library != "glibc":
        return MachineCheck(
            "C library", ok=False, state=library or "unknown", remedy="TFX needs Linux with glibc, such as Debian or Ubuntu."
        )
    ok = python_version < MODERN_PYTHON or Version(version) >= MODERN_GLIBC
    remedy = "" if ok else f"Python {python_version[0]}.{python_version[1]} needs glibc {MODERN_GLIBC}: use Python 3.10 here."
    return MachineCheck("C library", ok, f"glibc {version}", remedy)


def requirements() -> Iterator[InstalledRequirement]:
    """Yield the direct and indirect requirements of library and pipeline that apply to this machine, except waived ones."""
    if _version(PROJECT) is None:
        yield InstalledRequirement("the command", PROJECT, "", None, False)
        return
    for name in PIPELINE:
        version = _version(name)
        yield InstalledRequirement("the pipeline", name, "", version, version is not None)
    seen, waiting = set(), [PROJECT, *(name for name in PIPELINE if _version(name))]
    while waiting:
        by = waiting.pop()
        if by in seen:
            continue
        seen.add(by)
        for requirement in _parsed(importlib.metadata.requires(by) or ()):
            name = canonicalize_name(requirement.name)
            if (requirement.marker and not requirement.marker.evaluate({"extra": ""})) or (by, name) in WAIVED:
                continue
            version = _version(name)
            ok = version is not None and requirement.specifier.contains(version, True)
            yield InstalledRequirement(by, name, str(requirement.specifier), version, ok)
            waiting += [name] if version else []


def _parsed(texts: Iterable[str]) -> Iterator[Requirement]:
    """Parse requirements, skipping those of old packages that current tools cannot parse."""
    for text in texts:
        with suppress(InvalidRequirement):
            yield Requirement(text)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def packages(needed: list[InstalledRequirement]) -> MachineCheck:
    """Check that every required package is installed in a version that all its dependents accept."""
    wrong = [str(requirement) for requirement in needed if not requirement.ok]
    count = len({requirement.name for requirement in needed})
    state = "; ".join(wrong) or f"{count} packages, each in a version that all accept"
    return MachineCheck("packages", not wrong, state, _INSTALL if wrong else "")


def pinned(name: str, needed: list[InstalledRequirement]) -> MachineCheck:
    """Check one package on whose version TFX and other packages often disagree; report installed and required versions."""
    own = [requirement for requirement in needed if requirement.name == name]
    wanted = ", ".join(sorted({part for requirement in own for part in requirement.versions.split(",") if part}))
    installed = next((requirement.installed for requirement in own if requirement.installed), None)
    ok = bool(own) and all(requirement.ok for requirement in own)
    return MachineCheck(name, ok, f"{installed or 'none'} (required: {wanted or 'any'})", "" if ok else _INSTALL)


def disk(folder: Path) -> MachineCheck:
    """Check that the disk for runs is writable and has enough free space."""
    place = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        return MachineCheck(
            "disk", ok=False, state=f"{place} cannot be written", remedy="Name another folder with --root FOLDER."
        )
    ok = free >= FREE_DISK
    remedy = "" if ok else f"Free {_gigabytes(FREE_DISK)} in {place}, or name a folder on another disk with --root FOLDER."
    return MachineCheck("disk", ok, f"{_gigabytes(free)} free in {place}", remedy)


def memory() -> MachineCheck:
    """Check that there is enough memory for a run within the container's limit."""
    free = min(_available(Path("/proc/meminfo")), _allowed(Path("/sys/fs/cgroup")))
    ok = free >= FREE_MEMORY
    remedy = "" if ok else f"Close other programs, or give the container {_gigabytes(FREE_MEMORY)} of memory."
    return MachineCheck("memory", ok, f"{_gigabytes(free)} free", remedy)


def _available(meminfo: Path) -> int:
    """Return the available memory in bytes, as the kernel estimates it."""
    lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="utf-8").splitlines())
    return int(lines["MemAvailable"].split()[0]) << 10


def _allowed(cgroup: Path) -> int:
    """Return the bytes that the control group still allows; _UNLIMITED if it sets no limit."""
    for limit, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):
        if (cgroup / limit).is_file() and (text := (cgroup / limit).read_text(encoding="utf-8").strip()).isdecimal():
            return int(text) - int((cgroup / used).read_text(encoding="utf-8"))
    return _UNLIMITED


def probe(name: str, run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run) -> MachineCheck:
    """Try Beam or Keras in a separate process whose last output line is the result."""
    title = {"beam": "Beam runner", "keras": "Keras"}[name]
    command = [sys.executable, "-m", "pipeline.commands.probes", name]
    try:
        done = run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return MachineCheck(
            title, ok=False, state=f"no answer within {PROBE_SECONDS} s", remedy="Try again on a machine that is less busy."
        )
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = lines[-1] if lines else f"exit code {done.returncode}, no message"
    ok = done.returncode == 0
    remedy = (
        "" if ok else f"See `{' '.join(command[1:])}` with this Python. A processor without AVX cannot run TensorFlow. {_INSTALL}"
    )
    return MachineCheck(title, ok, last, remedy)


def _gigabytes(size: int) -> str:
    return "unlimited" if size >= _UNLIMITED else f"{size / (1 << 30):.1f} GiB"
