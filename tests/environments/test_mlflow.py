"""fairgate as an evaluator of MLflow, against a server with a registry on this machine: a refused version, a blessed one."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.needs import needs_environment

PLAY = Path(__file__).with_name("mlflow") / "play.py"
ROWS = 4000
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the runs and the registry hold after each version; the score `unfair` is .3 higher for one group."""
    python, folder = needs_environment("mlflow"), tmp_path_factory.mktemp("mlflow")
    draw = np.random.default_rng(3)
    label, group = (draw.random(ROWS) < 0.4).astype(int), np.where(draw.random(ROWS) < 0.5, "a", "b")
    fair = np.clip(0.3 + 0.4 * label + 0.9 * (draw.random(ROWS) - 0.5), 0, 1)
    table = pd.DataFrame({"label": label, "group": group, "fair": fair, "unfair": np.clip(fair + 0.3 * (group == "b"), 0, 1)})
    table.to_json(folder / "table.json")
    command: list[str | Path] = [python, "-W", "ignore", PLAY, folder, folder / "table.json", folder / "answer.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: Mapping[str, Any] = json.loads((folder / "answer.json").read_text())
    return answer


def test_the_alias_moves_to_a_blessed_version_alone(played: Mapping[str, Any]) -> None:
    """From version 1: past the refused version 2, to the blessed version 3."""
    found = [(name, of["outcome"], of["alias"]) for name, of in played.items()]
    assert found == [("unfair", "refused", "1"), ("fair", "blessed", "3")]


def test_metrics_and_verdict_stand_in_the_run(played: Mapping[str, Any]) -> None:
    for name, of in played.items():
        assert of["metrics"] == of["logged"]
        assert of["metrics"]["fairgate/blessed"] == (name == "fair")
        assert of["tags"]["fairgate.outcome"] == of["outcome"]
        assert of["tags"]["fairgate.policy"] == '["gap"]'
    unfair = played["unfair"]
    assert unfair["metrics"]["fairgate/failed"] == 1
    assert unfair["tags"]["fairgate.summary"].startswith("Refused: gap (group:b)")
    rates = [unfair["metrics"][f"fairgate/false_positive_rate at 0.5/group:{group}"] for group in "ab"]
    assert rates[1] > 1.25 * rates[0]


def test_the_report_stands_beside_it(played: Mapping[str, Any]) -> None:
    for of in played.values():
        assert {"fairgate/report.html", "fairgate/verdict.json", "fairgate/metrics.parquet"} <= set(of["files"])
