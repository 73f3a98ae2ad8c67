"""Runs that are killed or starved of disk take minutes, so `make faults` runs them and a plain pytest leaves them out."""

from pathlib import Path

import pytest

MARK = "faults"


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line("markers", f"{MARK}: breaks whole runs, for minutes; make {MARK} runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests of this folder out unless `-m` names the mark."""
    if MARK in config.option.markexpr:
        return
    left_out = [item for item in items if Path(__file__).parent in item.path.parents]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
