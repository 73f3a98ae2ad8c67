"""The doctor: every question has a good and a bad answer, and each bad one a remedy."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from fairgate.cli import main as cli
from pipeline.commands import requirements
from pipeline.commands.requirements import InstalledRequirement, MachineCheck


@pytest.mark.parametrize(
    ("version", "libc", "ok"),
    [((3, 10), "2.36", True), ((3, 13), "2.41", True), ((3, 9), "2.36", False), ((3, 14), "2.41", False)],
)
def test_python(version: tuple[int, int], libc: str, ok: bool) -> None:
    """What the lock supports."""
    found = requirements.python(version, libc)
    assert (found.ok, bool(found.remedy)) == (ok, not ok)


@pytest.mark.parametrize(
    ("library", "version", "python", "ok"),
    [
        ("glibc", "2.36", (3, 10), True),
        ("glibc", "2.36", (3, 11), False),
        ("glibc", "2.4", (3, 11), False),
        ("glibc", "2.38", (3, 11), True),
        ("glibc", "2.41", (3, 13), True),
        ("musl", "1.2", (3, 10), False),
        ("", "", (3, 10), False),
    ],
)
def test_c_library(library: str, version: str, python: tuple[int, int], ok: bool) -> None:
    """Versions are numbers, not text."""
    found = requirements.glibc(library, version, python)
    assert (found.ok, bool(found.remedy)) == (ok, not ok)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends that these distributions are installed: name -> (version, what it asks for)."""

    def install(**known: tuple[str, list[str]]) -> None:
        def find(name: str) -> tuple[str, list[str]]:
            if name not in known:
                raise metadata.PackageNotFoundError(name)
            return known[name]

        monkeypatch.setattr(requirements, "PIPELINE", ())
        monkeypatch.setattr(metadata, "version", lambda name: find(name)[0])
        monkeypatch.setattr(metadata, "requires", lambda name: find(name)[1])

    return install


def wrong(needed: Iterable[InstalledRequirement]) -> list[str]:
    """Return the requirements that are not met, as text."""
    return [str(requirement) for requirement in needed if not requirement.ok]


def test_requirements_that_are_met(installed: Callable[..., None]) -> None:
    """Through others, for this machine only, without extras; each needed once."""
    installed(
        fairgate=("0.1", ["tfx==1.16.0", "nothing; python_version < '3'", "kfp; extra == 'kubeflow'"]),
        tfx=("1.16.0", ["Protobuf<4", "tensorflow_hub<0.16", "fairgate"]),
        protobuf=("3.20.3", []),
    )
    needed = list(requirements.requirements())
    assert [(requirement.by, requirement.name) for requirement in needed] == [
        ("fairgate", "tfx"),
        ("tfx", "protobuf"),
        ("tfx", "fairgate"),
    ]
    assert wrong(needed) == []
    assert requirements.packages(needed) == MachineCheck(
        "packages", ok=True, state="3 packages, each in a version that all accept"
    )


def test_requirements_that_are_not_met(installed: Callable[..., None]) -> None:
    """A wrong version and an absent package, with who asks for them."""
    installed(fairgate=("0.1", ["tfx", "pydantic>=2"]), tfx=("1.16.0", ["protobuf<4"]), protobuf=("4.25.0", []))
    needed = list(requirements.requirements())
    expected = ["fairgate requires pydantic>=2, installed: none", "tfx requires protobuf<4, installed: 4.25.0"]
    assert wrong(needed) == expected
    assert requirements.packages(needed).state == "; ".join(expected)
    assert requirements.packages(needed).remedy.startswith("Run `make setup`")
    assert requirements.pinned("protobuf", needed) == MachineCheck(
        "protobuf", False, "4.25.0 (required: <4)", requirements._INSTALL
    )


