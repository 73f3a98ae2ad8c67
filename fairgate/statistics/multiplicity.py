"""Correct for many comparisons: p-values of broken limits, and Holm's step-down procedure (Holm 1979)."""

from collections.abc import Callable, Sequence

from fairgate.statistics.intervals import Interval, p_value


def violation_p(interval: Callable[[float], Interval | tuple[float, float]], limit: float, num_comparisons: int = 1) -> float:
    """Return the two-sided p-value of "the true value is at the limit", for a value beyond the limit.

    Args:
        interval: confidence -> its two ends; an interval that grows with the confidence.
        limit: the limit that the value breaks.
        num_comparisons: how many values the judged one was picked from as the worst; the p-value counts that many times
            (Bonferroni).

    Returns:
        a number between 0 and 1.
    """
    return min(1.0, num_comparisons * p_value(interval, limit))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    An adjusted p-value of at most alpha rejects its hypothesis while the probability of any false rejection stays within alpha,
    whatever the dependence among the comparisons.
    """
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        floor = max(floor, min(1.0, p_values[at] * (len(p_values) - rank)))
        adjusted[at] = floor
    return adjusted
