"""Columns of the tidy table; what they hold is tested through `fairgate.table`."""

import numpy as np
import pytest

from fairgate.measurement import Buckets, Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics.columns import comparisons, rates_of, scalars_of
from fairgate.statistics.comparison import against_overall, against_rest, estimate


def test_comparisons_start_from_rates() -> None:
    """Other metrics have no counts from which those of the rest follow."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=3, scalars={MetricKey("auc"): Scalar(0.5)})}})
    rates, scalars = rates_of(evaluation, 0.95), scalars_of(evaluation, 0.95)
    with pytest.raises(ValueError, match=r"^The first argument must be rates, which have counts.$"):
        comparisons(scalars, rates, 0.95)


def _in_buckets(
    rng: np.random.Generator, per_bucket: int, share: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    return rng.binomial(per_bucket, share, 50).astype(float), np.full(50, float(per_bucket))


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("effect", [1.3, float("nan")])
def test_columns_agree_with_single_estimates(clustered: bool, effect: float) -> None:
    """Weighted and clustered rates, one without buckets, one of a slice whose weights cannot be used."""
    rng, fpr, fnr = np.random.default_rng(7), MetricKey("false_positive_rate", 0.5), MetricKey("false_negative_rate", 0.5)
    x, n = _in_buckets(rng, 10, 0.3)
    y, m = _in_buckets(rng, 40, 0.2)
    few = np.arange(50) < 12

    def rate(hits: np.ndarray, trials: np.ndarray, square: float) -> Rate:  # type: ignore[type-arg]
        won, all_of = float(hits.sum()), float(trials.sum())
        return Rate(won, all_of, (won * square, (all_of - won) * 1.5), Buckets(hits, trials, 1.2) if clustered else None)

    def metrics(rates: dict[MetricKey, Rate], effect: float = 1.3) -> SliceMetrics:
        return SliceMetrics(800, 300, 500, rates, {MetricKey("auc"): Scalar(0.8, 0.01)}, effect, 1.1)

    slices = {
        "overall": metrics({fpr: rate(x + y, n + m, 3.0), fnr: Rate(90.0, 400.0)}),
        "gender:male": metrics({fpr: rate(x, n, 2.0), fnr: Rate(30.0, 80.0)}),
        "gender:few": metrics({fpr: rate(x * few, n * few, 2.0)}),
        "gender:odd": metrics({fpr: rate(x, n, 2.0)}, effect),
    }
    evaluation = Evaluation({"candidate": slices})
    rates, scalars = rates_of(evaluation, 0.9), scalars_of(evaluation, 0.9)
    for numbers in (rates, scalars):
        for at, (name, key) in enumerate(zip(numbers.slices, numbers.keys, strict=True)):
            expected = estimate(slices[name], key)
            if not expected.problem:
                assert (numbers.values[at], numbers.n[at]) == pytest.approx((expected.value, expected.n))
            if key.threshold is not None:
                ends = numbers.interval.low[at], numbers.interval.high[at]
                assert ends == pytest.approx(expected.interval(0.9), nan_ok=True)
    for columns in comparisons(rates, scalars, 0.9):
        for at, (name, metric) in enumerate(zip(columns["slice"], columns["metric"], strict=True)):
            if metric.startswith("auc"):
                continue
            key = fpr if "positive" in metric else fnr
            compare = against_rest if metric.endswith("rest") else against_overall
            expected = compare(slices[name], slices["overall"], key, "ratio" if "_ratio_" in metric else "difference")
            assert (columns["low"][at], columns["high"][at]) == pytest.approx(expected.interval(0.9), nan_ok=True)
