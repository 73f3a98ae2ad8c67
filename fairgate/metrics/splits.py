"""Compare two splits of one evaluation: how good a model is on the examples it was trained on, and how much better."""

import math
from dataclasses import replace

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import classes
from fairgate.metrics.registry import Metric, register
from fairgate.names import OVERALL

TRAIN_ACCURACY = register(
    Metric(
        "train_accuracy",
        "Training accuracy",
        "Accuracy on the examples that the model was trained on.",
        "neither",
        task="multiclass",
        on="overall",
        needs=frozenset({"train", "labels"}),
    )
)
TRAIN_LOSS = register(
    Metric(
        "train_loss",
        "Training loss",
        "Mean loss on the examples that the model was trained on.",
        "neither",
        bounds=(0.0, math.inf),
        task="multiclass",
        on="overall",
        needs=frozenset({"train", "labels"}),
    )
)
TRAIN_TEST_ACCURACY_DIFFERENCE = register(
    Metric(
        "train_test_accuracy_difference",
        "Train/test accuracy difference",
        "Training accuracy minus test accuracy.",
        "lower",
        bounds=(-1.0, 1.0),
        task="multiclass",
        on="overall",
        needs=frozenset({"train", "labels"}),
        formerly=("train_test_gap",),
    )
)

_ACCURACY = MetricKey(classes.ACCURACY.name)
_LOSS = MetricKey(classes.LOSS.name)
_TRAIN_ACCURACY = MetricKey(TRAIN_ACCURACY.name)
_TRAIN_LOSS = MetricKey(TRAIN_LOSS.name)
_DIFFERENCE = MetricKey(TRAIN_TEST_ACCURACY_DIFFERENCE.name)


def with_train(measured: Evaluation, on_train: Evaluation) -> Evaluation:
    """Add `train_accuracy`, `train_loss` and `train_test_accuracy_difference` to the overall slice of every model.

    The difference is training accuracy minus test accuracy; its standard error takes both splits as independent samples. Models
    without an accuracy are left as they are.
    """
    models = {}
    for model, slices in measured.models.items():
        train = on_train.models.get(model, {}).get(OVERALL)
        models[model] = {**slices, OVERALL: _with_difference(slices[OVERALL], train)} if train else slices
    return replace(measured, models=models)


def _with_difference(test: SliceMetrics, train: SliceMetrics) -> SliceMetrics:
    if _ACCURACY not in test.rates or _ACCURACY not in train.rates:
        return test
    here, there = test.rates[_ACCURACY], train.rates[_ACCURACY]
    difference = Scalar(there.value - here.value, math.sqrt(_variance(here) + _variance(there)))
    added = {_DIFFERENCE: difference}
    if _LOSS in train.scalars:
        added[_TRAIN_LOSS] = replace(train.scalars[_LOSS], n=train.n / train.design_effect)
    return replace(test, rates={**test.rates, _TRAIN_ACCURACY: there}, scalars={**test.scalars, **added})


def _variance(rate: Rate) -> float:
    """Return the variance of the proportion, with the squared weights where they are known; NaN when there were no trials."""
    if not rate.trials:
        return math.nan
    of_success, of_failure = rate.squares or (rate.successes, rate.trials - rate.successes)
    return (of_success * (1 - rate.value) ** 2 + of_failure * rate.value**2) / rate.trials**2
