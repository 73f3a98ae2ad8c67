"""What the graph hands to the Reporter beside the artifacts: one value, carried as JSON in an execution property."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from components.counterfactual.plan import CounterfactualPlan
from fairgate.counting.config import LabelSpec
from fairgate.statements import CardStatements


class ReportSettings(BaseModel):
    """What the graph hands to the Reporter beside the artifacts.

    Attributes:
        labels: of the task.
        slice_features: whose values are slices.
        text_features: features whose values may hurt a reader.
        parts: dotted name of the task's function that adds its own parts to a report, see `components.tasks.base.ReportParts`.
        terms: the identity terms that the report swaps in examples; None where there are none.
        statements: what people say of the model and its data.
        with_text: whether examples may be shown in words.
        published: whether the task's published results stand beside the run's: "asked" for any data, "by rows" where the data
            have as many rows as the published ones, "" for no.
        source_digest: of the step's source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: LabelSpec
    slice_features: tuple[str, ...]
    text_features: tuple[str, ...]
    parts: str
    terms: CounterfactualPlan | None = None
    statements: CardStatements = CardStatements()
    with_text: bool
    published: Literal["asked", "by rows", ""] = ""
    source_digest: str
