"""The weighting table, its plain computation and its TensorFlow twin."""

import itertools

import numpy as np
import pytest

from components.remedies.reweighting import NON_TOXIC_WEIGHTS, baseline_weights, candidate_weights


def test_baseline_weight_is_label_plus_a_tenth() -> None:
    """A toxic comment weighs 1.1, any other 0.1."""
    np.testing.assert_array_equal(baseline_weights([1.0, 0.0]), np.array([1.1, 0.1], np.float32))


@pytest.mark.parametrize(
    ("label", "genders", "weight"),
    [
        (0.0, (), 0.1),
        (0.0, ("other_gender",), 0.1),
        (0.0, ("transgender",), 0.4),
        (0.0, ("female",), 0.5),
        (0.0, ("male",), 0.7),
        (0.0, ("female", "transgender"), 0.5),
        (0.0, ("male", "female"), 0.7),
        (0.0, ("male", "transgender", "female", "other_gender"), 0.7),
        (1.0, ("male",), 1.1),
        (1.0, (), 1.1),
    ],
)
def test_candidate_weight_of_one_comment(label: float, genders: tuple[str, ...], weight: float) -> None:
    """Non-toxic mentions take the weight of the last matching identity; toxic comments keep theirs."""
    assert candidate_weights([label], [genders])[0] == np.float32(weight)


def test_table_order_decides_not_the_order_in_the_comment() -> None:
    """The last entry is male, so that wins wherever it stands in the comment."""
    assert list(NON_TOXIC_WEIGHTS) == ["transgender", "female", "male"]


def test_unequal_lengths_are_refused() -> None:
    """A lost row would shift every weight after it."""
    with pytest.raises(ValueError, match="2 labels, but genders of 1 comments"):
        candidate_weights([0.0, 1.0], [("male",)])


@pytest.mark.parametrize("layout", ["sparse", "ragged"])
def test_tensorflow_twin_agrees_on_every_combination(layout: str) -> None:
    """Every subset of the genders, toxic and not, has the same weight in both computations, also inside a graph."""
    import tensorflow as tf

    from components.remedies import reweighting_tf

    names = ["male", "female", "transgender", "other_gender"]
    subsets = [c for k in range(5) for c in itertools.permutations(names, k)] * 2
    labels = np.repeat([0.0, 1.0], len(subsets) // 2).astype(np.float32)
    ragged = tf.ragged.constant(subsets, dtype=tf.string, ragged_rank=1)
    gender = ragged.to_sparse() if layout == "sparse" else ragged
    actual = tf.function(reweighting_tf.candidate_weights)(labels[:, None], gender)
    assert actual.shape == (len(subsets), 1)
    np.testing.assert_array_equal(actual[:, 0], candidate_weights(labels, subsets))
    np.testing.assert_array_equal(reweighting_tf.baseline_weights(labels[:, None])[:, 0], baseline_weights(labels))
