"""What an image classifier is and how it is trained, as configuration, and the presets. Imports no TensorFlow."""

from typing import Literal

from pydantic import Field

from components.task import TaskModel

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop", "adagrad", "nadam", "lion"]
Activation = Literal["relu", "gelu", "silu", "elu", "selu", "tanh", "sigmoid", "leaky_relu"]
Loss = Literal[
    "sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "mean_squared_error"
]


class ImageModelConfig(TaskModel):
    """One classifier of grey images and its training.

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
        shift: training images are moved by up to so many pixels in each direction.
        validation_share: of the training images, held out (stratified) for early stopping; 0 switches early stopping off.
        monitor: what early stopping watches; the weights of its best epoch are restored.
        patience: epochs without improvement before training stops.
        loss_goal: training stops after the first epoch whose training loss is below it.
    """

    filters: tuple[tuple[int, ...], ...] = ()
    average: bool = True
    hidden: tuple[int, ...] = (128, 64, 32)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    activation: Activation = "relu"
    optimizer: Optimizer = "adam"
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)
    warm_up: float = Field(default=0.0, ge=0, lt=1)
    loss: Loss = "sparse_categorical_crossentropy"
    batch_size: int = Field(default=128, ge=1)
    epochs: int = Field(default=20, ge=1)
    mirror: bool = False
    shift: int = Field(default=0, ge=0)
    validation_share: float = Field(default=0.1, ge=0, lt=1)
    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    patience: int = Field(default=5, ge=1)
    loss_goal: float | None = Field(default=None, gt=0)
