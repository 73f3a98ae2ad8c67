"""The whole graph on a few thousand images of clothing: over-fitted and constant candidates are refused for what they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import Verdict
from fairgate.names import BASELINE, CANDIDATE
from pipeline import config as configuration
from pipeline import local
from pipeline.progress import StepLog
from tests.one_verdict import check_one_verdict
from tests.serving import served_here

pytestmark = pytest.mark.slow

OVER_FITTED = {"dropout": 0.0, "epochs": 60, "validation_share": 0.0}
CONSTANT = {"optimizer": "adamw", "weight_decay": 1000.0, "epochs": 1}  # each step takes all weights back to almost 0


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One root for both runs: the second finds the data and the baseline in the cache."""
    return tmp_path_factory.mktemp("images")


def run(root: Path, shared_data: Path, candidate: dict[str, Any]) -> local.RunResult:
    """A run on the first 5,000 and 2,000 images with a candidate of its own and a quick baseline."""
    values = {
        "input": {"data_dir": str(shared_data / "fashion-mnist"), "train_rows": 5000, "eval_rows": 2000},
        "training": {"baseline": {"epochs": 2}, "candidate": candidate},
    }
    config = configuration.load("fashion-mnist", configuration.Overrides(values=values))
    return local.run(config, root, (), StepLog(lambda _: None, lambda _: None))


def rule(verdict: Verdict, rule_id: str) -> RuleLine:
    """The line of a rule that looks at one number."""
    (found,) = (line for line in verdict.rules if line.id == rule_id)
    return found


@pytest.fixture(scope="module")
def over_fitted(root: Path, shared_data: Path) -> local.RunResult:
    """60 epochs without dropout on 5,000 images."""
    return run(root, shared_data, OVER_FITTED)


def test_over_fitted_model_is_refused_for_its_gap(over_fitted: local.RunResult) -> None:
    """Known by heart, and 9 points or more worse on new images."""
    gap = rule(over_fitted.verdict, "train-test-gap")
    assert (over_fitted.verdict.outcome, gap.outcome, over_fitted.pushed) == ("refused", "failed", None)
    assert gap.value is not None
    assert gap.value > 0.09
    assert gap.reason.endswith("the limit is 0.06.")


def test_exported_predictions_give_the_same_numbers(over_fitted: local.RunResult, root: Path, tmp_path: Path) -> None:
    """By the command, in Python and in a test; the gap to the training examples is the run's alone."""
    scores = {model: f"p_{model}_*" for model in (BASELINE, CANDIDATE)}
    check_one_verdict(root, over_fitted.run_id, tmp_path / "out", {"train-test-gap"}, scores=scores)


@pytest.mark.no_cover
def test_constant_model_is_refused_as_trivial(root: Path, shared_data: Path) -> None:
    """A model that gives one class to every image is no better than the majority class."""
    with served_here():
        result = run(root, shared_data, CONSTANT)
    recalls = sorted(
        line.metrics["recall"] or 0.0
        for line in result.verdict.slices
        if line.model == "candidate" and line.slice.startswith("class:")
    )
    assert recalls == [0.0] * 9 + [1.0]
    assert rule(result.verdict, "beats-trivial").outcome == "failed"
    assert (result.verdict.outcome, result.pushed) == ("refused", None)


def test_notebook_shows_the_newest_run(root: Path, shared_data: Path, run_notebook: Callable[[str, Path], Any]) -> None:
    """From top to bottom; its charts are drawn by any front end, from what the notebook holds alone."""
    if not (root / "latest").exists():
        run(root, shared_data, CONSTANT)
    outputs = run_notebook("images.ipynb", root)
    drawn = [output["application/vnd.vega.v5+json"] for output in outputs if "application/vnd.vega.v5+json" in output]
    assert len(drawn) == 7
    assert not any("url" in source for spec in drawn for source in spec["data"])
    assert any("image/png" in output for output in outputs)
