"""Estimate a slice's metrics with intervals, and compare two of them. Pure; knows the measurement types and no policy.

In: `SliceMetrics`. Out: `Estimate`, whose interval can be asked for at any confidence.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from fairgate.measurement import MetricKey, Rate, SliceMetrics
from fairgate.metrics import registry
from fairgate.statistics import intervals
from fairgate.statistics.effective import (
    LEAST_CLUSTERS,
    NOT_ENOUGH_CLUSTERS,
    UNUSABLE_WEIGHTS,
    Weighed,
    effective,
    of_one,
    student,
    whole_but_for_rounding,
)
from fairgate.statistics.intervals import Interval

Measure = Literal["ratio", "difference"]
Ends = tuple[float, float]

KEPT = 1 << 12  # intervals that are found by search: rules, corrections and numbers of further examples ask for the same ones

_NO_COUNTS = Rate(math.nan, math.nan)
_UNEQUAL = 1e-6  # relative: by so much Kish's effective count of equal weights may miss the number of examples


@dataclass(frozen=True)
class Estimate:
    """A number that was measured.

    Attributes:
        value: NaN where it is undefined, and where `problem` says why nothing can be decided by it.
        n: what it rests on: trials of a rate, examples otherwise; effective ones where examples are weighted.
        interval: confidence -> its two ends; NaN where no interval is known, infinite where nothing bounds an end.
        counts: the effective counts, for a plain rate.
        scaled: factor -> the same estimate if the evaluation held that many times the examples, with all rates and shares as
            they are; None where that is not known.
        degrees: of freedom of Student's t, of a rate of clustered examples; infinite for the normal quantile.
        problem: the half sentence that says why there is no value, such as "rests on fewer than 20 clusters"; empty as a rule.
        weighted: the weights of its examples differ, so that its interval holds for many examples only.
        cells: the effective joint counts that a paired estimate rests on; empty for others.
        recounted: other cells -> the interval that they have; None where there are no cells.
        alone: factor -> the estimate if the slice held that many times the examples, and the others as many as now; the estimate
            itself where that is not known; None where it rests on the slice alone.
    """

    value: float
    n: float
    interval: Callable[[float], Ends]
    counts: Rate | None = None
    scaled: "Callable[[float], Estimate] | None" = None
    degrees: float = math.inf
    problem: str = ""
    weighted: bool = False
    cells: tuple[float, ...] = ()
    recounted: "Callable[[intervals.Array], Callable[[float], Ends]] | None" = None
    alone: "Callable[[float], Estimate] | None" = None


def estimate(metrics: SliceMetrics, key: MetricKey) -> Estimate:
    """Return a metric of one slice with its interval. Raises KeyError when the evaluation did not produce it."""
    if key not in metrics.rates:
        return _of_scalar(metrics, key, 1.0)
    weighed = _weighed(metrics, key)
    counts, n, degrees, problem = of_one(weighed)
    return problem_of(problem) if problem else _of_rate(metrics.rates[key].value, counts, n, degrees, _unequal(metrics, weighed))


def against_overall(part: SliceMetrics, whole: SliceMetrics, key: MetricKey, measure: Measure) -> Estimate:
    """Compare a slice with all examples, of which it is a part. Raises KeyError when either lacks the metric.

    For a rate the interval is that of slice against complement, which are independent, translated by
    `intervals.difference_to_whole` or `intervals.ratio_to_whole`. What has no complement (AUC; the precision of a class, whose
    trials are predictions) is compared as if slice and whole were independent, which makes the interval rather too wide than too
    narrow.
    """
    own, overall = estimate(part, key), estimate(whole, key)
    rest = complement(part, whole, key) if key in part.rates and key in whole.rates else None
    if own.problem or overall.problem or rest is None or own.counts is None:
        return contrast(own, overall, measure)
    if rest.problem:
        return rest
    share = part.rates[key].trials / whole.rates[key].trials if whole.rates[key].trials else math.nan
    compared = _to_whole(own, rest, _compared(own.value, overall.value, measure), measure, share)
    grown = own.scaled or (lambda _: own)

    def alone(factor: float) -> Estimate:
        """The slice then holds a larger share of all examples, whose rate moves towards its own."""
        larger = factor * share / (factor * share + 1 - share)
        mixed = larger * own.value + (1 - larger) * rest.value
        return _to_whole(grown(factor), rest, _compared(own.value, mixed, measure), measure, larger)

    return replace(compared, alone=alone)


def against_rest(part: SliceMetrics, whole: SliceMetrics, key: MetricKey, measure: Measure) -> Estimate:
    """Compare a rate of a slice with that of all other examples. Raises KeyError when either lacks the metric.

    The two are independent. A metric without complement has no value, and `problem` says so.
    """
    own, overall = estimate(part, key), estimate(whole, key)
    rest = complement(part, whole, key) if key in part.rates and key in whole.rates else None
    if own.problem or overall.problem:
        return own if own.problem else overall
    if rest is None:
        return problem_of("cannot be separated from that of the other examples; compare it with overall")
    return rest if rest.problem else _apart(own, rest, _compared(own.value, rest.value, measure), measure, float)


def contrast(first: Estimate, second: Estimate, measure: Measure) -> Estimate:
    """Compare two estimates as if they were independent: two slices, or two models without joint counts.

    Two models are measured on the same examples, so that they are positively dependent as a rule and the interval is wider than
    it need be: see `fairgate.statistics.paired` for the interval that knows it. Slices of a multi-valued feature may share
    examples.
    """
    if first.problem or second.problem:
        return first if first.problem else second

    def interval(confidence: float) -> Ends:
        if measure == "ratio" and first.counts and second.counts:
            return _rates_compared(first, second, measure, confidence)
        compare = intervals.ratio_of if measure == "ratio" else intervals.difference_of
        return _ends(
            compare(first.value, _arrays(first.interval(confidence)), second.value, _arrays(second.interval(confidence)))
        )

    one, other = first.scaled, second.scaled
    return Estimate(
        _compared(first.value, second.value, measure),
        min(first.n, second.n),
        interval,
        scaled=(lambda factor: contrast(one(factor), other(factor), measure)) if one and other else None,
        alone=(lambda factor: contrast(one(factor), second, measure)) if one else None,
    )


def informedness(metrics: SliceMetrics, threshold: float) -> Estimate:
    """Return J = true positive rate - false positive rate (Youden 1950) with Newcombe's interval of two independent rates.

    Positives and negatives are different examples, hence independent. 0 is a decision that knows nothing of the label.

    Returns:
        a value of NaN without positives or without negatives; n is the smaller number of the two.

    Raises:
        KeyError: the rates were not measured at the threshold.
    """
    true, false = (MetricKey(name, threshold) for name in ("true_positive_rate", "false_positive_rate"))
    return contrast(estimate(metrics, true), estimate(metrics, false), "difference")


def complement(part: SliceMetrics, whole: SliceMetrics, key: MetricKey) -> Estimate | None:
    """Return a rate outside a slice; None when the slice's counts are no part of the whole's."""
    rest = _weighed(whole, key).without(_weighed(part, key))
    if np.isnan(rest.counts[1, 0]):
        return None
    counts, n, degrees, problem = of_one(rest)
    return problem_of(problem) if problem else _of_rate(counts.value, counts, n, degrees)


def problem_of(problem: str) -> Estimate:
    """Return an estimate that decides nothing, for the reason given."""
    return Estimate(math.nan, 0.0, lambda _: (math.nan, math.nan), problem=problem)


def ratios(first: npt.ArrayLike, second: npt.ArrayLike) -> intervals.Array:
    """Return `first / second`; two values of 0 have a ratio of 1: where no errors are made there is no difference."""
    first, second = np.asarray(first), np.asarray(second)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((first == 0) & (second == 0), 1.0, first / second)[()]


def weight_scale(metrics: SliceMetrics) -> float:
    """Return Σw² / Σw of a slice, which divides weighted counts to make them effective; 1 without weights. See `SliceMetrics`."""
    return metrics.mean_weight * metrics.design_effect


def standard_error(metrics: SliceMetrics, key: MetricKey, effect_of_clusters: float | None = None) -> float:
    """Return the standard error of a scalar; for an AUC that came without one, from its counts. NaN where none is known.

    Args:
        metrics: the slice.
        key: the scalar.
        effect_of_clusters: `cluster_effect` of the slice where it is known; the error grows with its square root.
    """
    scalar, effect = metrics.scalars[key], metrics.design_effect
    error = scalar.standard_error
    positives, negatives = metrics.n_positive or 0, metrics.n_negative or 0
    if key.name == "auc" and math.isnan(error) and min(positives, negatives) > 1 and effect > 0:
        error = float(intervals.auc_standard_error(scalar.value, positives / effect, negatives / effect))
    return error * math.sqrt(cluster_effect(metrics) if effect_of_clusters is None else effect_of_clusters)


def fewest_compared(metrics: SliceMetrics, key: MetricKey) -> float:
    """Return how many examples of the rarer label an AUC compares, as far as its slice knows; NaN for other metrics."""
    positives, negatives = float(metrics.n_positive or 0), float(metrics.n_negative or 0)
    within = min(positives, negatives)
    return {"auc": within, "subgroup_auc": within, "bpsn_auc": negatives, "bnsp_auc": positives}.get(key.name, math.nan)


def cluster_effect(metrics: SliceMetrics) -> float:
    """Return the design effect that clusters have on the scalars of a slice, which are not counted by bucket.

    It is the upper quartile of the effects on the slice's rates: in simulation 1.1 to 1.5 times that on an AUC.

    Returns:
        1 where examples are independent, NaN where there are too few clusters to tell.
    """
    clustered = [rate for rate in metrics.rates.values() if rate.buckets is not None and rate.trials]
    if not clustered:
        return 1.0
    counts = effective(Weighed.of(clustered, [weight_scale(metrics)] * len(clustered)))
    return math.nan if counts.clusters.max() < LEAST_CLUSTERS else float(np.quantile(counts.effects, 0.75))


def _of_rate(value: float, counts: Rate, n: float, degrees: float, weighted: bool = False) -> Estimate:
    def scaled(factor: float) -> Estimate:
        return _of_rate(value, Rate(counts.successes * factor, counts.trials * factor), n * factor, degrees, weighted)

    def interval(confidence: float) -> Ends:
        return _ends(intervals.wilson(counts.successes, counts.trials, student(confidence, degrees)))

    return Estimate(value, n, interval, counts, scaled, degrees, weighted=weighted)


def _of_scalar(metrics: SliceMetrics, key: MetricKey, factor: float) -> Estimate:
    scalar, effect = metrics.scalars[key], metrics.design_effect
    if not (math.isfinite(effect) and effect > 0):
        return problem_of(UNUSABLE_WEIGHTS)
    clusters = cluster_effect(metrics)
    if math.isnan(clusters):
        return problem_of(NOT_ENOUGH_CLUSTERS)
    error, (least, most) = standard_error(metrics, key, clusters) / math.sqrt(factor), registry.get(key.name).bounds

    fewest = fewest_compared(metrics, key) / effect / clusters * factor

    def interval(confidence: float) -> Ends:
        if not math.isnan(fewest):
            return _ends(intervals.area(scalar.value, error, fewest, confidence))
        low, high = _ends(intervals.normal(scalar.value, error, confidence))
        return (low, high) if math.isnan(low) else (max(least, low), min(most, high))

    n = float(whole_but_for_rounding(metrics.n / effect / clusters)) * factor
    return Estimate(scalar.value, n, interval, scaled=lambda more: _of_scalar(metrics, key, factor * more))


def _to_whole(own: Estimate, rest: Estimate, value: float, measure: Measure, share: float) -> Estimate:
    """Return the comparison of a slice that holds this share of all examples with all of them."""
    translate = intervals.ratio_to_whole if measure == "ratio" else intervals.difference_to_whole
    return _apart(own, rest, value, measure, lambda end: float(translate(end, share)))


def _apart(own: Estimate, rest: Estimate, value: float, measure: Measure, translate: Callable[[float], float]) -> Estimate:
    """Return a comparison whose interval is that of a slice against its complement, with each end translated."""

    def interval(confidence: float) -> Ends:
        low, high = _rates_compared(own, rest, measure, confidence)
        return translate(low), translate(high)

    one, other = own.scaled, rest.scaled
    scaled = (lambda factor: _apart(one(factor), other(factor), value, measure, translate)) if one and other else None
    alone = (lambda factor: _apart(one(factor), rest, value, measure, translate)) if one else None
    return Estimate(value, own.n, interval, scaled=scaled, alone=alone)


def _weighed(metrics: SliceMetrics, key: MetricKey) -> Weighed:
    return Weighed.of([metrics.rates[key]], [weight_scale(metrics)])


def _unequal(metrics: SliceMetrics, weighed: Weighed) -> bool:
    """Return whether the weights of a rate's trials differ, as far as the counts show it.

    Trials of equal weight are as many, by Kish's count, as the slice has examples of a label or in all.
    """
    if metrics.design_effect <= 1 + _UNEQUAL:
        return False
    _, trials, of_successes, of_failures, _ = weighed.counts[:, 0].tolist()
    squares = of_successes + of_failures
    kish = trials**2 / squares if squares > 0 else math.nan
    examples = (metrics.n, metrics.n_positive, metrics.n_negative)
    return not any(number and math.isclose(kish, number, rel_tol=_UNEQUAL) for number in examples)


def _rates_compared(first: Estimate, second: Estimate, measure: Measure, confidence: float) -> Ends:
    one, other = first.counts or _NO_COUNTS, second.counts or _NO_COUNTS
    level = float(student(confidence, min(first.degrees, second.degrees)))
    return _rate_ends(measure, one.successes, one.trials, other.successes, other.trials, level)


@functools.lru_cache(KEPT)
def _rate_ends(
    measure: Measure, successes: float, trials: float, other_successes: float, other_trials: float, confidence: float
) -> Ends:
    interval = intervals.rate_ratio if measure == "ratio" else intervals.rate_difference
    return _ends(interval(successes, trials, other_successes, other_trials, confidence))


def _compared(first: float, second: float, measure: Measure) -> float:
    return first - second if measure == "difference" else float(ratios(first, second))


def _ends(interval: Interval) -> Ends:
    return float(interval.low), float(interval.high)


def _arrays(ends: Ends) -> Interval:
    return Interval(np.asarray(ends[0]), np.asarray(ends[1]))
