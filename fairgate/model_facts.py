"""What a model says of how it decides and of what was done in its training: parts of verdict.json and of a model's metadata."""

from pydantic import BaseModel, ConfigDict

DEFAULT_THRESHOLD = 0.5  # of a model that says nothing of its threshold


class ModelFact(BaseModel):
    """A frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatingPoint(ModelFact):
    """The decision threshold of a model, and how it was chosen.

    Attributes:
        name: "balanced", "target_fpr: 0.05" or "max_f1".
        threshold: a greater score is a positive decision.
        chosen_on: the examples that chose it: "out-of-fold scores of train", "validation".
        rows: how many these are.
        false_positive_rate, false_negative_rate: there; null where a label is absent.
    """

    name: str
    threshold: float = DEFAULT_THRESHOLD
    chosen_on: str
    rows: int
    false_positive_rate: float | None = None
    false_negative_rate: float | None = None


class Remedy(ModelFact):
    """What was done in training against unintended bias.

    Attributes:
        name: of the remedy: "identity weights".
        strength: by how much; 1 is no change; None for a remedy without one.
        sentence: for people: what it does, how its strength was chosen, whether it reaches its goal.
        reached: whether the goal was reached on the examples that chose the strength; None where nothing was chosen.
    """

    name: str
    strength: float | None = None
    sentence: str
    reached: bool | None = None
