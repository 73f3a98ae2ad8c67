"""The steps of the search for a number of examples, each against a closed form."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from fairgate.statistics import intervals, sample_size
from fairgate.statistics.comparison import Estimate
from fairgate.statistics.intervals import Array
from fairgate.statistics.sample_size import _Reach

Ends = tuple[float, float]


def skew(value: float, below: float, above: float, n: float = 100) -> Estimate:
    """An estimate whose interval reaches z times `below` and z times `above`."""

    def interval(confidence: float) -> Ends:
        z = norm.isf((1 - confidence) / 2)
        return float(value - z * below), float(value + z * above)

    return Estimate(value, n, interval)


@pytest.mark.parametrize(
    ("z", "mean", "spread", "expected"),
    [
        (1.96, 2.8, 1.0, norm.cdf(-0.84)),
        (1.96, 2.8, 2.0, norm.cdf(-0.42)),
        (1.96, 2.8, 0.5, norm.cdf(-1.68)),
        (1.96, 1.95, 0.0, 1.0),
        (1.96, 1.96, 0.0, 0.0),
        (1.96, 1.97, 0.0, 0.0),
    ],
)
def test_probability_to_miss_a_limit(z: float, mean: float, spread: float, expected: float) -> None:
    """A score without spread misses surely or never."""
    assert sample_size._below(z, mean, spread) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "reaches",
    [
        [_Reach(2.0, 1.0)],
        [_Reach(2.0, 1.0), _Reach(2.0, 1.0)],
        [_Reach(1.0, 0.8), _Reach(1.2, 1.1)],
        [_Reach(3.0, 1.0), _Reach(1.1, 0.5)],
        [_Reach(2000.0, 1.0), _Reach(2100.0, 1.0)],
    ],
)
def test_factor_at_which_the_limits_are_missed_as_often_as_allowed(reaches: list[_Reach]) -> None:
    root = sample_size._times(reaches, 0.95, 0.8)
    missed = sum(norm.cdf((norm.isf(0.025) - root * reach.score) / reach.spread) for reach in reaches)
    assert missed == pytest.approx(0.2, abs=1e-5)


@pytest.mark.parametrize(("successes", "trials", "limit"), [(57, 300, 0.22), (57, 300, 0.15), (2, 1000, 0.02), (400, 1000, 0.55)])
def test_score_of_a_limit_is_that_of_the_score_test(successes: int, trials: int, limit: float) -> None:
    """Wilson's interval reaches a limit at the z of the test with the variance under it."""
    estimate = sample_size.plain_rate(successes / trials, trials)
    expected = abs(successes / trials - limit) / math.sqrt(limit * (1 - limit) / trials)
    found = sample_size._score(estimate, limit)
    assert found == pytest.approx(min(expected, 8.0), rel=1e-6)


def test_score_of_a_limit_that_is_never_reached_ends_at_8() -> None:
    """That many standard errors away the confidence is 1 but for rounding."""
    assert sample_size._score(skew(0.5, 0.01, 0.01), 0.9) == 8.0
    assert sample_size._score(skew(0.5, 0.01, 0.01), 0.55) == pytest.approx(5.0, rel=1e-6)


def test_score_of_a_limit_that_every_interval_reaches_is_next_to_0() -> None:
    assert sample_size._score(Estimate(0.5, 100, lambda _: (0.4, 0.9)), 0.6) == 1e-6


def test_score_of_an_end_that_becomes_infinite() -> None:
    """The interval has no upper end from 3 standard errors on."""
    finite = skew(0.5, 0.1, 0.1)

    def interval(confidence: float) -> Ends:
        low, high = finite.interval(confidence)
        return low, math.inf if high > 0.8 else high

    assert sample_size._score(Estimate(0.5, 100, interval), 0.7) == pytest.approx(2.0, rel=1e-6)
    assert sample_size._score(Estimate(0.5, 100, interval), 0.9) == pytest.approx(3.0, rel=1e-6)


def test_score_of_an_interval_that_is_undefined_is_nan() -> None:
    assert math.isnan(sample_size._score(Estimate(0.5, 100, lambda _: (math.nan, math.nan)), 0.6))


@pytest.mark.parametrize(
    ("below", "above", "limit", "expected"),
    [
        (0.2, 0.3, 0.9, 0.25),
        (0.1, 0.3, 0.9, 0.3),  # the other side is cut off
        (0.15, 0.4, 0.9, 0.4),
        (0.15, 0.4, 0.1, 0.275),
        (0.14, 0.3, 0.9, 0.3),
        (0.3, 0.1, 0.1, 0.3),
        (0.3, 0.2, 0.1, 0.25),
    ],
)
def test_standard_error_is_the_mean_of_both_sides(below: float, above: float, limit: float, expected: float) -> None:
    """That of the limit's side alone where the other is shorter than half of it."""
    assert sample_size._standard_error(skew(0.5, below, above), limit) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("cells", [(60.0, 40.0, 900.0), (30.0, 0.0, 300.0)])
