"""Estimate a slice's metrics with intervals, and compare two of them. Pure; knows the measurement types and no policy.

In: `SliceMetrics`. Out: `Estimate`, whose interval can be asked for at any confidence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from fairgate.measurement import MetricKey, Rate, SliceMetrics
from fairgate.metrics import registry
from fairgate.statistics import intervals
from fairgate.statistics.intervals import Interval

Measure = Literal["ratio", "difference"]
Ends = tuple[float, float]
Weighed = tuple[float, float, float]  # weighted successes and trials of a rate, and the weight_scale of its slice

_ROUNDING = 1e-9  # relative: how far a slice's counts may exceed the whole's by floating-point noise


@dataclass(frozen=True)
class Estimate:
    """A number that was measured.

    Attributes:
        value: NaN where it is undefined.
        n: what it rests on: trials of a rate, examples otherwise; effective ones where examples are weighted.
        interval: confidence -> its two ends; NaN where no interval is known, infinite where nothing bounds an end.
        counts: the effective counts, for a plain rate.
        scaled: factor -> the same estimate if the evaluation held that many times the examples, with all rates and shares as
            they are; None where that is not known.
    """

    value: float
    n: float
    interval: Callable[[float], Ends]
    counts: Rate | None = None
    scaled: "Callable[[float], Estimate] | None" = None


def estimate(metrics: SliceMetrics, key: MetricKey) -> Estimate:
    """Return a metric of one slice with its interval. Raises KeyError when the evaluation did not produce it."""
    if key in metrics.rates:
        rate = metrics.rates[key]
        scale = weight_scale(metrics)
        counts = Rate(rate.successes / scale, rate.trials / scale)
        return Estimate(rate.value, counts.trials, lambda confidence: _wilson(counts, confidence), counts)
    scalar, error, (least, most) = metrics.scalars[key], standard_error(metrics, key), registry.get(key.name).bounds

    def interval(confidence: float) -> Ends:
        low, high = _ends(intervals.normal(scalar.value, error, confidence))
        return (low, high) if math.isnan(low) else (max(least, low), min(most, high))

    return Estimate(scalar.value, metrics.n / metrics.design_effect, interval)


def against_overall(part: SliceMetrics, whole: SliceMetrics, key: MetricKey, measure: Measure) -> Estimate:
    """Compare a slice with all examples, of which it is a part. Raises KeyError when either lacks the metric.

    For a rate the interval is that of slice against complement, which are independent, translated by
    `intervals.difference_to_whole` or `intervals.ratio_to_whole`. What has no complement (AUC; the precision of a class, whose
    trials are predictions) is compared as if slice and whole were independent, which makes the interval rather too wide than too
    narrow.
    """
    own = estimate(part, key)
    rest = complement(part, whole, key) if key in part.rates and key in whole.rates else None
    if rest is None or own.counts is None:
        return contrast(own, estimate(whole, key), measure)
    counts, outer = own.counts, whole.rates[key]
    share = part.rates[key].trials / outer.trials if outer.trials else math.nan

    def interval(confidence: float) -> Ends:
        low, high = _rates_compared(counts, rest, measure, confidence)
        translate = intervals.ratio_to_whole if measure == "ratio" else intervals.difference_to_whole
        return float(translate(low, share)), float(translate(high, share))

    return Estimate(_compared(own.value, outer.value, measure), own.n, interval)


def contrast(first: Estimate, second: Estimate, measure: Measure) -> Estimate:
    """Compare two estimates as if they were independent: two slices, or one slice of two models.

    Two models are measured on the same examples, so that they are positively dependent as a rule and the interval is wider than
    it need be; an evaluation does not hold the joint counts of a paired interval. Slices of a multi-valued feature may share
    examples.
    """

    def interval(confidence: float) -> Ends:
        if measure == "ratio" and first.counts and second.counts:
            return _rates_compared(first.counts, second.counts, measure, confidence)
        compare = intervals.ratio_of if measure == "ratio" else intervals.difference_of
        return _ends(
            compare(first.value, _arrays(first.interval(confidence)), second.value, _arrays(second.interval(confidence)))
        )

    return Estimate(_compared(first.value, second.value, measure), min(first.n, second.n), interval)


def complement(part: SliceMetrics, whole: SliceMetrics, key: MetricKey) -> Rate | None:
    """Return the effective counts of a rate outside a slice; None when the slice's counts are no part of the whole's."""
    weighed = [
        np.array([[rate.successes], [rate.trials], [weight_scale(metrics)]])
        for metrics, rate in ((part, part.rates[key]), (whole, whole.rates[key]))
    ]
    successes, trials = complements(*weighed)[:, 0].tolist()
    return None if math.isnan(trials) else Rate(successes, trials)


def complements(part: intervals.Array, whole: intervals.Array) -> intervals.Array:
    """Return the effective counts of R rates outside their slices.

    Args:
        part: float64[3, R], each column a `Weighed`: of the slices.
        whole: likewise, of all examples.

    Returns:
        float64[2, R], successes and trials; NaN where the slice's counts are no part of the whole's.
    """
    rest = whole[:2] - part[:2]
    successes, trials = rest
    noise = _ROUNDING * whole[1]
    squares = whole[1] * whole[2] - part[1] * part[2]  # Σw² is additive, Σw² / Σw is not
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = rest / np.where(squares > 0, squares / trials, whole[2])
    effective[:, trials <= noise] = 0.0
    effective[:, ~((-noise <= successes) & (successes <= trials + noise))] = math.nan
    return effective  # type: ignore[no-any-return]


def ratios(first: npt.ArrayLike, second: npt.ArrayLike) -> intervals.Array:
    """Return `first / second`; two values of 0 have a ratio of 1: where no errors are made there is no difference."""
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((first == 0) & (second == 0), 1.0, first / second)[()]


def weight_scale(metrics: SliceMetrics) -> float:
    """Return what weighted counts are divided by to become effective counts, Σw² / Σw; 1 without weights. See `SliceMetrics`."""
    return metrics.mean_weight * metrics.design_effect


def standard_error(metrics: SliceMetrics, key: MetricKey) -> float:
    """Return the standard error of a scalar; for an AUC that came without one, from its counts. NaN where none is known."""
    scalar = metrics.scalars[key]
    if key.name == "auc" and math.isnan(scalar.standard_error) and metrics.n_positive and metrics.n_negative:
        effect = metrics.design_effect
        return float(intervals.auc_standard_error(scalar.value, metrics.n_positive / effect, metrics.n_negative / effect))
    return scalar.standard_error


def _rates_compared(first: Rate, second: Rate, measure: Measure, confidence: float) -> Ends:
    interval = intervals.rate_ratio if measure == "ratio" else intervals.rate_difference
    return _ends(interval(first.successes, first.trials, second.successes, second.trials, confidence))


def _compared(first: float, second: float, measure: Measure) -> float:
    return first - second if measure == "difference" else float(ratios(first, second))


def _wilson(counts: Rate, confidence: float) -> Ends:
    return _ends(intervals.wilson(counts.successes, counts.trials, confidence))


def _ends(interval: Interval) -> Ends:
    return float(interval.low), float(interval.high)


def _arrays(ends: Ends) -> Interval:
    return Interval(np.asarray(ends[0]), np.asarray(ends[1]))
