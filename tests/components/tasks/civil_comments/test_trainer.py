"""The toxicity trainer on small arrays: what decides its result, and when it stops."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from components.modelling.stored_vectors import StoredVectors
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.model import build_classifier
from components.tasks.civil_comments.trainer import EmbeddedComments, read, train, validation_files
from data.records import encode_example, even_sizes, write_split

SMALL = CommentsTraining(hidden=(4,), batch_size=8, steps=12, learning_rate=0.1, validation_share=0.0)
KEYS = ("text", "label", "weight_baseline", "weight_remediated")


def comments(rows: int, seed: int = 0) -> EmbeddedComments:
    """Random embeddings of three dimensions with random labels: there is nothing to learn."""
    random = np.random.default_rng(seed)
    labels = (random.random((rows, 1)) < 0.5).astype(np.float32)
    return EmbeddedComments(random.normal(size=(rows, 3)).astype(np.float32), labels, labels + np.float32(0.1))


def weights(model: Any) -> npt.NDArray[np.float32]:
    """All weights of a model, as one vector."""
    return np.concatenate([array.ravel() for array in model.get_weights()])


def test_same_seed_same_weights() -> None:
    """Whatever was random before."""
    first = weights(train(comments(40), SMALL, seed=3)[0])
    tf.random.uniform([5])
    np.random.random(5)  # the global state is what is tested
    np.testing.assert_array_equal(weights(train(comments(40), SMALL, seed=3)[0]), first)


def test_another_seed_other_weights() -> None:
    """Initial weights and batches follow the seed."""
    one, other = (weights(train(comments(40), SMALL, seed=seed)[0]) for seed in (3, 4))
    assert (one != other).all()


def mean_loss(model: keras.Model, comments: EmbeddedComments) -> float:
    """The mean cross-entropy of a comment, without weights."""
    scores = model.predict(comments.embeddings, verbose=0).astype(float)
    return float(-np.log(np.where(comments.labels == 1, scores, 1 - scores)).mean())


@pytest.mark.parametrize(
    ("rows", "steps", "epochs"),
    [
        (40, 12, 3),  # five batches in an epoch: the third is cut short
        (40, 10, 2),
        (40, 1, 1),
        (5, 3, 3),  # less than a batch
    ],
)
def test_training_takes_as_many_batches_as_it_may(rows: int, steps: int, epochs: int) -> None:
    """Not as many epochs; the curve has a point for each that was begun."""
    model, curves = train(comments(rows), SMALL.model_copy(update={"steps": steps}), seed=1)
    assert int(model.optimizer.iterations) == steps
    batches = math.ceil(rows / 8)
    assert [(point.step, point.epoch, point.split, point.metric) for point in curves] == [
        (step, step / batches, "train", "loss") for step in (min(epoch * batches, steps) for epoch in range(1, epochs + 1))
    ]


def test_training_stops_once_the_held_back_rows_get_worse() -> None:
    """Random labels are soon learnt by heart."""
    greedy = SMALL.model_copy(
        update={"hidden": (64,), "steps": 4000, "validation_share": 0.5, "patience": 30, "learning_rate": 0.5}
    )
    model, curves = train(comments(80), greedy, seed=1)
    assert 30 <= int(model.optimizer.iterations) < 4000
    epochs = {split: [point.epoch for point in curves if point.split == split] for split in ("train", "validation")}
    assert epochs["train"] == epochs["validation"] == list(range(1, len(epochs["train"]) + 1))


def test_weights_of_the_best_epoch_are_restored() -> None:
    """The model that is exported is not the last one, which has learnt by heart."""
    greedy = SMALL.model_copy(
        update={"hidden": (64,), "steps": 4000, "validation_share": 0.5, "patience": 30, "learning_rate": 0.5}
    )
    model, curves = train(comments(80), greedy, seed=1)
    held_back = comments(80).rows(slice(40))
    loss = mean_loss(model, held_back)
    measured = [point.value for point in curves if point.split == "validation"]
    assert loss == pytest.approx(measured[-7], rel=1e-5)  # 30 batches, 6 epochs, were no better by the weights


def test_a_validation_split_stops_early_and_nothing_is_held_back_from_train() -> None:
    greedy = SMALL.model_copy(
        update={"hidden": (64,), "steps": 4000, "validation_share": 0.1, "patience": 30, "learning_rate": 0.5}
    )
    held = comments(30, seed=1)
    model, curves = train(comments(80), greedy, seed=1, validation=held)
    iterations = int(model.optimizer.iterations)
    assert 30 <= iterations < 4000
    assert iterations == max(point.step for point in curves) == 10 * max(point.epoch or 0 for point in curves)  # batches of 8
    losses = [point.value for point in curves if point.split == "validation"]
    assert mean_loss(model, held) == pytest.approx(losses[-4], rel=1e-5)  # 30 batches, 3 epochs, were no better by the weights


def test_weights_are_those_of_a_fit_on_arrays() -> None:
    """Keras's own order of the rows, though they lie on disk; two epochs, each with a last batch of fewer rows."""
    rows = comments(60)
    stored = replace(rows, embeddings=StoredVectors.write([np.asarray(rows.embeddings)]))
    ours, _ = train(stored, SMALL.model_copy(update={"steps": 16}), seed=1)
    keras.utils.set_random_seed(1)
    twin = build_classifier(3, SMALL.hidden, SMALL.learning_rate, 1)
    twin.fit(rows.embeddings, rows.labels, sample_weight=rows.weights, batch_size=8, epochs=2, verbose=0)
    np.testing.assert_array_equal(weights(ours), weights(twin))


