"""The label of a task: which feature holds it and what its values mean. Imports neither TensorFlow nor TFMA."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LabelSpec:
    """What a model is asked to predict.

    Attributes:
        key: the feature of the raw examples that holds the label: 0 or 1 for a binary task, 0 … C - 1 for a multi-class task.
        classes: names of the label's values, in order.
        kind: "binary" (the model answers one score) or "multiclass" (it answers C probabilities).
        weight_key: a feature with one example weight per row; None when every example counts once.
    """

    key: str
    classes: tuple[str, ...]
    kind: Literal["binary", "multiclass"]
    weight_key: str | None = None
