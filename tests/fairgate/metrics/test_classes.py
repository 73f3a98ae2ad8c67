import numpy as np
import pytest

from fairgate.counting.cells import Floats
from fairgate.counting.counts import observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.evaluation import slice_metrics
from fairgate.measurement import MetricKey, Rate, SliceMetrics

SETTINGS = CountSettings("label", ("a", "b", "c"), "multiclass")
ANSWERS = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]], np.float32)
TRUTH = np.array([0, 0, 1, 2, 1])
ONES = np.ones(5)


def measured(weights: Floats = ONES) -> dict[str, SliceMetrics]:
    """Metrics of five examples, overall and of the class b."""
    tally = SliceTally(SETTINGS)
    membership = Membership({(): np.arange(5), (("label", 1),): np.array([2, 4])})
    tally.add(membership, [observe(TRUTH, ANSWERS, weights, SETTINGS)])
    counts = {"overall": tally.counts()[()].models[0], "class:b": tally.counts()[(("label", 1),)].models[0]}
    return slice_metrics(counts, {"overall": (), "class:b": (("label", 1),)}, SETTINGS)


def test_metrics_of_all_examples() -> None:
    """Accuracy with the first of two equal probabilities as the answer, cross-entropy, the majority class."""
    overall = measured()["overall"]
    assert overall.rates[MetricKey("accuracy")] == Rate(3, 5, (3, 2))
    assert overall.value(MetricKey("loss")) == pytest.approx(-np.log([0.8, 0.3, 0.5, 0.7, 0.4]).mean(), rel=1e-6)
    assert overall.value(MetricKey("trivial_accuracy")) == pytest.approx(0.4)
    assert overall.n == 5


@pytest.mark.parametrize("scale", [2.0, 0.02])
def test_errors_are_those_of_weighted_means(scale: float) -> None:
    """√Σw²(x - mean)² / Σw of weights 1, 1, 1, 1, 4; it does not matter in what unit they are."""
    losses, weights = -np.log([0.8, 0.3, 0.5, 0.7, 0.4]), np.array([1.0, 1, 1, 1, 4])
    overall = measured(weights * scale)["overall"]
    loss, trivial = (overall.scalars[MetricKey(name)] for name in ("loss", "trivial_accuracy"))
    mean = np.average(losses, weights=weights)
    assert loss.value == pytest.approx(mean, rel=1e-6)
    assert loss.standard_error == pytest.approx((weights**2 @ (losses - mean) ** 2) ** 0.5 / 8, rel=1e-5)
    assert trivial.value == pytest.approx(5 / 8)
    assert trivial.standard_error == pytest.approx((17 * (3 / 8) ** 2 + 3 * (5 / 8) ** 2) ** 0.5 / 8)
    assert overall.design_effect == pytest.approx(5 * 20 / 64)
    assert overall.mean_weight == pytest.approx(8 / 5 * scale)


def test_a_slice_of_nothing_is_undefined() -> None:
    """All its answers were invalid: NaN everywhere, and no exception."""
    tally = SliceTally(SETTINGS)
    tally.add(Membership({(): np.arange(2)}), [observe(TRUTH[:2], ANSWERS[:2] * np.nan, np.ones(2), SETTINGS)])
    overall = slice_metrics({"overall": tally.counts()[()].models[0]}, {"overall": ()}, SETTINGS)["overall"]
    assert (overall.n, overall.mean_weight, overall.design_effect) == (0, 1, 1)
    assert all(np.isnan(overall.value(key)) for key in overall.keys())  # noqa: SIM118 - not a mapping


def test_metrics_of_a_class() -> None:
    """Precision rests on all examples that were answered with the class, not on the class's own."""
    rates = measured()["class:b"].rates
    assert rates[MetricKey("recall")] == Rate(1, 2, (1, 1))
    assert rates[MetricKey("precision")] == Rate(1, 2, (1, 1))


def test_precision_counts_the_right_answers() -> None:
    """Of those that were answered with the class, not the wrong ones: with the weight 3 on the right one, 3 of 4."""
    weights = np.array([1.0, 1, 3, 1, 1])
    assert measured(weights)["class:b"].rates[MetricKey("precision")] == Rate(3, 4, (9, 1))


def test_only_a_class_has_recall_and_precision() -> None:
    """Overall has none, and neither has a slice of another feature."""
    tally = SliceTally(SETTINGS)
    tally.add(Membership({(): np.arange(5)}), [observe(TRUTH, ANSWERS, ONES, SETTINGS)])
    (counts,) = tally.counts()[()].models
    slices = slice_metrics({"overall": counts, "g:a": counts}, {"overall": (), "g:a": (("g", "a"),)}, SETTINGS)
    assert [{key.name for key in slices[name].rates} for name in slices] == [{"accuracy"}, {"accuracy"}]
