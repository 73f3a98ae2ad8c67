"""Limits of gaps and changes, and the size of a gap in the direction that is worse."""

import math

from fairgate.gate.direction import worse_direction
from fairgate.gate.finding import Bounds
from fairgate.gate.policy import CounterfactualRule, GapRule, GuardRule, NotWorseRule, Worse
from fairgate.statistics.comparison import Ends, Estimate, Measure


def gap_bounds(rule: GapRule) -> Bounds:
    """The ratios or differences that a gap rule allows: up to 1.25 or, for metrics that are better when higher, from 1 / 1.25."""
    worse = None if rule.direction == "both" else worse_direction(rule)
    if rule.measure == "difference":
        return _sided(worse, -rule.limit, rule.limit)
    return _sided(worse, 1 / rule.limit if rule.limit > 0 else math.inf, rule.limit)


def guard_bounds(rule: GuardRule | NotWorseRule, margin: float) -> Bounds:
    """The changes against the baseline that a guard allows."""
    return _sided(worse_direction(rule), -margin, margin)


def shift_bounds(rule: CounterfactualRule) -> Bounds:
    """The flip rates up to a limit, or the score shifts that lie within it in both directions, or in the worse one."""
    return _sided(worse_direction(rule), -rule.limit, rule.limit)


def oriented(gap: Estimate, measure: Measure, worse: Worse | None) -> Estimate:
    """A gap against overall as its size in the worse direction, in both where neither is worse.

    Returns:
        a ratio of at least 1 or a difference of at least 0; 1 or 0 for a gap in the better direction.
    """
    none = 1.0 if measure == "ratio" else 0.0
    turned = worse == "lower" or (worse is None and gap.value < none)

    def size(value: float) -> float:
        if turned:
            value = -value if measure == "difference" else (1 / value if value else math.inf)
        return value if math.isnan(value) else max(none, value)

    def interval(confidence: float) -> Ends:
        ends = [size(end) for end in gap.interval(confidence)]
        return (ends[1], ends[0]) if turned else (ends[0], ends[1])

    return Estimate(size(gap.value), gap.n, interval)


def _sided(worse: Worse | None, lower: float, upper: float) -> Bounds:
    if worse == "higher":
        return Bounds(upper=upper)
    if worse == "lower":
        return Bounds(lower=lower)
    return Bounds(lower, upper)
