"""Each rule of the n-grams against a twin: plain Python tokenises, scikit-learn counts, TensorFlow hashes alone."""

import csv
import os
import re
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from data.text.ngrams import CHARACTER_BUCKETS, MAX_BYTES, WORD_BUCKETS, BlockCounts, HashedNgrams, tokenize, truncate

# A tab, an accent, a combining accent, an emoji of two code points, Chinese, Arabic, Hebrew, Turkish, Greek, German.
TEXTS = (
    "Don't SHOUT, please!! It’s rude; isn`t it?",
    "See https://example.org/a?b=c and www.example.com, or http://x.y",
    "one  two\tthree\none two three one",
    "naïve cafe\u0301 café",
    "thumbs 👍🏽 up 👩‍👩‍👧",
    "我爱你 we 爱",
    "السلام عليكم שלום עולם",
    "İstanbul IĞDIR ΟΔΟΣ Σας ẞ ß Ǆ",
    "snake_case 3rd a b 10,000.50 x²",
    "",
    " \t\n",
    "a",
    "...",
)


@pytest.fixture(scope="module")
def ngrams() -> HashedNgrams:
    return HashedNgrams()


def tokens_of(text: str) -> list[str]:
    """The twin's rules 2 to 6."""
    lower = re.sub("['’`]", "", text.replace("\0", "\ufffd").lower())
    without_urls = re.sub(r"https?://[^ \t\n\r\f]+|www\.[^ \t\n\r\f]+", " URL ", lower)
    spaced = (c if c in " \t\n\r\f_" or unicodedata.category(c)[0] in "LMN" else f" {c} " for c in without_urls)
    return re.findall(r"[^ \t\n\v\r\f]+", "".join(spaced))


def words_of(text: str) -> list[str]:
    tokens = tokens_of(text)
    return tokens + [f"{first} {second}" for first, second in pairwise(tokens)]


def characters_of(text: str) -> list[str]:
    """4-grams of " token "; unlike char_wb of scikit-learn, which pads or keeps a token that is too short."""
    padded = [f" {token} " for token in tokens_of(text)]
    return [token[start : start + 4] for token in padded for start in range(len(token) - 3)]


TWINS = {"words": (words_of, WORD_BUCKETS), "characters": (characters_of, CHARACTER_BUCKETS)}


def twin(block: str, texts: list[bytes]) -> csr_matrix:
    """Counts by scikit-learn, whose vocabulary is folded into buckets."""
    analyzer, buckets = TWINS[block]
    vectorizer = CountVectorizer(analyzer=analyzer, decode_error="replace")
    counts = vectorizer.fit_transform(texts)
    hashed = tf.strings.to_hash_bucket_fast(vectorizer.get_feature_names_out().tolist(), buckets).numpy()
    fold = csr_matrix((np.ones(len(hashed)), (np.arange(len(hashed)), hashed)), shape=(len(hashed), buckets))
    return counts @ fold


def matrix(block: BlockCounts, texts: int, buckets: int) -> csr_matrix:
    return csr_matrix((block.counts, (block.rows, block.buckets)), shape=(texts, buckets))


def assert_equal_to_twin(ngrams: HashedNgrams, texts: list[bytes]) -> None:
    counted = ngrams(tf.constant(texts))
    for block in TWINS:
        ours = matrix(getattr(counted, block), len(texts), TWINS[block][1])
        assert (ours != twin(block, texts)).nnz == 0, block


@pytest.mark.parametrize("text", TEXTS[:9])
def test_counts_of_a_text_are_those_of_the_twin(ngrams: HashedNgrams, text: str) -> None:
    assert_equal_to_twin(ngrams, [text.encode()])


def test_counts_of_a_batch_are_those_of_the_twin(ngrams: HashedNgrams) -> None:
    assert_equal_to_twin(ngrams, [text.encode() for text in TEXTS])


