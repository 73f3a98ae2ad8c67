"""The Evaluator step around TFX's own executor, which has tests of its own."""

from pathlib import Path
from typing import Any

import pytest
from tfx.components.evaluator import executor
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.artifacts.seals import sealed_folder
from components.evaluation import eval_config
from components.modelling.seal_check import scored_otherwise
from components.modelling.sealing import seal
from components.steps.evaluator import SealingExecutor
from fairgate.counting.config import EvaluationConfig, LabelSpec
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


def evaluation_of(models: dict[str, list[Any]], folder: Path, exec_properties: dict[str, Any] | None = None) -> Any:
    evaluation = standard_artifacts.ModelEvaluation()
    evaluation.uri = str(folder)
    SealingExecutor().Do(models, {"evaluation": [evaluation]}, exec_properties or {})
    return evaluation


def test_evaluation_is_sealed_and_names_its_models(models: dict[str, list[Any]], tmp_path: Path) -> None:
    evaluation = evaluation_of(models, tmp_path / "evaluation")
    judged = {"candidate": tmp_path / "model" / "Format-Serving", "baseline": tmp_path / "baseline_model" / "Format-Serving"}
    assert sealed_folder(evaluation) == tmp_path / "evaluation"
    assert list(scored_otherwise([evaluation], judged)) == []
    assert len(list(scored_otherwise([evaluation], {**judged, "baseline": judged["candidate"]}))) == 1


LABELS = LabelSpec("toxicity", ("ok", "toxic"), "binary")


@pytest.mark.parametrize(
    ("config", "second"),
    [
        (eval_config.eval_config(LABELS, EvaluationConfig()), "baseline"),
        (eval_config.eval_config(LABELS, EvaluationConfig(), models=("candidate",)), "baseline"),
        (eval_config.reference_config(LABELS, EvaluationConfig()), "reference"),
    ],
    ids=["baseline", "candidate alone", "reference"],
)
def test_second_model_has_the_name_that_the_configuration_gives_it(
    models: dict[str, list[Any]], tmp_path: Path, config: Any, second: str
) -> None:
    evaluation = evaluation_of(models, tmp_path / "evaluation", {"eval_config": proto_utils.proto_to_json(config)})
    judged = {"candidate": tmp_path / "model" / "Format-Serving", second: tmp_path / "baseline_model" / "Format-Serving"}
    assert list(scored_otherwise([evaluation], judged)) == []
    other = {"baseline": "reference", "reference": "baseline"}[second]
    (wrong,) = scored_otherwise([evaluation], {other: judged[second]})
    assert f"was measured on the {other} of no digest" in wrong.reason


@pytest.mark.parametrize("key", ["model", "baseline_model"])
def test_model_that_is_another_than_was_trained_is_not_evaluated(models: dict[str, list[Any]], tmp_path: Path, key: str) -> None:
    (tmp_path / key / "Format-Serving" / "saved_model.pb").write_text("another")
    with pytest.raises(InputError, match="The model is not the model that was trained") as raised:
        evaluation_of(models, tmp_path / "evaluation")
    assert f"rm -r {tmp_path / key}" in str(raised.value)
    assert not (tmp_path / "evaluation").exists()
