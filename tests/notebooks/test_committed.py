"""Every notebook is committed with its outputs, and none of them belongs to one machine or one moment."""

from pathlib import Path
from types import ModuleType

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_as_it_ran(notebooks_script: ModuleType, path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    assert list(notebooks_script.complaints(notebook)) == []
    assert path.stat().st_size < notebooks_script.LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_have_the_same_ids_after_every_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    assert [cell.id for cell in notebook.cells] == [f"cell-{position:02}" for position in range(len(notebook.cells))]
