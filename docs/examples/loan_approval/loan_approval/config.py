"""Configuration of the task: the number of applications and the training of the classifier. Imports no TensorFlow."""

from pydantic import Field

from components.tasks.base import TaskModel


class LoanInput(TaskModel):
    """The applications are generated: only their number is configurable."""

    train_rows: int = Field(default=6000, ge=100)
    eval_rows: int = Field(default=6000, ge=100)


class LoanTraining(TaskModel):
    """The classifier and its training.

    Attributes:
        hidden: width of the hidden layer.
        learning_rate, batch_size: of Adam.
        epochs: passes over the applications.
    """

    hidden: int = Field(default=8, ge=1)
    learning_rate: float = Field(default=0.01, gt=0)
    batch_size: int = Field(default=256, ge=1)
    epochs: int = Field(default=20, ge=1)
