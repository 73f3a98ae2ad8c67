"""The examples that gate models of scikit-learn and XGBoost run as they stand, and end with the exit code of their verdict."""

import subprocess
from pathlib import Path

import pytest

from tests.needs import needs_environment

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("gate_scikit_learn.py", "Blessed: 4 of 8 rules hold"),  # four others need a model to compare with
        ("gate_xgboost.py", "Blessed: 2 of 2 rules hold, 2 proven"),
    ],
)
def test_an_example_trains_judges_and_reports(name: str, summary: str, tmp_path: Path) -> None:
    command = [needs_environment("models"), EXAMPLES / name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    sentence, page = done.stdout.splitlines()
    assert sentence.startswith(summary)
    assert (tmp_path / page).is_file()


@pytest.mark.parametrize("name", ["gate_scikit_learn.py", "gate_xgboost.py"])
def test_an_example_has_ten_lines_beside_imports_and_policy(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8").partition("import fairgate\n")[2]
    policy, has_policy, rest = text.partition("}\nfeatures")
    assert len(((has_policy + rest) if has_policy else policy).strip().splitlines()) <= 11
