from dataclasses import replace

import numpy as np
import pytest

from components.evaluation.counts import observe
from components.evaluation.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from components.evaluation.multiclass import slice_metrics, with_train
from components.evaluation.settings import CountSettings
from components.evaluation.slices import Membership
from components.evaluation.tally import Tally
from data.errors import InputError

SETTINGS = CountSettings("label", ("a", "b", "c"), "multiclass")
ANSWERS = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]], np.float32)
TRUTH = np.array([0, 0, 1, 2, 1])


def measured() -> dict[str, SliceMetrics]:
    """Metrics of five examples, overall and of the class b."""
    tally = Tally(SETTINGS)
    rows, slices = np.array([0, 1, 2, 3, 4, 2, 4]), np.array([0, 0, 0, 0, 0, 1, 1])
    tally.add(Membership(rows, slices, [(), (("label", 1),)]), [observe(TRUTH, ANSWERS, np.ones(5), SETTINGS)])
    counts = {"overall": tally.counts()[()][0], "class:b": tally.counts()[(("label", 1),)][0]}
    return slice_metrics(counts, {"overall": (), "class:b": (("label", 1),)}, SETTINGS)


def test_metrics_of_all_examples() -> None:
    """Accuracy with the first of two equal probabilities as the answer, cross-entropy, the majority class."""
    overall = measured()["overall"]
    assert overall.rates[MetricKey("accuracy")] == Rate(3, 5)
    assert overall.value(MetricKey("loss")) == pytest.approx(-np.log([0.8, 0.3, 0.5, 0.7, 0.4]).mean(), rel=1e-6)
    assert overall.value(MetricKey("trivial_accuracy")) == pytest.approx(0.4)
    assert overall.n == 5


def test_metrics_of_a_class() -> None:
    """Precision rests on all examples that were answered with the class, not on the class's own."""
    rates = measured()["class:b"].rates
    assert rates[MetricKey("recall")] == Rate(1, 2)
    assert rates[MetricKey("precision")] == Rate(1, 2)


def test_the_gap_needs_both_splits() -> None:
    """Training accuracy minus test accuracy; a model that was not evaluated on the training split is an error."""
    test = Evaluation({"candidate": measured()})
    better = replace(measured()["overall"], rates={MetricKey("accuracy"): Rate(5, 5)})
    with_gap = with_train(test, Evaluation({"candidate": {"overall": better}}))
    assert with_gap.models["candidate"]["overall"].value(MetricKey("train_test_gap")) == pytest.approx(0.4)
    with pytest.raises(InputError, match="lacks the model candidate"):
        with_train(test, Evaluation({}))
