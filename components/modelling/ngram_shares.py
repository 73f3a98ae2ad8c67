"""The share of each token in the logit of an n-gram model, as TensorFlow operations that a SavedModel can hold.

In: tokens str[N, k], the idf and weights of a block. Out: float64[T], one share per token. The value of an n-gram in a text is
(1 + log count) × idf / norm of the text's values, as in `data.text.feature_shards`; each of its occurrences has an equal part.
"""

from typing import NamedTuple

import tensorflow as tf

from data.text.ngrams import WORD_BUCKETS, character_buckets


class _Occurrences(NamedTuple):
    """The M n-grams of N texts where they occur.

    Attributes:
        buckets: int64[M].
        rows: int64[M], of the text.
        first, last: int64[M], the tokens that an n-gram is made of; equal for all but 2-grams.
    """

    buckets: tf.Tensor
    rows: tf.Tensor
    first: tf.Tensor
    last: tf.Tensor


def block_shares(block: str, tokens: tf.RaggedTensor, idf: tf.Variable, weights: tf.Variable) -> tf.Tensor:
    """Compute float64[T], the part of each token in the product of a block's features and its weights.

    Args:
        block: "words" or "characters".
        tokens: str[N, k].
        idf: float32[buckets].
        weights: float32[buckets].
    """
    found = _words(tokens) if block == "words" else _characters(tokens)
    buckets = tf.cast(tf.size(idf), tf.int64)
    distinct, place, counts = tf.unique_with_counts(found.rows * buckets + found.buckets, out_idx=tf.int64)
    counts = tf.cast(counts, tf.float64)
    values = (1 + tf.math.log(counts)) * tf.cast(tf.gather(idf, distinct % buckets), tf.float64)
    squares = tf.math.unsorted_segment_sum(values * values, distinct // buckets, tokens.nrows())
    products = values * tf.cast(tf.gather(weights, distinct % buckets), tf.float64)
    each = tf.math.divide_no_nan(products, counts * tf.sqrt(tf.gather(squares, distinct // buckets)))
    halves = tf.gather(each, place) / 2
    size = tf.size(tokens.flat_values)
    return tf.math.unsorted_segment_sum(halves, found.first, size) + tf.math.unsorted_segment_sum(halves, found.last, size)


def known_tokens(tokens: tf.RaggedTensor, idf: tf.Variable) -> tf.Tensor:
    """Return bool[T]: whether the training split has a token, or another one in the bucket of its hash.

    Args:
        tokens: str[N, k].
        idf: float32[buckets] of words; 0 where the training split has nothing.
    """
    return tf.gather(idf, tf.strings.to_hash_bucket_fast(tokens.flat_values, WORD_BUCKETS)) > 0


def _words(tokens: tf.RaggedTensor) -> _Occurrences:
    single = tf.range(tf.size(tokens.flat_values, tf.int64))
    pairs = tf.strings.ngrams(tokens, 2, separator=" ")
    rows = pairs.value_rowids()
    first = (
        tf.range(tf.size(pairs.flat_values, tf.int64)) - tf.gather(pairs.row_splits, rows) + tf.gather(tokens.row_splits, rows)
    )
    grams = tf.concat([tokens.flat_values, pairs.flat_values], axis=0)
    return _Occurrences(
        buckets=tf.strings.to_hash_bucket_fast(grams, WORD_BUCKETS),
        rows=tf.concat([tokens.value_rowids(), rows], axis=0),
        first=tf.concat([single, first], axis=0),
        last=tf.concat([single, first + 1], axis=0),
    )


def _characters(tokens: tf.RaggedTensor) -> _Occurrences:
    of_tokens = character_buckets(tokens)
    token = of_tokens.value_rowids()
    return _Occurrences(of_tokens.flat_values, tf.gather(tokens.value_rowids(), token), token, token)
