"""Asking a model of texts, on two small ones: one that explains itself, one that only scores."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.modelling.text_model import TextModel, logit

WEIGHTS = {"stupid": 2.0, "nice": -1.0, "people": 0.5}


def save(folder: Path, module: tf.Module, unknown: float = 0.0, feature: str = "words") -> Path:
    """Save a model whose logit is 0.25 and the weights of the words, `unknown` for each other word."""
    names = tf.constant(list(WEIGHTS))
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(names, tf.constant(list(WEIGHTS.values()))), default_value=unknown
    )
    module.table = table

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: Any) -> Any:
        texts = tf.io.parse_example(examples, {feature: tf.io.FixedLenFeature([], tf.string)})[feature]
        words = tf.strings.split(tf.strings.regex_replace(texts, r"\W+", " "))
        return {
            "score": tf.sigmoid(0.25 + tf.reduce_sum(words.with_flat_values(table.lookup(words.flat_values)), axis=1))[:, None]
        }

    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return folder


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    """A model that only scores."""
    return TextModel(save(tmp_path_factory.mktemp("model"), tf.Module()), "words")


@pytest.fixture(scope="module")
def explaining(tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    """A model that says of every text: tokens "stupid" and ",", of which it knows the comma, shares 0.5 and 0.25, rest 1."""
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def explain(texts: Any) -> Any:
        rows = tf.repeat(tf.range(tf.size(texts)), 2)
        numbers = tf.tile(tf.constant([0.5, 0.25], tf.float64), [tf.size(texts)])
        tokens = tf.where(numbers > 0.4, "stupid", ",")
        return {
            "tokens": tokens,
            "rows": rows,
            "shares": numbers,
            "known": numbers < 0.4,
            "rest": tf.ones_like(texts, tf.float64),
        }

    module.explain = explain
    return TextModel(save(tmp_path_factory.mktemp("model"), module), "words")


def test_scores_are_those_of_the_texts_in_their_order(scoring: TextModel) -> None:
    found = scoring.score(["nice", "stupid", "nice", ""])
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-np.array([-0.75, 2.25, -0.75, 0.25]))), atol=1e-6)
    assert scoring.score([]).shape == (0,)


def test_occlusion_gives_what_the_logit_loses_without_each_word(scoring: TextModel) -> None:
    """Of a sum these are its terms."""
    (found,) = scoring.explain(["Such stupid, nice people"])
    assert (found.words, found.exact) == (("Such", "stupid", "nice", "people"), False)
    assert found.shares == pytest.approx((0, 2, -1, 0.5), abs=1e-5)
    assert found.rest == pytest.approx(0.25, abs=1e-5)


def test_a_model_that_explains_itself_is_believed(explaining: TextModel) -> None:
    one, other = explaining.explain(["a", "b"])
    assert one == other
    assert (one.words, one.shares, one.rest, one.exact) == (("stupid", ","), (0.5, 0.25), 1.0, True)


def test_unknown_words_are_those_that_score_as_no_text_does(scoring: TextModel) -> None:
    found = scoring.unknown_share(["nice people", "nice unheard", "good morning", "…"])
    assert found is not None
    np.testing.assert_array_equal(found, [0, 0.5, 1, np.nan])


def test_unknown_words_are_not_guessed_where_invented_ones_have_a_score(tmp_path: Path) -> None:
    """As with an embedding that hashes the words that it does not know."""
    assert TextModel(save(tmp_path, tf.Module(), unknown=0.125), "words").unknown_share(["nice"]) is None


def test_punctuation_is_no_word_to_be_known(explaining: TextModel) -> None:
    found = explaining.unknown_share(["any"])
    assert found is not None
    assert found.tolist() == [1.0]


def test_logits_of_sure_scores_are_finite() -> None:
    np.testing.assert_allclose(logit(np.array([0.5, 0.75, 0, 1])), [0, np.log(3), -16.118, 16.118], atol=1e-3)
