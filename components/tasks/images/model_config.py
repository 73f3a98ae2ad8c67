"""Configuration of an image classifier and its training, and the presets. Imports no TensorFlow."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.tasks.base import TaskModel, Width
from fairgate.quantities import Real, Whole

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop", "adagrad", "nadam", "lion"]
Activation = Literal["linear", "relu", "gelu", "silu", "elu", "selu", "tanh", "sigmoid", "leaky_relu"]
Loss = Literal[
    "sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "mean_squared_error"
]

TrainingMetric = Literal["accuracy", "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy"]
Share = Annotated[Real, Field(ge=0, lt=1)]


class ImageModelConfig(TaskModel):
    """One classifier of square grey images and its training.

    Attributes:
        filters: stages of 3x3 convolutions with their widths, each stage but the last ends in a 2x2 pooling; empty for a
            perceptron.
        average: whether the last stage's features are averaged over the image, or kept for each place (many more weights).
        hidden: widths of the dense layers before the output; may be empty.
        dropout: share of units dropped after each dense layer, and after the convolutions; or one share for each dense layer.
        activation: of every layer but the output, which is a softmax; or one for each dense layer. "linear" is none.
        optimizer, learning_rate, weight_decay: the learning rate is the peak of the schedule.
        schedule: "cosine" rises over the first `warm_up` share of the steps and then falls to 0; "constant" stays.
        metrics: of training, in the curves beside the loss.
        loss: computed from integer labels, one-hot where the loss needs it.
        batch_size, epochs: at most; early stopping may end sooner.
        mirror: training images are mirrored left to right with probability 1/2.
        mirror_average: the model answers with the mean of its probabilities for the image and for its mirror image.
        members: so many networks, which differ in their seed alone, are trained one after the other; the model answers with the
            mean of their probabilities.
        shift: training images are moved by up to so many pixels in each direction.
        validation_share: of the training images, held out (stratified) for early stopping; with 0, a "val_…" stops nothing.
        monitor: what early stopping watches: on the images held out ("val_…"), or on those that it trains on.
        patience: epochs without improvement before training stops; null never stops early.
        restore_best: whether the weights of the best epoch are restored where training stops early; else the last ones stay.
        loss_goal: training stops after the first epoch whose training loss is below it.
    """

    filters: tuple[tuple[Width, ...], ...] = Field(default=(), max_length=20)
    average: bool = True
    hidden: tuple[Width, ...] = Field(default=(128, 64, 32), max_length=100)
    dropout: Share | tuple[Share, ...] = 0.1
    activation: Activation | tuple[Activation, ...] = "relu"
    optimizer: Optimizer = "adam"
    learning_rate: Real = Field(default=1e-3, gt=0, le=100)
    weight_decay: Real = Field(default=0.0, ge=0, le=10_000)
    schedule: Literal["cosine", "constant"] = "cosine"
    warm_up: Real = Field(default=0.0, ge=0, lt=1)
    loss: Loss = "sparse_categorical_crossentropy"
    metrics: tuple[TrainingMetric, ...] = ("accuracy",)
    batch_size: Whole = Field(default=128, ge=1, le=1_000_000)
    epochs: Whole = Field(default=20, ge=1, le=100_000)
    mirror: bool = False
    mirror_average: bool = False
    members: Whole = Field(default=1, ge=1, le=100)
    shift: Whole = Field(default=0, ge=0, le=1000)
    validation_share: Real = Field(default=0.1, ge=0, lt=1)
    monitor: Literal["val_loss", "val_accuracy", "loss", "accuracy"] = "val_loss"
    patience: Whole | None = Field(default=5, ge=1, le=100_000)
    restore_best: bool = True
    loss_goal: Real | None = Field(default=None, gt=0, le=1000)

    @model_validator(mode="after")
    def _fits(self) -> "ImageModelConfig":
        for name in ("dropout", "activation"):
            each = getattr(self, name)
            if isinstance(each, tuple) and (len(each) != len(self.hidden) or self.filters):
                of = "convolutions have no dense layers of their own" if self.filters else f"hidden has {len(self.hidden)} layers"
                raise ValueError(f"{name} has {len(each)} values, but {of}; give one value for all")
        if self.schedule == "constant" and self.warm_up:
            raise ValueError(f"warm_up {self.warm_up:g} has no effect with schedule: constant; remove one of them")
        if "accuracy" in self.monitor and "accuracy" not in self.metrics:
            raise ValueError(f"monitor {self.monitor} needs accuracy among metrics {list(self.metrics)}; add it")
        return self

    @property
    def dropouts(self) -> tuple[float, ...]:
        """Return the share of units dropped after each dense layer."""
        return self.dropout if isinstance(self.dropout, tuple) else (self.dropout,) * len(self.hidden)

    @property
    def activations(self) -> tuple[Activation, ...]:
        """Return the activation of each dense layer."""
        return self.activation if isinstance(self.activation, tuple) else (self.activation,) * len(self.hidden)

    @property
    def stops_early(self) -> bool:
        """Return whether training may stop before its last epoch for lack of improvement."""
        return self.patience is not None and (self.validation_share > 0 or not self.monitor.startswith("val_"))

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
# The published lab: both models train until the loss of their training stops to fall.
_LAB = ImageModelConfig(
    activation=("linear", "relu", "relu"),
    dropout=(0.0, 0.0, 0.0),
    schedule="constant",
    batch_size=32,
    epochs=500,
    validation_share=0.0,
    monitor="loss",
    patience=5,
    restore_best=False,
)
_LAB_DROPOUT = _LAB.model_copy(update={"dropout": (0.0, 0.1, 0.0), "patience": 3, "restore_best": True})
_DIGITS_LAB = ImageModelConfig(schedule="constant", batch_size=32, epochs=50, validation_share=0.0, dropout=(0.0, 0.1, 0.0))
_DIGITS = ImageModelConfig(learning_rate=2e-3, batch_size=64, epochs=40, validation_share=0.0)  # too few images to hold any out

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "mlp": Preset(_MLP.model_copy(update={"dropout": 0.0}), _MLP),
        "cnn": Preset(_MLP, _CNN),
        "cnn-small": Preset(_MLP, _SMALL_CNN),
        "lab": Preset(_LAB, _LAB_DROPOUT),
        "digits-lab": Preset(_DIGITS_LAB.model_copy(update={"dropout": 0.0}), _DIGITS_LAB),
        "digits": Preset(_DIGITS.model_copy(update={"dropout": 0.0}), _DIGITS),
    }
)
