"""Compute the columns of metrics.parquet: every metric of an evaluation and its comparisons, with intervals on everything.

In: an `Evaluation`. Out: `Columns`, which `fairgate.table` writes. Everything is a column from the start, and all intervals of a
kind are computed in one call: 200 slices × 9 thresholds × 8 rates × 2 models take a quarter of a second.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fairgate.counting.cells import Ints
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.registry import How
from fairgate.names import OVERALL
from fairgate.statistics import intervals
from fairgate.statistics.comparison import complements, ratios, standard_error, weight_scale
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
        weighed: float64[3, R]: weighted successes and trials of the rates, and the `weight_scale` of their slices; else None.
    """

    models: list[str]
    slices: list[str]
    keys: list[MetricKey]
    whole: Ints
    values: Array
    n: Array
    interval: Interval
    weighed: Array | None = None

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
    weighed = np.array(
        [
            (rate.successes, rate.trials, scale)
            for metrics in _every_slice(evaluation)
            for scale in [weight_scale(metrics)]
            for rate in map(metrics.rates.__getitem__, _keys_in_order(metrics.rates))
        ],
        np.float64,
    )
    weighed = weighed.reshape(-1, 3).T
    successes, trials = _effective(weighed)
    interval = intervals.wilson(successes, trials, confidence)
    return Numbers(models, slices, keys, whole, _quotient(successes, trials), trials, interval, weighed)


def scalars_of(evaluation: Evaluation, confidence: float) -> Numbers:
    """Return all other metrics of an evaluation with normal intervals, cut off at the metric's bounds."""
    models, slices, keys, whole = _places(evaluation, "scalars")
    numbers = np.array(
        [
            (metrics.scalars[key].value, standard_error(metrics, key), metrics.n / metrics.design_effect)
            for metrics in _every_slice(evaluation)
            for key in _keys_in_order(metrics.scalars)
        ],
        np.float64,
    )
    values, errors, n = numbers.reshape(-1, 3).T
    bounds = {name: registry.get(name).bounds for name in {key.name for key in keys}}
    least, most = np.array([bounds[key.name] for key in keys], np.float64).reshape(-1, 2).T
    low, high = intervals.normal(values, errors, confidence)
    return Numbers(models, slices, keys, whole, values, n, Interval(np.maximum(low, least), np.minimum(high, most)))


def comparisons(rates: Numbers, scalars: Numbers, confidence: float) -> list[Columns]:
    """Return all comparisons, with the intervals of `comparison.against_overall`, which compares one slice with overall."""
    weighed = rates.weighed
    if weighed is None:
        raise ValueError("The first argument must be rates, which have counts.")
    rest = complements(weighed, np.where(rates.whole < 0, math.nan, weighed[:, rates.whole]))
    has_rest = ~np.isnan(rest[1])
    apart = np.flatnonzero((rates.whole >= 0) & ~has_rest)
    own, overall = _effective(weighed[:, apart]), _effective(weighed[:, rates.whole[apart]])
    ratio = intervals.rate_ratio(own[0], own[1], overall[0], overall[1], confidence)
    return [
        *_with_rest(rates, weighed, rest[:, has_rest], np.flatnonzero(has_rest), confidence),
        *_as_independent(rates, apart, ratio),
        *_as_independent(scalars, np.flatnonzero(scalars.whole >= 0)),
    ]


def _with_rest(rates: Numbers, weighed: Array, rest: Array, at: Ints, confidence: float) -> list[Columns]:
    """Compare the rates at the positions `at` with their complements, and so with overall, which is made of both.

    Args:
        rates: all of them.
        weighed: their counts, float64[3, R].
        rest: float64[2, len(at)]: the effective counts of the complements.
        at: which rates.
        confidence: level of the intervals.
    """
    whole, (successes, trials) = rates.whole[at], _effective(weighed[:, at])
    counts = successes, trials, rest[0], rest[1]
    own, other, overall = rates.values[at], _quotient(*rest), rates.values[whole]
    share, n = _quotient(weighed[1, at], weighed[1, whole]), rates.n[at]
    difference, ratio = intervals.rate_difference(*counts, confidence), intervals.rate_ratio(*counts, confidence)
    translated = Interval(*(intervals.difference_to_whole(end, share) for end in difference))
    translated_ratio = Interval(*(intervals.ratio_to_whole(end, share) for end in ratio))
    return [
        rates.compared("difference_to_rest", at, own - other, difference, n),
        rates.compared("ratio_to_rest", at, _quotient(own, other), ratio, n),
        rates.compared("difference_to_overall", at, own - overall, translated, n),
        rates.compared("ratio_to_overall", at, ratios(own, overall), translated_ratio, n),
    ]


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


def _effective(weighed: Array) -> Array:
    """Return float64[2, R]: the effective successes and trials."""
    return np.asarray(weighed[:2] / weighed[2])


def _quotient(numerator: Array, denominator: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)
