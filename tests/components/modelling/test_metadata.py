"""What a model says of itself, in its SavedModel."""

from pathlib import Path

import pytest

from components.modelling import metadata
from components.modelling.metadata import ModelMetadata
from fairgate.errors import InputError
from fairgate.model_facts import OperatingPoint, Remedy

POINT = OperatingPoint(name="balanced", chosen_on="validation", rows=20, false_positive_rate=0.25, false_negative_rate=0.125)
REMEDY = Remedy(name="identity weights", strength=2.0, sentence="Twice the weight.", reached=False)


@pytest.mark.parametrize(
    "said",
    [
        ModelMetadata(architecture="dnn", recipe="baseline"),
        ModelMetadata(architecture="perceptron", recipe="baseline", training={"hidden": [128, 64], "patience": None}),
        ModelMetadata(architecture="ngrams", recipe="remediated", operating_point=POINT, remedy=REMEDY, notes=("Süß.",)),
    ],
)
def test_what_is_written_is_read(tmp_path: Path, said: ModelMetadata) -> None:
    metadata.write(tmp_path, said)
    assert metadata.read(tmp_path) == said


def test_a_model_without_the_file_says_nothing(tmp_path: Path) -> None:
    assert metadata.read(tmp_path) is None
    assert metadata.read(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    "content", ["", "[]", '{"architecture": "ngrams"}', '{"architecture": "a", "recipe": "baseline", "x": 1}']
)
def test_a_file_with_something_else_is_a_mistake(tmp_path: Path, content: str) -> None:
    (tmp_path / metadata.FILE).write_text(content)
    with pytest.raises(InputError, match=r"model\.json: cannot be read .*Train the model again, or restore the file\."):
        metadata.read(tmp_path)
