"""Association of sentence vectors, by hand."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from components.counterfactual.association import (
    PERMUTATIONS,
    association_test,
    examine,
    measure_embedding,
    nearness,
    sentences,
    unknown_words,
)
from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.terms import Group

EAST, NORTH = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def test_nearness_is_a_difference_of_cosines() -> None:
    """(0.6, 0.8) is 0.6 like east and 0.8 like north; a vector of zeros is like nothing."""
    found = nearness(np.array([[0.6, 0.8], [1, 0], [0, 0]]), np.array([EAST, EAST]), np.array([NORTH]))
    assert found == pytest.approx([-0.2, 1.0, 0.0])


def test_effect_size_and_p_value() -> None:
    """Means 2.5 and 6.5 around a deviation of √6; of the 70 partitions of 1 … 8 two are as far apart."""
    found = association_test(np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7, 8]), seed=1)
    assert found.effect_size == pytest.approx(-4 / math.sqrt(6))
    assert found.p_value == pytest.approx(2 / 70, abs=0.006)


def test_p_value_agrees_with_all_partitions() -> None:
    """An untidy example, enumerated."""
    first, second = np.array([0.3, 0.1, 0.25, 0.4]), np.array([0.2, 0.05, 0.15, 0.3])
    both = [*first, *second]
    differences = [2 * sum(part) - sum(both) for part in combinations(both, 4)]
    exact = np.mean(np.abs(differences) >= abs(first.sum() - second.sum()) - 1e-12)
    assert association_test(first, second, seed=2).p_value == pytest.approx(exact, abs=0.02)


def test_least_p_value_is_not_zero() -> None:
    """The partition that was found is one of them."""
    found = association_test(np.linspace(0, 0.1, 20), np.linspace(5, 5.1, 20), seed=1)
    assert found.p_value == 1 / (PERMUTATIONS + 1)


def test_nothing_to_tell_apart() -> None:
    """Sentences that all lie alike have no effect size."""
    found = association_test(np.full(3, 0.25), np.full(3, 0.25), seed=1)
    assert (math.isnan(found.effect_size), found.p_value) == (True, 1.0)


PLAN = CounterfactualPlan(
    text_feature="text",
    groups={
        "one": Group(forms={"adjective": {"x": "xx", "y": "yy", "z": "zz"}}),
        "two": Group(forms={"adjective": {"u": "uu", "v": "vv"}}),
    },
    neutral=("{term} one", "{term} two"),
    pleasant=("good",),
    unpleasant=("bad",),
)


def test_every_pair_of_a_group() -> None:
    """Term x lies east, where good is, y north, z and the second group halfway; lengths do not matter."""
    directions = {"xx": 3 * EAST, "yy": NORTH, "zz": EAST + NORTH, "uu": EAST + NORTH, "vv": EAST + NORTH}
    vectors = {text: directions.get(text[:2], np.zeros(2)) for text in sentences(PLAN)} | {"good": EAST, "bad": 0.5 * NORTH}
    found = {(pair.term, pair.other): pair for pair in measure_embedding(PLAN, vectors, 0.95, seed=1)}
    assert list(found) == [("x", "y"), ("x", "z"), ("y", "z"), ("u", "v")]
    x_y = found["x", "y"]
    assert (x_y.group, x_y.n, x_y.distance, x_y.low, x_y.high) == ("one", 2, 1.0, 1.0, 1.0)
    assert x_y.effect_size == pytest.approx(2 / math.sqrt(4 / 3))  # 1, 1 against -1, -1
    assert found["x", "z"].distance == pytest.approx(1 - math.sqrt(0.5))
    assert found["u", "v"].distance == pytest.approx(0)
    assert (found["u", "v"].effect_size, found["u", "v"].p_value) == (None, 1.0)


def test_sentences_are_listed_once() -> None:
    """What must be embedded."""
    assert len(sentences(PLAN)) == 12
    assert sentences(PLAN)[-2:] == ["good", "bad"]


def test_pairs_with_unknown_words_are_named_and_not_measured() -> None:
    """An embedding that does not know yy and zz has the same vector for both; a distance of 0 would lie."""
    known = {"xx": EAST, "uu": NORTH, "vv": EAST, "good": EAST, "bad": NORTH}

    def embed(texts: Sequence[str]) -> Any:
        return np.array([sum((known[word] for word in text.split() if word in known), np.zeros(2)) for text in texts])

    found = {(pair.term, pair.other): pair for pair in examine(PLAN, embed, 0.95, seed=1)}
    assert {names: pair.unknown for names, pair in found.items()} == {
        ("x", "y"): ("yy",),
        ("x", "z"): ("zz",),
        ("y", "z"): ("yy", "zz"),
        ("u", "v"): (),
    }
    of_both = found["y", "z"]
    assert (of_both.n, of_both.distance, of_both.low, of_both.high, of_both.effect_size, of_both.p_value) == (2, *[None] * 5)
    assert found["u", "v"].distance == 1.0


@pytest.mark.parametrize("stranger", [np.zeros(2), 0.5 * EAST])
def test_unknown_words_lie_where_invented_ones_do(stranger: Any) -> None:
    """At zero, or at a vector for all strangers."""

    def embed(texts: Sequence[str]) -> Any:
        return np.array([NORTH if text == "male" else stranger for text in texts])

    assert unknown_words(["male", "female"], embed) == {"female"}


def test_embedding_that_hashes_words_knows_them_all() -> None:
    vectors = iter(np.eye(10))
    assert unknown_words(["male", "female"], lambda texts: np.array([next(vectors) for _ in texts])) == set()


def test_rounding_is_no_effect() -> None:
    """Cosines that cancel up to 1e-17 do not differ."""
    found = association_test(np.array([1e-17, 3e-17]), np.array([-2e-17, 5e-18]), seed=1)
    assert (math.isnan(found.effect_size), found.p_value) == (True, 1.0)
