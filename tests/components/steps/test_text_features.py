"""The TextFeatures step through its executor; what it computes has tests of its own."""

from pathlib import Path
from typing import Any

import pytest
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from components.artifacts.seals import sealed_folder
from components.modelling.feature_settings import FeatureSettings
from components.steps.text_features import TextFeatures
from data.records import encode_example, write_split
from data.text.feature_shards import FeatureIndex
from fairgate.errors import InputError

SETTINGS = FeatureSettings(text="text", label="toxic", groups={"gender": ("male",)})
BEAM_ARGS = ["--runner=DirectRunner", "--direct_running_mode=in_memory"]


def artifact(folder: Path) -> Any:
    made = standard_artifacts.Examples()
    made.uri = str(folder)
    return made


def run(examples: Path, features: Path) -> Any:
    """The artifact that the step writes."""
    written = artifact(features)
    executor = TextFeatures.EXECUTOR_SPEC.executor_class(BaseBeamExecutor.Context(beam_pipeline_args=list(BEAM_ARGS)))
    settings = {"settings": SETTINGS.model_dump_json()}
    executor.Do({"examples": [artifact(examples)]}, {"features": [written]}, settings)
    return written


@pytest.mark.parametrize("splits", [("train",), ("train", "validation")])
def test_artifact_has_the_splits_of_the_examples_and_is_sealed(tmp_path: Path, splits: tuple[str, ...]) -> None:
    for split in (*splits, "eval"):
        write_split(tmp_path / "examples", split, [encode_example({"text": [split.encode()], "toxic": [1.0]})])
    features = run(tmp_path / "examples", tmp_path / "features")
    assert features.split_names == str(list(splits)).replace("'", '"')
    assert FeatureIndex.read(sealed_folder(features)).rows == dict.fromkeys(splits, 1)


def test_examples_without_a_training_split_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file Split-train"):
        run(tmp_path, tmp_path / "features")
