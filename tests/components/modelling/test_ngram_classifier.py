"""The n-gram classifier as TensorFlow computes it, with weights that are set by hand."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from scipy.special import expit

from components.modelling.linear.solver import LinearModel
from components.modelling.ngram_classifier import Calibrated, NgramClassifier
from data.records import encode_example
from data.text.feature_shards import BLOCKS

BIAS = -0.25


def bucket(gram: str) -> int:
    return int(tf.strings.to_hash_bucket_fast(gram, BLOCKS["words"]))


def block(name: str, values: dict[str, float]) -> npt.NDArray[np.float32]:
    array = np.zeros(BLOCKS[name], np.float32)
    for gram, value in values.items():
        array[bucket(gram)] = value
    return array


IDF = {"words": block("words", {"a": 2.0, "b": 1.0, "a a": 0.0}), "characters": block("characters", {" abc": 3.0, "abc ": 4.0})}
WORDS, CHARACTERS = block("words", {"a": 0.5, "b": -1.0}), block("characters", {" abc": 1.0})


def classifier(characters: npt.NDArray[np.float32] = CHARACTERS, shift: float = 0.0, embedding: Any = None) -> NgramClassifier:
    vectors = np.array([2.0, 1.0] if embedding else [], np.float32)
    model = LinearModel(WORDS, characters, vectors, BIAS)
    return NgramClassifier("text", Calibrated(model, IDF, shift, 1.5), embedding)


def scores(model: NgramClassifier, *texts: str, output: str = "score") -> list[float]:
    answer = model.serve(tf.constant([encode_example({"text": [text.encode()]}) for text in texts]))[output]
    column: list[float] = answer.numpy()[:, 0].tolist()
    return column


LOG = 1 + np.log(2)  # of an n-gram that occurs twice


@pytest.mark.parametrize(
    ("text", "logit"),
    [
        ("", BIAS),
        ("unheard", BIAS),  # no bucket that the training split knows
        ("a", BIAS + 0.5),  # of norm 1, whatever its idf
        ("b a", BIAS + (2 * 0.5 - 1) / np.sqrt(5)),
        ("A a b", BIAS + (2 * LOG * 0.5 - 1) / np.sqrt(4 * LOG**2 + 1)),
        ("abc", BIAS + 3 / 5),
        ("a abc", BIAS + 0.5 + 3 / 5),  # each block has a norm of its own
    ],
)
def test_a_score_is_that_of_the_norms_counts_and_weights(text: str, logit: float) -> None:
    assert scores(classifier(), text) == pytest.approx([expit(logit)], abs=1e-7)


def test_the_texts_of_a_batch_do_not_touch_each_other() -> None:
    texts = ["a", "", "abc", "b a", "a"]
    assert scores(classifier(), *texts) == pytest.approx([scores(classifier(), text)[0] for text in texts], abs=1e-7)


def test_shifts_move_their_output_alone() -> None:
    model = classifier(shift=-0.75)
    assert scores(model, "a") == pytest.approx([expit(BIAS + 0.5 - 0.75)], abs=1e-7)
    assert scores(model, "a", output="probability") == pytest.approx([expit(BIAS + 0.5 + 1.5)], abs=1e-7)


def test_a_model_of_words_alone_has_no_part_for_characters() -> None:
    model = classifier(np.zeros(0, np.float32))
    assert scores(model, "abc", "a") == pytest.approx([expit(BIAS), expit(BIAS + 0.5)], abs=1e-7)
    assert {variable.name for variable in model.variables} == {"idf_words:0", "weights_words:0", "bias:0", "weights_vectors:0"}


def test_vectors_count_with_norm_1_and_one_of_zeros_not_at_all() -> None:
    def lengths(texts: tf.Tensor) -> tf.Tensor:
        """The bytes of a text, three and four times."""
        return tf.cast(tf.strings.length(texts), tf.float32)[:, tf.newaxis] * tf.constant([[3.0, 4.0]])

    expected = [expit(BIAS), expit(BIAS + 2 * 0.6 + 0.8)]
    assert scores(classifier(embedding=lengths), "", "unheard") == pytest.approx(expected, abs=1e-7)


def test_nothing_of_an_exported_model_is_trainable() -> None:
    assert classifier().trainable_variables == ()
