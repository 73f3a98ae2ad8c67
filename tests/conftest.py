"""Fixtures that every test may use."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]
# Marks of tests that take minutes; make test-kubeflow, test-kubeflow-backend, engines, faults, fuzz and situations run them.
ON_DEMAND = ("backend", "cluster", "engines", "faults", "fuzz", "situations")

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
def notebooks_script() -> ModuleType:
    """scripts/notebooks.py as a module; scripts are no package."""
    spec = importlib.util.spec_from_file_location("notebooks_script", PROJECT / "scripts" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def run_notebook(notebooks_script: ModuleType) -> Callable[[str, Path], Any]:
    """Runs a notebook of the project from top to bottom on the results in a root folder, whatever outputs it is committed with.

    Returns:
        its outputs, in their order: for each the MIME types and what they hold.
    """

    def run(name: str, root: Path) -> Any:
        with _uncounted():
            notebook = notebooks_script.executed(_notebook(name), str(root))
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        return [output["data"] for output in outputs if "data" in output]

    return run


@pytest.fixture(scope="session")
def notebook_figures(notebooks_script: ModuleType) -> Callable[..., dict[str, Any]]:
    """Runs a notebook from top to bottom, on a run's root folder if one is given.

    Returns:
        the notebook's own variable `figures`: the numbers that its text states, by name.
    """

    def run(name: str, root: Path | None = None) -> dict[str, Any]:
        import nbformat

        notebook = _notebook(name)
        asked = nbformat.v4.new_code_cell("import json\n\nprint(json.dumps(figures))")  # type: ignore[no-untyped-call]
        notebook.cells.append(asked)
        with _uncounted():
            notebooks_script.executed(notebook, None if root is None else str(root))
        (answer,) = [output for output in notebook.cells[-1].outputs if output.get("name") == "stdout"]
        figures: dict[str, Any] = json.loads(answer["text"])
        return figures

    return run


@pytest.fixture
def uncounted() -> Iterator[None]:
    """For a test whose processes reach no lines but those that other tests reach in their own."""
    with _uncounted():
        yield


@contextmanager
def _uncounted() -> Iterator[None]:
    """Start processes whose lines are not counted: a notebook shows what the tests of the library reach, and counting is slow."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
            patch.delenv(name, raising=False)
        yield


def _notebook(name: str) -> Any:
    import nbformat  # here, because most workers run no notebook

    return nbformat.read(PROJECT / "notebooks" / name, as_version=4)  # type: ignore[no-untyped-call]


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
