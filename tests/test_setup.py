"""The set-up scripts choose the Python that suits the machine, and name what is missing in one line."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
BASH = shutil.which("bash") or "bash"
# What the scripts call; nothing else is on the machine's PATH.
TOOLS = "awk bash cat chmod cut dirname env head make mkdir rm sed sha256sum sort tail timeout uname"


@dataclass(frozen=True)
class Machine:
    """A machine made up of a folder of commands (all of its PATH) and a home, without a Python at first."""

    root: Path

    def command(self, path: str, script: str) -> Path:
        """Puts a shell script at `path` below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!{BASH}\n{script}\n")
        file.chmod(0o755)
        return file

    def python(self, path: str, answer: str = "3.13 headers") -> Path:
        """Puts a command there that answers as a working Python does, or one that fails as a shim of pyenv does."""
        if answer == "fails":
            return self.command(path, 'echo "pyenv: command not found" >&2; exit 127')
        return self.command(path, f'echo "{answer} $0"')

    def start(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command on this machine, without standard input."""
        return subprocess.run(
            command,
            env={"PATH": str(self.root / "bin"), "HOME": str(self.root / "home"), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, script: str, **variables: str) -> tuple[int, str]:
        """Exit code and answer of a function of machine.sh, paths below the root."""
        start = f"set -euo pipefail; source {PROJECT}/scripts/machine.sh; SYSTEM_FOLDERS=()"
        finished = self.start(BASH, "-c", f"{start}\n{script}", **variables)
        return finished.returncode, finished.stdout.strip().replace(f"{self.root}/", "")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with glibc 2.41, a compiler and the standard commands, and without a Python."""
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS.split():
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or f"{tool} is not on this machine")
    made.command("bin/getconf", 'echo "glibc 2.41"')
    made.command("bin/g++", "exit 0")
    return made


@pytest.mark.parametrize(
    ("version", "limit", "code"),
    [
        ("2.36", "2.38", 1),
        ("2.38", "2.38", 0),
        ("2.41", "2.38", 0),
        ("2.4", "2.38", 1),
        ("3.0", "2.38", 0),
        ("0.13.10", "0.13.9", 0),
    ],
)
def test_versions_are_compared_by_their_numbers(machine: Machine, version: str, limit: str, code: int) -> None:
    """2.4 is older than 2.38, and 0.13.10 is newer than 0.13.9."""
    assert machine.ask(f"at_least {version} {limit}") == (code, "")


@pytest.mark.parametrize(
    ("glibc", "versions"),
    [("2.31", "3.10"), ("2.37", "3.10"), ("2.38", "3.13 3.12 3.11 3.10"), ("2.41", "3.13 3.12 3.11 3.10")],
)
def test_the_c_library_decides_which_pythons_are_wanted(machine: Machine, glibc: str, versions: str) -> None:
    """The wheels of TFX 1.21 need glibc 2.38; before that there is only Python 3.10."""
    assert machine.ask(f"python_versions {glibc}") == (0, versions)


@pytest.mark.parametrize(
    ("script", "expected"),
    [("echo glibc 2.36", "2.36"), ("echo glibc 2.41.9000", "2.41.9000"), ("echo musl", ""), ("exit 1", "")],
)
def test_the_version_of_the_c_library_is_read(machine: Machine, script: str, expected: str) -> None:
    """Another C library than glibc gives nothing."""
    machine.command("bin/getconf", script)
    assert machine.ask("glibc_version") == (0, expected)


PYENV_310 = "pyenv/versions/3.10.13/bin/python3.10"
HOME_310 = "home/.pyenv/versions/3.10.4/bin/python3.10"
FETCHED_310 = "home/.local/share/uv/python/cpython-3.10.16-linux-x86_64-gnu/bin/python3.10"
OLD, NEW = "2.36", "2.41"
CHOICES = {
    "the newest that works": (NEW, {"bin/python3.12": "3.12 headers", "bin/python3.13": "3.13 headers"}, "bin/python3.13"),
    "a shim that fails is passed over": (NEW, {"bin/python3.13": "fails", "bin/python3.11": "3.11 headers"}, "bin/python3.11"),
    "3.14 is never taken": (NEW, {"bin/python3": "3.14 headers", "bin/python3.12": "3.12 headers"}, "bin/python3.12"),
    "python3 by its own version": (NEW, {"bin/python3": "3.13 headers"}, "bin/python3"),
    "3.10 when nothing newer works": (NEW, {"bin/python3.10": "3.10 headers"}, "bin/python3.10"),
    "3.10 alone with an old glibc": (OLD, {"bin/python3.13": "3.13 headers", "bin/python3.10": "3.10 headers"}, "bin/python3.10"),
    "behind a shim, in the pyenv root": (OLD, {"bin/python3.10": "fails", PYENV_310: "3.10 headers"}, PYENV_310),
    "in the home's .pyenv": (OLD, {HOME_310: "3.10 headers"}, HOME_310),
    "fetched by uv before": (OLD, {FETCHED_310: "3.10 headers"}, FETCHED_310),
    "headers count more than newness": (NEW, {"bin/python3.13": "3.13 bare", "bin/python3.12": "3.12 headers"}, "bin/python3.12"),
    "without headers as there is no other": (NEW, {"bin/python3.13": "3.13 bare", "bin/python3.12": "fails"}, "bin/python3.13"),
}


