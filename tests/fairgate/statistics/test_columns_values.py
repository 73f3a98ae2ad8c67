"""Columns by numbers that can be checked by hand: values, intervals, and with what each metric is compared."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.columns import Columns, comparisons, rates_of, scalars_of

FNR, FPR = MetricKey("false_negative_rate", 0.5), MetricKey("false_positive_rate", 0.5)
LOW_FPR = MetricKey("false_positive_rate", 0.3)


def compared(slices: dict[str, SliceMetrics], confidence: float = 0.95) -> dict[str, Any]:
    """Of the first slice of each comparison: metric -> value, ends and n."""
    evaluation = Evaluation({"candidate": slices})
    found: list[Columns] = comparisons(rates_of(evaluation, confidence), scalars_of(evaluation, confidence), confidence)
    return {
        columns["metric"][0]: (columns["value"][0], columns["low"][0], columns["high"][0], columns["n"][0])
        for columns in found
        if columns["metric"]
    }


def of_fpr(successes: float, trials: float) -> SliceMetrics:
    return SliceMetrics(round(trials), rates={FPR: Rate(successes, trials)})


def test_rate_beside_the_rest_and_overall() -> None:
    """30 of 100, of 120 of 600 in all: the rest has 90 of 500."""
    found = compared({"overall": of_fpr(120, 600), "g:a": of_fpr(30, 100)}, 0.9)
    difference, ratio = intervals.rate_difference(30, 100, 90, 500, 0.9), intervals.rate_ratio(30, 100, 90, 500, 0.9)
    to_overall = [end * 5 / 6 for end in difference]
    ratio_to_overall = [end / (end / 6 + 5 / 6) for end in ratio]
    assert found["false_positive_rate_difference_to_rest"] == pytest.approx((0.12, *difference, 100))
    assert found["false_positive_rate_ratio_to_rest"] == pytest.approx((0.3 / 0.18, *ratio, 100))
    assert found["false_positive_rate_difference_to_overall"] == pytest.approx((0.1, *to_overall, 100))
    assert found["false_positive_rate_ratio_to_overall"] == pytest.approx((1.5, *ratio_to_overall, 100))


def test_rate_whose_rest_has_no_errors() -> None:
    """Nothing bounds the ratio."""
    found = compared({"overall": of_fpr(30, 600), "g:a": of_fpr(30, 100)})
    assert found["false_positive_rate_ratio_to_rest"][0] == math.inf
    assert found["false_positive_rate_ratio_to_overall"][0] == pytest.approx(6)


def test_rate_that_is_no_part_of_overall_is_compared_as_independent() -> None:
    """It has more trials than there are in all."""
    found = compared({"overall": of_fpr(60, 90), "g:a": of_fpr(30, 100)}, 0.9)
    difference, ratio = intervals.rate_difference(30, 100, 60, 90, 0.9), intervals.rate_ratio(30, 100, 60, 90, 0.9)
    assert found == {
        "false_positive_rate_difference_to_overall": pytest.approx((0.3 - 2 / 3, *difference, 90)),
        "false_positive_rate_ratio_to_overall": pytest.approx((0.45, *ratio, 90)),
    }


def test_other_metrics_are_compared_as_independent() -> None:
    """Standard errors of .03 and .04 make one of .05."""
    slices = {
        name: SliceMetrics(n, scalars={MetricKey("accuracy"): Scalar(value, error)})
        for name, n, value, error in (("overall", 600, 0.7, 0.04), ("g:a", 100, 0.6, 0.03))
    }
    found = compared(slices, 0.9)
    reach = 1.6448536 * 0.05
    assert found["accuracy_difference_to_overall"] == pytest.approx((-0.1, -0.1 - reach, -0.1 + reach, 100), rel=1e-6)
    value, low, high, n = found["accuracy_ratio_to_overall"]
    assert (value, n) == (pytest.approx(0.6 / 0.7), 100)
    ends = (intervals.normal(0.6, 0.03, 0.9), intervals.normal(0.7, 0.04, 0.9))
    assert (low, high) == pytest.approx(tuple(intervals.ratio_of(0.6, ends[0], 0.7, ends[1])))


def test_other_metrics_have_normal_intervals_within_their_bounds() -> None:
    scalars = {MetricKey("accuracy"): Scalar(0.99, 0.01), MetricKey("loss"): Scalar(2.0, 0.1)}
    numbers = scalars_of(Evaluation({"candidate": {"overall": SliceMetrics(50, scalars=scalars, design_effect=2.0)}}), 0.9)
    assert [key.name for key in numbers.keys] == ["accuracy", "loss"]
    assert numbers.values.tolist() == [0.99, 2.0]
    assert numbers.n.tolist() == [25.0, 25.0]
    assert numbers.interval.low == pytest.approx([0.99 - 0.016448536, 2 - 0.16448536], rel=1e-6)
    assert numbers.interval.high == pytest.approx([1.0, 2 + 0.16448536], rel=1e-6)


def test_rows_say_of_what_they_are() -> None:
    """Of two models in order; a metric without a threshold has NaN for one."""
    metrics = SliceMetrics(100, rates={FPR: Rate(10, 100), MetricKey("accuracy"): Rate(90, 100)})
    rows = rates_of(Evaluation({"candidate": {"overall": metrics}, "baseline": {"overall": metrics}}), 0.95).rows()
    assert list(rows) == ["model", "slice", "metric", "threshold", "value", "low", "high", "n"]
    assert (rows["model"], rows["slice"]) == (["candidate"] * 2 + ["baseline"] * 2, ["overall"] * 4)
    assert rows["metric"] == ["accuracy", "false_positive_rate"] * 2
    np.testing.assert_array_equal(rows["threshold"], [math.nan, 0.5, math.nan, 0.5])
    np.testing.assert_array_equal(rows["value"], [0.9, 0.1, 0.9, 0.1])


def test_each_metric_is_compared_with_itself_on_all_examples_of_its_model() -> None:
    """Metrics stand by name and threshold; -1 where overall lacks one, and on overall itself."""
    of_all = {key: Rate(10, 100) for key in (FPR, FNR, LOW_FPR)}
    alone = {key: Rate(1, 10) for key in (MetricKey("recall"), FPR)}
    models = {
        "candidate": {
            "g:a": SliceMetrics(100, rates=of_all),
            "overall": SliceMetrics(900, rates=of_all),
            "g:b": SliceMetrics(10, rates=alone),
        },
        "baseline": {"overall": SliceMetrics(900, rates=of_all), "g:a": SliceMetrics(100, rates=of_all)},
        "reference": {"g:a": SliceMetrics(10, rates=alone)},
    }
    numbers = rates_of(Evaluation(models), 0.95)
    assert numbers.keys[:3] == [FNR, LOW_FPR, FPR]
    assert numbers.whole.tolist() == [3, 4, 5, -1, -1, -1, 5, -1, -1, -1, -1, 8, 9, 10, -1, -1]
    assert numbers.slices == ["g:a"] * 3 + ["overall"] * 3 + ["g:b"] * 2 + ["overall"] * 3 + ["g:a"] * 5
    assert numbers.models == ["candidate"] * 8 + ["baseline"] * 6 + ["reference"] * 2


def test_evaluation_without_any_metric_has_no_rows() -> None:
    rates, scalars = (of(Evaluation({}), 0.95) for of in (rates_of, scalars_of))
    assert rates.rows()["metric"] == []
    assert [columns["metric"] for columns in comparisons(rates, scalars, 0.95)] == [[]] * 8
    assert rates.whole.dtype == np.int64


@pytest.mark.parametrize("absent", ["weighed", "counts"])
def test_comparisons_need_both_kinds_of_counts(absent: str) -> None:
    evaluation = Evaluation({"candidate": {"overall": of_fpr(10, 100)}})
    rates, scalars = rates_of(evaluation, 0.95), scalars_of(evaluation, 0.95)
    with pytest.raises(ValueError, match="must be rates"):
        comparisons(replace(rates, **{absent: None}), scalars, 0.95)  # type: ignore[arg-type]
