"""Transform's function, called on tensors and compared with the plain computation."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from components.remedies import reweighting
from components.tasks.civil_comments.features import LABEL_KEY, TEXT_KEY, WEIGHT_KEYS
from components.tasks.civil_comments.preprocessing import preprocessing_fn

GENDERS = [
    chosen for length in range(4) for chosen in itertools.permutations(("male", "female", "transgender", "other_gender"), length)
] * 2
LABELS = np.repeat([0.0, 1.0], len(GENDERS) // 2).astype(np.float32)


@pytest.fixture(scope="module")
def transformed() -> dict[str, tf.Tensor]:
    """Comments with every sequence of up to three genders, toxic and not, through the function as a graph."""
    inputs = {
        "comment_text": tf.constant([[f"text {row}"] for row in range(len(GENDERS))]),
        "toxicity": tf.constant(LABELS[:, np.newaxis]),
        "gender": tf.ragged.constant(GENDERS, dtype=tf.string, ragged_rank=1).to_sparse(),
    }
    result: dict[str, tf.Tensor] = tf.function(preprocessing_fn)(inputs)
    return result


def test_features_are_those_that_training_reads(transformed: dict[str, tf.Tensor]) -> None:
    """All dense, one value per row."""
    assert transformed.keys() == {TEXT_KEY, LABEL_KEY, *WEIGHT_KEYS.values()}
    assert {tensor.shape.as_list() == [len(GENDERS), 1] for tensor in transformed.values()} == {True}
    assert transformed[TEXT_KEY].dtype == tf.string
    assert {transformed[key].dtype for key in (LABEL_KEY, *WEIGHT_KEYS.values())} == {tf.float32}


def test_text_and_label_are_passed_on(transformed: dict[str, tf.Tensor]) -> None:
    """Unchanged, in their order."""
    assert transformed[TEXT_KEY].numpy().ravel().tolist() == [b"text %d" % row for row in range(len(GENDERS))]
    np.testing.assert_array_equal(transformed[LABEL_KEY].numpy().ravel(), LABELS)


def test_weights_are_those_of_the_table(transformed: dict[str, tf.Tensor]) -> None:
    """One per recipe, equal to the plain computation."""
    baseline, candidate = (transformed[WEIGHT_KEYS[recipe]].numpy().ravel() for recipe in ("baseline", "remediated"))
    np.testing.assert_array_equal(baseline, reweighting.baseline_weights(LABELS))
    np.testing.assert_array_equal(candidate, reweighting.candidate_weights(LABELS, GENDERS))
    assert (candidate != baseline).any()
