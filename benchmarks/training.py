"""Time training on the toxicity task two ways on the same files: our Trainer's functions and the public tutorial's method.

Flow: `prepare` writes comments as Transform writes them, and a text embedding learned from them -> `ours` and `tutorial` train
the same head for the same number of batches and return the seconds from the first read to the last batch.

The tutorial (Fairness Indicators on Civil Comments) parses every example by itself, chooses the candidate's weight by a chain of
`tf.cond` per example, and has the embedding inside the model, so that each text is embedded whenever it comes up in a batch.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from components.remedies.reweighting import BACKGROUND_WEIGHT, NON_TOXIC_WEIGHTS, baseline_weights, candidate_weights
from components.tasks.base import Recipe
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.features import LABEL_KEY, TEXT_KEY, WEIGHT_KEYS
from data.comments.civil_comments import Comment
from data.comments.names import IDENTITIES
from data.comments.sample import generate
from data.folders import whole_folder
from data.records import Values, encode_example, even_sizes, write_split

SEED = 1
SHARDS = 2
CHUNK = 10_000


@dataclass(frozen=True)
class TrainingWorkload:
    """The examples, the embedding and the configuration that are trained with.

    Attributes:
        examples: folder of the comments.
        embedding: SavedModel str[N] -> float32[N, d].
        training: the task's own configuration, except that nothing stops the training before its last step.
    """

    examples: Path
    embedding: Path
    training: CommentsTraining

    @property
    def pattern(self) -> str:
        """Return the glob of the files."""
        return str(self.examples / "Split-train" / "*")


class Transformed:
    """The part of TFTransformOutput that the Trainer's `read` asks for."""

    def transformed_feature_spec(self) -> dict[str, Any]:
        """Return the feature spec: text, label and both weights, one of each per comment."""
        import tensorflow as tf

        numbers = (LABEL_KEY, *WEIGHT_KEYS.values())
        return {TEXT_KEY: tf.io.FixedLenFeature([1], tf.string)} | {
            name: tf.io.FixedLenFeature([1], tf.float32) for name in numbers
        }


def prepare(folder: Path, rows: int, steps: int) -> TrainingWorkload:
    """Write the files that `folder` does not hold yet.

    Args:
        folder: output folder, created if missing.
        rows: number of comments to generate.
        steps: number of batches of a training.
    """
    examples, embedding = folder / f"examples-{rows}", folder / f"embedding-{rows}"
    if not examples.exists():
        with whole_folder(examples) as partial_folder:
            write_split(partial_folder, "train", _transformed(generate(rows, SEED)), even_sizes(rows, SHARDS))
    if not embedding.exists():
        from data.text import text_embedding

        text_embedding.build_from_texts((comment.text for comment in generate(rows, SEED)), embedding)
    return TrainingWorkload(examples, embedding, CommentsTraining(steps=steps, patience=steps))


def ours(work: TrainingWorkload, recipe: Recipe) -> float:
    """Return the seconds of the Trainer's `read` and `train`: each text embedded once, batches of arrays, validation."""
    from components.tasks.civil_comments.embedding import TextEmbedding
    from components.tasks.civil_comments.trainer import read, train

    embedding = TextEmbedding(str(work.embedding))
    transformed: Any = Transformed()
    started = time.perf_counter()
    comments = read([work.pattern], transformed, embedding, WEIGHT_KEYS[recipe], SEED)
    model, _ = train(comments, work.training, SEED)
    seconds = time.perf_counter() - started
    _require_steps(model, work)
    return seconds


def tutorial(work: TrainingWorkload, recipe: Recipe) -> float:
    """Return the seconds of the same number of batches by the tutorial's method."""
    import keras
    import tensorflow as tf

    from components.tasks.civil_comments.embedding import TextEmbedding
    from components.tasks.civil_comments.model import head

    embedding = TextEmbedding(str(work.embedding))
    training = work.training
    started = time.perf_counter()
    files = sorted(tf.io.gfile.glob(work.pattern))
    rows = tf.data.TFRecordDataset(files, "GZIP").map(partial(parse_row, recipe=recipe))
    texts = keras.Input((1,), dtype="string")
    model = keras.Model(texts, head(embedding.dimension, training.hidden, SEED)(embedding(texts)))
    model.compile(keras.optimizers.Adagrad(training.learning_rate), keras.losses.BinaryCrossentropy(reduction="sum"))
    model.fit(rows.repeat().batch(training.batch_size), steps_per_epoch=training.steps, verbose=0)
    seconds = time.perf_counter() - started
    _require_steps(model, work)
    return seconds


def parse_row(record: Any, recipe: Recipe) -> tuple[Any, Any, Any]:
    """Parse one serialized example into text str[1], label float32[1], weight float32[1]."""
    import tensorflow as tf

    features = {TEXT_KEY: tf.io.FixedLenFeature([1], tf.string), LABEL_KEY: tf.io.FixedLenFeature([1], tf.float32)}
    row = tf.io.parse_single_example(record, features | {name: tf.io.VarLenFeature(tf.string) for name in IDENTITIES})
    label = row[LABEL_KEY]
    weight = label + BACKGROUND_WEIGHT
    if recipe == "remediated":
        for identity, raised in NON_TOXIC_WEIGHTS.items():
            harmless = tf.logical_and(label[0] < 0.5, tf.reduce_any(tf.equal(row["gender"].values, identity)))
            weight = tf.cond(harmless, partial(tf.constant, [raised]), partial(tf.identity, weight))
    return row[TEXT_KEY], label, weight


def _transformed(comments: Iterator[Comment]) -> Iterator[bytes]:
    """Yield the comments as Transform writes them, plus the identities that the tutorial reads."""
    while chunk := list(islice(comments, CHUNK)):
        labels = np.array([comment.toxic for comment in chunk], np.float32)
        candidate = candidate_weights(labels, [comment.identities.get("gender", ()) for comment in chunk])
        weights = zip(baseline_weights(labels).tolist(), candidate.tolist(), strict=True)
        for comment, pair in zip(chunk, weights, strict=True):
            yield encode_example(_features(comment, pair))


def _features(comment: Comment, weights: Sequence[float]) -> dict[str, Values]:
    features: dict[str, Values] = {TEXT_KEY: [comment.text.encode()], LABEL_KEY: [float(comment.toxic)]}
    features |= {key: [weight] for key, weight in zip(WEIGHT_KEYS.values(), weights, strict=True)}
    return features | {name: [value.encode() for value in values] for name, values in comment.identities.items()}


def _require_steps(model: Any, work: TrainingWorkload) -> None:
    """Raise RuntimeError if the number of training steps differs from the other side's: the time would not be comparable."""
    if (steps := int(model.optimizer.iterations)) != work.training.steps:
        raise RuntimeError(f"trained {steps} batches instead of {work.training.steps}")
