"""Packages that look as if they were not installed."""

import importlib
import sys

import pytest

from fairgate.hidden import hidden


def test_a_hidden_package_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a module of it; others can, and it can afterwards."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.delitem(sys.modules, "this_one.of_it", raising=False)
    with hidden("colorsys"):
        with pytest.raises(ModuleNotFoundError, match="'colorsys'"):
            importlib.import_module("colorsys")
        importlib.import_module("sndhdr" if sys.version_info < (3, 13) else "fileinput")
    assert importlib.import_module("colorsys")


def test_what_is_imported_already_stays() -> None:
    with hidden("json"):
        assert importlib.import_module("json") is sys.modules["json"]
