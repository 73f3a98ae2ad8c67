"""Hold what a rule measured on a slice, and the limits that it is held to: between measuring and judging."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairgate.gate.needed import Label
from fairgate.gate.outcome import RuleMeasure, RuleResult
from fairgate.measurement import MetricKey

if TYPE_CHECKING:  # rules import this module
    from fairgate.gate.rule import Rule, Worse
    from fairgate.statistics.comparison import Estimate

ROUNDING = 1e-9  # by so much a value may miss its limit: sums of decimal fractions are not exact in floating point


class NotMeasuredError(Exception):
    """Say why a rule has nothing to judge on a slice; the message is a full sentence for the reader of the verdict.

    Attributes:
        result: "unproven", or "not enough data".
        n: examples that there were.
        least: examples that there must be; 0 for as many as the rule or the policy asks for.
        outside: the label, "" for any, of the examples outside of the slice that are too few; None where it is the slice's own.
    """

    def __init__(
        self, reason: str, result: RuleResult = "unproven", n: float = 0.0, least: int = 0, outside: Label | None = None
    ) -> None:
        super().__init__(reason)
        self.result: RuleResult = result
        self.n = n
        self.least = least
        self.outside: Label | None = outside


@dataclass(frozen=True)
class Bounds:
    """The values that keep a rule.

    Attributes:
        lower, upper: infinite where there is no limit.
        strict: a value that equals a limit does not keep it.
    """

    lower: float = -math.inf
    upper: float = math.inf
    strict: bool = False

    @classmethod
    def worse_side(cls, worse: "Worse | None", lower: float, upper: float) -> "Bounds":
        """Return the limits on the side on which a metric gets worse; on both sides where neither is worse."""
        return cls(-math.inf if worse == "higher" else lower, math.inf if worse == "lower" else upper)

    def kept_by(self, value: float) -> bool:
        """Return whether the value lies within; False for NaN."""
        slack = -ROUNDING if self.strict else ROUNDING
        return self.lower - slack <= value <= self.upper + slack

    def contains(self, low: float, high: float) -> bool:
        """Return whether a whole interval lies within: whether both of its ends keep the limits."""
        return self.kept_by(low) and self.kept_by(high)

    def excludes(self, low: float, high: float) -> bool:
        """Return whether a whole interval lies beyond."""
        slack = -ROUNDING if self.strict else ROUNDING
        return high < self.lower - slack or low > self.upper + slack

    def limit_for(self, value: float) -> float:
        """Return the limit that the value breaks, or else the one it is nearer to."""
        return self.lower if value - self.lower < self.upper - value else self.upper


@dataclass(frozen=True)
class Finding:
    """A rule measured on one slice at one threshold, to be judged.

    Attributes:
        rule: the rule.
        slice, key: where and what.
        estimate: the value that is held to the bounds, with its interval.
        bounds: what keeps the rule.
        measured_text: the first half of the sentence, with the numbers: "Accuracy of overall is 0.85".
        limit_text: the second half: "at least 0.8 is required".
        num_comparisons: from how many comparisons the value was picked as the worst; 1 when it was not picked.
        measure: what the value is; None for what `rule.measures` says.
        own_n: what the slice's own value rests on, where the estimate's n is that of the smaller of two sides; None elsewhere.
    """

    rule: "Rule"
    slice: str
    key: MetricKey
    estimate: "Estimate"
    bounds: Bounds
    measured_text: str
    limit_text: str
    num_comparisons: int = 1
    measure: RuleMeasure | None = None
    own_n: float | None = None

    @property
    def n(self) -> float:
        """Return what the value of the slice rests on."""
        return self.estimate.n if self.own_n is None else self.own_n


@dataclass(frozen=True)
class Unjudged:
    """A rule that could not be held to its limits on a slice.

    Attributes:
        rule, slice, key: as in Finding; slice may be the pattern that nothing matched.
        result: "not enough data", "unproven" or "not applicable".
        reason: a full sentence.
        n: examples that there were.
        least: examples that there must be; 0 for as many as the rule or the policy asks for.
        outside: as of `NotMeasuredError`.
    """

    rule: "Rule"
    slice: str
    key: MetricKey
    result: RuleResult
    reason: str
    n: float = 0.0
    least: int = 0
    outside: Label | None = None

    @classmethod
    def of(cls, rule: "Rule", name: str, key: MetricKey, error: NotMeasuredError) -> "Unjudged":
        """Return what an error says of a slice."""
        return cls(rule, name, key, error.result, str(error), error.n, error.least, error.outside)
