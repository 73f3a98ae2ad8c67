"""The Evaluator step around TFX's own executor, which has tests of its own."""

from pathlib import Path
from typing import Any

import pytest
from tfx.components.evaluator import executor
from tfx.types import standard_artifacts

from components.artifacts.seals import sealed_folder
from components.modelling.seal_check import scored_otherwise
from components.modelling.sealing import seal
from components.steps.evaluator import SealingExecutor
from fairgate.errors import InputError


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Two trained models; TFX's executor writes one file in place of an evaluation."""

    def evaluate(_: Any, __: Any, outputs: dict[str, list[Any]], ___: Any) -> None:
        Path(outputs["evaluation"][0].uri).mkdir()
        Path(outputs["evaluation"][0].uri, "metrics").write_text("metrics")

    monkeypatch.setattr(executor.Executor, "Do", evaluate)
    artifacts = {}
    for key in ("model", "baseline_model"):
        artifact = standard_artifacts.Model()
        artifact.uri = str(tmp_path / key)
        folder = tmp_path / key / "Format-Serving"
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_text(key)
        seal(folder)
        artifacts[key] = [artifact]
    return artifacts


def evaluation_of(models: dict[str, list[Any]], folder: Path) -> Any:
    evaluation = standard_artifacts.ModelEvaluation()
    evaluation.uri = str(folder)
    SealingExecutor().Do(models, {"evaluation": [evaluation]}, {})
    return evaluation


def test_evaluation_is_sealed_and_names_its_models(models: dict[str, list[Any]], tmp_path: Path) -> None:
    evaluation = evaluation_of(models, tmp_path / "evaluation")
    judged = {"candidate": tmp_path / "model" / "Format-Serving", "baseline": tmp_path / "baseline_model" / "Format-Serving"}
    assert sealed_folder(evaluation) == tmp_path / "evaluation"
    assert list(scored_otherwise([evaluation], judged)) == []
    assert len(list(scored_otherwise([evaluation], {**judged, "baseline": judged["candidate"]}))) == 1


@pytest.mark.parametrize("key", ["model", "baseline_model"])
def test_model_that_is_another_than_was_trained_is_not_evaluated(models: dict[str, list[Any]], tmp_path: Path, key: str) -> None:
    (tmp_path / key / "Format-Serving" / "saved_model.pb").write_text("another")
    with pytest.raises(InputError, match="The model is not the model that was trained") as raised:
        evaluation_of(models, tmp_path / "evaluation")
    assert f"rm -r {tmp_path / key}" in str(raised.value)
    assert not (tmp_path / "evaluation").exists()