@pytest.mark.parametrize(("glibc", "pythons", "chosen"), CHOICES.values(), ids=CHOICES.keys())
def test_the_python_is_chosen(machine: Machine, glibc: str, pythons: dict[str, str], chosen: str) -> None:
    """Each candidate is run before it is taken."""
    for path, answer in pythons.items():
        machine.python(path, answer)
    assert machine.ask(f"choose_python {glibc}", PYENV_ROOT=f"{machine.root}/pyenv") == (0, f"{pythons[chosen]} {chosen}")


@pytest.mark.parametrize("answer", ["fails", "3.11 headers", "3.9 headers"])
def test_no_python_is_no_answer(machine: Machine, answer: str) -> None:
    """Also where the name of a command lies about its version."""
    machine.python("bin/python3.10", answer)
    assert machine.ask("choose_python 2.36") == (1, "")


def test_the_answer_of_pyenv_itself_is_used(machine: Machine) -> None:
    """`pyenv root` may point anywhere."""
    machine.command("bin/pyenv", f'[ "$1" = root ] && echo "{machine.root}/elsewhere"')
    machine.python("elsewhere/versions/3.10.7/bin/python3.10", "3.10 headers")
    assert machine.ask("choose_python 2.36") == (0, "3.10 headers elsewhere/versions/3.10.7/bin/python3.10")


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        (PYENV_310, "3.10 headers", (0, PYENV_310)),
        ("bin/python3.10", "3.10 bare", (1, "")),
        ("bin/python3.10", "fails", (1, "")),
        ("bin/python3", "3.13 headers", (1, "")),
    ],
)
def test_the_older_stack_needs_python_3_10_with_headers(
    machine: Machine, path: str, answer: str, expected: tuple[int, str]
) -> None:
    """Also where the modern stack's Python was named for this machine."""
    machine.python(path, answer)
    named = machine.python("named", "3.13 headers")
    assert machine.ask("older_python", PYENV_ROOT=f"{machine.root}/pyenv", FAIRGATE_PYTHON=str(named)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("3.12 headers", (0, "3.12 headers named")), ("3.9 headers", (1, "")), ("3.14 headers", (1, "")), ("fails", (1, ""))],
)
def test_a_named_python_is_taken_or_refused(machine: Machine, answer: str, expected: tuple[int, str]) -> None:
    """FAIRGATE_PYTHON ends the search, and must be one that the lock supports."""
    machine.python("bin/python3.13")
    named = machine.python("named", answer)
    assert machine.ask("choose_python 2.41", FAIRGATE_PYTHON=str(named)) == expected


def test_a_real_python_describes_itself(machine: Machine) -> None:
    """The question that candidates are asked, put to the Python that runs this test."""
    code, answer = machine.ask(f"describe_python {sys.executable}")
    version, headers, path = answer.split()
    assert (code, version, headers) == (0, f"{sys.version_info.major}.{sys.version_info.minor}", "headers")
    assert Path(path).resolve() == Path(sys.executable).resolve()


@pytest.fixture
def project(machine: Machine) -> Path:
    """A folder with the scripts, the two files that the stamp covers, and a uv that writes down what it is asked."""
    folder = machine.root / "project"
    shutil.copytree(PROJECT / "scripts", folder / "scripts")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(PROJECT / name, folder / name)
    recording = f"""
        [ "$1" = --version ] && echo "uv 99.0.0" && exit
        echo "$@" >>{folder}/asked
        mkdir -p .venv/bin
        for made in python fairgate; do printf '#!{BASH}\\necho Python 3.13.1' >.venv/bin/$made; done
        chmod +x .venv/bin/*
        """
    machine.command("bin/uv", recording)
    return folder


def set_up(machine: Machine, project: Path) -> tuple[int, str]:
    """Exit code of setup.sh and all that it says; the Python is the one called "named"."""
    finished = machine.start(str(project / "scripts/setup.sh"), FAIRGATE_PYTHON=str(machine.root / "named"))
    return finished.returncode, (finished.stdout + finished.stderr).strip()


def test_set_up_twice_has_nothing_to_do(machine: Machine, project: Path) -> None:
    """The second time uv is not asked; after a change of the lock it is."""
    machine.python("named")
    assert set_up(machine, project)[0] == 0
    assert set_up(machine, project) == (0, "set-up: nothing to do (.venv, Python 3.13.1)")
    asked = f"sync --locked --python {machine.root}/named --quiet"
    assert (project / "asked").read_text().splitlines() == [asked]
    (project / "uv.lock").write_text("changed")
    assert set_up(machine, project)[0] == 0
    assert (project / "asked").read_text().splitlines() == [asked, asked]


