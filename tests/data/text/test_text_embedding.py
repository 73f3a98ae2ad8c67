"""The offline text embedding, as TensorFlow Hub sees it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub

from data.text import text_embedding
from data.text.text_embedding import BagOfWords, build_from_texts, build_from_vectors, split_words
from data.text.word_vectors import LearningOptions, WordVectors, read_glove
from fairgate.errors import InputError

KNOWN = WordVectors(("dont", "stop", "école"), np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]], np.float32))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't STOP, it’s 3.5%!", ["dont", "stop", "its", "3", "5"]),
        ("ÉCOLE\n\tnaïve—co-op", ["école", "naïve", "co", "op"]),
        ("  ...  ", []),
        ("", []),
        ("a\0b", ["a", "b"]),
        ("I\u0130J \u012e\u00cc\u00cd\u0128 \u03a3\u0391\u03a3", ["ii\u0307j", "\u012f\u00ec\u00ed\u0129", "\u03c3\u03b1\u03c2"]),
        (b"bad \xff bytes\xc3 here", ["bad", "bytes", "here"]),
    ],
)
def test_words_of_a_text(text: str | bytes, words: list[str]) -> None:
    """Lower case, no apostrophes, split at all that is neither letter nor digit; broken UTF-8 does no harm."""
    (found,) = split_words(tf.constant([text])).to_list()
    assert [word.decode() for word in found] == words


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["tr_TR.UTF-8", "lt_LT.UTF-8"])
def test_words_do_not_depend_on_the_locale(locale: str) -> None:
    """In Turkish, TensorFlow's small form of I has no dot; in Lithuanian, that of \u00cc has two accents more."""
    code = (
        "import tensorflow as tf; from data.text.text_embedding import split_words; "
        "print(ascii([word.decode() for word in split_words(tf.constant(['I \\u0130 J\\u0301 \\u00cc'])).to_list()[0]]))"
    )
    environment = {**os.environ, "LC_ALL": locale, "PYTHONPATH": os.fspath(Path.cwd())}
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert ended.stdout.strip() == r"['i', 'i\u0307', 'j\u0301', '\xec']"


def test_vector_is_the_sum_of_known_words_over_the_root_of_their_number() -> None:
    """Unknown words count for nothing, and a text without a known word is zero, also at the end of the batch."""
    texts = ["Stop, don't!", "stop stop", "Whatever, ÉCOLE", "", "unknown words"]
    one, two, three = KNOWN.vectors
    root = np.float32(np.sqrt(2))
    expected = np.stack([(one + two) / root, two * root, three, 0 * one, 0 * one])
    np.testing.assert_allclose(BagOfWords(KNOWN)(tf.constant(texts)), expected, rtol=1e-6)
    assert BagOfWords(KNOWN)(tf.constant([], tf.string)).shape == (0, 2)


def test_saved_embedding_has_the_signature_of_nnlm(tmp_path: Path) -> None:
    """`hub.load` gives something to call; the signature answers the same; the original table may be gone."""
    folder = text_embedding.save(KNOWN, tmp_path / "deep" / "saved")
    loaded = hub.load(str(folder))
    vectors = loaded(tf.constant(["stop", "nothing"]))
    np.testing.assert_array_equal(vectors, [[3, 5], [0, 0]])
    assert vectors.dtype == tf.float32
    (output,) = loaded.signatures["serving_default"](texts=tf.constant(["stop"])).values()
    np.testing.assert_array_equal(output, [[3, 5]])
    assert [path.name for path in folder.parent.iterdir()] == ["saved"]


def test_texts_are_learned_the_same_way_twice(tmp_path: Path) -> None:
    """The same texts and seed give the same vectors, as many as asked for."""
    texts = ["The red apple fell.", "The green apple fell!", "A fast train left.", "A slow train left."] * 3
    options = LearningOptions(dimension=4)
    one, two = (hub.load(str(build_from_texts(texts, tmp_path / name, options)))(tf.constant(texts)) for name in ("a", "b"))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (12, 4)
    assert np.linalg.norm(one[0] - one[1]) < np.linalg.norm(one[0] - one[2])


@pytest.mark.parametrize("texts", [[], ["", "..."], ["one two"]])
def test_too_little_text_is_refused_and_nothing_written(tmp_path: Path, texts: list[str]) -> None:
    """An empty embedding would train without complaint."""
    with pytest.raises(InputError, match="too few for a text embedding"):
        build_from_texts(texts, tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


def test_real_vectors_embed_real_words(shared_data: Path, tmp_path: Path) -> None:
    """A word's embedding is its line in the file, in any case."""
    source = shared_data / "embeddings" / "glove_twitter_25d_13887.txt"
    known = read_glove(source)
    loaded = hub.load(str(build_from_vectors(source, tmp_path / "glove")))
    np.testing.assert_array_equal(
        loaded(tf.constant(["THE", "dont"])), known.vectors[[known.words.index(w) for w in ("the", "dont")]]
    )
