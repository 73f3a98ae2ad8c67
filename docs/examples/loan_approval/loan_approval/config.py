"""Configuration of the task: the number of applications and the training of the classifier. Imports no TensorFlow."""

from pydantic import Field

from components.tasks.base import TaskModel, Width
from fairgate.quantities import Real, Whole


class LoanInput(TaskModel):
    """The applications are generated: only their number is configurable."""

    train_rows: Whole = Field(default=6000, ge=100, le=10_000_000)
    eval_rows: Whole = Field(default=6000, ge=100, le=10_000_000)


class LoanTraining(TaskModel):
    """The classifier and its training.

    Attributes:
        hidden: width of the hidden layer.
        learning_rate, batch_size: of Adam.
        epochs: passes over the applications.
    """

    hidden: Width = 8
    learning_rate: Real = Field(default=0.01, gt=0, le=100)
    batch_size: Whole = Field(default=256, ge=1, le=1_000_000)
    epochs: Whole = Field(default=20, ge=1, le=100_000)
