"""Two splits of one evaluation: how much better a model is on what it was trained on."""

import math
from dataclasses import replace

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import names
from fairgate.names import OVERALL

TRAIN_TEST_GAP = MetricKey(names.TRAIN_TEST_GAP)
TRAIN_ACCURACY = MetricKey("train_accuracy")
ACCURACY = MetricKey(names.ACCURACY)


def with_train(measured: Evaluation, on_train: Evaluation) -> Evaluation:
    """Adds `train_accuracy` and `train_test_gap` (training accuracy minus test accuracy) to the overall slice of every model.

    The gap's standard error takes both splits as independent samples. Models without an accuracy are left as they are.
    """
    models = {}
    for model, slices in measured.models.items():
        train = on_train.models.get(model, {}).get(OVERALL)
        models[model] = {**slices, OVERALL: _with_gap(slices[OVERALL], train)} if train else slices
    return replace(measured, models=models)


def _with_gap(test: SliceMetrics, train: SliceMetrics) -> SliceMetrics:
    if ACCURACY not in test.rates or ACCURACY not in train.rates:
        return test
    here, there = test.rates[ACCURACY], train.rates[ACCURACY]
    gap = Scalar(there.value - here.value, math.sqrt(_variance(here) + _variance(there)))
    return replace(test, rates={**test.rates, TRAIN_ACCURACY: there}, scalars={**test.scalars, TRAIN_TEST_GAP: gap})


def _variance(rate: Rate) -> float:
    """Of the proportion; NaN when there were no trials."""
    return rate.value * (1 - rate.value) / rate.trials if rate.trials else math.nan
