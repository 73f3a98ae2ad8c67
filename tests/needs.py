"""What tests need of the machine beside the locked packages: skipped where it is missing, but never in continuous integration."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def needs_program(name: str, package: str) -> str:
    """Return the path of a program that the calling test cannot do without.

    Args:
        name: as it is typed, "chromedriver".
        package: the Debian package that holds it, "chromium-driver"; `.ci/run` installs it.

    Raises:
        pytest.skip.Exception: the program is not on PATH.
        pytest.fail.Exception: the same with CI=true.
    """
    return shutil.which(name) or unavailable(f"{name} is not on PATH: apt-get install {package}")


def needs_environment(name: str) -> Path:
    """Return the Python of an environment of `tests/environments`, which holds what does not resolve beside TFX.

    Raises:
        pytest.skip.Exception: the environment was not made.
        pytest.fail.Exception: the same with CI=true.
    """
    folder = PROJECT / ".tools" / "environments" / name
    if not (folder / ".made").is_file():
        unavailable(f"the environment {name} was not made: make environments")
    return folder / "bin" / "python"


def unavailable(reason: str) -> NoReturn:
    """Skip the calling test; fail it with CI=true, where a skipped test would pass unnoticed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI may not skip this test: {reason}", pytrace=False)
    pytest.skip(reason)
