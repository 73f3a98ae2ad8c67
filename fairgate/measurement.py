"""Hold what an evaluation measured, as plain numbers: per model and slice, the counts behind every rate.

Read from the TFMA artifact by `components.evaluation.reading`, judged by `components.gate`, drawn by `components.report`.
Imports neither TensorFlow nor TFMA.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


def exact(number: float) -> str:
    """Return a number in the fewest digits that no other number has: 0, 0.5, 0.30000000000000004."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


@dataclass(frozen=True, order=True)
class MetricKey:
    """A metric and, for metrics of a decision, the threshold above which a score counts as positive."""

    name: str
    threshold: float | None = None

    def __str__(self) -> str:
        return self.name if self.threshold is None else f"{self.name}@{exact(self.threshold)}"


@dataclass(frozen=True, eq=False)
class Buckets:
    """The counts of a rate apart by bucket, where examples are clustered: a hash puts every example of a cluster in the same one.

    Attributes:
        successes, trials: float64[B], example-weighted; additive over disjoint examples.
        least_effect: a design effect that holds whatever the buckets say, such as rows / distinct rows.
    """

    successes: npt.NDArray[np.float64]
    trials: npt.NDArray[np.float64]
    least_effect: float = 1.0


@dataclass(frozen=True)
class Rate:
    """A proportion as its two (example-weighted) counts.

    Attributes:
        successes, trials: sums of weights.
        squares: sums of the squared weights of the successes and of the failures; None where the weights of the slice are
            described by `SliceMetrics.design_effect` alone.
        buckets: the same counts by bucket; None where examples are taken as independent.
    """

    successes: float
    trials: float
    squares: tuple[float, float] | None = None
    buckets: Buckets | None = None

    @property
    def value(self) -> float:
        """Return successes / trials; NaN when there were no trials."""
        return self.successes / self.trials if self.trials else math.nan

    def opposite(self) -> "Rate":
        """Return the rate of the failures among the same trials: the true positive rate of a false negative rate."""
        squares = None if self.squares is None else (self.squares[1], self.squares[0])
        buckets = self.buckets
        if buckets is not None:
            buckets = Buckets(buckets.trials - buckets.successes, buckets.trials, buckets.least_effect)
        return Rate(self.trials - self.successes, self.trials, squares, buckets)


@dataclass(frozen=True)
class Scalar:
    """A metric that is no proportion (AUC, loss, calibration error).

    Attributes:
        value: the metric; NaN where it is undefined (AUC of a slice with one class).
        standard_error: NaN where no error is known; the interval is then absent.
        n: effective number of examples that it rests on; None for those of its slice.
    """

    value: float
    standard_error: float = math.nan
    n: float | None = None


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


@dataclass(frozen=True, eq=False)
class PairedBuckets:
    """A rate of two models on the same trials, apart by bucket.

    Attributes:
        trials, baseline, candidate: float64[B], sums of weights: of the trials, of the successes of each model. A hash of its
            content puts an example into the same bucket in every slice.
    """

    trials: npt.NDArray[np.float64]
    baseline: npt.NDArray[np.float64]
    candidate: npt.NDArray[np.float64]


@dataclass(frozen=True)
class PairedRate:
    """A rate of two models on the same trials: in how many both, the baseline alone, the candidate alone, or neither succeed.

    Attributes:
        rows: numbers of examples: (both, baseline alone, candidate alone, neither).
        weights, squares: likewise, sums of the weights and of the squared weights.
        buckets: None where none were counted.
    """

    rows: tuple[float, float, float, float]
    weights: tuple[float, float, float, float]
    squares: tuple[float, float, float, float]
    buckets: PairedBuckets | None = None


@dataclass(frozen=True)
class Paired:
    """The baseline, or another model in its place, and the candidate on one slice, example by example.

    Attributes:
        rates: by metric: those rates whose trials do not depend on the model.
        covariances: by metric: the covariance of the two models' estimates of a scalar (AUC); absent where it is not known.
    """

    rates: Mapping[MetricKey, PairedRate] = field(default_factory=dict)
    covariances: Mapping[MetricKey, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """Every slice of every model.

    Attributes:
        models: model name ("baseline", "candidate", "reference") -> slice name -> its metrics. "overall" is always there.
        omitted: slice name -> its examples, for intersections left out because they are smaller than the configured minimum.
        invalid_scores: model name -> how many scores were NaN or infinite; these examples are in no count.
        paired: slice name -> baseline and candidate on the same examples; empty without a baseline.
        paired_with_reference: slice name -> reference (in the place of the baseline) and candidate; empty without a reference.
        out_of_range: model name -> how many scores (of a binary task) or probabilities lay outside [0, 1].
        score_ranges: model name -> the least and the greatest score.
        rows, distinct: examples, and how many of them differ; None where that was not counted.
        clustered: the examples are not independent: intervals take the design effect of the buckets.
        unknown_groups: slice feature -> examples that have no value of it.
        single_valued: slice features of a column that holds one value or none, so that none is an unknown one.
        expected: slice feature -> the values that the task knows; empty where any value may occur.
        absent_columns: known slices without a column in the source, "gender:transgender".
        tagged_features: slice features whose values are tagged by word, not by people.
    """

    models: Mapping[str, Mapping[str, SliceMetrics]]
    omitted: Mapping[str, int] = field(default_factory=dict)
    invalid_scores: Mapping[str, int] = field(default_factory=dict)
    paired: Mapping[str, Paired] = field(default_factory=dict)
    paired_with_reference: Mapping[str, Paired] = field(default_factory=dict)
    out_of_range: Mapping[str, int] = field(default_factory=dict)
    score_ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    rows: int | None = None
    distinct: int | None = None
    clustered: bool = False
    unknown_groups: Mapping[str, int] = field(default_factory=dict)
    single_valued: tuple[str, ...] = ()
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent_columns: tuple[str, ...] = ()
    tagged_features: tuple[str, ...] = ()
