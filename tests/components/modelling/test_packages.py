"""Versions of the packages that decide the numbers."""

import importlib.metadata
import re

import pytest

from components.modelling import packages
from components.modelling.packages import package_versions


def test_versions_are_those_that_are_installed() -> None:
    """Each as its distribution says."""
    found = package_versions()
    assert found == {name: importlib.metadata.version(name) for name in packages.PACKAGES}
    assert all(re.match(r"\d+\.\d+", version) for version in found.values())


def test_package_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A serving image may have fewer."""
    monkeypatch.setattr(packages, "PACKAGES", ("numpy", "surely-not-installed"))
    assert list(package_versions()) == ["numpy"]
