"""Register the metrics of a multi-class task: accuracy, loss, and the recall of each class."""

import math

import numpy as np

from fairgate.measurement import Rate, Scalar
from fairgate.metrics.counted import Counted, proportion
from fairgate.metrics.registry import Metric, register


def accuracy(counted: Counted) -> Rate:
    """Return the right predictions among all."""
    size = len(counted.settings.classes)
    return counted.class_rate(np.eye(size, dtype=bool), np.ones((size, size), bool))


def _recall(counted: Counted) -> Rate:
    """Return the share of the class's examples that were called by its name; they are the slice, or part of it."""
    label, predicted = np.indices((len(counted.settings.classes),) * 2)
    return counted.overall.class_rate(label == predicted, label == counted.label)


def _loss(counted: Counted) -> Scalar:
    if counted.weight <= 0:
        return Scalar(math.nan)
    total, squared, square = counted.fields["loss"].tolist()
    mean = total / counted.weight
    return Scalar(mean, math.sqrt(max(square - 2 * mean * squared + mean**2 * counted.squares, 0.0)) / counted.weight)


def _trivial_accuracy(counted: Counted) -> Scalar:
    labelled, squares = counted.confusion.sum(axis=1), counted.fields["squares"]
    largest = int(labelled.argmax())
    return proportion(
        float(labelled[largest]), counted.weight, (float(squares[largest]), float(np.delete(squares, largest).sum()))
    )


ACCURACY = register(
    Metric(
        "accuracy",
        "Accuracy",
        "Share of examples that the model gets right.",
        "higher",
        task="multiclass",
        needs=frozenset({"labels"}),
        compute=accuracy,
    )
)
RECALL = register(
    Metric(
        "recall",
        "Recall",
        "Of the examples of this class, the share that the model finds.",
        "higher",
        task="multiclass",
        on="classes",
        needs=frozenset({"labels"}),
        compute=_recall,
    )
)
LOSS = register(
    Metric(
        "loss",
        "Loss",
        "Mean loss per example.",
        "lower",
        bounds=(0.0, math.inf),
        task="multiclass",
        needs=frozenset({"labels", "scores"}),
        compute=_loss,
    )
)
TRIVIAL_ACCURACY = register(
    Metric(
        "trivial_accuracy",
        "Trivial accuracy",
        "Accuracy of always naming the most frequent class.",
        "neither",
        task="multiclass",
        needs=frozenset({"labels"}),
        compute=_trivial_accuracy,
    )
)
