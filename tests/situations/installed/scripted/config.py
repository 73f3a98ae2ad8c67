"""Configuration of the scripted tasks: files alone. Imports no TensorFlow."""

from components.tasks.base import TaskModel


class ScriptedInput(TaskModel):
    """The examples.

    Attributes:
        table: file of a `Table`.
        classes: how many the label has.
    """

    table: str
    classes: int = 2


class ScriptedTraining(TaskModel):
    """The models.

    Attributes:
        baseline, remediated: for each recipe, a .npy file with the scores that its model answers, float64[N] or float64[N, C].
            Files of other content need other names: TFX keys a trained model by this configuration.
    """

    baseline: str
    remediated: str