@pytest.mark.parametrize("variables", [{"PYTHONDONTWRITEBYTECODE": "1"}, {}])
def test_compiled_modules_are_stored_where_python_would_not(machine: Machine, project: Path, variables: dict[str, str]) -> None:
    """Everything is imported once, without the variable."""
    writing = f"""
        [ "$1" = --version ] && echo "uv 99.0.0" && exit
        mkdir -p .venv/bin
        printf '#!{BASH}\necho "$@" "${{PYTHONDONTWRITEBYTECODE-unset}}" >>imported' >.venv/bin/python
        chmod +x .venv/bin/python
        """
    machine.command("bin/uv", writing)
    machine.python("named")
    finished = machine.start(str(project / "scripts/setup.sh"), FAIRGATE_PYTHON=str(machine.root / "named"), **variables)
    assert finished.returncode == 0
    assert (project / "imported").read_text().splitlines() == ["scripts/stack.py unset"]


def test_a_moved_folder_is_made_anew(machine: Machine, project: Path) -> None:
    """The scripts in .venv hold the path of the folder."""
    machine.python("named")
    set_up(machine, project)
    (project / ".venv/leftover").touch()
    moved = project.rename(machine.root / "moved")
    project.mkdir()
    assert set_up(machine, moved)[0] == 0
    assert not (moved / ".venv/leftover").exists()


def test_all_that_is_missing_is_named_at_once(machine: Machine, project: Path) -> None:
    """A line each, so that one installation fixes all."""
    named = machine.python("named", "3.13 bare")
    (machine.root / "bin/g++").unlink()
    (machine.root / "bin/make").unlink()
    assert set_up(machine, project) == (
        1,
        "set-up: a C++ compiler is missing: install what Debian calls g++\n"
        "set-up: make is missing: install what Debian calls make\n"
        f"set-up: Python.h of {named} is missing: "
        "install that Python with its headers, or name another one: FAIRGATE_PYTHON=/path/to/python3.13",
    )


def test_the_remedy_is_a_command_where_there_is_apt(machine: Machine, project: Path) -> None:
    """It can be typed as it stands."""
    machine.python("named")
    machine.command("bin/apt-get", "exit 0")
    (machine.root / "bin/g++").unlink()
    assert set_up(machine, project) == (1, "set-up: a C++ compiler is missing: apt-get install g++")


def test_a_named_python_that_does_not_work_is_an_error(machine: Machine, project: Path) -> None:
    """The line says what was named and which versions would do."""
    named = machine.python("named", "3.9 headers")
    wanted = "3.13, 3.12, 3.11, 3.10"
    message = f"set-up: FAIRGATE_PYTHON={named} does not run, or is none of Python {wanted}: name another, or unset it"
    assert set_up(machine, project) == (1, message)


def test_another_c_library_is_an_error(machine: Machine, project: Path) -> None:
    """TFX has no wheels for it."""
    machine.command("bin/getconf", "exit 1")
    assert set_up(machine, project) == (1, "set-up: TFX runs on Linux on x86-64 with glibc only; use a container")


def private_uv(machine: Machine, pip: str) -> "subprocess.CompletedProcess[str]":
    """Runs uv.sh where PATH has an old uv only; `pip` is what the pip of the new environment does."""
    machine.command("bin/uv", "echo uv 0.5.0")
    make_environment = f"""
        [ "$1" = -m ] || exit 0
        mkdir -p .tools/uv/bin
        printf '#!{BASH}\\n{pip}' >.tools/uv/bin/python
        printf '#!{BASH}\\necho uv 99.0.0 "$@"' >.tools/uv/bin/uv
        chmod +x .tools/uv/bin/*
        """
    machine.command("named", make_environment)
    return machine.start(str(machine.root / "project/scripts/uv.sh"), "lock", FAIRGATE_PYTHON=str(machine.root / "named"))


def test_an_old_uv_is_passed_over(machine: Machine, project: Path) -> None:
    """A private one is installed with pip once, and then used."""
    assert private_uv(machine, 'echo "$@" >>pip-asked').stdout == "uv 99.0.0 lock\n"
    assert private_uv(machine, 'echo "$@" >>pip-asked').stdout == "uv 99.0.0 lock\n"
    (asked,) = (project / "pip-asked").read_text().splitlines()
    assert asked.startswith("-m pip install --quiet --disable-pip-version-check uv==")


@pytest.mark.usefixtures("project")
def test_a_uv_that_cannot_be_had_is_an_error(machine: Machine) -> None:
    """The line ends with what pip said last."""
    finished = private_uv(machine, "echo no route to PyPI >&2; exit 1")
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1].endswith("could not be installed from PyPI: no route to PyPI")
