"""The written policy: what a candidate must keep to be published. Data only; `fairgate.gate.decision` judges by it.

In: the `policy` part of a configuration (YAML), or a preset. Out: frozen values. Imports no third-party package but pydantic.

How a rule is judged. Every rule measures a value with its interval on each slice and threshold that it names, and compares both
with a limit:

    the interval lies within the limit           the rule passes
    the value keeps the limit, its interval      passes, unless `unproven` asks for more
      reaches beyond it
    the value breaks the limit, its interval     not enough to refuse: inconclusive, unless `unproven_violation` says otherwise
      reaches back within it
    the interval lies beyond the limit           the rule fails, the candidate is refused
    fewer than `min_examples`                    "not enough data": never decides alone, but a rule in which no slice has
                                                 enough data leaves the outcome inconclusive
    value undefined, slice or metric absent      inconclusive: never blessed

A metric without an interval (no standard error is known) is judged by its value alone. A limit that is exactly met is kept.
"""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from fairgate.measurement import MetricKey
from fairgate.names import OVERALL

Effect = Literal["pass", "inconclusive", "refuse"]
Measure = Literal["ratio", "difference"]
Worse = Literal["higher", "lower"]
Share = Annotated[float, Field(gt=0.5, lt=1)]


def _number(value: float) -> float:
    if math.isnan(value):
        raise ValueError("NaN is no limit: nothing can be compared with it")
    return value


Limit = Annotated[float, AfterValidator(_number)]


