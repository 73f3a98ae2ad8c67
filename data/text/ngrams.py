"""Hashed n-grams of texts as TensorFlow operations, the same in Beam, in training and in a SavedModel.

In: texts str[N]. Out: how often each hashed n-gram occurs in each text, `NgramCounts`. The rules, in their order:

1. A text longer than MAX_BYTES is cut at the last border of a character within them, before anything else changes its length.
2. Lower case by Unicode's rules, whatever the locale of the machine; NUL and bytes that are no UTF-8 become U+FFFD. Accents
   are kept as they are and not normalised (TensorFlow has no operation for that in a model): "café" is not "cafe", nor is é as
   one character equal to e followed by a combining accent.
3. Apostrophes (' ’ `) are dropped: "don't" is "dont".
4. A URL (https://…, http://…, www.…, to the next white space) becomes the one token URL.
5. Every character that is no letter, mark, number, ASCII white space or underscore becomes a token of its own.
6. What white space separates is a token. Words: 1-grams and 2-grams of the tokens. Characters: 4-grams of " token ", so that a
   token of one character has none.
7. Each n-gram falls into one of the buckets of its block by `tf.strings.to_hash_bucket_fast`.

    grams = HashedNgrams()
    counts = grams(tf.constant(["A text"]))
    counts.words.buckets, counts.words.counts
"""

from typing import NamedTuple

import tensorflow as tf

WORD_BUCKETS = 1 << 18
CHARACTER_BUCKETS = 1 << 18
MAX_BYTES = 4000  # of a text; what follows is cut, on a character's border
WORD_SIZES = (1, 2)
CHARACTER_SIZE = 4
_LONGEST_CHARACTER = 4  # bytes, in UTF-8


class BlockCounts(NamedTuple):
    """How often each n-gram of a block occurs in each text; M entries, sorted by row, then by bucket, each pair once.

    Attributes:
        rows: int64[M], of the text.
        buckets: int64[M].
        counts: float32[M], at least 1.
    """

    rows: tf.Tensor
    buckets: tf.Tensor
    counts: tf.Tensor


class NgramCounts(NamedTuple):
    """The n-grams of N texts.

    Attributes:
        words: buckets below WORD_BUCKETS.
        characters: buckets below CHARACTER_BUCKETS.
        size: int64 scalar, N.
        truncated: bool[N], where the text was cut.
    """

    words: BlockCounts
    characters: BlockCounts
    size: tf.Tensor
    truncated: tf.Tensor


class HashedNgrams(tf.Module):
    """Counts the n-grams of texts by the rules above; it has no variables, and can be a part of any SavedModel."""

    @tf.function(input_signature=[tf.TensorSpec(None, tf.string, name="texts")])
    def __call__(self, texts: tf.Tensor) -> NgramCounts:
        """Count the n-grams of texts str[N] or str[N, 1]."""
        flat = tf.reshape(texts, [-1])
        cut, truncated = truncate(flat)
        tokens = tokenize(cut)
        return NgramCounts(_words(tokens), _characters(tokens), tf.size(flat, tf.int64), truncated)


def truncate(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cut texts str[N] to MAX_BYTES at most and return them with bool[N], which were cut.

    No character is divided. Where no border of a character is in reach, as in bytes that are no UTF-8, the cut is at MAX_BYTES.
    """
    lengths = tf.strings.length(texts)
    truncated = lengths > MAX_BYTES
    # The last bytes that are kept at least in part, and the first that is not: one of them begins a character.
    zeros = tf.zeros_like(lengths)
    starts = tf.where(truncated, MAX_BYTES - _LONGEST_CHARACTER + 1, zeros)
    window = tf.strings.substr(texts, starts, zeros + _LONGEST_CHARACTER)
    decoded = tf.io.decode_raw(window, tf.uint8, fixed_length=_LONGEST_CHARACTER)
    begins = tf.bitwise.bitwise_and(decoded, tf.constant(0xC0, tf.uint8)) != 0x80
    back = tf.argmax(tf.reverse(begins, [1]), axis=1, output_type=tf.int32)  # bytes of a divided character; 0 if none begins
    return tf.strings.substr(texts, zeros, tf.where(truncated, MAX_BYTES - back, lengths)), truncated


def tokenize(texts: tf.Tensor) -> tf.RaggedTensor:
    """Split texts str[N] into tokens str[N, k] by rules 2 to 6."""
    lower = _lower(texts)
    together = tf.strings.regex_replace(lower, "['’`]", "")
    without_urls = tf.strings.regex_replace(together, r"https?://\S+|www\.\S+", " URL ")
    return tf.strings.split(tf.strings.regex_replace(without_urls, r"([^\pL\pM\pN\s_])", r" \1 "))


def _lower(texts: tf.Tensor) -> tf.Tensor:
    """Lower the case as Unicode's root locale does.

    TensorFlow's operation drops what follows a NUL. And it follows the locale of the process: with LANG=tr_TR.UTF-8, "I" would
    become an i without a dot. What Turkish treats otherwise (I and İ) is therefore replaced first.
    """
    ascii_lower = tf.strings.lower(tf.strings.regex_replace(texts, r"\x00", "\ufffd"))
    dotted = tf.strings.regex_replace(ascii_lower, "İ", "i\u0307")
    return tf.strings.lower(dotted, encoding="utf-8")


def _words(tokens: tf.RaggedTensor) -> BlockCounts:
    grams = tf.strings.ngrams(tokens, WORD_SIZES, separator=" ")
    return _count(grams.row_splits, tf.strings.to_hash_bucket_fast(grams.flat_values, WORD_BUCKETS))


def _characters(tokens: tf.RaggedTensor) -> BlockCounts:
    of_tokens = character_buckets(tokens)
    return _count(tf.gather(of_tokens.row_splits, tokens.row_splits), of_tokens.flat_values)


def character_buckets(tokens: tf.RaggedTensor) -> tf.RaggedTensor:
    """Return the bucket of each character n-gram of each token, int64[T, m], for the T tokens of str[N, k] in their order."""
    # Each distinct token of the batch is split once.
    distinct, occurrence = tf.unique(tokens.flat_values, out_idx=tf.int64)
    characters = tf.strings.unicode_split(tf.strings.join([" ", distinct, " "]), "UTF-8", errors="replace")
    grams = tf.strings.ngrams(characters, CHARACTER_SIZE, separator="")
    hashed = grams.with_flat_values(tf.strings.to_hash_bucket_fast(grams.flat_values, CHARACTER_BUCKETS))
    return tf.gather(hashed, occurrence)


def _count(row_splits: tf.Tensor, buckets: tf.Tensor) -> BlockCounts:
    """Count equal buckets in each row of a ragged tensor."""
    # The operation refuses to count no rows, so one without buckets is added.
    splits = tf.concat([row_splits, row_splits[-1:]], axis=0)
    places, counts, _ = tf.raw_ops.RaggedCountSparseOutput(
        splits=splits, values=buckets, weights=tf.constant([], tf.float32), binary_output=False
    )
    return BlockCounts(places[:, 0], places[:, 1], counts)
