"""Keras classifiers of grey images, built and trained from an `ImageModelConfig`.

In: scaled square images float32[N, pixels] and labels int64[N], in memory. Out: a Keras model with output float32[N, classes]
of probabilities, and the curves of its training.

    model = build_classifier(784, 10, config, seed=0)
    curves = train(model, images, labels, config, seed=0)

or, with as many networks as the configuration names, `networks, curves = train_members(images, labels, 10, config, seed=0)`.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import keras
import numpy as np
from numpy.typing import NDArray

from components.modelling.training import MEAN_LOSS, Point, history_points
from components.tasks.images.batches import Images, Labels, hold_out, shuffled
from components.tasks.images.features import IMAGE_XF
from components.tasks.images.model_config import ImageModelConfig

__all__ = ["Images", "Labels", "build_classifier", "predict", "train", "train_members"]

_SPARSE = "sparse_categorical_crossentropy"
_SEEDS_APART = 1000  # the members of one run never have the seeds of a neighbouring run's
_INFERENCE_BATCH = 1000

logger = logging.getLogger(__name__)


def build_classifier(pixels: int, classes: int, config: ImageModelConfig, seed: int = 0) -> keras.Model:
    """Return a model: square images float32[N, pixels] -> probabilities float32[N, classes]; equal seeds give equal weights."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((pixels,), name=IMAGE_XF)
    side = math.isqrt(pixels)
    features = _convolve(keras.layers.Reshape((side, side, 1))(inputs), config) if config.filters else inputs
    for units, activation, dropout in zip(config.hidden, config.activations, config.dropouts, strict=True):
        features = keras.layers.Dense(units, activation=activation)(features)
        features = keras.layers.Dropout(dropout)(features) if dropout else features
    outputs = keras.layers.Dense(classes, activation="softmax", name="probabilities")(features)
    model = keras.Model(inputs, outputs)
    return MirrorAverage(model, side) if config.mirror_average else model


class MirrorAverage(keras.Model):
    """A model that, outside training, averages its predictions for the image and for its mirror image.

    Args:
        model: float32[N, side * side] -> float32[N, classes].
        side: of the square images, in pixels.
    """

    def __init__(self, model: keras.Model, side: int) -> None:
        super().__init__()
        self._model, self._side = model, side

    def call(self, images: Any, training: bool = False) -> Any:
        """Return float32[N, classes] for float32[N, side * side]."""
        answer = self._model(images, training=training)
        if training:
            return answer
        square = keras.ops.reshape(images, (-1, self._side, self._side))
        mirrored = keras.ops.reshape(keras.ops.flip(square, axis=2), (-1, self._side**2))
        return (answer + self._model(mirrored, training=False)) / 2


def augmentation(config: ImageModelConfig, side: int, seed: int) -> list[keras.layers.Layer]:
    """Return the layers that mirror and move images [N, side, side, 1] at random while a model trains; there may be none."""
    layers = [keras.layers.RandomFlip("horizontal", seed=seed)] if config.mirror else []
    if config.shift:
        most = (config.shift + 0.5) / side  # rounded to whole pixels, each distance is equally likely
        layers.append(keras.layers.RandomTranslation(most, most, fill_mode="constant", interpolation="nearest", seed=seed))
    return layers


def _convolve(images: Any, config: ImageModelConfig) -> Any:
    """Apply the stages of convolutions, each halving the image except the last."""
    features = images
    for stage in config.filters[:-1]:
        for filters in stage[:-1]:
            features = _convolution(features, filters, config)
        features = _convolution(features, stage[-1], config, pooled=True)
    for filters in config.filters[-1]:
        features = _convolution(features, filters, config)
    summary = keras.layers.GlobalAveragePooling2D() if config.average else keras.layers.Flatten()
    return keras.layers.Dropout(config.dropout)(summary(features))


def _convolution(features: Any, filters: int, config: ImageModelConfig, *, pooled: bool = False) -> Any:
    """Apply convolution, pooling, normalisation and activation; this order leaves the last two a quarter of the work."""
    features = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
    if pooled:
        features = keras.layers.MaxPooling2D(padding="same")(features)
    features = keras.layers.BatchNormalization(momentum=0.9)(features)
    return keras.layers.Activation(config.activation)(features)