def test_counts_of_real_comments_are_those_of_the_twin(ngrams: HashedNgrams, shared_data: Path) -> None:
    with (shared_data / "text-sets" / "surge.csv").open(encoding="utf-8", newline="") as file:
        assert_equal_to_twin(ngrams, [row["comment_text"].encode() for row in csv.DictReader(file)])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't IT’S isn`t", ["dont", "its", "isnt"]),
        ("Ünï ÉTÉ", ["ünï", "été"]),
        ("https://a.b/C?d=e f WWW.x.y", ["URL", "f", "URL"]),
        ("a,b!! (c)", ["a", ",", "b", "!", "!", "(", "c", ")"]),
        ("snake_case x2 ½", ["snake_case", "x2", "½"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("a\u00a0b\vc", ["a", "\u00a0", "b", "c"]),
        ("👍🏽", ["👍", "🏽"]),
        ("我爱你。", ["我爱你", "。"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("I İ", ["i", "i\u0307"]),
        ("nice\0rude", ["nice", "\ufffd", "rude"]),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert [token.decode() for token in tokenize(tf.constant([text]))[0].numpy()] == tokens


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("a I", []),
        ("ab", [" ab "]),
        ("abc d", [" abc", "abc "]),
        ("爱你", [" 爱你 "]),
        ("😀", []),
        ("https://a.b", [" URL", "URL "]),
    ],
)
def test_character_4_grams(ngrams: HashedNgrams, text: str, grams: list[str]) -> None:
    expected = sorted(tf.strings.to_hash_bucket_fast(grams, CHARACTER_BUCKETS).numpy()) if grams else []
    assert ngrams(tf.constant([text])).characters.buckets.numpy().tolist() == expected


def test_words_are_1_grams_and_2_grams(ngrams: HashedNgrams) -> None:
    words = ngrams(tf.constant(["a b a b"])).words
    hashed = tf.strings.to_hash_bucket_fast(["a", "b", "a b", "b a"], WORD_BUCKETS).numpy()
    assert dict(zip(words.buckets.numpy(), words.counts.numpy(), strict=True)) == dict(zip(hashed, [2, 2, 2, 1], strict=True))


def test_rows_are_sorted_and_buckets_rise_within_a_row(ngrams: HashedNgrams) -> None:
    counted = ngrams(tf.constant([TEXTS[0], "", TEXTS[1]]))
    for block in (counted.words, counted.characters):
        keys = block.rows.numpy() * WORD_BUCKETS + block.buckets.numpy()
        assert (np.diff(keys) > 0).all()
        assert set(block.rows.numpy()) == {0, 2}
        assert [tensor.dtype for tensor in block] == [tf.int64, tf.int64, tf.float32]


def test_texts_may_be_a_column(ngrams: HashedNgrams) -> None:
    row, column = ngrams(tf.constant(TEXTS)), ngrams(tf.constant(TEXTS)[:, tf.newaxis])
    assert row.size == column.size == len(TEXTS)
    for one, other in zip(tf.nest.flatten(row), tf.nest.flatten(column), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
def test_nothing_to_count(ngrams: HashedNgrams, texts: list[str]) -> None:
    counted = ngrams(tf.constant(texts, tf.string))
    assert counted.size == len(texts)
    assert counted.words.counts.shape == counted.characters.counts.shape == (0,)


@pytest.mark.parametrize("text", [b"a\xff\xfeb cd\xc3", b"ab \xe2\x82 \xed\xa0\x80x", b"abc\xf0\x9f\x98"])
def test_bytes_that_are_no_utf_8_are_replaced(ngrams: HashedNgrams, text: bytes) -> None:
    assert_equal_to_twin(ngrams, [text])


@pytest.mark.parametrize("character", ["x", "é", "爱", "😀"])
@pytest.mark.parametrize("offset", range(4))
def test_long_texts_are_cut_on_the_border_of_a_character(character: str, offset: int) -> None:
    text = "." * offset + character * (MAX_BYTES + 1)
    cut, truncated = truncate(tf.constant(["", text]))
    assert cut.numpy()[1] == text.encode()[:MAX_BYTES].decode("utf-8", "ignore").encode()
    assert truncated.numpy().tolist() == [False, True]


def test_text_of_the_greatest_length_is_not_cut() -> None:
    text = "é" * (MAX_BYTES // 2)
    cut, truncated = truncate(tf.constant([text]))
    assert (cut.numpy()[0].decode(), truncated.numpy()[0]) == (text, False)


def test_bytes_without_a_border_are_cut_at_the_limit() -> None:
    cut, _ = truncate(tf.constant([b"\x80" * 5000]))
    assert cut.numpy()[0] == b"\x80" * MAX_BYTES


def test_cut_comes_before_lower_case(ngrams: HashedNgrams) -> None:
    """Ⱥ has two bytes, ⱥ three."""
    counted = ngrams(tf.constant(["Ⱥ" * 2000, "Ⱥ" * 2001]))
    assert counted.truncated.numpy().tolist() == [False, True]
    short, cut = counted.words.buckets.numpy()
    assert short == cut


def test_saved_model_counts_alike(ngrams: HashedNgrams, tmp_path: Path) -> None:
    tf.saved_model.save(ngrams, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    texts = tf.constant(TEXTS)
    for one, other in zip(tf.nest.flatten(ngrams(texts)), tf.nest.flatten(loaded(texts)), strict=True):
        np.testing.assert_array_equal(one, other)


PROGRAM = """
import sys, tensorflow as tf
from data.text.ngrams import tokenize
sys.stdout.buffer.write(b"|".join(tokenize(tf.constant(["I İ TITLE"]))[0].numpy()))
"""


@pytest.mark.slow
def test_lower_case_does_not_depend_on_the_locale() -> None:
    """In Turkish, TensorFlow's operation gives "I" another lower case than in English."""
    environment = {**os.environ, "LC_ALL": "tr_TR.UTF-8"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True)
    assert done.stdout.decode() == "i|i\u0307|title"
