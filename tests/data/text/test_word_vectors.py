"""Word vectors from files and from texts."""

from pathlib import Path

import numpy as np
import pytest

from data.text.word_vectors import LearningOptions, WordVectors, learn, read_glove
from fairgate.errors import InputError


def test_glove_lines_become_vectors(tmp_path: Path) -> None:
    """A word, then its numbers; words may hold any character but a space."""
    file = tmp_path / "vectors.txt"
    file.write_text("the 1 -2.5\nécole 1e-1 0\n3.5 7 8 \n", encoding="utf-8")
    known = read_glove(file)
    assert known.words == ("the", "école", "3.5")
    np.testing.assert_array_equal(known.vectors, np.array([[1, -2.5], [0.1, 0], [7, 8]], np.float32))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"the 1 2\nof\n", "line 2: 0 numbers after the word"),
        (b"the 1 2\nof 1\n", "line 2: 1 numbers after the word"),
        (b"the 1 2\nof 1 2 3\n", "line 2: 3 numbers, but the first line has 2"),
        (b"the 1 2\n\nof 1 2\n", "line 2: no word before the numbers"),
        (b"the 1 2\nof 1 two\n", "line 2: 'two' is not a finite number"),
        (b"the 1 nan\n", "line 1: 'nan' is not a finite number"),
        (b"the 1 inf\n", "line 1: 'inf' is not a finite number"),
        (b"the 1 1e39\n", "line 1: '1e39' is not a finite number"),
        (b"the 1 2\nof 1 2\nthe 3 4\n", "line 3: 'the' stands in line 1 already"),
        (b"the 1  2\n", "line 1: '' is not a finite number"),
        (b" 1 2\n", "line 1: no word before the numbers"),
        (b"caf\xe9 1 2\n", "is not UTF-8"),
    ],
)
def test_malformed_file_is_named_with_line_and_value(tmp_path: Path, content: bytes, message: str) -> None:
    """Whoever made the file can find the line."""
    file = tmp_path / "vectors.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_glove(file)
    assert str(file) in str(caught.value)


def test_absent_file_is_named(tmp_path: Path) -> None:
    """A mistyped path is no crash."""
    with pytest.raises(InputError, match=r"nowhere\.txt cannot be read"):
        read_glove(tmp_path / "nowhere.txt")


def test_real_vectors_are_read_whole(shared_data: Path) -> None:
    """13,887 words in 25 dimensions."""
    assert read_glove(shared_data / "embeddings" / "glove_twitter_25d_13887.txt").vectors.shape == (13_887, 25)


def learned(texts: list[str], **options: float) -> WordVectors:
    """Vectors of texts whose words are separated by spaces."""
    words = [text.split() for text in texts]
    distinct = sorted({word for text in words for word in text})
    ids = np.array([distinct.index(word) for text in words for word in text])
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in words])
    return learn(distinct, ids, rows, LearningOptions(**{"min_count": 1, "dimension": 3, **options}))  # type: ignore[arg-type]


TEXTS = ["the red apple fell", "the green apple fell", "a fast train left", "a slow train left", "the red apple fell"]


def test_words_of_the_same_company_are_alike() -> None:
    """Red and green stand near the same words, red and fast do not."""
    known = learned(TEXTS)
    vector = dict(zip(known.words, known.vectors / np.linalg.norm(known.vectors, axis=1, keepdims=True), strict=True))
    assert vector["red"] @ vector["green"] > 0.9
    assert abs(vector["red"] @ vector["fast"]) < 0.1


def test_words_do_not_meet_across_texts() -> None:
    """The last word of a text is no neighbour of the next text's first, though they follow each other."""
    apart, together = learned(["a b", "c d"] * 2, dimension=2), learned(["a b c d"] * 2, dimension=2)
    cosine = {}
    for name, known in (("apart", apart), ("together", together)):
        vector = dict(zip(known.words, known.vectors, strict=True))
        cosine[name] = vector["b"] @ vector["c"]
    assert cosine["apart"] == pytest.approx(0, abs=1e-6)
    assert cosine["together"] > 0.1


def test_most_frequent_words_are_kept_first() -> None:
    """The vocabulary and the smallest count limit what is known."""
    assert learned(TEXTS, vocabulary=3).words == ("apple", "fell", "the")
    assert set(learned(TEXTS, min_count=3).words) == {"apple", "fell", "the"}


def test_frequent_words_weigh_less() -> None:
    """A smaller smoothing shrinks what occurs often, in comparison with what is rare."""
    ratio = []
    for smoothing in (1e3, 1e-3):
        known = learned(TEXTS, smoothing=smoothing)
        length = dict(zip(known.words, np.linalg.norm(known.vectors, axis=1), strict=True))
        ratio.append(length["apple"] / length["green"])
    assert ratio[1] == pytest.approx(ratio[0] * 1 / 3, rel=0.02)


def test_same_seed_gives_the_same_vectors() -> None:
    """Nothing but the text and the options decides."""
    np.testing.assert_array_equal(learned(TEXTS).vectors, learned(TEXTS).vectors)


def test_small_text_has_as_many_dimensions_as_it_can() -> None:
    """Three words cannot fill 64 dimensions; two are too few to begin with."""
    assert learned(["a b c"], dimension=64).vectors.shape == (3, 2)
    with pytest.raises(InputError, match=r"only 2 words occur 1 times or more .* give more text"):
        learned(["a b"])
