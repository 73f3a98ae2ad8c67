"""The toxicity classifier: a text embedding that is not trained, and a small dense head that is.

In flow texts str[N], out flow scores float32[N, 1]. The two halves are separate on purpose: an embedding that does not change
needs to be computed once per text, so the head trains on cached float32[N, d] arrays, and the exported model puts both together
again.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_hub as hub

from data.errors import InputError

HIDDEN = (500, 100)
LEARNING_RATE = 0.003
EMBEDDING_BATCH = 4096


@keras.saving.register_keras_serializable(package="fairgate")
class TextEmbedding(keras.layers.Layer):
    """A saved text embedding as a Keras layer, str[N] -> float32[N, d]; it is never trained.

    `hub.KerasLayer` does the same for Keras 2 only.

    Args:
        handle: a TF-Hub address or the folder of a SavedModel `str[N] -> float[N, d]`.

    Raises:
        InputError: when the handle cannot be loaded or yields something other than float[N, d].
    """

    def __init__(self, handle: str, **keywords: Any) -> None:
        """See the class."""
        super().__init__(trainable=False, dtype="float32", **keywords)
        self.handle = handle
        self._embed = _load(handle)
        self.dimension = _dimension(self._embed, handle)

    def call(self, texts: tf.Tensor) -> tf.Tensor:
        """str[N] or str[N, 1] -> float32[N, d]."""
        return tf.stop_gradient(tf.cast(self._embed(tf.reshape(texts, [-1])), tf.float32))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, int]:
        """(N, d)."""
        return (input_shape[0], self.dimension)

    def get_config(self) -> dict[str, Any]:
        """The handle, so that a saved Keras model can be read again."""
        return {**super().get_config(), "handle": self.handle}


def embed(embedding: TextEmbedding, texts: Sequence[bytes] | Sequence[str]) -> npt.NDArray[np.float32]:
    """Embeds many texts, EMBEDDING_BATCH at a time.

    Returns:
        float32[len(texts), d], in the order of the texts.
    """
    rows = np.empty((len(texts), embedding.dimension), np.float32)
    for start in range(0, len(texts), EMBEDDING_BATCH):
        batch = tf.constant(texts[start : start + EMBEDDING_BATCH], tf.string)
        rows[start : start + EMBEDDING_BATCH] = embedding(batch).numpy()
    return rows


def head(dimension: int, hidden: Sequence[int] = HIDDEN, seed: int = 0) -> keras.Model:
    """The trained half, not compiled: dense layers with relu, then one sigmoid unit.

    Args:
        dimension: width d of the text embedding.
        hidden: widths of the dense layers, first to last; may be empty, which makes it a logistic regression.
        seed: of the initial weights; layers draw from streams of their own.

    Returns:
        A model float32[N, d] -> float32[N, 1], the probability of being toxic.
    """
    layers = [
        keras.layers.Dense(width, "relu", kernel_initializer=_initializer(seed, position), name=f"hidden_{position}")
        for position, width in enumerate(hidden)
    ]
    score = keras.layers.Dense(1, "sigmoid", kernel_initializer=_initializer(seed, len(hidden)), name="score")
    return keras.Sequential([keras.Input((dimension,), dtype="float32"), *layers, score], name="head")


def build_classifier(
    dimension: int, hidden: Sequence[int] = HIDDEN, learning_rate: float = LEARNING_RATE, seed: int = 0
) -> keras.Model:
    """The head, compiled for training with example weights.

    The loss is the weighted binary cross-entropy summed over the batch, not averaged, as in the published reference: Adagrad
    divides by what it has accumulated, so the sum makes the first steps larger and leaves the later ones alone.

    Args:
        dimension: width d of the text embedding.
        hidden: as for `head`.
        learning_rate: of Adagrad.
        seed: as for `head`.
    """
    model = head(dimension, hidden, seed)
    model.compile(
        optimizer=keras.optimizers.Adagrad(learning_rate),
        loss=keras.losses.BinaryCrossentropy(reduction="sum"),
    )
    return model


def _initializer(seed: int, position: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(seed=int(np.random.SeedSequence((seed, position)).generate_state(1)[0]))


def _load(handle: str) -> Any:
    try:
        return hub.load(handle)
    except Exception as error:  # hub raises whatever its reader, its downloader or TensorFlow raise
        raise InputError(
            f"text embedding {handle!r} cannot be loaded ({type(error).__name__}: {error}); give the folder of a SavedModel, "
            "a TF-Hub address that this machine can reach, or have one built from the training text"
        ) from error


def _dimension(loaded: Any, handle: str) -> int:
    try:
        shape = tf.convert_to_tensor(loaded(tf.constant(["a text", ""]))).shape
    except (TypeError, ValueError, tf.errors.OpError) as error:
        raise InputError(f"text embedding {handle!r} cannot be called with str[N]: {error}") from error
    if len(shape) != 2 or shape[0] != 2:
        raise InputError(f"text embedding {handle!r} yields shape {shape.as_list()} for two texts; it must be float[N, d]")
    return int(shape[1])
