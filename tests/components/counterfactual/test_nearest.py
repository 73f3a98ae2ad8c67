"""The nearest text with the opposite decision, against an enumeration in plain Python."""

import math
from collections import Counter

import numpy as np
import pytest

from components.counterfactual.nearest import nearest_opposites

WORDS = ("you", "are", "kind", "stupid", "a", "man", "woman", "here")


def distance(one: str, other: str, texts: list[str]) -> float:
    """1 - cosine of the TF-IDF vectors, word by word."""
    idf = {word: math.log((1 + len(texts)) / (1 + sum(word in text.split() for text in texts))) + 1 for word in WORDS}
    first, second = ({word: n * idf[word] for word, n in Counter(text.split()).items()} for text in (one, other))
    norms = [math.sqrt(sum(value**2 for value in vector.values())) for vector in (first, second)]
    return 1 - sum(value * second.get(word, 0.0) for word, value in first.items()) / (norms[0] * norms[1])


def test_the_nearest_is_that_of_an_enumeration() -> None:
    """Of 60 random texts, each compared with every one on the other side of the threshold."""
    random = np.random.default_rng(3)
    texts = [" ".join(random.choice(WORDS, random.integers(2, 7))) for _ in range(60)]
    scores = random.random(60)
    for row, found in enumerate(nearest_opposites(texts, scores, 0.6, range(60))):
        others = {
            other: distance(texts[row], texts[other], texts)
            for other in range(60)
            if (scores[other] > 0.6) != (scores[row] > 0.6)
        }
        assert found is not None
        assert found.distance == pytest.approx(min(others.values()), abs=1e-9)
        assert others[found.row] == pytest.approx(found.distance, abs=1e-9)


def test_a_score_at_the_threshold_is_negative_and_one_that_is_not_finite_is_no_answer() -> None:
    texts = ["a man", "a man", "a woman", "a man here"]
    (found,) = nearest_opposites(texts, np.array([0.5, np.nan, 0.5, 0.75]), 0.5, [0])
    assert found is not None
    assert found.row == 3


@pytest.mark.parametrize(("texts", "scores"), [(["a man", "a woman"], [0.1, 0.2]), (["…", "!"], [0.1, 0.9])])
def test_without_an_opposite_or_a_word_there_is_none(texts: list[str], scores: list[float]) -> None:
    assert nearest_opposites(texts, np.array(scores), 0.5, [0]) == [None]
