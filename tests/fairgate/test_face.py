"""The public face of the library: names that are imported when they are first used."""

import subprocess
import sys
from pathlib import Path

import pytest

import fairgate
from fairgate.gate.decision import decide
from fairgate.report import reader


def bare(tmp_path: Path, *arguments: str) -> str:
    """Return what a fresh Python prints."""
    done = subprocess.run([sys.executable, "-I", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
    return done.stdout


def test_import_loads_no_other_package(tmp_path: Path) -> None:
    code = "import sys, fairgate; print([n for n in ('numpy', 'pandas', 'pydantic', 'typer', 'pyarrow') if n in sys.modules])"
    assert bare(tmp_path, "-c", code) == "[]\n"


def test_names_are_those_of_their_modules() -> None:
    assert fairgate.load is reader.load
    assert fairgate.decide is decide


@pytest.mark.parametrize("name", fairgate.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(fairgate, name).__name__ == name


def test_names_are_listed() -> None:
    assert dir(fairgate) == sorted(fairgate.__all__)


@pytest.mark.parametrize("name", ["evaluates", "Policies"])
def test_unknown_name_lists_the_known(name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; there are Check, Decision, Discovery"):
        getattr(fairgate, name)


def test_python_m_is_the_command(tmp_path: Path) -> None:
    assert bare(tmp_path, "-m", "fairgate", "--help").startswith("Usage: fairgate ")
