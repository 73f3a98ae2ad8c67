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

    @property
    def words(self) -> str:
        """Return what it aims at and what chose it.

        "equal error rates, chosen on validation (2,000 examples; false positive rate 0.18, false negative rate 0.22)"
        """
        rates = {"false positive rate": self.false_positive_rate, "false negative rate": self.false_negative_rate}
        known = ", ".join(f"{name} {value:.3g}" for name, value in rates.items() if value is not None)
        counted = f"{self.rows:,} examples{'; ' if known else ''}{known}"
        return f"{self.aim}, chosen on {self.chosen_on} ({counted})"

    @property
    def aim(self) -> str:
        """Return what it aims at, "equal error rates"; a name that is not known as it is."""
        key, _, value = self.name.partition(": ")
        if key == "target_fpr" and value:
            return f"a false positive rate of {value}"
        return {"balanced": "equal error rates", "max_f1": "the greatest F1"}.get(self.name, self.name)


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
