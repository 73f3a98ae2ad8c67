"""The toxicity classifier: a frozen text embedding and a small trained dense head.

In: texts str[N]. Out: scores float32[N, 1]. The two halves are separate on purpose: the frozen embedding is computed once per
text, the head trains on float32[N, d] arrays, and the exported model combines both.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from components.modelling.signature import SIGNATURE
from fairgate.errors import InputError


class TextEmbedding(keras.layers.Layer):
    """A frozen SavedModel text embedding as a Keras layer, str[N] -> float32[N, d].

    `hub.KerasLayer` does the same for Keras 2 only.

    Attributes:
        dimension: d.

    Args:
        handle: a TF-Hub address or the folder of a SavedModel `str[N] -> float[N, d]`, to be called directly or by its signature
            "serving_default".

    Raises:
        InputError: when the handle cannot be loaded or yields something other than float[N, d].
    """

    def __init__(self, handle: str) -> None:
        """Load the embedding."""
        super().__init__(trainable=False, dtype="float32")
        self._saved = _load(handle)  # keeps tables and variables alive, also in an export
        self._embed = _callable(self._saved, handle)
        self.dimension = _dimension(self._embed, handle)

    def call(self, texts: tf.Tensor) -> tf.Tensor:
        """Embed str[N] or str[N, 1] as float32[N, d]."""
        return tf.stop_gradient(tf.cast(self._embed(tf.reshape(texts, [-1])), tf.float32))


def build_classifier(dimension: int, hidden: Sequence[int], learning_rate: float, seed: int) -> keras.Model:
    """Return the head, compiled for training with example weights.

    The loss is the weighted binary cross-entropy summed over the batch, as in the published reference, not averaged:
    its gradients outweigh Adagrad's initial accumulator, so training gets somewhere in few steps at a low learning rate.

    Args:
        dimension: width d of the text embedding.
        hidden: as for `head`.
        learning_rate: of Adagrad.
        seed: as for `head`.
    """
    model = head(dimension, hidden, seed)
    loss = keras.losses.BinaryCrossentropy(reduction="sum")
    model.compile(optimizer=keras.optimizers.Adagrad(learning_rate), loss=loss)
    return model


def head(dimension: int, hidden: Sequence[int], seed: int) -> keras.Model:
    """Return the trained half, not compiled: dense layers with relu, then one sigmoid unit.

    Args:
        dimension: width d of the text embedding.
        hidden: widths of the dense layers, first to last; none makes it a logistic regression.
        seed: of the initial weights; each layer draws from a stream of its own.

    Returns:
        A model float32[N, d] -> float32[N, 1], the probability of being toxic.
    """
    streams = np.random.SeedSequence(seed).generate_state(len(hidden) + 1)
    initial = [keras.initializers.GlorotUniform(seed=int(stream)) for stream in streams]
    layers = [
        keras.layers.Dense(width, "relu", kernel_initializer=start, name=f"hidden_{position}")
        for position, (width, start) in enumerate(zip(hidden, initial, strict=False))
    ]
    score = keras.layers.Dense(1, "sigmoid", kernel_initializer=initial[-1], name="score")
    return keras.Sequential([keras.Input((dimension,), dtype="float32"), *layers, score], name="head")


def _load(handle: str) -> Any:
    try:
        return hub.load(handle)
    except Exception as error:  # hub raises whatever its reader, its downloader or TensorFlow raise
        raise InputError(
            f"text embedding {handle!r} cannot be loaded ({type(error).__name__}: {error}); give the folder of a SavedModel, "
            "a TF-Hub address that this machine can reach, or have one built from the training text"
        ) from error


def _callable(saved: Any, handle: str) -> Callable[[tf.Tensor], Any]:
    if callable(saved):
        return cast(Callable[[tf.Tensor], Any], saved)
    if SIGNATURE not in saved.signatures:
        raise InputError(f"text embedding {handle!r} cannot be called and has no signature {SIGNATURE!r}; give another")
    signature = saved.signatures[SIGNATURE]
    (argument,) = signature.structured_input_signature[1]
    (output,) = signature.structured_outputs
    return lambda texts: signature(**{argument: texts})[output]


def _dimension(embed: Callable[[tf.Tensor], Any], handle: str) -> int:
    try:
        vectors = tf.convert_to_tensor(embed(tf.constant(["a text", ""])))
    except (TypeError, ValueError, tf.errors.OpError) as error:
        raise InputError(f"text embedding {handle!r} cannot be called with str[N]: {error}") from error
    if vectors.shape.rank != 2 or vectors.shape[0] != 2 or not vectors.dtype.is_floating:
        raise InputError(
            f"text embedding {handle!r} yields {vectors.dtype.name}{vectors.shape.as_list()} for two texts, not float[2, d]"
        )
    return int(vectors.shape[1])
