"""TFX Trainer of the image tasks; one `run_fn` serves both recipes.

In: transformed examples. Out: the servable model, and its training curves in the model-run folder. The images fit in memory.
"""

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx.components.trainer.fn_args_utils import FnArgs

from components.artifacts.examples import fingerprints
from components.modelling.export import Servable, export
from components.modelling.metadata import ModelMetadata
from components.modelling.signature import PROBABILITIES
from components.modelling.training import TrainerConfig, fixed_order, transformed_batches, write_curves
from components.tasks.images.batches import Images, Labels, hold_out
from components.tasks.images.config import ImagesTraining
from components.tasks.images.features import IMAGE_XF, LABEL_XF
from components.tasks.images.model import train_members
from components.tasks.images.training_facts import TrainingFacts
from data.images.formats import IMAGE

CLASSES = 10


def run_fn(fn_args: FnArgs) -> None:
    """Train one model and export it. `fn_args.custom_config` is a `TrainerConfig` as a mapping."""
    config = TrainerConfig.model_validate(fn_args.custom_config)
    training = ImagesTraining.model_validate(config.training)
    transform_output = tft.TFTransformOutput(fn_args.transform_graph_path)
    images, labels = read(fn_args.train_files, transform_output, config.seed)
    model_config = training.model(config.recipe).in_steps(fn_args.train_steps, len(images))
    networks, curves = train_members(images, labels, CLASSES, model_config, config.seed)
    write_curves(curves, fn_args.model_run_dir)

    def predict(features: dict[str, tf.Tensor]) -> tf.Tensor:
        return sum(network(features[IMAGE_XF], training=False) for network in networks) / len(networks)

    facts = TrainingFacts(
        settings=training.settings(model_config),
        weights=sum(network.count_params() for network in networks),
        images=len(labels),
        held_out=len(hold_out(labels, model_config.validation_share, config.seed)[1]),
        epochs=int(max(point.epoch or 0 for point in curves)),
    )
    architecture = "convolutions" if model_config.filters else "perceptron"
    known = ModelMetadata(architecture=architecture, recipe=config.recipe, training=facts.model_dump())
    export(Servable(transform_output, (IMAGE,), predict, PROBABILITIES, tuple(networks)), fn_args.serving_model_dir, known)


def read(patterns: list[str], transform_output: tft.TFTransformOutput, seed: int) -> tuple[Images, Labels]:
    """Return scaled images float32[N, pixels] and labels int64[N], ordered by their content and the seed alone."""
    spec = transform_output.transformed_feature_spec()
    keys, images, labels = [], [], []
    for batch in transformed_batches(patterns, {name: spec[name] for name in (IMAGE_XF, LABEL_XF)}):
        keys.append(fingerprints(batch[IMAGE_XF]))
        images.append(batch[IMAGE_XF].numpy())
        labels.append(batch[LABEL_XF].numpy())
    order = fixed_order(np.concatenate(keys), seed, np.concatenate(labels).ravel())
    return np.concatenate(images)[order], np.concatenate(labels).ravel()[order]
