"""Fixtures that every test may use."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]
# Marks of tests that take minutes; make test-kubeflow, faults, fuzz and situations run them.
ON_DEMAND = ("cluster", "faults", "fuzz", "situations")

# Otherwise as hypothesis chooses by itself: a test may take its time on a busy machine, or where its lines are counted.
settings.register_profile("without-deadline", settings(), deadline=None)
settings.load_profile("without-deadline")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


@pytest.fixture(scope="session")
def run_notebook() -> Callable[[str, Path], Any]:
    """See `_run_notebook`."""
    return _run_notebook


def _run_notebook(name: str, root: Path) -> Any:
    """Runs a notebook of the project from top to bottom on the results in a root folder.

    Returns:
        its outputs, in their order: for each the MIME types and what they hold.
    """
    # Here, because most workers run no notebook.
    import nbclient
    import nbformat

    notebook = nbformat.read(PROJECT / "notebooks" / name, as_version=4)  # type: ignore[no-untyped-call]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells), "committed with outputs"
    place = {"metadata": {"path": str(PROJECT / "notebooks")}}
    environment = {**os.environ, "FAIRGATE_ROOT": str(root), "JUPYTER_PLATFORM_DIRS": "1"}
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=place).execute(env=environment)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"] for output in outputs if "data" in output]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what only runs when `-m` names it; gives workers the slow files first, so that all end together."""
    left_out = [
        item
        for item in items
        if any(mark.name not in config.option.markexpr for mark in item.iter_markers() if mark.name in ON_DEMAND)
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)
