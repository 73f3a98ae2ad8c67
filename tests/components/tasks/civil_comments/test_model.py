"""The embedding layer and the head."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.model import build_classifier, head
from data.text import text_embedding
from data.text.word_vectors import WordVectors
from fairgate.errors import InputError

KNOWN = WordVectors(("good", "bad"), np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]], np.float32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved embedding of two words in three dimensions."""
    return text_embedding.save(KNOWN, tmp_path_factory.mktemp("embedding") / "saved")


@pytest.fixture(scope="module")
def embedding(folder: Path) -> TextEmbedding:
    """The layer over it."""
    return TextEmbedding(str(folder))


def test_layer_gives_one_row_per_text_whether_flat_or_in_a_column(embedding: TextEmbedding) -> None:
    """Transform yields str[N, 1], a server str[N]."""
    texts = tf.constant(["good", "bad", "good"])
    expected = KNOWN.vectors[[0, 1, 0]]
    np.testing.assert_array_equal(embedding(texts), expected)
    np.testing.assert_array_equal(embedding(texts[:, tf.newaxis]), expected)
    assert embedding.dimension == 3


def test_embedding_is_not_trained(embedding: TextEmbedding) -> None:
    """Neither Keras nor a gradient reaches its vectors."""
    assert embedding.trainable_variables == []
    vectors = embedding._saved._vectors
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        total = tf.reduce_sum(embedding(tf.constant(["good bad"])))
    assert tape.gradient(total, vectors) is None


def test_embedding_with_only_a_signature_is_called_by_it(tmp_path: Path) -> None:
    """A SavedModel need not be callable."""
    module = tf.Module()
    embed = tf.function(
        lambda texts: tf.ones([tf.size(texts), 2]), input_signature=[tf.TensorSpec([None], tf.string, name="texts")]
    )
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": embed})
    np.testing.assert_array_equal(TextEmbedding(str(tmp_path))(tf.constant(["a", "b"])), np.ones((2, 2)))


def test_absent_embedding_names_the_handle_and_the_remedy(tmp_path: Path) -> None:
    """A mistyped folder is an error that the user can fix."""
    with pytest.raises(InputError, match=r"nowhere' cannot be loaded .*give the folder of a SavedModel"):
        TextEmbedding(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("vectors", "found"),
    [
        (lambda texts: tf.ones([tf.size(texts)]), r"float32\[2\]"),
        (lambda texts: tf.zeros([tf.size(texts), 4], tf.int32), r"int32\[2, 4\]"),
    ],
)
def test_embedding_of_another_shape_is_refused(tmp_path: Path, vectors: object, found: str) -> None:
    """What is not float[N, d] is no text embedding."""
    module = tf.Module()
    module.__call__ = tf.function(vectors, input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(module, str(tmp_path))
    with pytest.raises(InputError, match=found):
        TextEmbedding(str(tmp_path))


@pytest.mark.parametrize(("hidden", "shapes"), [((), [(3, 1)]), ((5,), [(3, 5), (5, 1)]), ((5, 2), [(3, 5), (5, 2), (2, 1)])])
def test_head_has_the_given_widths(hidden: tuple[int, ...], shapes: list[tuple[int, int]]) -> None:
    """Every width is a layer, and one unit follows."""
    assert [tuple(weights.shape) for weights in head(3, hidden, 0).weights if len(weights.shape) == 2] == shapes


def test_seed_decides_the_initial_weights() -> None:
    """The same seed starts the same, another one does not, and no two layers start alike."""
    first, again, other = (head(4, (4, 4), seed).get_weights() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[2])


def test_loss_is_the_weighted_sum_over_the_batch() -> None:
    """Twice the batch is twice the loss; an example counts by its weight."""
    model = build_classifier(2, (), 0.003, 0)
    features, labels, weights = np.array([[1.0, 2.0], [-1.0, 0.5]]), np.array([[1.0], [0.0]]), np.array([[1.1], [0.7]])
    scores = model(features).numpy()
    expected = -(1.1 * np.log(scores[0, 0]) + 0.7 * np.log(1 - scores[1, 0]))
    loss = model.loss(labels, tf.constant(scores), sample_weight=weights)
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.003)


def test_export_of_both_halves_scores_as_before(embedding: TextEmbedding, tmp_path: Path) -> None:
    """Saved as one module without the original folder, texts get the scores that head and embedding gave."""
    model, texts = head(3, (4,), 0), tf.constant(["good bad", "unknown"])
    module = tf.Module()
    module.parts = [embedding, model]
    module.score = tf.function(lambda texts: model(embedding(texts)), input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_allclose(loaded.score(texts), model(embedding(texts)), rtol=1e-6)