@pytest.mark.parametrize("validation", [None, comments(30, seed=1)], ids=["no split", "a split"])
def test_validation_share_0_stops_nothing(validation: EmbeddedComments | None) -> None:
    patient = SMALL.model_copy(update={"steps": 100, "patience": 1, "learning_rate": 0.5})
    model, curves = train(comments(80), patient, seed=1, validation=validation)
    assert int(model.optimizer.iterations) == 100
    assert {point.split for point in curves} == {"train"}
    np.testing.assert_array_equal(weights(model), weights(train(comments(80), patient, seed=1)[0]))


@pytest.mark.parametrize("written_splits", [("train",), ("train", "validation")])
def test_the_validation_split_is_that_beside_train(tmp_path: Path, written_splits: tuple[str, ...]) -> None:
    for split in written_splits:
        write_split(tmp_path, split, [b""])
    found = validation_files([str(tmp_path / "Split-train" / "*")])
    assert found == [str(tmp_path / f"Split-{split}" / "*") for split in written_splits[1:]]


def test_row_of_weight_zero_is_as_good_as_absent() -> None:
    """Example weights reach the loss."""
    whole = SMALL.model_copy(update={"batch_size": 100, "steps": 5})
    some, more = comments(20), comments(50, seed=1)
    joined = EmbeddedComments(
        np.concatenate([some.embeddings, more.embeddings]),
        np.concatenate([some.labels, more.labels]),
        np.concatenate([some.weights, np.zeros_like(more.weights)]),
    )
    np.testing.assert_allclose(weights(train(joined, whole, 1)[0]), weights(train(some, whole, 1)[0]), atol=1e-6)


def test_scores_are_probabilities_of_one_column() -> None:
    """float32[N, 1]."""
    model, _ = train(comments(16), SMALL, seed=1)
    scores = model(comments(10).embeddings, training=False).numpy()
    assert (scores.shape, scores.dtype) == ((10, 1), np.float32)
    assert ((scores > 0) & (scores < 1)).all()


ROWS = [(f"text {number}", float(number % 2), float(number)) for number in range(9)]
ROWS += [("the same", 0.0, 20.0), ("the same", 1.0, 21.0), ("the same", 0.0, 22.0)]


def written(folder: Path, rows: Sequence[tuple[str, float, float]], shards: int) -> list[str]:
    """Transformed examples in files; returns their pattern. The candidate weighs a row by its number, the baseline by 1."""
    examples = (
        encode_example(dict(zip(KEYS, ([text.encode()], [label], [1.0], [number]), strict=True))) for text, label, number in rows
    )
    write_split(folder, "train", examples, even_sizes(len(rows), shards))
    return [str(folder / "Split-train" / "*")]


def read_back(patterns: list[str], seed: int = 1, weight_key: str = "weight_remediated") -> EmbeddedComments:
    """The rows, each embedded as the length of its text and its last character."""
    spec = {key: tf.io.FixedLenFeature([], tf.string if key == "text" else tf.float32) for key in KEYS}
    transform_output: Any = SimpleNamespace(transformed_feature_spec=lambda: spec)

    def embedding(texts: Any) -> Any:
        last = tf.strings.unicode_decode(tf.strings.substr(texts, -1, 1), "UTF-8").to_tensor()[:, 0]
        return tf.stack([tf.strings.length(texts), last], axis=1)

    chosen: Any = embedding
    return read(patterns, transform_output, chosen, weight_key, seed)


def test_order_does_not_depend_on_how_the_rows_were_written(tmp_path: Path) -> None:
    """Beam may write them in any order to any number of files; rows of equal text too."""
    one = read_back(written(tmp_path / "one", ROWS, shards=1))
    other = read_back(written(tmp_path / "other", ROWS[::-1], shards=3))
    for name in ("embeddings", "labels", "weights"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_the_number_of_files_does_not_change_a_bit_of_the_weights(tmp_path: Path) -> None:
    trained = [weights(train(read_back(written(tmp_path / str(files), ROWS, files)), SMALL, seed=1)[0]) for files in (1, 3, 7)]
    np.testing.assert_array_equal(trained[0], trained[1])
    np.testing.assert_array_equal(trained[0], trained[2])


def test_rows_stay_together(tmp_path: Path) -> None:
    """Embedding, label and weight of a row are still those of one row; all are there."""
    found = read_back(written(tmp_path, ROWS, shards=2))
    assert (found.embeddings.shape, found.labels.shape, found.weights.shape) == ((12, 2), (12, 1), (12, 1))
    rows = zip(found.weights.ravel().tolist(), found.labels.ravel().tolist(), np.asarray(found.embeddings).tolist(), strict=True)
    assert sorted(rows) == sorted((number, label, [len(text), ord(text[-1])]) for text, label, number in ROWS)


def test_order_depends_on_the_seed(tmp_path: Path) -> None:
    """Another seed, other batches."""
    patterns = written(tmp_path, ROWS, shards=1)
    assert read_back(patterns, seed=1).weights.tolist() != read_back(patterns, seed=2).weights.tolist()


def test_both_recipes_read_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    """They differ in the weights alone."""
    patterns = written(tmp_path, ROWS, shards=1)
    candidate, baseline = (read_back(patterns, weight_key=key) for key in ("weight_remediated", "weight_baseline"))
    np.testing.assert_array_equal(candidate.embeddings, baseline.embeddings)
    np.testing.assert_array_equal(candidate.labels, baseline.labels)
    assert baseline.weights.ravel().tolist() == [1.0] * 12