def test_spread_of_a_score_by_the_delta_method(*, cells: tuple[float, ...], above: bool) -> None:
    """A value (b - c) / 1000 with the fixed error .01: its score has the variance (b + c - (b - c)² / n) / (1000 · .01)²."""

    def recounted(moved: Array) -> Callable[[float], Ends]:
        value = float(moved[0] - moved[1]) / 1000
        return skew(value, 0.01, 0.01).interval

    gained, lost, _ = cells
    variance = (gained + lost - (gained - lost) ** 2 / sum(cells)) / (1000 * 0.01) ** 2
    assert sample_size._spread_of_cells(recounted, cells, 1.5, above) == pytest.approx(math.sqrt(variance), rel=1e-3)


def test_estimate_of_unknown_making_shrinks_with_the_root_of_its_size() -> None:
    grown = sample_size._grown(skew(0.5, 0.1, 0.2), 4.0)
    assert (grown.value, grown.n) == (0.5, 400)
    assert grown.interval(0.95) == pytest.approx((0.5 - 1.959964 * 0.05, 0.5 + 1.959964 * 0.1), rel=1e-6)


def test_no_count_is_clear_of_a_limit_that_all_successes_do_not_reach() -> None:
    """Wilson's lower end of 4 of 4 at 99.99 % is .209."""
    assert sample_size.exact_power(0.9, [0.5], [4], 0.9999).tolist() == [0.0]


def test_plain_rate_grows_with_its_trials() -> None:
    rate = sample_size.plain_rate(0.2, 50)
    assert rate.scaled is not None
    twice = rate.scaled(2.0)
    assert (rate.value, rate.n, twice.value, twice.n) == (0.2, 50, 0.2, 100)
    assert twice.interval(0.9) == pytest.approx(tuple(map(float, intervals.wilson(20, 100, 0.9))))


@pytest.mark.parametrize(
    ("rate", "overall", "rest", "defined"),
    [(0.2, 0.1, 100, True), (0.5, 0.75, 100, True), (0.5, 0.76, 100, False), (0.2, 0.09, 100, False), (0.5, 0.5, 100, True)],
)
def test_rate_of_the_rest_lies_between_0_and_1(rate: float, overall: float, rest: float, *, defined: bool) -> None:
    """Of 100 in the slice and 100 outside; both ends are included."""
    found = sample_size.part_of_whole(rate, overall, 100, rest, "difference")
    assert found.n == 100
    assert math.isfinite(found.value) is defined
    assert np.isfinite(found.interval(0.95)).all() == defined


@pytest.mark.parametrize(("rest_grows", "rest"), [(True, 1800), (False, 900)])
def test_slice_grows_with_the_rest_or_alone(*, rest_grows: bool, rest: float) -> None:
    found = sample_size.part_of_whole(0.3, 0.2, 100, 900, "ratio", rest_grows)
    assert found.scaled is not None
    twice, expected = found.scaled(2.0), sample_size.part_of_whole(0.3, 0.2, 200, rest, "ratio", rest_grows)
    assert (twice.n, twice.value) == (200, expected.value)
    assert twice.interval(0.95) == expected.interval(0.95)
    assert twice.scaled is not None
    assert expected.scaled is not None
    assert twice.scaled(1.5).interval(0.95) == expected.scaled(1.5).interval(0.95)


@pytest.mark.parametrize("z", [0.5, 1.959964, 5.0])
def test_confidence_of_a_critical_value(z: float) -> None:
    assert sample_size._confidence(z) == pytest.approx(1 - 2 * norm.sf(z), rel=1e-9)


def test_confidence_stays_below_1() -> None:
    """So that it has a critical value again."""
    assert sample_size._confidence(20.0) == 1 - 2**-52


@pytest.mark.parametrize("power", [0.2, 1.0, 3.0])
def test_a_root_is_that_of_scipy(power: float) -> None:
    """Of functions as the ends of intervals are: rising in the critical value, and cut off at 1."""
    for place in (0.01, 1.7, 7.9):

        def beyond(z: float, place: float = place) -> float:
            return min(math.pow(z / place, power) - 1, 1.0)

        assert sample_size._root(beyond, 1e-6, 8.0) == pytest.approx(brentq(beyond, 1e-6, 8.0), rel=1e-9)
