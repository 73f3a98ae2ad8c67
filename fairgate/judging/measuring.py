"""Measure a table of predictions: everything that its labels, scores or decisions allow, and nothing else.

In: batches, roles, settings. Out: a `CountedTable` whose evaluation holds only what does not rest on labels or scores that there
are none of, and the scoring rate where a policy asks for it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa

from fairgate.counting.cells import Floats
from fairgate.counting.columns import checked_weights
from fairgate.counting.settings import CountSettings
from fairgate.judging.counting import CountedTable, count
from fairgate.judging.decisions import THRESHOLD
from fairgate.judging.roles import Roles
from fairgate.judging.values import read_scores, read_weights
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.rates import POSITIVE_RATE, SCORING_RATE
from fairgate.metrics.registry import Need
from fairgate.prediction_counter import Crossed

T = TypeVar("T")
_ROUNDING = 1e-9  # by which sums of weights that are equal may differ
_ABOVE, _SCORING = MetricKey(POSITIVE_RATE.name, THRESHOLD), MetricKey(SCORING_RATE.name)


def measure(
    batches: Iterable[tuple[int, pa.RecordBatch]],
    roles: Roles,
    settings: CountSettings,
    intersections: Sequence[Crossed],
    metrics: Sequence[str],
) -> CountedTable:
    """Count the table, and keep what can be known of it.

    The median of the scoring rate is that of a model's valid scores; a row of weight 3 counts as three, as it does in the rate.

    Args:
        batches: are iterated three times where the scoring rate is asked for.
        roles: resolved.
        settings: how to count.
        intersections: pairs of features whose combined values are slices too, and single such slices.
        metrics: those that the policy names. Where they are the scoring rate alone and there are no labels, nothing else is
            measured: such scores need not be probabilities.

    Raises:
        InputError: as `counting.count`.
    """
    if SCORING_RATE.name not in metrics:
        return _restricted(count(batches, roles, settings, intersections))
    only_above = replace(settings, thresholds=(THRESHOLD,))
    above = _restricted(count(batches, roles, only_above, intersections, _medians(batches, roles)))
    above = replace(above, evaluation=_as_scoring_rate(above.evaluation))
    if roles.label is None and set(metrics) == {SCORING_RATE.name}:
        return above
    measured = _restricted(count(batches, roles, settings, intersections))
    return replace(measured, evaluation=_joined(measured.evaluation, above.evaluation))


def _medians(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> dict[str, float]:
    """Return model -> the median of its valid scores."""
    scores: dict[str, list[Floats]] = {model: [] for model in roles.scores}
    weights: list[Floats] = []
    for first_row, batch in batches:
        for model, name in roles.scores.items():
            column = batch.column(batch.schema.get_field_index(str(name)))
            scores[model].append(read_scores([column], [str(name)], (), first_row).astype(np.float64))
        if roles.weight is not None:
            column = batch.column(batch.schema.get_field_index(roles.weight))
            weights.append(checked_weights(read_weights(column, roles.weight), roles.weight))
    of_rows = np.concatenate(weights) if weights else None
    return {model: _median(np.concatenate(each) if each else np.zeros(0), of_rows) for model, each in scores.items()}


def _median(scores: Floats, weights: Floats | None) -> float:
    """Return the median of the finite scores, each as often as its weight says: of two in the middle, what lies between them."""
    counted = np.isfinite(scores) if weights is None else np.isfinite(scores) & (weights > 0)
    scores = scores[counted]
    if weights is None or not scores.size:
        return float(np.median(scores)) if scores.size else math.nan
    order = np.argsort(scores)
    below = np.cumsum(weights[counted][order])
    half = below[-1] / 2
    middle = [np.searchsorted(below, half * (1 - _ROUNDING)), np.searchsorted(below, half * (1 + _ROUNDING), "right")]
    return float(np.mean(scores[order][middle]))


def _restricted(counted: CountedTable) -> CountedTable:
    """Return the table without the metrics that rest on labels or scores of which there are none."""
    if not counted.lacking:
        return counted
    evaluation, lacking = counted.evaluation, counted.lacking
    models = {
        model: {name: _slice(metrics, lacking) for name, metrics in slices.items()} for model, slices in evaluation.models.items()
    }
    paired = {
        name: replace(pair, rates=_known(pair.rates, lacking), covariances=_known(pair.covariances, lacking))
        for name, pair in evaluation.paired.items()
    }
    beside = {
        name: replace(pair, rates=_known(pair.rates, lacking), covariances=_known(pair.covariances, lacking))
        for name, pair in evaluation.paired_with_reference.items()
    }
    return replace(counted, evaluation=replace(evaluation, models=models, paired=paired, paired_with_reference=beside))


def _slice(metrics: SliceMetrics, lacking: frozenset[Need]) -> SliceMetrics:
    known = replace(metrics, rates=_known(metrics.rates, lacking), scalars=_known(metrics.scalars, lacking))
    return replace(known, n_positive=None, n_negative=None) if "labels" in lacking else known


def _known(measured: Mapping[MetricKey, T], lacking: frozenset[Need]) -> dict[MetricKey, T]:
    return {key: value for key, value in measured.items() if not registry.get(key.name).needs & lacking}


def _as_scoring_rate(evaluation: Evaluation) -> Evaluation:
    """Return an evaluation of decisions above the median, with the positive rate alone, by its other name."""
    models = {
        model: {name: replace(metrics, rates=_renamed(metrics.rates), scalars={}) for name, metrics in slices.items()}
        for model, slices in evaluation.models.items()
    }
    paired = {name: replace(pair, rates=_renamed(pair.rates), covariances={}) for name, pair in evaluation.paired.items()}
    return replace(evaluation, models=models, paired=paired, paired_with_reference={})


def _renamed(rates: Mapping[MetricKey, T]) -> dict[MetricKey, T]:
    return {_SCORING: rates[_ABOVE]} if _ABOVE in rates else {}


def _joined(evaluation: Evaluation, scoring: Evaluation) -> Evaluation:
    """Return the evaluation with the scoring rates of another one of the same rows."""

    def rates(model: str, name: str, metrics: SliceMetrics) -> dict[MetricKey, Rate]:
        return {**metrics.rates, **scoring.models[model][name].rates}

    models = {
        model: {name: replace(metrics, rates=rates(model, name, metrics)) for name, metrics in slices.items()}
        for model, slices in evaluation.models.items()
    }
    paired = {name: replace(pair, rates={**pair.rates, **scoring.paired[name].rates}) for name, pair in evaluation.paired.items()}
    return replace(evaluation, models=models, paired=paired)