def learning_rate(config: ImageModelConfig, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the rate of each step: constant, or a straight rise from a hundredth of the peak, then half a cosine down to 0."""
    if config.schedule == "constant":
        return config.learning_rate
    rise, peak = round(config.warm_up * steps), config.learning_rate
    return keras.optimizers.schedules.CosineDecay(peak / 100, steps - rise, warmup_target=peak, warmup_steps=rise)


def _optimizer(config: ImageModelConfig, steps: int) -> keras.optimizers.Optimizer:
    settings: dict[str, object] = {"learning_rate": learning_rate(config, steps), "weight_decay": config.weight_decay or None}
    if config.optimizer == "sgd":
        settings |= {"momentum": 0.9, "nesterov": True}
    return keras.optimizers.get({"class_name": config.optimizer, "config": settings})


def _loss(config: ImageModelConfig) -> str | Callable[[Any, Any], Any]:
    if config.loss == _SPARSE:
        return _SPARSE
    dense = keras.losses.get(config.loss)

    def one_hot_loss(labels: Any, probabilities: Any) -> Any:
        one_hot = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32"), probabilities.shape[-1])
        return dense(one_hot, probabilities)

    return one_hot_loss


def train(model: keras.Model, images: Images, labels: Labels, config: ImageModelConfig, seed: int = 0) -> list[Point]:
    """Train a model in place; the same arrays and seed give the same weights on the same machine.

    Args:
        model: from `build_classifier` with the same configuration.
        images: float32[N, pixels], 0 to 1; the share for validation is taken from them.
        labels: int64[N].
        config: how to train.
        seed: of the held-out share, the batches, the augmentation and the dropout.

    Returns:
        Loss and accuracy after each epoch (from 1), on "train" (means over the epoch, with dropout and augmentation at work) and,
        where a share was held out, on "validation".
    """
    keras.utils.set_random_seed(seed)
    fitted, held_out = hold_out(labels, config.validation_share, seed)
    side = math.isqrt(images.shape[1])
    # In a model around the model, so that augmentation and the optimizer are not exported with it.
    layers = [keras.layers.Reshape((side, side, 1)), *augmentation(config, side, seed), keras.layers.Flatten(), model]
    learner = keras.Sequential(layers)
    batches = shuffled(images[fitted], labels[fitted], config.batch_size, seed)
    mean_loss = [] if config.loss == _SPARSE else [keras.metrics.SparseCategoricalCrossentropy(MEAN_LOSS)]
    metrics = [*config.metrics, *mean_loss]
    learner.compile(_optimizer(config, steps=len(batches) * config.epochs), _loss(config), metrics=metrics)
    history = learner.fit(
        batches,
        epochs=config.epochs,
        shuffle=False,  # `shuffled` has done that; newer versions of Keras warn when they may not
        validation_data=(images[held_out], labels[held_out]) if len(held_out) else None,
        validation_batch_size=_INFERENCE_BATCH,
        callbacks=_callbacks(config),
        verbose=0,
    ).history
    logger.info("trained %d epochs on %d images, %d held out", len(history["loss"]), len(fitted), len(held_out))
    return history_points(history, len(batches))


def train_members(
    images: Images, labels: Labels, classes: int, config: ImageModelConfig, seed: int = 0
) -> tuple[list[keras.Model], list[Point]]:
    """Build and train `config.members` networks.

    Args:
        images: float32[N, pixels], 0 to 1.
        labels: int64[N].
        classes: number of them.
        config: of each network.
        seed: of the first; with one member, the result is that of `build_classifier` and `train`.

    Returns:
        The networks, and the curves of `train`, each value the mean over the networks that trained so long.
    """
    networks, curves = [], defaultdict(list)
    for member in range(config.members):
        network = build_classifier(images.shape[1], classes, config, seed + member * _SEEDS_APART)
        for point in train(network, images, labels, config, seed + member * _SEEDS_APART):
            curves[replace(point, value=0.0)].append(point.value)
        networks.append(network)
    return networks, [replace(point, value=float(np.mean(values))) for point, values in curves.items()]


def _callbacks(config: ImageModelConfig) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = []
    if config.loss_goal is not None:
        callbacks.append(LossGoal(config.loss_goal))
    if config.stops_early:
        best = config.restore_best
        callbacks.append(keras.callbacks.EarlyStopping(config.monitor, patience=config.patience, restore_best_weights=best))
    return callbacks


def predict(model: keras.Model, images: Images) -> NDArray[np.float32]:
    """Return the probabilities float32[N, classes] of images float32[N, pixels]."""
    return cast(NDArray[np.float32], model.predict(images, batch_size=_INFERENCE_BATCH, verbose=0))


class LossGoal(keras.callbacks.Callback):
    """Stop after the first epoch whose training loss is below a goal."""

    def __init__(self, goal: float) -> None:
        super().__init__()
        self._goal = goal

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Stop if the epoch's training loss is below the goal."""
        if (logs or {}).get("loss", math.inf) < self._goal:
            logger.info("the training loss is below %g after epoch %d", self._goal, epoch + 1)
            self.model.stop_training = True
