"""What the graph hands to the FairnessGate beside the artifacts: one value, carried as JSON in an execution property."""

from pydantic import BaseModel, ConfigDict

from components.gate.policy import Policy


class GateSettings(BaseModel):
    """The part of a run that the gate needs.

    Attributes:
        task: the task's name.
        policy: by which it decides.
        confidence: level of the intervals of slices in the verdict.
        recipes: model -> the recipe it was trained by, in words.
        source: where the data come from, in words.
        generated: whether the data are synthetic.
        seed: of the run.
        config_digest: of the whole configuration.
        source_digest: of the gate's source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    policy: Policy
    confidence: float
    recipes: dict[str, str]
    source: str
    generated: bool
    seed: int
    config_digest: str
    source_digest: str
