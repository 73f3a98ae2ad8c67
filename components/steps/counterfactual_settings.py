"""What the graph hands to the CounterfactualTest beside the artifacts: one value, carried as JSON in an execution property."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from components.counterfactual.plan import CounterfactualPlan


class CounterfactualSettings(BaseModel):
    """The part of a run that the test needs.

    Attributes:
        plan: terms, templates, how many comments.
        thresholds: of decisions.
        confidence: level of every interval.
        seed: of the run.
        embed: dotted name of the function behind `Task.embedder`; "" where there is no text embedding to examine.
        training: the task's training configuration, which names the text embedding.
        source_digest: of the step's source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: CounterfactualPlan
    thresholds: tuple[float, ...]
    confidence: float
    seed: int
    embed: str
    training: dict[str, Any]
    source_digest: str
