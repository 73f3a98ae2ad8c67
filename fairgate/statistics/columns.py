"""Compute the columns of metrics.parquet: every metric of an evaluation and its comparisons, with intervals on everything.

In: an `Evaluation`. Out: `Columns`, which `fairgate.table` writes. Everything is a column from the start, and all intervals of a
kind are computed in one call: 200 slices × 9 thresholds × 8 rates × 2 models take a quarter of a second.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fairgate.counting.cells import Ints
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.registry import How
from fairgate.names import OVERALL
from fairgate.statistics import intervals
from fairgate.statistics.comparison import cluster_effect, fewest_compared, ratios, standard_error, weight_scale
from fairgate.statistics.effective import Effective, Weighed, effective, student, whole_but_for_rounding
from fairgate.statistics.intervals import Array, Interval

Columns = dict[str, Any]  # by field of table.MetricRow: text as lists, numbers as float64 arrays


@dataclass(frozen=True, eq=False)
class Numbers:
    """All rates, or all other metrics, of an evaluation: R of them.

    Attributes:
        models, slices, keys: where each was measured.
        whole: int64[R]: the position of the same metric of all examples; -1 where there is none, and on overall itself.
        values, n: float64[R].
        interval: float64[R] each end.
        weighed: the weighted counts of the rates; else None.
        counts: likewise, the effective counts.
    """

    models: list[str]
    slices: list[str]
    keys: list[MetricKey]
    whole: Ints
    values: Array
    n: Array
    interval: Interval
    weighed: Weighed | None = None
    counts: Effective | None = None

    def rows(self) -> Columns:
        """Return the metrics themselves as columns."""
        at = np.arange(len(self.keys))
        return self._columns([key.name for key in self.keys], at, self.values, self.interval, self.n)

    def compared(self, how: How, at: Ints, values: Array, interval: Interval, n: Array) -> Columns:
        """Return comparisons of the metrics at the positions `at` as columns."""
        names = {name: registry.compared(registry.get(name), how).name for name in {key.name for key in self.keys}}
        return self._columns([names[self.keys[position].name] for position in at], at, values, interval, n)

    def _columns(self, metrics: list[str], at: Ints, values: Array, interval: Interval, n: Array) -> Columns:
        positions = at.tolist()
        thresholds = [self.keys[position].threshold for position in positions]
        return {
            "model": [self.models[position] for position in positions],
            "slice": [self.slices[position] for position in positions],
            "metric": metrics,
            "threshold": np.array(thresholds, np.float64),  # None becomes NaN
            "value": values,
            "low": interval.low,
            "high": interval.high,
            "n": n,
        }


def rates_of(evaluation: Evaluation, confidence: float) -> Numbers:
    """Return all rates of an evaluation with Wilson's intervals."""
    models, slices, keys, whole = _places(evaluation, "rates")
    rates: list[Rate] = []
    scales: list[float] = []
    for metrics in _every_slice(evaluation):
        rates += map(metrics.rates.__getitem__, _keys_in_order(metrics.rates))
        scales += [weight_scale(metrics)] * len(metrics.rates)
    weighed = Weighed.of(rates, scales)
    counts = effective(weighed)
    interval = intervals.wilson(counts.successes, counts.trials, student(confidence, counts.degrees))
    return Numbers(models, slices, keys, whole, _quotient(*weighed.counts[:2]), counts.n, interval, weighed, counts)


def scalars_of(evaluation: Evaluation, confidence: float) -> Numbers:
    """Return all other metrics of an evaluation with normal intervals, cut off at its bounds; AUCs with those of `area`."""
    models, slices, keys, whole = _places(evaluation, "scalars")
    numbers = np.array(
        [
            (
                scalar.value,
                standard_error(metrics, key, effect),
                n if scalar.n is None else scalar.n,
                fewest_compared(metrics, key) * n / metrics.n if metrics.n else math.nan,
            )
            for metrics in _every_slice(evaluation)
            for effect in [cluster_effect(metrics)]
            for n in [float(whole_but_for_rounding(_quotient(np.array(metrics.n), np.array(metrics.design_effect * effect))))]
            for key in _keys_in_order(metrics.scalars)
            for scalar in [metrics.scalars[key]]
        ],
        np.float64,
    )
    values, errors, n, fewest = numbers.reshape(-1, 4).T
    bounds = {name: registry.get(name).bounds for name in {key.name for key in keys}}
    least, most = np.array([bounds[key.name] for key in keys], np.float64).reshape(-1, 2).T
    low, high = intervals.normal(values, errors, confidence)
    ends, is_area = intervals.area(values, errors, fewest, confidence), ~np.isnan(fewest)
    low, high = np.where(is_area, ends.low, np.maximum(low, least)), np.where(is_area, ends.high, np.minimum(high, most))
    return Numbers(models, slices, keys, whole, values, n, Interval(low, high))