class RuleBase(BaseModel):
    """What every rule has.

    Attributes:
        id: names the rule in verdicts and messages; unique within the policy.
        metric: name of a metric, as in metrics.parquet.
        thresholds: the decision thresholds at which it is judged; empty for metrics that have none.
        slices: names of slices, or patterns with `*`; "gender:*" is every single gender, "gender:* × race:*" every pair.
        worse: in which direction the metric gets worse; absent where the metric's own direction is known.
        min_examples, confidence, unproven, unproven_violation: as in Policy, for this rule alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    metric: str = Field(min_length=1)
    thresholds: tuple[float, ...] = ()
    slices: tuple[str, ...] = (OVERALL,)
    worse: Worse | None = None
    min_examples: int | None = Field(default=None, ge=1)
    confidence: Share | None = None
    unproven: Effect | None = None
    unproven_violation: Effect | None = None

    def metric_keys(self) -> list[MetricKey]:
        """The metric at each threshold, or alone."""
        return [MetricKey(self.metric, threshold) for threshold in self.thresholds] or [MetricKey(self.metric)]


class QualityRule(RuleBase):
    """The candidate's metric lies between limits on every named slice.

    Attributes:
        min, max: the least and the greatest value that is allowed; at least one is given.
    """

    kind: Literal["quality"] = "quality"
    min: Limit | None = None
    max: Limit | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> "QualityRule":
        if self.min is None and self.max is None:
            raise ValueError("a quality rule needs min, max or both")
        return self


class WorstSliceRule(RuleBase):
    """The worst of the named slices keeps the limit; reported as one line that names this slice.

    Attributes:
        min: floor, for a metric that is better when higher (recall).
        max: ceiling, for one that is better when lower. Exactly one of the two is given.
    """

    kind: Literal["worst_slice"] = "worst_slice"
    min: Limit | None = None
    max: Limit | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "WorstSliceRule":
        if (self.min is None) == (self.max is None):
            raise ValueError("a worst_slice rule needs either min or max")
        return self


class GapRule(RuleBase):
    """No named slice of the candidate is much worse than the rest.

    Attributes:
        against: "overall" compares each slice with all examples; "best" compares, within each feature, the worst slice with the
            best.
        measure: "ratio" (slice / overall) or "difference" (slice - overall, in the metric's unit).
        limit: for a ratio at least 1: 1.25 allows a false positive rate 25 % above overall, or (metrics that are better when
            higher) a rate down to 1 / 1.25 of overall. For a difference the distance that is allowed.
        direction: "worse" limits slices that are worse than the rest alone, "both" also those that are better.
    """

    kind: Literal["gap"] = "gap"
    against: Literal["overall", "best"] = "overall"
    measure: Measure = "ratio"
    limit: Limit
    direction: Literal["worse", "both"] = "worse"


class ImprovementRule(RuleBase):
    """The candidate's gap against overall is smaller than the baseline's. A gap in the better direction counts as none.

    Attributes:
        measure: as in GapRule.
        across: "worst" compares the largest gap of each model, "each" compares slice by slice.
        small_enough: a gap of the candidate up to this size (as a GapRule's limit) need not shrink further.
    """

    kind: Literal["improvement"] = "improvement"
    measure: Measure = "ratio"
    across: Literal["worst", "each"] = "worst"
    small_enough: Limit | None = None


class GuardRule(RuleBase):
    """The candidate is not worse than the baseline by more than a margin.

    Attributes:
        margin: how much worse the candidate may be, in the metric's unit: 0.10 allows a false negative rate of 0.34 after 0.24.
    """

    kind: Literal["guard"] = "guard"
    margin: Limit = Field(ge=0)


class NotWorseRule(RuleBase):
    """The candidate is not worse than the baseline beyond the interval of their difference: only a proven loss counts."""

    kind: Literal["not_worse"] = "not_worse"
    unproven_violation: Effect | None = "pass"


class BeatsTrivialRule(RuleBase):
    """The candidate beats a model that has learnt nothing, and proves it: the whole interval lies on the better side.

    Attributes:
        reference: the trivial model's value, 0.5 for an AUC, or the name of the metric that holds it, "trivial_accuracy".
    """

    kind: Literal["beats_trivial"] = "beats_trivial"
    reference: Limit | str = 0.5
    unproven: Effect | None = "inconclusive"
    unproven_violation: Effect | None = "refuse"


class CounterfactualRule(RuleBase):
    """The candidate hardly minds which identity a text names; see `fairgate.counterfactual` for both metrics.

    Attributes:
        metric: "flip_rate" at thresholds, or "score_shift", which is limited in both directions unless `worse` names one:
            "higher" limits terms that make a text look more toxic.
        slices: terms of a test: "swaps:gender:male", "swaps:religion:*", "probes:*".
        across: "worst" judges the worst of these terms and reports it as one line, "each" judges them all.
        limit: share of decisions that may flip, or shift of the mean score.
        min_examples: comments or templates of a term; fewer than of a slice will do, since each is its own control.
    """

    kind: Literal["counterfactual"] = "counterfactual"
    metric: Literal["flip_rate", "score_shift"]
    slices: tuple[str, ...] = ("swaps:*",)
    across: Literal["worst", "each"] = "worst"
    limit: Limit
    min_examples: int | None = Field(default=30, ge=1)


Rule = Annotated[
    QualityRule | WorstSliceRule | GapRule | ImprovementRule | GuardRule | NotWorseRule | BeatsTrivialRule | CounterfactualRule,
    Field(discriminator="kind"),
]


class Policy(BaseModel):
    """Everything by which a candidate is judged.

    Attributes:
        rules: all of them must hold. A policy without rules never blesses.
        min_examples: trials that a rate (examples that another metric) of a slice must rest on to be judged; negatives for a
            false positive rate.
        confidence: level of every interval, two-sided.
        unproven: what follows when a value keeps its limit but the interval reaches beyond it.
        unproven_violation: what follows when a value breaks its limit but the interval reaches back within it.
        multiplicity: "holm" refuses only what Holm's correction over all comparisons of the policy still proves, so that a
            candidate which keeps every limit is refused with a probability of at most 1 - confidence, however many slices there
            are. "none" takes each interval as it is shown. Blessing needs every rule at once, so it needs no correction.
        without_baseline: what rules against the baseline do when the evaluation has none (a first run): "skip" leaves the
            decision to the other rules, "inconclusive" blesses nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...] = ()
    min_examples: int = Field(default=100, ge=1)
    confidence: Share = 0.95
    unproven: Effect = "pass"
    unproven_violation: Effect = "inconclusive"
    multiplicity: Literal["none", "holm"] = "none"
    without_baseline: Literal["skip", "inconclusive"] = "skip"
