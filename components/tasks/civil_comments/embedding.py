"""The frozen text embedding of the toxicity classifier, loaded from a SavedModel: texts str[N] to vectors float32[N, d]."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import keras
import tensorflow as tf
import tensorflow_hub as hub

from components.modelling.signature import SIGNATURE
from components.tasks.civil_comments.config import unloadable
from data.plain_paths import plain
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


def _load(handle: str) -> Any:
    try:
        if not Path(handle).is_dir():
            return hub.load(handle)
        with plain(Path(handle)) as folder:
            return hub.load(str(folder))
    except InputError:
        raise
    except Exception as error:  # hub raises whatever its reader, its downloader or TensorFlow raise
        raise unloadable(handle, f"{type(error).__name__}: {error}") from error


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
