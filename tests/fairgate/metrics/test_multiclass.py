from dataclasses import replace

import numpy as np
import pytest
from fairgate.metrics.multiclass import slice_metrics, with_train

from fairgate.counting.cells import Floats
from fairgate.counting.counts import observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import Tally
from fairgate.errors import InputError
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics

SETTINGS = CountSettings("label", ("a", "b", "c"), "multiclass")
ANSWERS = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]], np.float32)
TRUTH = np.array([0, 0, 1, 2, 1])
ONES = np.ones(5)


def measured(weights: Floats = ONES) -> dict[str, SliceMetrics]:
    """Metrics of five examples, overall and of the class b."""
    tally = Tally(SETTINGS)
    rows, slices = np.array([0, 1, 2, 3, 4, 2, 4]), np.array([0, 0, 0, 0, 0, 1, 1])
    tally.add(Membership(rows, slices, [(), (("label", 1),)]), [observe(TRUTH, ANSWERS, weights, SETTINGS)])
    counts = {"overall": tally.counts()[()][0], "class:b": tally.counts()[(("label", 1),)][0]}
    return slice_metrics(counts, {"overall": (), "class:b": (("label", 1),)}, SETTINGS)


def test_metrics_of_all_examples() -> None:
    """Accuracy with the first of two equal probabilities as the answer, cross-entropy, the majority class."""
    overall = measured()["overall"]
    assert overall.rates[MetricKey("accuracy")] == Rate(3, 5)
    assert overall.value(MetricKey("loss")) == pytest.approx(-np.log([0.8, 0.3, 0.5, 0.7, 0.4]).mean(), rel=1e-6)
    assert overall.value(MetricKey("trivial_accuracy")) == pytest.approx(0.4)
    assert overall.n == 5


@pytest.mark.parametrize("scale", [2.0, 0.02])
def test_errors_rest_on_the_effective_number_of_examples(scale: float) -> None:
    """Weights 1, 1, 1, 1, 4: Kish's (Σw)² / Σw² is 64 / 20; it does not matter in what unit they are."""
    losses, weights = -np.log([0.8, 0.3, 0.5, 0.7, 0.4]), np.array([1.0, 1, 1, 1, 4])
    overall = measured(weights * scale)["overall"]
    loss, trivial = (overall.scalars[MetricKey(name)] for name in ("loss", "trivial_accuracy"))
    mean = np.average(losses, weights=weights)
    assert loss.value == pytest.approx(mean, rel=1e-6)
    assert loss.standard_error == pytest.approx((np.average((losses - mean) ** 2, weights=weights) * 20 / 64) ** 0.5, rel=1e-5)
    assert trivial.value == pytest.approx(5 / 8)
    assert trivial.standard_error == pytest.approx((15 / 64 * 20 / 64) ** 0.5)
    assert overall.design_effect == pytest.approx(5 * 20 / 64)
    assert overall.mean_weight == pytest.approx(8 / 5 * scale)


def test_a_slice_of_nothing_is_undefined() -> None:
    """All its answers were invalid: NaN everywhere, and no exception."""
    tally = Tally(SETTINGS)
    tally.add(
        Membership(np.arange(2), np.zeros(2, np.int64), [()]), [observe(TRUTH[:2], ANSWERS[:2] * np.nan, np.ones(2), SETTINGS)]
    )
    overall = slice_metrics({"overall": tally.counts()[()][0]}, {"overall": ()}, SETTINGS)["overall"]
    assert (overall.n, overall.mean_weight, overall.design_effect) == (0, 1, 1)
    assert all(np.isnan(overall.value(key)) for key in overall.keys())  # noqa: SIM118 - not a mapping


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


def test_the_gap_has_the_error_of_both_accuracies() -> None:
    """Binomial errors of the effective numbers of examples: 200 of weights that halve them, and 50."""
    test = SliceMetrics(50, rates={MetricKey("accuracy"): Rate(40, 50)})
    train = SliceMetrics(200, rates={MetricKey("accuracy"): Rate(180, 200)}, design_effect=2.0)
    whole = with_train(Evaluation({"candidate": {"overall": test}}), Evaluation({"candidate": {"overall": train}}))
    gap = whole.models["candidate"]["overall"].scalars[MetricKey("train_test_gap")]
    assert gap.value == pytest.approx(0.1)
    assert gap.standard_error == pytest.approx((0.9 * 0.1 / 100 + 0.8 * 0.2 / 50) ** 0.5)


@pytest.mark.parametrize("lacking", ["test", "train"])
def test_the_gap_needs_accuracies(lacking: str) -> None:
    """The message names the model whose evaluation has none."""
    splits = {"test": measured()["overall"], "train": measured()["overall"]}
    splits[lacking] = SliceMetrics(5)
    test, train = (Evaluation({"candidate": {"overall": splits[split]}}) for split in ("test", "train"))
    with pytest.raises(InputError, match=r"^The evaluation of candidate has no accuracy"):
        with_train(test, train)
