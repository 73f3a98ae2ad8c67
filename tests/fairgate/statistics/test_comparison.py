"""Estimates of slices: effective counts, slices against overall, two estimates compared."""

import math

import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics.registry import get
from fairgate.statistics import intervals
from fairgate.statistics.columns import scalars_of
from fairgate.statistics.comparison import against_overall, complement, contrast, estimate, standard_error, weight_scale

FPR = MetricKey("false_positive_rate", 0.5)
AUC = MetricKey("auc")


def of_rate(successes: float, trials: float, **other: float) -> SliceMetrics:
    """A slice with one rate."""
    return SliceMetrics(n=round(trials), rates={FPR: Rate(successes, trials)}, **other)  # type: ignore[arg-type]  # floats by name


def of_auc(value: float, error: float = math.nan, **other: int) -> SliceMetrics:
    """A slice with an AUC."""
    return SliceMetrics(n=100, scalars={AUC: Scalar(value, error)}, **other)  # type: ignore[arg-type]  # counts by name


def test_a_rate_has_its_value_trials_and_wilson_interval() -> None:
    """Unweighted counts are used as they are."""
    found = estimate(of_rate(81, 263), FPR)
    assert (found.value, found.n) == (81 / 263, 263)
    assert found.interval(0.95) == pytest.approx(intervals.wilson(81, 263))
    assert found.interval(0.8) == pytest.approx(intervals.wilson(81, 263, 0.8))


def test_weights_shrink_the_effective_counts() -> None:
    """200 examples of mean weight 0.5 and design effect 1.25 count as 160; the value does not change."""
    found = estimate(of_rate(40, 100, mean_weight=0.5, design_effect=1.25), FPR)
    assert (found.value, found.n) == pytest.approx((0.4, 160))
    assert found.interval(0.95) == pytest.approx(intervals.wilson(64, 160))


def test_a_scalar_has_a_normal_interval_within_its_range() -> None:
    """A mean of 0.98 with an error of 0.02 does not reach above 1; n is the effective number of examples."""
    mean = MetricKey("mean_score")
    high, low = (estimate(SliceMetrics(100, scalars={mean: Scalar(value, 0.02)}), mean) for value in (0.98, 0.01))
    assert high.interval(0.95) == pytest.approx((0.98 - 1.959963985 * 0.02, 1.0))
    assert low.interval(0.95)[0] == 0.0
    assert high.n == 100
    assert estimate(SliceMetrics(n=100, scalars={AUC: Scalar(0.5)}, design_effect=1.25), AUC).n == 80


def test_an_auc_has_its_own_interval() -> None:
    assert estimate(of_auc(0.98, 0.02), AUC).interval(0.95) == pytest.approx(tuple(intervals.area(0.98, 0.02, math.nan)))


@pytest.mark.parametrize(
    ("metric", "fewest"), [("auc", 20), ("subgroup_auc", 20), ("bpsn_auc", 300), ("bnsp_auc", 20)], ids=lambda value: str(value)
)
def test_an_auc_of_1_is_no_point(metric: str, fewest: int) -> None:
    """It reaches as far as the rarer label that it compares in the slice lets it: divided by the design effect."""
    key = MetricKey(metric)
    metrics = SliceMetrics(n=320, scalars={key: Scalar(1.0, 0.0)}, n_positive=20, n_negative=300, design_effect=1.25)
    found = estimate(metrics, key)
    assert found.interval(0.95) == pytest.approx(tuple(intervals.wilson(fewest / 1.25, fewest / 1.25)))
    (low, high), columns = found.interval(0.9), scalars_of(Evaluation({"candidate": {"overall": metrics}}), 0.9).interval
    assert [*columns.low.tolist(), *columns.high.tolist()] == pytest.approx([low, high])
    assert found.scaled is not None
    assert found.scaled(10).interval(0.95)[0] == pytest.approx(intervals.wilson(fewest * 8, fewest * 8).low)


def test_a_scalar_without_error_has_no_interval() -> None:
    """NaN ends, not a point and not the whole range."""
    metrics = SliceMetrics(n=100, scalars={MetricKey("loss"): Scalar(0.4)})
    assert all(math.isnan(end) for end in estimate(metrics, MetricKey("loss")).interval(0.95))


