"""Counts by bucket, and the joint counts of two models, against enumeration of the rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fairgate.counting.counts import observe
from fairgate.counting.joint import BUCKETS
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.measurement import MetricKey
from fairgate.metrics import registry
from fairgate.metrics.counted import Counted
from fairgate.metrics.paired import paired_rates

Array = npt.NDArray[Any]
THRESHOLDS = (0.3, 0.6)
BINARY = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=THRESHOLDS, clustered=True)
CLASSES = CountSettings("label", ("a", "b", "c"), "multiclass", clustered=True)
ROWS = 400


def counted(settings: CountSettings, labels: Array, weights: Array, buckets: Array, *models: Array) -> tuple[list[Counted], Any]:
    """Return all examples under each model, and their joint counts."""
    tally = SliceTally(settings, compared=(0, 1) if len(models) > 1 else None)
    observed = [observe(labels, predictions, weights, settings, buckets) for predictions in models]
    tally.add(Membership({(): np.arange(len(labels))}), observed)
    counts = tally.counts()[()]
    return [Counted("overall", each, settings, {}) for each in counts.models], counts.joint


def by_bucket(values: Array, buckets: Array) -> Array:
    return np.bincount(buckets, values, BUCKETS)


def one_hot(classes: Array) -> Array:
    """Return the probabilities of a model that is sure."""
    return np.eye(3, dtype=np.float32)[classes]


@pytest.fixture(scope="module")
def rows() -> tuple[Array, Array, Array]:
    """Labels of a binary task, weights and buckets."""
    random = np.random.default_rng(5)
    return random.integers(0, 2, ROWS), random.choice([0.5, 1.0, 3.0], ROWS), random.integers(0, BUCKETS, ROWS)


@pytest.mark.parametrize(
    ("name", "label", "accepted"),
    [("false_positive_rate", 0, True), ("true_positive_rate", 1, True), ("false_negative_rate", 1, False)],
)
def test_binary_rates_by_bucket(rows: tuple[Array, Array, Array], name: str, label: int, *, accepted: bool) -> None:
    labels, weights, buckets = rows
    scores = np.random.default_rng(6).random(ROWS).astype(np.float32)
    (overall,), _ = counted(BINARY, labels, weights, buckets, scores)
    found = overall.rates(registry.get(name))
    assert found.buckets is not None
    for at, threshold in enumerate(THRESHOLDS):
        trials = weights * (labels == label)
        successes = trials * ((scores > threshold) == accepted)
        np.testing.assert_allclose(found.buckets[0, at], by_bucket(successes, buckets), atol=1e-12)
        np.testing.assert_allclose(found.buckets[1, at], by_bucket(trials, buckets), atol=1e-12)
        assert found.successes[at] == pytest.approx(successes.sum())


def test_rates_of_a_class_by_bucket(rows: tuple[Array, Array, Array]) -> None:
    _, weights, buckets = rows
    random = np.random.default_rng(7)
    labels, predicted = random.integers(0, 3, ROWS), random.integers(0, 3, ROWS)
    (overall,), _ = counted(CLASSES, labels, weights, buckets, one_hot(predicted))
    found = overall.class_rate(np.eye(3, dtype=bool), np.ones((3, 3), bool))
    right = weights * (labels == predicted)
    assert found.buckets is not None
    np.testing.assert_allclose(found.buckets.successes, by_bucket(right, buckets), atol=1e-12)
    np.testing.assert_allclose(found.buckets.trials, by_bucket(weights, buckets), atol=1e-12)
    assert (found.successes, found.trials) == pytest.approx((right.sum(), weights.sum()))


@pytest.mark.parametrize("one_more", [False, True])
def test_joint_counts_of_two_models(rows: tuple[Array, Array, Array], *, one_more: bool) -> None:
    """Both, the baseline alone, the candidate alone, neither; by bucket where both answered the same examples."""
    labels, weights, buckets = rows
    random = np.random.default_rng(8)
    baseline, candidate = (random.random(ROWS).astype(np.float32) for _ in range(2))
    (first, second), joint = counted(BINARY, labels, weights, buckets, baseline, candidate)
    if one_more:
        more = (np.append(labels, 0), np.append(weights, 1.0), np.append(buckets, 0))
        (second,), _ = counted(BINARY, *more, np.append(candidate, np.float32(0.5)))
    found = paired_rates(joint, first, second)
    for threshold in THRESHOLDS:
        pair = found[MetricKey("false_positive_rate", threshold)]
        one, other = baseline > threshold, candidate > threshold
        for sums, of_row in ((pair.rows, np.ones(ROWS)), (pair.weights, weights), (pair.squares, weights**2)):
            parts = (one & other, one & ~other, ~one & other, ~one & ~other)
            assert sums == pytest.approx([of_row[(labels == 0) & part].sum() for part in parts])
        assert (pair.buckets is None) is one_more
        if pair.buckets is not None:
            trials = weights * (labels == 0)
            np.testing.assert_allclose(pair.buckets.trials, by_bucket(trials, buckets), atol=1e-12)
            np.testing.assert_allclose(pair.buckets.baseline, by_bucket(trials * one, buckets), atol=1e-12)
            np.testing.assert_allclose(pair.buckets.candidate, by_bucket(trials * other, buckets), atol=1e-12)


def test_joint_counts_of_two_models_of_classes(rows: tuple[Array, Array, Array]) -> None:
    _, weights, buckets = rows
    random = np.random.default_rng(9)
    labels, *predicted = (random.integers(0, 3, ROWS) for _ in range(3))
    (first, second), joint = counted(CLASSES, labels, weights, buckets, *map(one_hot, predicted))
    pair = paired_rates(joint, first, second)[MetricKey("accuracy")]
    one, other = (each == labels for each in predicted)
    assert pair.weights == pytest.approx(
        [weights[part].sum() for part in (one & other, one & ~other, ~one & other, ~one & ~other)]
    )
    assert pair.buckets is not None
    np.testing.assert_allclose(pair.buckets.trials, by_bucket(weights, buckets), atol=1e-12)
    np.testing.assert_allclose(pair.buckets.baseline, by_bucket(weights * one, buckets), atol=1e-12)
    np.testing.assert_allclose(pair.buckets.candidate, by_bucket(weights * other, buckets), atol=1e-12)
