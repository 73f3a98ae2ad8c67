import math

import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics.splits import with_train
from fairgate.table import metric_rows

LOSS, ACCURACY, TRAIN_ACCURACY = MetricKey("loss"), MetricKey("accuracy"), MetricKey("train_accuracy")
TRAIN_LOSS = MetricKey("train_loss")
DIFFERENCE = MetricKey("train_test_accuracy_difference")


def measured(right: float, rows: int, **more: SliceMetrics) -> Evaluation:
    """One model, right on so many rows overall."""
    overall = SliceMetrics(n=rows, rates={ACCURACY: Rate(right, rows)}, scalars={LOSS: Scalar(0.5, 0.1)})
    return Evaluation({"candidate": {"overall": overall, **more}}, omitted={"class:Bag": 3}, invalid_scores={"candidate": 1})


def test_the_difference_is_training_accuracy_minus_test_accuracy() -> None:
    """With the standard error of a difference of independent proportions."""
    joined = with_train(measured(80, 100), measured(360, 400)).models["candidate"]["overall"]
    assert joined.rates == {ACCURACY: Rate(80, 100), TRAIN_ACCURACY: Rate(360, 400)}
    difference = joined.scalars[DIFFERENCE]
    assert difference.value == pytest.approx(0.1)
    assert difference.standard_error == pytest.approx(math.sqrt(0.8 * 0.2 / 100 + 0.9 * 0.1 / 400))


def test_the_training_loss_rests_on_the_training_examples() -> None:
    joined = with_train(measured(80, 100), measured(360, 400))
    assert joined.models["candidate"]["overall"].scalars[TRAIN_LOSS] == Scalar(0.5, 0.1, n=400)
    rows = {(row.metric, row.n) for row in metric_rows(joined)}
    assert {("loss", 100.0), ("train_loss", 400.0)} <= rows


def test_without_a_training_loss_there_is_none() -> None:
    """An evaluation of labels alone has accuracies and no loss."""
    train = Evaluation({"candidate": {"overall": SliceMetrics(n=400, rates={ACCURACY: Rate(360, 400)})}})
    assert with_train(measured(80, 100), train).models["candidate"]["overall"].scalars.keys() == {LOSS, DIFFERENCE}


def test_the_rest_is_kept() -> None:
    """Other metrics, other slices, what was left out and what was invalid, all of the test split."""
    shirt = SliceMetrics(n=10, rates={ACCURACY: Rate(5, 10)})
    before = measured(80, 100, **{"class:Shirt": shirt})
    joined = with_train(before, measured(99, 100, **{"class:Bag": shirt}))
    assert joined.models["candidate"].keys() == {"overall", "class:Shirt"}
    assert joined.models["candidate"]["class:Shirt"] == shirt
    assert joined.models["candidate"]["overall"].scalars[LOSS] == Scalar(0.5, 0.1)
    assert (joined.omitted, joined.invalid_scores) == (before.omitted, before.invalid_scores)


@pytest.mark.parametrize(
    "on_train",
    [
        Evaluation({}),
        Evaluation({"baseline": {"overall": SliceMetrics(n=1, rates={ACCURACY: Rate(1, 1)})}}),
        Evaluation({"candidate": {"overall": SliceMetrics(n=1)}}),
    ],
)
def test_without_a_training_accuracy_there_is_no_difference(on_train: Evaluation) -> None:
    """A model that was not evaluated on train, or has no accuracy, stays as it is."""
    assert with_train(measured(80, 100), on_train) == measured(80, 100)


@pytest.mark.parametrize(("test_rows", "train_rows"), [(0, 100), (100, 0)])
def test_the_difference_of_no_rows_is_undefined(test_rows: int, train_rows: int) -> None:
    """A model whose scores are all invalid has no accuracy; the gate must still be able to say so."""
    difference = with_train(measured(0, test_rows), measured(0, train_rows)).models["candidate"]["overall"].scalars[DIFFERENCE]
    assert math.isnan(difference.value)
    assert math.isnan(difference.standard_error)
