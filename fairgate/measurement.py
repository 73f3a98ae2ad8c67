"""Hold what an evaluation measured, as plain numbers: per model and slice, the counts behind every rate.

Read from the TFMA artifact by `components.evaluation.reading`, judged by `components.gate`, drawn by `components.report`.
Imports neither TensorFlow nor TFMA.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class MetricKey:
    """A metric and, for metrics of a decision, the threshold above which a score counts as positive."""

    name: str
    threshold: float | None = None

    def __str__(self) -> str:
        return self.name if self.threshold is None else f"{self.name}@{self.threshold:g}"


@dataclass(frozen=True)
class Rate:
    """A proportion as its two (example-weighted) counts."""

    successes: float
    trials: float

    @property
    def value(self) -> float:
        """Return successes / trials; NaN when there were no trials."""
        return self.successes / self.trials if self.trials else math.nan


@dataclass(frozen=True)
class Scalar:
    """A metric that is no proportion (AUC, loss, calibration error).

    Attributes:
        value: the metric; NaN where it is undefined (AUC of a slice with one class).
        standard_error: NaN where no error is known; the interval is then absent.
    """

    value: float
    standard_error: float = math.nan


@dataclass(frozen=True)
class SliceMetrics:
    """One model on one slice.

    Attributes:
        n: examples in the slice (unweighted).
        n_positive, n_negative: of them, by label; None for multi-class tasks.
        rates: by metric; the counts are example-weighted.
        scalars: by metric.
        design_effect: Kish's n·Σw² / (Σw)², 1.0 when all example weights are equal; intervals divide their counts by
            (Σw / n · design_effect), so that they rest on the effective number of examples.
        mean_weight: Σw / n.
    """

    n: int
    n_positive: int | None = None
    n_negative: int | None = None
    rates: Mapping[MetricKey, Rate] = field(default_factory=dict)
    scalars: Mapping[MetricKey, Scalar] = field(default_factory=dict)
    design_effect: float = 1.0
    mean_weight: float = 1.0

    def value(self, key: MetricKey) -> float:
        """Return the metric's value. Raises KeyError when the evaluation did not produce it."""
        return self.rates[key].value if key in self.rates else self.scalars[key].value

    def keys(self) -> list[MetricKey]:
        """Return all metrics of the slice, rates first."""
        return [*self.rates, *self.scalars]


@dataclass(frozen=True)
class Evaluation:
    """Every slice of every model.

    Attributes:
        models: model name ("baseline", "candidate") -> slice name -> its metrics. "overall" is always there.
        omitted: slice name -> its examples, for intersections left out because they are smaller than the configured minimum.
        invalid_scores: model name -> how many scores were NaN or infinite; these examples are in no count.
    """

    models: Mapping[str, Mapping[str, SliceMetrics]]
    omitted: Mapping[str, int] = field(default_factory=dict)
    invalid_scores: Mapping[str, int] = field(default_factory=dict)
