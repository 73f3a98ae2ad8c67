"""Fixtures that every test may use."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[1]


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
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    notebook = nbformat.read(PROJECT / "notebooks" / name, as_version=4)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells), "committed with outputs"
    place = {"metadata": {"path": str(PROJECT / "notebooks")}}
    environment = {**os.environ, "FAIRGATE_ROOT": str(root), "JUPYTER_PLATFORM_DIRS": "1"}
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=place).execute(env=environment)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"] for output in outputs if "data" in output]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With two workers, a folder's tests stay together, for they share dear fixtures; so do those of each file at the top."""
    tests = PROJECT / "tests"
    for item in items:
        together = item.path if item.path.parent == tests else item.path.parent
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(tests))))