def comparisons(rates: Numbers, scalars: Numbers, confidence: float) -> list[Columns]:
    """Return all comparisons, with the intervals of `comparison.against_overall`, which compares one slice with overall."""
    if rates.weighed is None or rates.counts is None:
        raise ValueError("The first argument must be rates, which have counts.")
    outside = rates.weighed.at(rates.whole).without(rates.weighed)
    has_rest = ~np.isnan(outside.counts[1])
    apart, at = np.flatnonzero((rates.whole >= 0) & ~has_rest), np.flatnonzero(has_rest)
    ratio = _of_two(intervals.rate_ratio, rates.counts.at(apart), rates.counts.at(rates.whole[apart]), confidence)
    return [
        *_with_rest(rates, rates.weighed.counts[1], rates.counts.at(at), outside.at(at), at, confidence),
        *_as_independent(rates, apart, ratio),
        *_as_independent(scalars, np.flatnonzero(scalars.whole >= 0)),
    ]


def _with_rest(
    rates: Numbers, trials: Array, own_counts: Effective, outside: Weighed, at: Ints, confidence: float
) -> list[Columns]:
    """Compare the rates at the positions `at` with their complements, and so with overall, which is made of both.

    Args:
        rates: all of them.
        trials: their weighted trials.
        own_counts: the effective counts of those at the positions.
        outside: the weighted counts of their complements.
        at: which rates.
        confidence: level of the intervals.
    """
    whole, rest = rates.whole[at], effective(outside)
    own, other, overall = rates.values[at], _quotient(*outside.counts[:2]), rates.values[whole]
    share, n = _quotient(trials[at], trials[whole]), rates.n[at]
    difference, ratio = (
        _of_two(compare, own_counts, rest, confidence) for compare in (intervals.rate_difference, intervals.rate_ratio)
    )
    translated = Interval(*(intervals.difference_to_whole(end, share) for end in difference))
    translated_ratio = Interval(*(intervals.ratio_to_whole(end, share) for end in ratio))
    return [
        rates.compared("difference_to_rest", at, own - other, difference, n),
        rates.compared("ratio_to_rest", at, ratios(own, other), ratio, n),
        rates.compared("difference_to_overall", at, own - overall, translated, n),
        rates.compared("ratio_to_overall", at, ratios(own, overall), translated_ratio, n),
    ]


def _of_two(compare: Callable[..., Interval], first: Effective, second: Effective, confidence: float) -> Interval:
    """Return the intervals of two rates each, by the degrees of freedom of the one that has fewer."""
    level = student(confidence, np.minimum(first.degrees, second.degrees))
    return compare(first.successes, first.trials, second.successes, second.trials, level)


def _as_independent(numbers: Numbers, at: Ints, ratio: Interval | None = None) -> list[Columns]:
    """Compare the metrics at the positions `at` with overall as if the two were independent; see `comparison.contrast`."""
    whole = numbers.whole[at]
    own, overall, n = numbers.values[at], numbers.values[whole], np.minimum(numbers.n[at], numbers.n[whole])
    ends, others = (Interval(numbers.interval.low[part], numbers.interval.high[part]) for part in (at, whole))
    difference = intervals.difference_of(own, ends, overall, others)
    ratio = ratio or intervals.ratio_of(own, ends, overall, others)
    return [
        numbers.compared("difference_to_overall", at, own - overall, difference, n),
        numbers.compared("ratio_to_overall", at, ratios(own, overall), ratio, n),
    ]


def _places(evaluation: Evaluation, kind: Literal["rates", "scalars"]) -> tuple[list[str], list[str], list[MetricKey], Ints]:
    """Return model, slice and key of every number of an evaluation, and the positions of the same of all examples."""
    models: list[str] = []
    slices: list[str] = []
    keys: list[MetricKey] = []
    whole: list[int] = []
    for model, of_model in evaluation.models.items():
        ordered = {name: _keys_in_order(getattr(metrics, kind)) for name, metrics in of_model.items()}
        start: dict[str, int] = {}
        for name, own in ordered.items():
            start[name] = len(keys)
            keys += own
            models += [model] * len(own)
            slices += [name] * len(own)
        of_all = ordered.get(OVERALL, [])
        position = {key: start[OVERALL] + at for at, key in enumerate(of_all)}
        for name, own in ordered.items():
            if name == OVERALL:
                whole += [-1] * len(own)
            elif own == of_all:
                whole += position.values()  # as a rule; looking up every key takes longer than everything else here
            else:
                whole += [position.get(key, -1) for key in own]
    return models, slices, keys, np.array(whole, np.int64)


def _every_slice(evaluation: Evaluation) -> Iterator[SliceMetrics]:
    return itertools.chain.from_iterable(slices.values() for slices in evaluation.models.values())


def _keys_in_order(keys: Iterable[MetricKey]) -> list[MetricKey]:
    """Return the keys by name and threshold; a metric without threshold comes first."""
    return sorted(keys, key=lambda key: (key.name, -1.0 if key.threshold is None else key.threshold))


def _quotient(numerator: Array, denominator: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)
