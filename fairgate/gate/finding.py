"""Between measuring and judging: what a rule found on a slice, and the limits that it is held to."""

import math
from dataclasses import dataclass

from fairgate.gate.outcome import RuleResult
from fairgate.gate.policy import RuleBase
from fairgate.measurement import MetricKey
from fairgate.statistics.comparison import Estimate

ROUNDING = 1e-9  # by so much a value may miss its limit: sums of decimal fractions are not exact in floating point


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

    def kept_by(self, value: float) -> bool:
        """Whether the value lies within; False for NaN."""
        slack = -ROUNDING if self.strict else ROUNDING
        return self.lower - slack <= value <= self.upper + slack

    def hold(self, low: float, high: float) -> bool:
        """Whether a whole interval lies within."""
        if self.strict:
            return self.lower < low and high < self.upper
        return self.lower <= low and high <= self.upper

    def exclude(self, low: float, high: float) -> bool:
        """Whether a whole interval lies beyond."""
        if self.strict:
            return high <= self.lower or low >= self.upper
        return high < self.lower or low > self.upper

    def limit_for(self, value: float) -> float:
        """The limit that the value breaks, or else the one it is nearer to."""
        return self.lower if value - self.lower < self.upper - value else self.upper


@dataclass(frozen=True)
class Finding:
    """A rule measured on one slice at one threshold, to be judged.

    Attributes:
        rule: the rule.
        slice, key: where and what.
        estimate: the value that is held to the bounds, with its interval.
        bounds: what keeps the rule.
        looks: how many comparisons the value was picked from as the worst; 1 when it was not picked.
        found: the first half of the sentence, with the numbers: "Accuracy of overall is 0.85".
        demanded: the second half: "at least 0.8 is required".
    """

    rule: RuleBase
    slice: str
    key: MetricKey
    estimate: Estimate
    bounds: Bounds
    found: str
    demanded: str
    looks: int = 1


@dataclass(frozen=True)
class Unjudged:
    """A rule that could not be held to its limits on a slice.

    Attributes:
        rule, slice, key: as in Finding; slice may be the pattern that nothing matched.
        result: "not enough data", "unproven" or "not applicable".
        reason: a full sentence.
        n: examples that there were.
    """

    rule: RuleBase
    slice: str
    key: MetricKey
    result: RuleResult
    reason: str
    n: float = 0.0
