"""Measure the examples that have no value of a feature: they are in no group of it, so that no rule on groups sees them.

In: an evaluation. Out: one with a slice of such examples for each feature of which every other example has one value, by
subtraction of its groups from all examples. Rates alone are known there: they are additive, AUCs are not.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fairgate.measurement import Buckets, Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.names import OVERALL, features_of, place

_NO_VALUE = "(no value)"
_ROUNDING = 1e-9  # relative: what subtraction leaves of sums that are equal


def name_of(feature: str) -> str:
    """Return the name of the slice of all examples without a value of a feature."""
    return place(feature, _NO_VALUE)


def feature_without_value(name: str) -> str | None:
    """Return the feature of which a slice has no value; None for every other slice."""
    features = features_of(name)
    return features[0] if len(features) == 1 and name == name_of(features[0]) else None


def with_unknown(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation with the slices of examples without a value, of every model.

    Left out are features with a group of that name, and those whose groups and unknown examples do not add up to all.
    """
    models = {model: dict(slices) for model, slices in evaluation.models.items()}
    for feature in evaluation.single_valued:
        for slices in models.values():
            groups = [metrics for name, metrics in slices.items() if features_of(name) == (feature,)]
            n = slices[OVERALL].n - sum(group.n for group in groups)
            if name_of(feature) not in slices and 0 < n == evaluation.unknown_groups.get(feature, 0):
                slices[name_of(feature)] = _rest(slices[OVERALL], groups, n)
    return replace(evaluation, models=models)


def _rest(whole: SliceMetrics, groups: Sequence[SliceMetrics], n: int) -> SliceMetrics:
    """Return the metrics of the n examples outside of all groups, which share none."""
    weight = _left([whole.mean_weight * whole.n, *(group.mean_weight * group.n for group in groups)])
    squared = _left([_squares(whole), *map(_squares, groups)])
    rates = {key: _rate(rate, [group.rates[key] for group in groups]) for key, rate in whole.rates.items() if _is_in(key, groups)}
    return SliceMetrics(
        n,
        _labelled([whole.n_positive, *(group.n_positive for group in groups)]),
        _labelled([whole.n_negative, *(group.n_negative for group in groups)]),
        rates=rates,
        design_effect=n * squared / weight**2 if weight > 0 else 1.0,
        mean_weight=weight / n,
    )


def _is_in(key: MetricKey, groups: Sequence[SliceMetrics]) -> bool:
    return all(key in group.rates for group in groups)


def _squares(metrics: SliceMetrics) -> float:
    """Return the sum of the squared weights of a slice."""
    return metrics.design_effect * metrics.mean_weight**2 * metrics.n


def _labelled(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return 2 * known[0] - sum(known) if len(known) == len(numbers) else None


def _left(sums: Sequence[float]) -> float:
    """Return the first sum without all others."""
    rest = sums[0] - sum(sums[1:])
    return rest if rest > _ROUNDING * sums[0] else 0.0


def _rate(whole: Rate, groups: Sequence[Rate]) -> Rate:
    rates = [whole, *groups]
    squares = [rate.squares for rate in rates if rate.squares is not None]
    buckets = [rate.buckets for rate in rates if rate.buckets is not None]
    trials = _left([rate.trials for rate in rates])
    return Rate(
        min(_left([rate.successes for rate in rates]), trials),
        trials,
        (_left([each[0] for each in squares]), _left([each[1] for each in squares])) if len(squares) == len(rates) else None,
        _outside(buckets) if len(buckets) == len(rates) else None,
    )


def _outside(buckets: Sequence[Buckets]) -> Buckets:
    """Return the counts by bucket outside of all groups."""
    successes, trials = (
        2 * sums[0] - np.sum(sums, axis=0) for sums in ([each.successes for each in buckets], [each.trials for each in buckets])
    )
    empty = trials <= _ROUNDING * buckets[0].trials
    return Buckets(np.where(empty, 0.0, successes), np.where(empty, 0.0, trials), buckets[0].least_effect)
