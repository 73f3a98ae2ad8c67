"""TFX Trainer: one small network; the recipes differ in the weight feature that they read.

In: transformed applications. Out: the servable model, and its training curves.
"""

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer.fn_args_utils import FnArgs

from components.artifacts.examples import fingerprints
from components.modelling.export import Servable, export
from components.modelling.signature import SCORE
from components.modelling.training import Point, TrainerConfig, fixed_order, transformed_batches, write_curves
from loan_approval.applications import NUMBERS
from loan_approval.config import LoanTraining
from loan_approval.preprocessing import APPLICANT, LABEL, WEIGHT_KEYS

Column = npt.NDArray[np.float32]


def run_fn(fn_args: FnArgs) -> None:
    """Train one model and export it. `fn_args.custom_config` is a `TrainerConfig` as a mapping."""
    config = TrainerConfig.model_validate(fn_args.custom_config)
    training = LoanTraining.model_validate(config.training)
    transform_output = tft.TFTransformOutput(fn_args.transform_graph_path)
    columns = read(fn_args.train_files, transform_output, WEIGHT_KEYS[config.recipe], config.seed)
    model, curve = train(columns, training, config.seed)
    write_curves(curve, fn_args.model_run_dir)

    def predict(features: dict[str, tf.Tensor]) -> tf.Tensor:
        return model(features[APPLICANT], training=False)

    export(Servable(transform_output, NUMBERS, predict, SCORE, (model,)), fn_args.serving_model_dir)


def read(
    patterns: Sequence[str], transform_output: tft.TFTransformOutput, weight_key: str, seed: int
) -> tuple[Column, Column, Column]:
    """Return applicants float32[N, 4], labels and weights float32[N, 1], in an order that depends only on content and seed."""
    spec = transform_output.transformed_feature_spec()
    names = (APPLICANT, LABEL, weight_key)
    batches = list(transformed_batches(patterns, {name: spec[name] for name in names}))
    keys = np.concatenate([fingerprints(batch[APPLICANT]) for batch in batches])
    applicants, labels, weights = (np.concatenate([batch[name].numpy() for batch in batches]) for name in names)
    order = fixed_order(keys, seed, labels.ravel())
    return applicants[order], labels[order], weights[order]


def train(columns: tuple[Column, Column, Column], training: LoanTraining, seed: int) -> tuple[keras.Model, list[Point]]:
    """Train the model float32[N, 4] -> float32[N, 1] and return it with its loss after each epoch."""
    applicants, labels, weights = columns
    keras.utils.set_random_seed(seed)
    hidden = keras.layers.Dense(training.hidden, "relu")
    model = keras.Sequential([keras.Input((applicants.shape[1],)), hidden, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(training.learning_rate), "binary_crossentropy")
    history = model.fit(
        applicants, labels, sample_weight=weights, batch_size=training.batch_size, epochs=training.epochs, verbose=0
    ).history
    return model, [Point(epoch, "train", "loss", float(loss)) for epoch, loss in enumerate(history["loss"], start=1)]
