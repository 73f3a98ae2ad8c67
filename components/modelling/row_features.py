"""The features of some rows of raw examples, without weights: serialized tf.Examples str[n] -> arrays by name.

The arrays are those of a shard, see `data.text.feature_shards`, except that a block has the number of its buckets in each row
("words.lengths" int64[n]) in place of where the rows begin, and counts ("words.counts" uint16[k]) in place of values.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.artifacts.examples import fingerprints
from components.modelling.feature_settings import FeatureSettings
from data.text.feature_shards import BLOCKS, BUCKETS, STARTS, VECTORS, Array
from data.text.ngrams import HashedNgrams

LENGTHS, COUNTS = "lengths", "counts"
TRUNCATED = "truncated"  # bool[n]

Embed = Callable[[tf.Tensor], tf.Tensor]


class RowExtractor:
    """Computes the features of rows; traces its TensorFlow functions once."""

    def __init__(self, settings: FeatureSettings) -> None:
        self._settings = settings
        self._ngrams = HashedNgrams()
        self._embed = load_embedding(settings)
        self._features = {
            settings.text: tf.io.FixedLenFeature([], tf.string),
            settings.label: tf.io.FixedLenFeature([], tf.float32),
            **{feature: tf.io.VarLenFeature(tf.string) for feature in settings.groups},
        }

    def __call__(self, serialized: tf.Tensor) -> dict[str, Array]:
        """Return the arrays of serialized examples str[n]."""
        parsed = tf.io.parse_example(serialized, self._features)
        texts = parsed[self._settings.text]
        counted = self._ngrams(texts)
        arrays: dict[str, Array] = {TRUNCATED: counted.truncated.numpy()}
        for name in BLOCKS:
            block = getattr(counted, name)
            arrays[f"{name}.{LENGTHS}"] = np.bincount(block.rows.numpy(), minlength=len(texts)).astype(np.int64)
            arrays[f"{name}.{BUCKETS}"] = block.buckets.numpy().astype(np.int32)
            arrays[f"{name}.{COUNTS}"] = block.counts.numpy().astype(np.uint16)  # a text has fewer tokens than bytes
        arrays["labels"] = parsed[self._settings.label].numpy().astype(np.uint8)
        arrays["groups"] = group_bits(parsed, self._settings.groups, len(texts))
        arrays["keys"] = fingerprints(texts)
        if self._embed:
            arrays[VECTORS] = self._embed(texts).numpy()
        return arrays


def load_embedding(settings: FeatureSettings) -> Embed | None:
    """Load what turns texts str[n], uncut, into vectors float32[n, d] of norm 1 or 0; None without a text embedding."""
    if not settings.embedding:
        return None
    module, _, name = settings.embedder.rpartition(".")
    embedding = getattr(importlib.import_module(module), name)(settings.embedding)
    embed: Embed = tf.function(
        lambda texts: tf.math.l2_normalize(embedding(texts), axis=1), input_signature=[tf.TensorSpec([None], tf.string)]
    )
    return embed


def group_bits(parsed: Mapping[str, tf.SparseTensor], groups: Mapping[str, Sequence[str]], rows: int) -> npt.NDArray[np.uint64]:
    """Return uint64[n], whose bit i is set where the row's feature has the i-th of all values of `groups`."""
    bits = np.zeros(rows, np.uint64)
    place = 0
    for feature, values in groups.items():
        of_rows, present = parsed[feature].indices.numpy()[:, 0], parsed[feature].values.numpy()
        for value in values:
            bits[of_rows[present == value.encode()]] |= np.uint64(1 << place)
            place += 1
    return bits


def joined(batches: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Join the arrays of consecutive rows; "words.starts" int64[n + 1] takes the place of the lengths."""
    arrays = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    for name in BLOCKS:
        lengths = arrays.pop(f"{name}.{LENGTHS}")
        arrays[f"{name}.{STARTS}"] = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return arrays
