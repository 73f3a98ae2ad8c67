"""Find what decides among several slices of which a rule reports the worst.

The worst value is not always the surest: of few examples it may break a limit without a proof, while the second worst, of many,
breaks it provably; or it may keep the limit provably, while the interval of another reaches beyond. Then a rule reports that one
too.

In: estimates, and which of them has the worst value. Out: the other one that decides, if any.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from fairgate.gate.finding import Bounds
from fairgate.measurement import Rate
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Estimate, Measure, ratios
from fairgate.statistics.effective import student
from fairgate.statistics.intervals import Interval


def other_slice(estimates: Mapping[str, Estimate], worst: str, bounds: Bounds, confidence: float, corrected: bool) -> str | None:
    """Return the slice that decides where the one with the worst value does not.

    Args:
        estimates: by slice.
        worst: the slice with the worst value.
        bounds: what all are held to.
        confidence: level of the intervals.
        corrected: whether a correction may leave unproven what the interval proves, so that the surest decides.

    Returns:
        where the worst breaks its limit without a proof, the slice that breaks it most surely; where it keeps it provably, the
        one that keeps it least surely, and without a proof; None where there is none.
    """
    names = [worst, *(name for name in estimates if name != worst)]
    ends = [estimates[name].interval(confidence) for name in names]
    values, low, high = [estimates[name].value for name in names], [end for end, _ in ends], [end for _, end in ends]
    at = _other(values, low, high, bounds, corrected=corrected)
    return None if at is None else names[at]


def other_pair(
    ranked: Sequence[Estimate], measure: Measure, bounds: Bounds, confidence: float, corrected: bool
) -> tuple[int, int] | None:
    """Return the pair of slices that decides where that of the worst and the best does not; see `other_slice`.

    Args:
        ranked: at least two estimates, the worst first.
        measure: ratio or difference of the worse one of a pair and the better one.
        bounds: what it is held to.
        confidence: level of the intervals.
        corrected: as of `other_slice`.

    Returns:
        their positions, the worse one first.
    """
    pairs = sorted(itertools.combinations(range(len(ranked)), 2), key=lambda pair: pair != (0, len(ranked) - 1))
    worse, better = np.array(pairs).T
    values = np.array([each.value for each in ranked])
    gaps = ratios(values[worse], values[better]) if measure == "ratio" else values[worse] - values[better]
    known = [each.counts or Rate(math.nan, math.nan) for each in ranked]
    counts = np.array([(each.successes, each.trials) for each in known]).T
    if measure == "ratio" and not np.isnan(counts).any():  # as `comparison.contrast` compares two
        degrees = np.array([each.degrees for each in ranked])
        level = student(confidence, np.minimum(degrees[worse], degrees[better]))
        (x, n), (y, m) = counts[:, worse], counts[:, better]
        ends = intervals.rate_ratio(x, n, y, m, level)
    else:
        compare = intervals.ratio_of if measure == "ratio" else intervals.difference_of
        low, high = np.array([each.interval(confidence) for each in ranked]).T
        of_each = (Interval(low[places], high[places]) for places in (worse, better))
        ends = compare(values[worse], next(of_each), values[better], next(of_each))
    at = _other(gaps.tolist(), ends.low.tolist(), ends.high.tolist(), bounds, corrected=corrected)
    return None if at is None else pairs[at]


def _other(
    values: Sequence[float], low: Sequence[float], high: Sequence[float], bounds: Bounds, *, corrected: bool
) -> int | None:
    """Return the position of what decides where the first, the worst, does not; None where there is none."""
    sure = [_sureness(*each, bounds) for each in zip(values, low, high, strict=True)]
    if math.isnan(sure[0]):
        return None
    at = max(range(len(sure)), key=lambda each: -math.inf if math.isnan(sure[each]) else sure[each])
    kept = bounds.kept_by(values[0])
    proven, other_proven = (
        bounds.contains(low[each], high[each]) if kept else bounds.excludes(low[each], high[each]) for each in (0, at)
    )
    if kept:
        return at if proven and not other_proven else None
    return at if at and other_proven and (corrected or not proven) else None


def _sureness(value: float, low: float, high: float, bounds: Bounds) -> float:
    """Return how often the distance from value to limit holds the interval's reach to that side; negative where it is kept.

    NaN where there is no interval.
    """
    limit = bounds.limit_for(value)
    reach = high - value if limit > value else value - low
    if math.isinf(value):
        return math.inf if bounds.excludes(low, high) else 0.0
    if math.isnan(value) or math.isnan(reach):
        return math.nan
    size = abs(limit - value) / reach if reach > 0 else math.inf
    return -size if bounds.kept_by(value) else size
