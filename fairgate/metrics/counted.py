"""Hold the counts of one slice as metrics read them, and what a metric's function may return. Pure numpy."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Floats, ScoreCells
from fairgate.counting.counts import CONFIDENCE, SCORE, Counts, layout
from fairgate.counting.joint import BUCKETS, split_decision_keys
from fairgate.counting.settings import CountSettings
from fairgate.measurement import Buckets, Rate, Scalar
from fairgate.metrics.registry import Metric
from fairgate.names import OVERALL, is_pair

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rates:
    """A proportion at every threshold.

    Attributes:
        successes, trials: float64[thresholds], example-weighted.
        squares: float64[2, thresholds], sums of the squared weights of the successes and of the failures; None if not known.
        buckets: float64[2, thresholds, BUCKETS], successes and trials by bucket; None where examples are independent.
    """

    successes: Floats
    trials: Floats
    squares: Floats | None = None
    buckets: Floats | None = None

    def values(self) -> Floats:
        """Return successes / trials, float64[thresholds]; NaN where there are no trials."""
        with np.errstate(invalid="ignore"):
            return self.successes / self.trials


@dataclass(frozen=True, eq=False)
class DecisionTable:
    """Sums over the examples of a binary task by label and decision at every threshold.

    Attributes:
        by_interval: float64[…, 2, thresholds + 1], by label and decision interval.
    """

    by_interval: Floats

    @property
    def fp(self) -> Floats:
        """Return the negatives with a positive prediction, float64[…, thresholds]."""
        return np.asarray(self._accepted[..., 0, :])

    @property
    def tp(self) -> Floats:
        """Return the positives with a positive prediction, float64[…, thresholds]."""
        return np.asarray(self._accepted[..., 1, :])

    @property
    def tn(self) -> Floats:
        """Return the negatives with a negative prediction, float64[…, thresholds]."""
        return np.asarray(self._rejected[..., 0, :])

    @property
    def fn(self) -> Floats:
        """Return the positives with a negative prediction, float64[…, thresholds]."""
        return np.asarray(self._rejected[..., 1, :])

    @cached_property
    def negatives(self) -> Floats:
        """Return all negatives, float64[…, thresholds]: the same at every threshold, free of the rounding of fp + tn."""
        return self._of_label(0)

    @cached_property
    def positives(self) -> Floats:
        """Return all positives, float64[…, thresholds]: the same at every threshold."""
        return self._of_label(1)

    def _of_label(self, label: int) -> Floats:
        sums = self.by_interval[..., label, :].sum(axis=-1, keepdims=True)
        return np.repeat(sums, self.by_interval.shape[-1] - 1, axis=-1)

    @cached_property
    def _accepted(self) -> Floats:
        """Return float64[…, 2, thresholds]: by label, what lies above each threshold."""
        return self.by_interval[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]

    @cached_property
    def _rejected(self) -> Floats:
        """Return float64[…, 2, thresholds]: by label, what lies up to each threshold."""
        return self.by_interval.cumsum(axis=-1)[..., :-1]


Part = Callable[[DecisionTable], Floats]


@dataclass(frozen=True, eq=False)
class Scalars:
    """Another metric at every threshold.

    Attributes:
        values: float64[thresholds]; NaN where undefined.
        standard_errors: float64[thresholds]; NaN where none is known.
    """

    values: Floats
    standard_errors: Floats


Result = Rate | Rates | Scalar | Scalars


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of the examples of one label in some group.

    Attributes:
        cells: of that label only, see ScoreCells.one_label.
        squares: sum of the squared example weights.
    """

    cells: ScoreCells
    squares: float

    @property
    def effective(self) -> float:
        """Return Kish's effective number of examples, (Σw)² / Σw²."""
        return float(self.cells.weights.sum()) ** 2 / self.squares if self.squares > 0 else 0.0

    def without(self, part: "Scores") -> "Scores":
        """Return the scores outside of `part`, a subset: the background of a group."""
        return Scores(self.cells.without(part.cells), max(self.squares - part.squares, 0.0))


