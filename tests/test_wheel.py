"""The wheel holds all that the command needs, and works from any folder.

What runs here takes seconds. `make test-wheel` installs it into an environment without anything else and runs the sample there.
"""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("data", "components", "pipeline")
pytestmark = pytest.mark.slow


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Standard output of a command that must succeed; warnings of the build tools stay out of it."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree with the setuptools of the environment."""
    copy = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        if (PROJECT / name).exists():
            shutil.copy(PROJECT / name, copy / name)
    run([sys.executable, "-c", "from setuptools.build_meta import build_wheel; build_wheel('dist')"], copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it, which sees the locked packages of this one, but not the project."""
    environment = tmp_path_factory.mktemp("installed") / "env"
    run([sys.executable, "-m", "venv", "--without-pip", environment], PROJECT)
    run(
        [PROJECT / "scripts/uv.sh", "pip", "install", "--offline", "--no-deps", "--python", environment / "bin/python", wheel],
        PROJECT,
    )
    (site,) = environment.glob("lib/python*/site-packages")
    # A folder named in a .pth file does not have its own .pth files read, so the editable installation stays out.
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """Code, schemas and the assets of the report; neither tests nor the scripts of kubeflow/."""
    expected = {
        file.relative_to(PROJECT).as_posix()
        for name in PACKAGES
        for file in (PROJECT / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_packages_are_the_wheel_s(installed: Path, tmp_path: Path) -> None:
    """None of them resolves to this working tree."""
    code = "import data, components, pipeline; print(*(m.__file__ for m in (data, components, pipeline)))"
    (site,) = installed.glob("lib/python*/site-packages")
    assert run([installed / "bin/python", "-c", code], tmp_path).split() == [
        str(site / name / "__init__.py") for name in PACKAGES
    ]


@pytest.mark.parametrize("command", [["bin/fairgate"], ["bin/python", "-m", "pipeline"]], ids=" ".join)
def test_the_command_answers_from_an_empty_folder(installed: Path, tmp_path: Path, command: Sequence[str]) -> None:
    """By either name; it finds the defaults and the schemas of its tasks, and leaves nothing behind there."""
    start, *rest = command
    assert "Usage: fairgate" in run([installed / start, *rest, "--help"], tmp_path)
    assert "its policy of 5 rules are in order" in run([installed / start, *rest, "check", "civil-comments"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_generated_in_any_folder(installed: Path, tmp_path: Path) -> None:
    """With what the wheel holds."""
    run([installed / "bin/fairgate", "data", "sample", "--rows", "300", "--to", "sample"], tmp_path)
    assert sorted(path.name for path in tmp_path.glob("sample/*/*.tfrecord.gz")) == [
        "eval-00000-of-00001.tfrecord.gz",
        "train-00000-of-00001.tfrecord.gz",
    ]