def test_an_auc_without_error_takes_it_from_its_counts() -> None:
    """Hanley and McNeil's error from the effective numbers of both classes; NaN when these are unknown."""
    metrics = of_auc(0.893, n_positive=51, n_negative=58)
    assert standard_error(metrics, AUC) == pytest.approx(0.0325, abs=5e-5)
    heavier = SliceMetrics(n=109, n_positive=102, n_negative=116, scalars={AUC: Scalar(0.893)}, design_effect=2)
    assert standard_error(heavier, AUC) == pytest.approx(0.0325, abs=5e-5)
    assert standard_error(of_auc(0.893, 0.01, n_positive=51, n_negative=58), AUC) == 0.01
    assert math.isnan(standard_error(of_auc(0.893), AUC))
    assert math.isnan(standard_error(of_auc(math.nan, n_positive=0, n_negative=58), AUC))


def test_a_metric_that_was_not_measured_is_a_key_error() -> None:
    """The caller decides what an absent metric means."""
    with pytest.raises(KeyError):
        estimate(of_rate(1, 2), AUC)


def test_complement_of_unweighted_counts() -> None:
    """What is outside the slice, count by count."""
    rest = complement(of_rate(30, 100), of_rate(120, 1000), FPR)
    assert rest is not None
    assert (rest.counts, rest.value, rest.n) == (Rate(90, 900), 0.1, 900)


def test_complement_of_weighted_counts_is_effective() -> None:
    """Σw² is additive: 100 examples of weight 1 beside 100 of weight 3 leave the 100 others with their own effective count."""
    light = of_rate(30, 100)
    both = SliceMetrics(n=200, rates={FPR: Rate(180, 400)}, mean_weight=2, design_effect=200 * 1000 / 400**2)
    rest = complement(light, both, FPR)
    assert rest is not None
    assert rest.counts is not None
    assert (rest.counts.successes, rest.counts.trials) == pytest.approx((50, 100))
    tiny = SliceMetrics(n=100, rates={FPR: Rate(0.03, 0.1)}, mean_weight=0.001)
    small = SliceMetrics(n=200, rates={FPR: Rate(0.18, 0.4)}, mean_weight=0.002, design_effect=200 * 1000 / 400**2)
    rest = complement(tiny, small, FPR)
    assert rest is not None
    assert rest.counts is not None
    assert (rest.counts.successes, rest.counts.trials) == pytest.approx((50, 100))
    assert weight_scale(both) == 2.5


def test_complement_of_the_whole_is_empty() -> None:
    """A slice that holds every example leaves nothing, rounding errors aside."""
    rest = complement(of_rate(120, 1000 - 1e-10), of_rate(120, 1000), FPR)
    assert rest is not None
    assert (rest.counts, rest.problem) == (Rate(0, 0), "")


@pytest.mark.parametrize("part", [(130, 200), (30, 1100), (10, 950)])
def test_counts_that_are_no_part_have_no_complement(part: tuple[float, float]) -> None:
    """More successes, more trials or more failures than the whole: not a subset of it."""
    assert complement(of_rate(*part), of_rate(120, 1000), FPR) is None


def test_a_slice_against_overall() -> None:
    """Values are those of slice and overall; intervals those of slice against complement, translated."""
    part, whole = of_rate(51, 100), of_rate(280, 1000)
    ratio, difference = (against_overall(part, whole, FPR, measure) for measure in ("ratio", "difference"))
    assert ratio.value == pytest.approx(0.51 / 0.28)
    assert difference.value == pytest.approx(0.51 - 0.28)
    assert ratio.n == difference.n == 100
    ends = intervals.rate_ratio(51, 100, 229, 900)
    assert ratio.interval(0.95) == pytest.approx([intervals.ratio_to_whole(end, 0.1) for end in ends])
    ends = intervals.rate_difference(51, 100, 229, 900, 0.8)
    assert difference.interval(0.8) == pytest.approx([0.9 * end for end in ends])


def test_a_slice_that_is_all_of_overall_has_no_gap() -> None:
    """Difference 0 and ratio 1, without an interval, since there is nothing to compare with."""
    whole = of_rate(280, 1000)
    assert against_overall(whole, whole, FPR, "difference").value == 0
    assert against_overall(whole, whole, FPR, "ratio").value == 1
    assert math.isnan(against_overall(whole, whole, FPR, "ratio").interval(0.95)[0])