@dataclass(frozen=True, eq=False)
class Counted:
    """One slice under one model, with the other slices beside it.

    A score that is greater than a threshold is a positive prediction there. Counts are example-weighted.

    Attributes:
        name: of the slice.
        counts: its counts.
        settings: how they were counted.
        beside: slice name -> that slice of the same model, this one included.
        label: the class whose examples are the slice, as an index; None for every other slice.
        known: metric -> what was computed of it from the examples themselves.
    """

    name: str
    counts: Counts
    settings: CountSettings
    beside: Mapping[str, "Counted"]
    label: int | None = None
    known: Mapping[str, Scalar] = field(default_factory=dict)
    _results: dict[str, Result] = field(default_factory=dict, init=False, repr=False)

    def of(self, metric: Metric) -> Result:
        """Return the metric of this slice; computed once, however many metrics build on it."""
        if metric.name in self.known:
            return self.known[metric.name]
        if metric.name not in self._results:
            if metric.compute is None:
                raise ValueError(f"{metric.name} is not computed from counts.")
            self._results[metric.name] = metric.compute(self)
        return self._results[metric.name]

    def rates(self, metric: Metric) -> Rates:
        """Return a proportion of this slice at every threshold. Raises ValueError for a metric that is none."""
        result = self.of(metric)
        if not isinstance(result, Rates):
            raise ValueError(f"{metric.name} is no proportion at thresholds.")
        return result

    def scalar(self, metric: Metric) -> Scalar:
        """Return a metric of this slice that depends on no threshold. Raises ValueError for a metric that does."""
        result = self.of(metric)
        if not isinstance(result, Scalar):
            raise ValueError(f"{metric.name} is no single number with a standard error.")
        return result

    @property
    def overall(self) -> "Counted":
        """Return the slice of all examples."""
        return self.beside[OVERALL]

    @property
    def groups(self) -> "list[Counted]":
        """Return the slices of a single feature: neither overall nor an intersection."""
        return [other for name, other in self.beside.items() if name != OVERALL and not is_pair(name)]

    @cached_property
    def fields(self) -> dict[str, Floats]:
        """Return the totals by name, see `counts.layout`."""
        return layout(self.settings).read(self.counts.totals)

    @property
    def binary(self) -> bool:
        """Return whether the task has two classes and one score."""
        return self.settings.kind == "binary"

    @property
    def examples(self) -> int:
        """Return the number of examples with a valid prediction, unweighted."""
        return round(float(self.fields["examples"].sum()))

    @cached_property
    def weight(self) -> float:
        """Return the sum of the example weights."""
        return float(np.sum(self.cells.weights) if self.binary else self.confusion.sum())

    @cached_property
    def squares(self) -> float:
        """Return the sum of the squared example weights."""
        return float(self.fields["squares"].sum())

    @property
    def design_effect(self) -> float:
        """Return Kish's n·Σw² / (Σw)²: by how much unequal weights inflate a variance; 1 where nothing was counted."""
        return self.examples * self.squares / self.weight**2 if self.weight > 0 else 1.0

    @property
    def mean_weight(self) -> float:
        """Return Σw / n; 1 where nothing was counted."""
        return self.weight / self.examples if self.examples else 1.0

    @cached_property
    def cells(self) -> ScoreCells:
        """Return the scores of a binary task, the confidences of a multi-class task."""
        return self.counts.series[layout(self.settings).series.index(SCORE if self.binary else CONFIDENCE)]

    @cached_property
    def negative(self) -> Scores:
        """Return the scores of the negatives of a binary task."""
        return self._scores(0)

    @cached_property
    def positive(self) -> Scores:
        """Return the scores of the positives of a binary task."""
        return self._scores(1)

    def share(self, successes: Part, failures: Part, trials: Part) -> Rates:
        """Return what share of some examples, the trials, are successes, at every threshold."""
        buckets = None
        if self.settings.clustered:
            by_bucket = self.by_bucket
            buckets = np.stack([successes(by_bucket).T, trials(by_bucket).T])
        squares = np.stack([successes(self.squared_decisions), failures(self.squared_decisions)])
        return Rates(successes(self.decisions), trials(self.decisions), squares, buckets)

    @cached_property
    def decisions(self) -> DecisionTable:
        """Return the example weights by label and decision."""
        return DecisionTable(self._by_decision(self.counts.decisions.weights))

    @cached_property
    def squared_decisions(self) -> DecisionTable:
        """Return the squared example weights by label and decision."""
        return DecisionTable(self._by_decision(self.counts.decisions.squares))

    @cached_property
    def by_bucket(self) -> DecisionTable:
        """Return the example weights by bucket, label and decision, float64[BUCKETS, 2, thresholds + 1]."""
        return DecisionTable(self._by_decision(self.counts.decisions.weights, BUCKETS))

    def _by_decision(self, values: Floats, buckets: int = 1) -> Floats:
        label, bucket, decision = split_decision_keys(self.counts.decisions.keys)
        labels, width = len(self.settings.classes), self._decisions
        at = (label if buckets == 1 else bucket * labels + label) * width + decision
        table = np.bincount(at, values, buckets * labels * width).astype(np.float64).reshape(buckets, labels, width)
        return table[0] if buckets == 1 else table

    @property
    def _decisions(self) -> int:
        return len(self.settings.thresholds) + 1 if self.binary else len(self.settings.classes)

    def class_rate(self, successes: Bools, trials: Bools) -> Rate:
        """Return the share of the trials that are successes too, in a multi-class task.

        Args:
            successes: bool[C, C], by label and predicted class.
            trials: likewise.
        """
        failures, successes = trials & ~successes, trials & successes
        weights, squares = (table.by_interval for table in (self.decisions, self.squared_decisions))
        buckets = None
        if self.settings.clustered:
            by_bucket = self.by_bucket.by_interval
            buckets = self.buckets(by_bucket[:, successes].sum(axis=1), by_bucket[:, trials].sum(axis=1))
        return Rate(
            float(weights[successes].sum()),
            float(weights[trials].sum()),
            (float(squares[successes].sum()), float(squares[failures].sum())),
            buckets,
        )

    def buckets(self, successes: Floats, trials: Floats) -> Buckets:
        """Return the counts of a rate by bucket, float64[BUCKETS], with what is known of the evaluation's design effect."""
        distinct = self.settings.distinct
        return Buckets(successes, trials, max(1.0, self.overall.examples / distinct) if distinct else 1.0)

    @property
    def confusion(self) -> Floats:
        """Return the weights by label and predicted class of a multi-class task, float64[C, C]."""
        return self.fields["confusion"]

    def _scores(self, label: int) -> Scores:
        return Scores(self.cells.one_label(label), float(self.fields["squares"][label]))


def proportion(successes: float, trials: float, squares: tuple[float, float]) -> Scalar:
    """Return a share of examples as a scalar; NaN without examples.

    Its standard error is that of a weighted mean, with the sums of squared weights of the successes and of the failures; the
    binomial one where all weights are equal.
    """
    if not trials > 0:
        return Scalar(math.nan)
    share = successes / trials
    return Scalar(share, math.sqrt(squares[0] * (1 - share) ** 2 + squares[1] * share**2) / trials)
