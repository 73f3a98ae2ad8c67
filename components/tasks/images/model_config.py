"""Configuration of an image classifier and its training, and the presets. Imports no TensorFlow."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from components.tasks.base import TaskModel, Width
from fairgate.quantities import Real, Whole

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop", "adagrad", "nadam", "lion"]
Activation = Literal["relu", "gelu", "silu", "elu", "selu", "tanh", "sigmoid", "leaky_relu"]
Loss = Literal[
    "sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "mean_squared_error"
]


class ImageModelConfig(TaskModel):
    """One classifier of square grey images and its training.

    Attributes:
        filters: stages of 3x3 convolutions with their widths, each stage but the last ends in a 2x2 pooling; empty for a
            perceptron.
        average: whether the last stage's features are averaged over the image, or kept for each place (many more weights).
        hidden: widths of the dense layers before the output; may be empty.
        dropout: share of units dropped after each dense layer, and after the convolutions.
        activation: of every layer but the output, which is a softmax.
        optimizer, learning_rate, weight_decay: the learning rate is the peak; it rises over the first `warm_up` share of the
            steps and then falls to 0 along a cosine.
        loss: computed from integer labels, one-hot where the loss needs it.
        batch_size, epochs: at most; early stopping may end sooner.
        mirror: training images are mirrored left to right with probability 1/2.
        mirror_average: the model answers with the mean of its probabilities for the image and for its mirror image.
        members: so many networks, which differ in their seed alone, are trained one after the other; the model answers with the
            mean of their probabilities.
        shift: training images are moved by up to so many pixels in each direction.
        validation_share: of the training images, held out (stratified) for early stopping; 0 switches early stopping off.
        monitor: what early stopping watches; the weights of its best epoch are restored.
        patience: epochs without improvement before training stops.
        loss_goal: training stops after the first epoch whose training loss is below it.
    """

    filters: tuple[tuple[Width, ...], ...] = Field(default=(), max_length=20)
    average: bool = True
    hidden: tuple[Width, ...] = Field(default=(128, 64, 32), max_length=100)
    dropout: Real = Field(default=0.1, ge=0, lt=1)
    activation: Activation = "relu"
    optimizer: Optimizer = "adam"
    learning_rate: Real = Field(default=1e-3, gt=0, le=100)
    weight_decay: Real = Field(default=0.0, ge=0, le=10_000)
    warm_up: Real = Field(default=0.0, ge=0, lt=1)
    loss: Loss = "sparse_categorical_crossentropy"
    batch_size: Whole = Field(default=128, ge=1, le=1_000_000)
    epochs: Whole = Field(default=20, ge=1, le=100_000)
    mirror: bool = False
    mirror_average: bool = False
    members: Whole = Field(default=1, ge=1, le=100)
    shift: Whole = Field(default=0, ge=0, le=1000)
    validation_share: Real = Field(default=0.1, ge=0, lt=1)
    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    patience: Whole = Field(default=5, ge=1, le=100_000)
    loss_goal: Real | None = Field(default=None, gt=0, le=1000)

    def in_steps(self, steps: int | None, rows: int) -> "ImageModelConfig":
        """Return the same training of `rows` images with at most about that many batches, in whole epochs; None is no limit."""
        return self.model_copy(update={"epochs": math.ceil(steps * self.batch_size / rows)}) if steps else self


@dataclass(frozen=True)
class Preset:
    """A pair of models to compare."""

    baseline: ImageModelConfig
    candidate: ImageModelConfig


_MLP = ImageModelConfig(hidden=(128, 64, 32), dropout=0.2, epochs=25, patience=6)
_SMALL_CNN = ImageModelConfig(
    filters=((24,), (48,), (80,)),
    average=False,
    hidden=(),
    dropout=0.3,
    optimizer="adamw",
    learning_rate=3e-3,
    weight_decay=0.02,
    warm_up=0.2,
    epochs=14,
    mirror=True,
    mirror_average=True,
    validation_share=0.05,
    monitor="val_accuracy",
    patience=14,  # the learning rate is still high in the middle, and the epochs there prove nothing
)
_CNN = _SMALL_CNN.model_copy(update={"members": 2})
_DIGITS = ImageModelConfig(learning_rate=2e-3, batch_size=64, epochs=40, validation_share=0.0)  # too few images to hold any out

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "mlp": Preset(_MLP.model_copy(update={"dropout": 0.0}), _MLP),
        "cnn": Preset(_MLP, _CNN),
        "cnn-small": Preset(_MLP, _SMALL_CNN),
        "digits": Preset(_DIGITS.model_copy(update={"dropout": 0.0}), _DIGITS),
    }
)
