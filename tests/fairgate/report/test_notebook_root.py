"""The run that a notebook shows."""

import shutil
from pathlib import Path

import pytest

from fairgate.errors import InputError
from fairgate.gate import verdict as verdicts
from fairgate.report.notebook_root import VARIABLE, notebook_root
from tests.pipeline.published import verdict_on


def run_of(root: Path, task: str) -> Path:
    """A root folder with one run."""
    report = root / "reports" / "20260302T080000Z"
    report.mkdir(parents=True)
    verdicts.write(verdict_on("sha256:0").model_copy(update={"task": task}), report / "verdict.json")
    return root


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_default_is_shown_where_nothing_else_is_named(tmp_path: Path) -> None:
    root = run_of(tmp_path, "digits")
    assert notebook_root(root, ["digits"]) == str(root)


def test_environment_names_another_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(run_of(tmp_path, "digits")))
    assert notebook_root("nowhere", ["digits"]) == str(tmp_path)


def test_missing_run_names_variable_and_command(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"set FAIRGATE_ROOT to the root .* of digits, or make one: fairgate run digits"):
        notebook_root(tmp_path / "absent", ["digits"])


def test_run_of_another_task_names_its_notebook(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds a run of digits, and .* civil-comments: notebooks/images.ipynb shows it"):
        notebook_root(run_of(tmp_path, "digits"), ["civil-comments"])


def test_table_is_of_no_task(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a run of predictions, and this notebook shows civil-comments: set FAIRGATE_ROOT"):
        notebook_root(run_of(tmp_path, "predictions"), ["civil-comments"])


def test_folder_of_one_report_is_no_root(tmp_path: Path) -> None:
    """The notebook lists all runs too."""
    report = tmp_path / "report"
    shutil.copytree(run_of(tmp_path / "root", "digits") / "reports" / "20260302T080000Z", report)
    with pytest.raises(InputError, match="is the folder of one report; name the root folder that holds it"):
        notebook_root(report, ["digits"])
