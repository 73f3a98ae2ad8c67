"""The output that decides, where a model answers several."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.modelling import prediction
from components.modelling.serving_check import score
from components.modelling.signature import Served, deciding, loading_once, served
from data.records import encode_example, write_split
from fairgate.errors import InputError


def save(folder: Path, outputs: dict[str, float]) -> Path:
    """Saves a model that answers every example with the same values."""
    module = tf.Module()

    def answer(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.repeat([[tf.constant(value)]], tf.size(examples), axis=0) for name, value in outputs.items()}

    serve = tf.function(answer, input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return folder


@pytest.mark.parametrize(
    ("outputs", "value"), [({"score": 1, "probability": 2}, 1), ({"probability": 2, "score": 1}, 1), ({"probabilities": 3}, 3)]
)
def test_score_decides_or_the_only_output(outputs: dict[str, int], value: int) -> None:
    assert deciding(outputs) == value


@pytest.mark.parametrize(("outputs", "named"), [({"b": 1, "a": 2}, "a, b"), ({}, "nothing")])
def test_several_outputs_without_a_score_decide_nothing(outputs: dict[str, int], named: str) -> None:
    with pytest.raises(ValueError, match=f"the model answers {named}; give it one output, or one named score"):
        deciding(outputs)


def test_a_model_with_a_score_and_a_probability_is_called_by_its_score(tmp_path: Path) -> None:
    model = save(tmp_path / "model", {"probability": 0.25, "score": 0.75})
    assert Served(model)([b"", b""]).tolist() == [[0.75], [0.75]]
    assert {name: values.tolist() for name, values in Served(model).outputs([b""]).items()} == {
        "probability": [[0.25]],
        "score": [[0.75]],
    }
    asked = prediction.ask(model, [b"", b"", b""], columns=1)
    assert (asked.answers.tolist(), np.asarray(asked.probability).tolist()) == ([[0.75]] * 3, [0.25] * 3)
    write_split(tmp_path, "eval", [encode_example({"comment_text": [b"a"]})])
    (examples,) = (tmp_path / "Split-eval").iterdir()
    assert score(str(model), str(examples), 1) == {"rows": 1, "scores": [[0.75]]}


def test_a_model_is_loaded_once_in_a_block_and_again_after_it(tmp_path: Path) -> None:
    model, other = save(tmp_path / "model", {"score": 0.75}), save(tmp_path / "other", {"score": 0.25})
    (tmp_path / "link").symlink_to(model)
    with loading_once():
        first = served(model)
        assert served(tmp_path / "link") is first
        assert served(str(other))([b""]).tolist() == [[0.25]]
    assert served(model) is not first
    assert served(model) is not served(model)


def test_a_model_without_a_probability_answers_none(tmp_path: Path) -> None:
    assert prediction.ask(save(tmp_path / "model", {"score": 0.75}), [b""], columns=1).probability is None


def test_a_model_whose_answers_are_unclear_is_a_mistake(tmp_path: Path) -> None:
    model = save(tmp_path / "model", {"one": 0.25, "two": 0.75})
    with pytest.raises(InputError, match="the model answers one, two"):
        prediction.answers(model, [b""], columns=1)
