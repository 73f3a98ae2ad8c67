"""The metrics of a multi-class task from its counts. Pure numpy."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fairgate.counting.cells import Floats
from fairgate.counting.counts import CONFIDENCE, Counts, layout
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey
from fairgate.errors import InputError
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import bias, names
from fairgate.metrics.binary import design_effect
from fairgate.names import OVERALL


def slice_metrics(counts: Mapping[str, Counts], keys: Mapping[str, SliceKey], settings: CountSettings) -> dict[str, SliceMetrics]:
    """All metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        keys: slice name -> what defines it; a slice of the label is a class, which has recall and precision.
        settings: of the evaluation.
    """
    whole = layout(settings).read(counts[OVERALL].totals)["confusion"]
    metrics = {name: _slice(of_slice, settings) for name, of_slice in counts.items()}
    for name in metrics:
        if len(keys[name]) == 1 and keys[name][0][0] == settings.label_key:
            rates = dict(metrics[name].rates) | class_rates(whole, int(keys[name][0][1]))
            metrics[name] = replace(metrics[name], rates=rates)
    return metrics


def accuracy(counts: Counts, settings: CountSettings) -> Rate:
    """Right predictions among all."""
    confusion = layout(settings).read(counts.totals)["confusion"]
    return Rate(float(np.trace(confusion)), float(confusion.sum()))


def class_rates(confusion: Floats, label: int) -> dict[MetricKey, Rate]:
    """Recall and precision of a class; `confusion` float64[C, C] holds weights by label and predicted class."""
    right = float(confusion[label, label])
    return {
        MetricKey(names.RECALL): Rate(right, float(confusion[label].sum())),
        MetricKey(names.PRECISION): Rate(right, float(confusion[:, label].sum())),
    }


def with_train(test: Evaluation, train: Evaluation) -> Evaluation:
    """The evaluation with `train_test_gap`, training accuracy minus test accuracy, on the overall slice of every model.

    Args:
        test: of the split that decides.
        train: of the training split, by the same models.

    Raises:
        InputError: a model lacks its training evaluation, or the task has no accuracy.
    """
    models = {}
    for model, slices in test.models.items():
        if model not in train.models:
            raise InputError(f"The training evaluation lacks the model {model}; evaluate both splits with the same models.")
        gap = _difference(_accuracy(train.models[model][OVERALL], model), _accuracy(slices[OVERALL], model))
        overall = slices[OVERALL]
        scalars = dict(overall.scalars) | {MetricKey(names.TRAIN_TEST_GAP): gap}
        models[model] = {**slices, OVERALL: replace(overall, scalars=scalars)}
    return replace(test, models=models)


def _slice(counts: Counts, settings: CountSettings) -> SliceMetrics:
    fields = layout(settings).read(counts.totals)
    confusion, squares = fields["confusion"], float(fields["squares"].sum())
    examples, weight = round(float(fields["examples"].sum())), float(confusion.sum())
    effective = weight**2 / squares if squares > 0 else 0.0
    confidence = counts.series[layout(settings).series.index(CONFIDENCE)]
    scalars = {
        names.LOSS: _mean_loss(fields["loss"], weight, effective),
        names.CALIBRATION_ERROR: bias.calibration_error(confidence, effective),
        names.TRIVIAL_ACCURACY: bias.proportion(_largest_class(confusion), effective),
    }
    return SliceMetrics(
        n=examples,
        rates={MetricKey(names.ACCURACY): accuracy(counts, settings)},
        scalars={MetricKey(name): scalar for name, scalar in scalars.items()},
        design_effect=design_effect(examples, weight, squares),
        mean_weight=weight / examples if examples else 1.0,
    )


def _largest_class(confusion: Floats) -> float:
    """The accuracy of always answering the most frequent class."""
    return float(confusion.sum(axis=1).max() / confusion.sum()) if confusion.sum() > 0 else math.nan


def _mean_loss(loss: Floats, weight: float, effective: float) -> Scalar:
    if weight <= 0:
        return Scalar(math.nan)
    mean, mean_square = (float(total) / weight for total in loss)
    return Scalar(mean, math.sqrt(max(mean_square - mean**2, 0.0) / effective))


def _accuracy(metrics: SliceMetrics, model: str) -> Scalar:
    key = MetricKey(names.ACCURACY)
    if key not in metrics.rates:
        raise InputError(
            f"The evaluation of {model} has no accuracy, so there is no train/test gap; leave the training split out."
        )
    effective = metrics.n / metrics.design_effect
    return bias.proportion(metrics.rates[key].value, effective)


def _difference(left: Scalar, right: Scalar) -> Scalar:
    return Scalar(left.value - right.value, math.hypot(left.standard_error, right.standard_error))
