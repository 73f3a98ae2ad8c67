"""The wheel holds the library alone, and each of its commands works where there is no pipeline.

Here on the Python of .venv, with the packages of uv's cache. `make test-wheel` does the same with plain pip, on every Python.
"""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from fairgate.gate.presets import image_quality
from tests.fairgate.finished_run import write_run
from tests.fairgate.report.conftest import make_image_content

PROJECT = Path(__file__).resolve().parents[1]
UV = PROJECT / "scripts" / "uv.sh"
pytestmark = pytest.mark.slow


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Return the standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree with the setuptools of this environment."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(PROJECT / "fairgate", source / "fairgate", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, source / name)
    run([sys.executable, "-c", "from setuptools.build_meta import build_wheel; build_wheel('dist')"], source)
    (built,) = (source / "dist").glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_library_and_no_other(wheel: Path) -> None:
    """Code and the assets of the report; neither the pipeline nor tests."""
    expected = {
        file.relative_to(PROJECT).as_posix()
        for file in (PROJECT / "fairgate").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_commands_work_without_the_pipeline(wheel: Path, tmp_path: Path) -> None:
    """In an environment that holds the wheel and what it asks for, nothing else."""
    write_run(tmp_path / "run", make_image_content(), image_quality(0.85, 0.6, 0.05))
    environment = tmp_path / "env"
    run([UV, "venv", "--quiet", "--python", sys.executable, environment], PROJECT)
    run([UV, "pip", "install", "--quiet", "--python", environment, wheel], PROJECT)
    checked: list[str | Path] = [
        environment / "bin" / "python",
        "-I",
        PROJECT / "scripts" / "installed_library.py",
        tmp_path / "run",
    ]
    assert "all commands work" in run(checked, tmp_path)
