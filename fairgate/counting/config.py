"""Configure what to evaluate: thresholds, slices, splits. Imports neither TensorFlow nor TFMA."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fairgate.quantities import Real, Whole


class EvaluationConfig(BaseModel):
    """One evaluation of both models.

    Attributes:
        thresholds: decision thresholds in (0, 1); a score counts as positive when it is greater. Empty for multi-class tasks.
        slice_features: features whose every value is a slice of its own.
        intersections: pairs of slice features whose combined values are slices too.
        min_intersection: combined slices with fewer examples are left out, and listed.
        confidence: level of every interval.
        score_bins: resolution of the score histograms from which AUC and calibration are computed; rates do not depend on it.
        splits: which splits are evaluated; "train" beside "eval" adds the difference between training and test accuracy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: tuple[Real, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
    slice_features: tuple[str, ...] = ()
    intersections: tuple[tuple[str, str], ...] = ()
    min_intersection: Whole = Field(default=100, ge=1, le=1_000_000_000)
    confidence: Real = Field(default=0.95, gt=0.5, lt=1)
    score_bins: Whole = Field(default=1000, ge=100, le=100_000)
    splits: tuple[str, ...] = ("eval",)

    @field_validator("thresholds")
    @classmethod
    def _in_order(cls, thresholds: tuple[float, ...]) -> tuple[float, ...]:
        for threshold in thresholds:
            if not 0 < threshold < 1:
                raise ValueError(f"threshold {threshold:g} is not between 0 and 1")
        if list(thresholds) != sorted(set(thresholds)):
            raise ValueError(f"thresholds {list(thresholds)} must rise, each named once")
        return thresholds


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
