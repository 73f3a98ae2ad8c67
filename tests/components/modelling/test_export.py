"""The one signature of exported models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.modelling import metadata
from components.modelling.export import Servable, export
from components.modelling.metadata import ModelMetadata
from components.modelling.sealing import seal_of
from components.modelling.signature import SCORE
from data.records import encode_example
from fairgate.files import folder_digest

NUMBER = tf.TensorSpec([None, 1], tf.float32)


class Doubling(tf.Module):
    """A transform graph as TFT saves it: doubles its features by what it keeps in a table."""

    def __init__(self) -> None:
        """See the class."""
        super().__init__()
        keys = tf.constant(["factor"])
        self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, tf.constant([2.0])), 0.0)

    @tf.function(input_signature=[{"size": NUMBER, "label": NUMBER}])
    def transform_fn(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Raw features -> transformed ones."""
        return {f"{name}_xf": self.table.lookup(tf.constant("factor")) * value for name, value in raw.items()}


class TransformOutput:
    """As much of TFTransformOutput as an export needs."""

    def __init__(self, folder: Path) -> None:
        """Saves the graph in the folder."""
        self.transform_savedmodel_dir = str(folder)
        tf.saved_model.save(Doubling(), self.transform_savedmodel_dir)

    def raw_feature_spec(self) -> dict[str, Any]:
        """Two features, both needed where they are asked for."""
        return {name: tf.io.FixedLenFeature([1], tf.float32) for name in ("size", "label")}


@pytest.fixture
def model(tmp_path: Path) -> Any:
    """A model that adds a weight to the transformed size, exported and loaded again."""
    weight = tf.Variable(0.25)
    servable = Servable(
        TransformOutput(tmp_path / "transform"), ("size",), lambda features: features["size_xf"] + weight, SCORE, (weight,)
    )
    export(servable, tmp_path / "model")
    return tf.saved_model.load(str(tmp_path / "model"))


def test_raw_examples_in_scores_out(model: Any) -> None:
    """Transform, then model; features that the model does not need, the label among them, may be absent or there."""
    examples = [encode_example({"size": [1.0]}), encode_example({"size": [3.0], "label": [9.0], "id": [b"x"]})]
    answer = model.signatures["serving_default"](examples=tf.constant(examples))
    assert answer.keys() == {"score"}
    np.testing.assert_array_equal(answer["score"], np.array([[2.25], [6.25]], np.float32))


def test_there_is_one_signature(model: Any) -> None:
    """And its input has a name that servers can rely on."""
    assert list(model.signatures) == ["serving_default"]
    (_, inputs) = model.signatures["serving_default"].structured_input_signature
    assert [(name, spec.dtype, spec.shape.as_list()) for name, spec in inputs.items()] == [("examples", tf.string, [None])]


def test_example_without_a_needed_feature_is_an_error(model: Any) -> None:
    """It is not scored as something else."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="size"):
        model.signatures["serving_default"](examples=tf.constant([encode_example({"label": [1.0]})]))


@pytest.mark.parametrize("known", [None, ModelMetadata(architecture="dnn", recipe="baseline", notes=("A note.",))])
def test_what_a_model_says_of_itself_is_sealed_with_it(tmp_path: Path, known: ModelMetadata | None) -> None:
    servable = Servable(TransformOutput(tmp_path / "transform"), ("size",), lambda features: features["size_xf"], SCORE, ())
    export(servable, tmp_path / "model", known)
    assert metadata.read(tmp_path / "model") == known
    assert seal_of(tmp_path / "model").read_text() == folder_digest(tmp_path / "model") + "\n"
