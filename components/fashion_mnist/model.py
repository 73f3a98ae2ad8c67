"""Keras classifiers of grey images, built and trained from an `ImageModelConfig`.

In: scaled images float32[N, height * width] and labels int64[N], in memory. Out: a Keras model with output float32[N, classes] of
probabilities, and the curves of its training.

    model = build_classifier((28, 28), 10, config, seed=0)
    curves = train(model, images, labels, config, seed=0)
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import keras
import numpy as np
from numpy.typing import NDArray

from components.fashion_mnist.config import ImageModelConfig

Images = NDArray[np.float32]
Labels = NDArray[np.int64]

_SPARSE = "sparse_categorical_crossentropy"


@dataclass(frozen=True)
class CurvePoint:
    """One point of a learning curve: the value of "loss" or "accuracy" on "train" or "validation" after an epoch (from 1).

    The training values are means over the epoch, with dropout and augmentation at work.
    """

    epoch: int
    split: str
    metric: str
    value: float


def build_classifier(image_shape: tuple[int, int], classes: int, config: ImageModelConfig, seed: int = 0) -> keras.Model:
    """A compiled model: float32[N, height * width] -> probabilities float32[N, classes]; the same weights for the same seed."""
    keras.utils.set_random_seed(seed)
    height, width = image_shape
    inputs = keras.Input((height * width,), name="image_xf")
    features = _convolve(keras.layers.Reshape((height, width, 1))(inputs), config) if config.filters else inputs
    for units in config.hidden:
        features = keras.layers.Dense(units, activation=config.activation)(features)
        features = keras.layers.Dropout(config.dropout)(features)
    outputs = keras.layers.Dense(classes, activation="softmax", name="probabilities")(features)
    model = keras.Model(inputs, outputs)
    model.compile(_optimizer(config), _loss(config, classes), metrics=["accuracy"])
    return model


def _convolve(images: Any, config: ImageModelConfig) -> Any:
    """The stages of convolutions, averaged over the image. Pooling comes before normalisation: a quarter of the work."""
    features = images
    for stage in config.filters[:-1]:
        for filters in stage[:-1]:
            features = _convolution(features, filters, config)
        features = _convolution(features, stage[-1], config, pooled=True)
    for filters in config.filters[-1]:
        features = _convolution(features, filters, config)
    return keras.layers.Dropout(config.dropout)(keras.layers.GlobalAveragePooling2D()(features))


def _convolution(features: Any, filters: int, config: ImageModelConfig, *, pooled: bool = False) -> Any:
    features = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
    if pooled:
        features = keras.layers.MaxPooling2D(padding="same")(features)
    features = keras.layers.BatchNormalization(momentum=0.9)(features)
    return keras.layers.Activation(config.activation)(features)


def _optimizer(config: ImageModelConfig) -> keras.optimizers.Optimizer:
    settings: dict[str, object] = {"learning_rate": config.learning_rate, "weight_decay": config.weight_decay or None}
    if config.optimizer == "sgd":
        settings |= {"momentum": 0.9, "nesterov": True}
    return keras.optimizers.get({"class_name": config.optimizer, "config": settings})


def _loss(config: ImageModelConfig, classes: int) -> str | Callable[[Any, Any], Any]:
    if config.loss == _SPARSE:
        return _SPARSE
    dense = keras.losses.get(config.loss)

    def one_hot_loss(labels: Any, probabilities: Any) -> Any:
        return dense(keras.ops.one_hot(keras.ops.cast(keras.ops.squeeze(labels), "int32"), classes), probabilities)

    return one_hot_loss


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled and augmented batches of training images; everything random comes from one seeded generator."""

    def __init__(self, images: Images, labels: Labels, image_shape: tuple[int, int], config: ImageModelConfig, seed: int) -> None:
        super().__init__()
        self._images, self._labels, self._image_shape, self._config = images, labels, image_shape, config
        self._random = np.random.default_rng(seed)
        self._order = self._random.permutation(len(labels))

    def __len__(self) -> int:
        return math.ceil(len(self._labels) / self._config.batch_size)

    def __getitem__(self, index: int) -> tuple[Images, Labels]:
        size = self._config.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        return self._augment(self._images[chosen]), self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Shuffles anew."""
        self._order = self._random.permutation(len(self._labels))

    def _augment(self, flat: Images) -> Images:
        if not (self._config.mirror or self._config.shift):
            return flat
        images = flat.reshape(-1, *self._image_shape)
        if self._config.mirror:
            mirrored = self._random.random(len(images)) < 0.5
            images[mirrored] = images[mirrored, :, ::-1]
        if self._config.shift:
            images = _shifted(images, self._random, self._config.shift)
        return images.reshape(len(images), -1)


def _shifted(images: Images, random: np.random.Generator, most: int) -> Images:
    """Each image moved by -most..most pixels in each direction; what moves in is 0."""
    count, height, width = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    top, left = random.integers(0, 2 * most + 1, (2, count, 1, 1))
    return cast(Images, padded[np.arange(count)[:, None, None], top + np.arange(height)[:, None], left + np.arange(width)])


class CosineRate(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the learning rate of every step: a linear rise over the first share of the steps, then half a cosine down to 0."""

    def __init__(self, peak: float, steps: int, warm_up: float) -> None:
        super().__init__()
        self._peak, self._steps, self._warm_up, self._step = peak, steps, warm_up, 0

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002 - Keras's signature
        """Sets the rate of the coming step."""
        self.model.optimizer.learning_rate = self._peak * cosine_share(self._step / self._steps, self._warm_up)
        self._step += 1


def cosine_share(progress: float, warm_up: float) -> float:
    """The share of the peak learning rate after `progress` (0..1) of the training; never 0 at the first step."""
    if progress < warm_up:
        return 0.01 + 0.99 * progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
