"""Build a text embedding offline: a SavedModel with the signature of the nnlm embeddings of TF-Hub, str[N] -> float32[N, d].

In: the training texts, or a file of word vectors in GloVe's text form. Out: a folder for `hub.load(folder)(tf.constant([...]))`
and for `TextEmbedding(folder)`. A text is lower-cased, apostrophes are dropped ("don't" is "dont"), everything else that is
neither letter nor digit separates words; a text's vector is the sum of its known words' vectors divided by the root of their
number, zero when it has none.
"""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import tensorflow as tf

from data.folders import whole_folder
from data.text import word_vectors
from data.text.word_vectors import LearningOptions, WordVectors

MAX_TEXTS = 100_000  # texts that vectors are learned from; more of them cost time and change little


# What TensorFlow's lower case makes something else of in Turkish or Lithuanian (Unicode's SpecialCasing.txt), so that a server's
# locale would decide what a model answers; and NUL, at which it ends the text.
_FIXED_LETTERS = {
    r"\x00": " ",
    "I": "i",
    "J": "j",
    "\u012e": "\u012f",
    "\u00cc": "\u00ec",
    "\u00cd": "\u00ed",
    "\u0128": "\u0129",
    "\u0130": "i\u0307",
}


class BagOfWords(tf.Module):
    """The sum of word vectors divided by √n, as a saveable module."""

    def __init__(self, known: WordVectors) -> None:
        """Store the vectors; an additional row of zeros stands for unknown words."""
        super().__init__()
        self._unknown = len(known.words)
        positions = tf.range(self._unknown, dtype=tf.int64)
        entries = tf.lookup.KeyValueTensorInitializer(tf.constant(known.words), positions)
        self._positions = tf.lookup.StaticHashTable(entries, default_value=self._unknown)
        self._vectors = tf.Variable(known.vectors, trainable=False, name="vectors")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="texts")])
    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Return the vectors float32[N, d] of texts str[N]."""
        words = split_words(texts)
        positions = self._positions.lookup(words.flat_values)
        known = positions < self._unknown
        positions, rows = tf.boolean_mask(positions, known), tf.boolean_mask(words.value_rowids(), known)
        return tf.sparse.segment_sqrt_n(self._vectors, positions, rows, num_segments=tf.size(texts))


def split_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Split str[N] into words str[N, k]: lower case, no apostrophes, split at everything that is neither letter nor digit."""
    for pattern, small in _FIXED_LETTERS.items():
        texts = tf.strings.regex_replace(texts, pattern, small)
    lower = tf.strings.lower(texts, encoding="utf-8")
    together = tf.strings.regex_replace(lower, "['’`]", "")
    return tf.strings.split(tf.strings.regex_replace(together, r"[^\pL\pM\pN]+", " "))


def build_from_texts(texts: Iterable[str], output: Path, options: LearningOptions | None = None) -> Path:
    """Learn word vectors from the first MAX_TEXTS texts and write the embedding.

    Args:
        texts: the training texts, never the evaluation's.
        output: the folder to write, absent or empty.
        options: dimension, vocabulary and seed; the defaults otherwise.

    Returns:
        `output`.

    Raises:
        InputError: when the texts hold too few distinct words.
    """
    words = split_words(tf.constant(list(islice(texts, MAX_TEXTS)) or [""], tf.string))
    distinct, ids = tf.unique(words.flat_values, out_idx=tf.int64)
    names = [word.decode() for word in distinct.numpy()]
    known = word_vectors.learn(names, ids.numpy(), words.value_rowids().numpy(), options or LearningOptions())
    return save(known, output)


def build_from_vectors(source: Path, output: Path) -> Path:
    """Write the embedding of word vectors in GloVe's text form; words in upper case never match and are skipped.

    Raises:
        InputError: when the file is not in that form; names line and value.
    """
    return save(word_vectors.read_glove(source), output)


def save(known: WordVectors, output: Path) -> Path:
    """Write the SavedModel under a temporary name, then rename it; `output` is absent or empty."""
    module = BagOfWords(known)
    with whole_folder(output) as folder:
        tf.saved_model.save(module, str(folder), signatures={"serving_default": module.__call__})
    return output