def test_no_errors_anywhere_are_no_gap() -> None:
    """0 of 100 against 0 of 1,000 is a ratio of 1; its interval reaches from 0 to 1 / share."""
    found = against_overall(of_rate(0, 100), of_rate(0, 1000), FPR, "ratio")
    assert found.value == 1.0
    assert found.interval(0.95) == pytest.approx((0.0, 10.0))


def test_slices_without_trials_have_no_value() -> None:
    """0 of 0 is NaN, as a difference and as a ratio, also where overall is 0."""
    for whole in (of_rate(0, 0), of_rate(0, 10), of_rate(3, 10)):
        for measure in ("ratio", "difference"):
            assert math.isnan(against_overall(of_rate(0, 0), whole, FPR, measure).value)


def test_what_has_no_complement_is_compared_as_independent() -> None:
    """An AUC of a slice against overall's, and rates whose trials are no part of overall's."""
    part, whole = of_auc(0.8, 0.03), of_auc(0.9, 0.04)
    found = against_overall(part, whole, AUC, "difference")
    ends = intervals.area(0.8, 0.03, math.nan), intervals.area(0.9, 0.04, math.nan)
    assert found.interval(0.95) == pytest.approx(tuple(intervals.difference_of(0.8, ends[0], 0.9, ends[1])))
    odd = against_overall(of_rate(130, 200), of_rate(120, 1000), FPR, "difference")
    assert odd.interval(0.95) == pytest.approx(intervals.rate_difference(130, 200, 120, 1000))


def test_contrast_of_two_rates() -> None:
    """Newcombe's interval for the difference, Koopman's for the ratio; n is the smaller."""
    first, second = estimate(of_rate(36, 40), FPR), estimate(of_rate(16, 80), FPR)
    assert contrast(first, second, "difference").interval(0.95) == pytest.approx(intervals.rate_difference(36, 40, 16, 80))
    ratio = contrast(first, second, "ratio")
    assert (ratio.value, ratio.n) == pytest.approx((4.5, 40))
    assert ratio.interval(0.95) == pytest.approx(intervals.rate_ratio(36, 40, 16, 80))


def test_what_overall_lacks_is_a_key_error() -> None:
    """A rate of the slice alone has nothing to be compared with."""
    with pytest.raises(KeyError):
        against_overall(of_rate(1, 2), of_auc(0.9), FPR, "ratio")


def test_contrast_of_a_rate_and_a_scalar() -> None:
    """Differences and, as only one of them has counts, ratios by the log method."""
    first, second = estimate(of_rate(36, 40), FPR), estimate(of_auc(0.9, 0.01), AUC)
    ends = intervals.wilson(36, 40), intervals.area(0.9, 0.01, math.nan)
    assert contrast(first, second, "ratio").interval(0.95) == pytest.approx(intervals.ratio_of(0.9, ends[0], 0.9, ends[1]))
    assert contrast(second, first, "ratio").interval(0.95) == pytest.approx(intervals.ratio_of(0.9, ends[1], 0.9, ends[0]))
    assert contrast(second, first, "difference").interval(0.95) == pytest.approx(
        intervals.difference_of(0.9, ends[1], 0.9, ends[0])
    )


def test_contrast_of_two_scalars() -> None:
    """The log method for a ratio of scalars."""
    first, second = estimate(of_auc(0.8, 0.01), AUC), estimate(of_auc(0.9, 0.01), AUC)
    expected = intervals.ratio_of(0.8, intervals.area(0.8, 0.01, math.nan), 0.9, intervals.area(0.9, 0.01, math.nan))
    assert contrast(first, second, "ratio").interval(0.95) == pytest.approx(expected)


def test_ratio_to_a_rate_of_0_is_infinite() -> None:
    """Errors against no errors at all."""
    found = contrast(estimate(of_rate(3, 10), FPR), estimate(of_rate(0, 20), FPR), "ratio")
    assert found.value == math.inf
    assert found.interval(0.95)[1] == math.inf


@pytest.mark.parametrize(
    ("metric", "least", "most"),
    [
        ("false_omission_rate", 0, 1),
        ("auc", 0, 1),
        ("flip_rate", 0, 1),
        ("loss", 0, math.inf),
        ("train_test_accuracy_difference", -1, 1),
        ("false_positive_rate_equality_difference", 0, math.inf),
    ],
)
def test_ranges_of_metrics(metric: str, least: float, most: float) -> None:
    """What a metric can be at least and at most."""
    assert get(metric).bounds == (least, most)
