"""TFX Trainer of the toxicity task's network; one `run_fn` serves both recipes, which differ in the weight feature they read.

In: transformed examples. Out: the servable model, and its training curves in the model-run folder. The embedding is not trained,
so each text is embedded once; the vectors lie in a temporary file, from which the dense head's batches are read.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer.fn_args_utils import FnArgs

from components.artifacts.examples import fingerprints
from components.modelling.export import Servable, export
from components.modelling.metadata import ModelMetadata
from components.modelling.signature import SCORE
from components.modelling.stored_vectors import Chosen, StoredVectors, Vectors
from components.modelling.training import (
    Point,
    TrainerConfig,
    fixed_order,
    history_points,
    transformed_batches,
    write_curves,
)
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.features import LABEL_KEY, TEXT_KEY, WEIGHT_KEYS
from components.tasks.civil_comments.model import build_classifier
from data.comments.names import TEXT
from fairgate.model_facts import Remedy
from fairgate.names import TRAIN, VALIDATION

logger = logging.getLogger(__name__)

REWEIGHTED = Remedy(
    name="published weights",
    sentence="Non-toxic comments that mention transgender, female or male people weigh more in training, by three fixed weights.",
)


@dataclass(frozen=True)
class EmbeddedComments:
    """Embedded comments, the training input of the head.

    Attributes:
        embeddings: float32[N, d], in memory or on disk.
        labels: float32[N, 1], 0 or 1.
        weights: float32[N, 1].
    """

    embeddings: Vectors | StoredVectors
    labels: Vectors
    weights: Vectors

    def rows(self, chosen: Chosen) -> "EmbeddedComments":
        """Return the given rows, in the given order."""
        return EmbeddedComments(self.embeddings[chosen], self.labels[chosen], self.weights[chosen])

    def batches(self, size: int, *, shuffled: bool) -> tf.data.Dataset:
        """Return batches (embeddings, labels, weights) of all rows, in another order in each epoch if they are shuffled.

        Read from arrays, `Model.fit` would copy all of them into memory. Its order for one global seed is kept.
        """
        count = len(self.labels)

        def permutation(_: tf.Tensor) -> tf.Tensor:
            rows = tf.range(count, dtype=tf.int64)
            return tf.random.shuffle(rows) if shuffled else rows

        def read(rows: npt.NDArray[np.int64]) -> tuple[Vectors, Vectors, Vectors]:
            batch = self.rows(rows)
            return np.asarray(batch.embeddings), batch.labels, batch.weights

        def batch(rows: tf.Tensor) -> tuple[tf.Tensor, ...]:
            tensors = tf.numpy_function(read, [rows], (tf.float32,) * 3, stateful=False)
            widths = (self.embeddings.shape[1], 1, 1)
            return tuple(tf.ensure_shape(tensor, [None, width]) for tensor, width in zip(tensors, widths, strict=True))

        orders = tf.data.Dataset.range(1).map(permutation).prefetch(1)
        chosen = orders.flat_map(lambda rows: tf.data.Dataset.from_tensor_slices(rows).batch(size))
        counted = chosen.apply(tf.data.experimental.assert_cardinality(math.ceil(count / size)))
        return counted.map(batch).prefetch(tf.data.AUTOTUNE)


def run_fn(fn_args: FnArgs) -> None:
    """Train one model and export it. `fn_args.custom_config` is a `TrainerConfig` as a mapping."""
    config = TrainerConfig.model_validate(fn_args.custom_config)
    training = CommentsTraining.model_validate(config.training).in_steps(fn_args.train_steps)
    transform_output = tft.TFTransformOutput(fn_args.transform_graph_path)
    embedding = TextEmbedding(training.embedding)
    read_split = partial(
        read, transform_output=transform_output, embedding=embedding, weight_key=WEIGHT_KEYS[config.recipe], seed=config.seed
    )
    validation = validation_files(fn_args.train_files)
    comments, held_out = read_split(fn_args.train_files), read_split(validation) if validation else None
    model, curves = train(comments, training, config.seed, held_out)
    write_curves(curves, fn_args.model_run_dir)

    def predict(features: dict[str, tf.Tensor]) -> tf.Tensor:
        return model(embedding(features[TEXT_KEY]), training=False)

    servable = Servable(transform_output, (TEXT,), predict, SCORE, (embedding, model))
    remedy = REWEIGHTED if config.recipe == "remediated" else None
    metadata = ModelMetadata(architecture="dnn", recipe=config.recipe, remedy=remedy, notes=training.notes)
    export(servable, fn_args.serving_model_dir, metadata)


def validation_files(train: Sequence[str]) -> list[str]:
    """Return the patterns of the split "validation" beside those of train; none where there is no such split."""
    patterns = [pattern.replace(f"Split-{TRAIN}", f"Split-{VALIDATION}") for pattern in train]
    return [pattern for pattern in patterns if tf.io.gfile.glob(pattern)]


def read(
    patterns: Sequence[str], transform_output: tft.TFTransformOutput, embedding: TextEmbedding, weight_key: str, seed: int
) -> EmbeddedComments:
    """Read and embed the transformed examples, in an order that depends only on their content and the seed."""
    spec = transform_output.transformed_feature_spec()
    features = {name: spec[name] for name in (TEXT_KEY, LABEL_KEY, weight_key)}
    keys, labels, weights = [], [], []

    def embedded() -> Iterator[Vectors]:
        for batch in transformed_batches(patterns, features):
            keys.append(fingerprints(batch[TEXT_KEY]))
            labels.append(batch[LABEL_KEY].numpy().reshape(-1, 1))
            weights.append(batch[weight_key].numpy().reshape(-1, 1))
            yield embedding(batch[TEXT_KEY]).numpy()

    stored = StoredVectors.write(embedded())
    comments = EmbeddedComments(stored, *map(np.concatenate, (labels, weights)))
    return comments.rows(fixed_order(np.concatenate(keys), seed, comments.labels.ravel(), comments.weights.ravel()))


def train(
    comments: EmbeddedComments, training: CommentsTraining, seed: int, validation: EmbeddedComments | None = None
) -> tuple[keras.Model, list[Point]]:
    """Train the head for at most `training.steps` batches, stopping early on the validation split or on the held-back share.

    Args:
        comments: of the split "train".
        training: its `validation_share` is held back where there is no validation split; 0 stops nothing early.
        seed: of initial weights and batches.
        validation: of the split "validation"; None without one.

    Returns:
        the trained head float32[N, d] -> float32[N, 1], and its curves, one point per epoch, split and metric.
    """
    keras.utils.set_random_seed(seed)
    count = len(comments.labels)
    held_back = 0 if validation else round(count * training.validation_share)
    fitted, held = comments.rows(slice(held_back, None)), validation or comments.rows(slice(held_back))
    stops_early = training.validation_share > 0 and len(held.labels) > 0
    model = build_classifier(comments.embeddings.shape[1], training.hidden, training.learning_rate, seed)
    steps_per_epoch = math.ceil((count - held_back) / training.batch_size)
    # Returning to Python after every batch takes a third of the time; this many at once still end the last epoch with `steps`.
    model.steps_per_execution = training.steps % steps_per_epoch or steps_per_epoch
    history = model.fit(
        fitted.batches(training.batch_size, shuffled=True),
        epochs=math.ceil(training.steps / steps_per_epoch),
        shuffle=False,  # the batches are shuffled
        validation_data=held.batches(training.batch_size, shuffled=False) if stops_early else None,
        callbacks=_callbacks(training, steps_per_epoch, stops_early=stops_early),
        verbose=0,
    ).history
    logger.info("Trained %d epochs on %d rows, %d held back.", len(history["loss"]), count - held_back, held_back)
    return model, history_points(history, steps_per_epoch, training.steps)


class _StepLimit(keras.callbacks.Callback):
    """Stops after a number of batches, within an epoch if need be."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps = steps

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  # Keras's signature
        if int(self.model.optimizer.iterations) >= self._steps:
            self.model.stop_training = True


def _callbacks(training: CommentsTraining, steps_per_epoch: int, *, stops_early: bool) -> list[keras.callbacks.Callback]:
    limit = _StepLimit(training.steps)
    # Patience counts batches, not epochs: an epoch of a small data set is three of them, and says little.
    patience = math.ceil(training.patience / steps_per_epoch)
    early = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    return [limit, early] if stops_early else [limit]