def test_a_package_of_the_pipeline_that_is_not_installed(installed: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's metadata list the library's requirements alone; those of the pipeline count as well, with what they require."""
    installed(fairgate=("0.1", []), tfx=("1.16.0", ["protobuf<4"]))
    monkeypatch.setattr(requirements, "PIPELINE", ("tfx", "grimp"))
    expected = ["the pipeline requires grimp, installed: none", "tfx requires protobuf<4, installed: none"]
    assert wrong(requirements.requirements()) == expected


def test_the_packages_of_the_pipeline_are_those_of_its_group() -> None:
    """As pyproject.toml lists them."""
    text = (Path(requirements.__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    group = text.partition("\npipeline = [\n")[2].partition("\n]")[0]
    assert {*requirements.PIPELINE, "ipykernel"} == set(re.findall(r'^  "([a-z0-9-]+)', group, re.MULTILINE))


def test_pinned_packages_are_found_here() -> None:
    """Some installed package requires each of them."""
    needed = list(requirements.requirements())
    assert [requirements.pinned(name, needed).ok for name in requirements.PINNED] == [True, True]


def test_unparsable_requirement_is_skipped(installed: Callable[..., None]) -> None:
    """Old packages have them."""
    installed(fairgate=("0.1", ["pytz (>dev)", "pydantic"]), pydantic=("2.8", []))
    assert [requirement.name for requirement in requirements.requirements()] == ["pydantic"]


def test_project_that_is_not_installed(installed: Callable[..., None]) -> None:
    """As when somebody starts it from a copy of the source."""
    installed()
    assert wrong(requirements.requirements()) == ["the command requires fairgate, installed: none"]


def test_pin_that_is_not_installed() -> None:
    """Nobody needed, nothing found."""
    assert not requirements.pinned("tensorflow-hub", []).ok


def test_packages_of_this_environment_are_in_order() -> None:
    """The lock and the waivers agree with what the packages say."""
    assert wrong(requirements.requirements()) == []


@pytest.mark.parametrize(("free", "ok"), [(requirements.FREE_DISK, True), (requirements.FREE_DISK - 1, False)])
def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool) -> None:
    """Of the nearest folder that is there."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free if path == tmp_path else 0))
    found = requirements.disk(tmp_path / "not" / "yet")
    assert (found.ok, bool(found.remedy)) == (ok, not ok)
    assert found.state == f"4.0 GiB free in {tmp_path}"


def test_disk_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named with its remedy."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert requirements.disk(tmp_path) == MachineCheck(
        "disk", False, f"{tmp_path} cannot be written", "Name another folder with --root FOLDER."
    )


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        ({}, 1 << 60),
        ({"memory.max": "max\n", "memory.current": "5"}, 1 << 60),
        ({"memory.max": "1000\n", "memory.current": "400\n"}, 600),
        ({"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "1"}, 999),
    ],
)
def test_memory_that_a_container_allows(tmp_path: Path, files: dict[str, str], allowed: int) -> None:
    """Both versions of control groups."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert requirements._allowed(tmp_path) == allowed


@pytest.mark.parametrize(
    ("available", "allowed", "ok"), [(3 << 30, 1 << 60, True), (3 << 30, 2 << 30, False), (1, 1 << 60, False)]
)
def test_memory(monkeypatch: pytest.MonkeyPatch, available: int, allowed: int, ok: bool) -> None:
    """The smaller of both counts."""
    monkeypatch.setattr(requirements, "_available", lambda _: available)
    monkeypatch.setattr(requirements, "_allowed", lambda _: allowed)
    found = requirements.memory()
    assert (found.ok, bool(found.remedy)) == (ok, not ok)


def test_memory_as_the_kernel_writes_it(tmp_path: Path) -> None:
    """In kibibytes."""
    (tmp_path / "meminfo").write_text("MemTotal:       100 kB\nMemAvailable:    12 kB\n")
    assert requirements._available(tmp_path / "meminfo") == 12 << 10


@pytest.mark.parametrize(
    ("code", "out", "err", "ok", "found"),
    [
        (0, "noise\nit ran\n", "warnings", True, "it ran"),
        (1, "", "Traceback\nImportError: no keras\n", False, "ImportError: no keras"),
        (-4, "", "", False, "exit code -4, no message"),
    ],
)
def test_probe(code: int, out: str, err: str, ok: bool, found: str) -> None:
    """The last line is the result; a process killed by a signal prints none."""
    answer = requirements.probe("keras", lambda command, **_: subprocess.CompletedProcess(command, code, out, err))
    assert (answer.ok, answer.state, bool(answer.remedy)) == (ok, found, not ok)


def test_probe_without_an_end() -> None:
    """A runner that waits for a network that is not there."""

    def wait(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        raise subprocess.TimeoutExpired(command, 1)

    assert requirements.probe("beam", wait).state == "no answer within 600 s"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "said"), [("beam", "ran a pipeline"), ("keras", "predicts 19.0")])
def test_probes_of_this_machine(name: str, said: str) -> None:
    """Beam adds one to twenty; one neuron learns y = 2x - 1."""
    found = requirements.probe(name)
    assert (found.ok, said in found.state) == (True, True), found


@pytest.mark.parametrize(
    ("checks", "code", "printed"),
    [
        ([MachineCheck("disk", True, "5 GiB")], 0, ["✓  disk  5 GiB", "This machine is fit for a run."]),
        (
            [MachineCheck("disk", True, "5 GiB"), MachineCheck("memory", False, "[none]", "Buy some.")],
            3,
            ["✓  disk    5 GiB", "✗  memory  [none]", "           → Buy some.", "1 of 2 checks failed."],
        ),
    ],
)
def test_command_exits_with_three_when_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checks: list[MachineCheck], code: int, printed: list[str]
) -> None:
    """The table shows every check, and the remedy below a bad one."""
    monkeypatch.setattr(requirements, "examine", lambda _: checks)
    assert cli.main(("doctor",)) == code
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == printed
