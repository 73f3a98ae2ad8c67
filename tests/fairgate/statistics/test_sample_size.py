"""Sizes that decide: against published formulas, enumeration of all counts with Wilson's interval, and simulation."""

import math

import numpy as np
import pytest
from scipy.stats import binom, norm

from fairgate.measurement import PairedRate, Rate
from fairgate.statistics import intervals, paired, sample_size
from fairgate.statistics.comparison import Estimate
from fairgate.statistics.sample_size import exact_power, growth, part_of_whole, plain_rate, rate_examples

MALE = (0.194, 0.1753, 794, 16568)  # the sample's slice: rates of slice and overall, negatives inside and outside


def clear_of(rate: float, limits: list[float], trials: int, confidence: float = 0.95) -> float:
    """The power by the definition: every count, its Wilson interval, its probability."""
    counts = np.arange(trials + 1)
    low, high = intervals.wilson(counts, float(trials), confidence)
    clear = np.ones(trials + 1, bool)
    for limit in limits:
        clear &= high < limit if limit > rate else low > limit
    return float(binom.pmf(counts, trials, rate)[clear].sum())


def normal(value: float, error: float) -> Estimate:
    """An estimate with a normal interval, of 100 examples, that cannot say how it scales."""

    def interval(confidence: float) -> tuple[float, float]:
        reach = float(norm.ppf((1 + confidence) / 2)) * error
        return value - reach, value + reach

    return Estimate(value, 100, interval)


@pytest.mark.parametrize(("rate", "limit", "expected"), [(0.19, 0.22, 1449.3), (0.05, 0.10, 238.0), (0.005, 0.02, 495.1)])
def test_the_formula_has_the_limits_variance_under_the_null(rate: float, limit: float, expected: float) -> None:
    assert rate_examples(rate, limit, 0.95) == pytest.approx(expected, abs=0.05)


def test_the_formula_has_no_answer_at_the_limit() -> None:
    assert rate_examples(0.2, 0.2, 0.95) == math.inf


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("trials", [1, 7, 60, 301])
@pytest.mark.parametrize("limits", [[0.1], [0.3], [0.12, 0.4], [0.3, 0.97]])
def test_the_exact_power_is_that_of_enumeration(rate: float, trials: int, limits: list[float]) -> None:
    assert exact_power(rate, limits, [trials], 0.9)[0] == pytest.approx(clear_of(rate, limits, trials, 0.9), abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "limit"), [(0.19, 0.22), (0.05, 0.10), (0.02, 0.04), (0.005, 0.02), (0.30, 0.25), (0.08, 0.05), (0.9, 0.85)]
)
def test_the_size_for_a_rate_has_the_power_by_enumeration(rate: float, limit: float) -> None:
    trials = 50 * growth(plain_rate(rate, 50), [limit], 0.95)
    assert trials == pytest.approx(round(trials))
    assert clear_of(rate, [limit], round(trials)) == pytest.approx(0.8, abs=0.03)


def test_of_few_counts_the_size_is_the_one_with_the_nearest_power() -> None:
    """The powers of 6 to 12 trials are .53, .48, .81, .77, .74, .91, .89."""
    assert growth(plain_rate(0.1, 1), [0.5], 0.95) == 8
    assert growth(plain_rate(0.9, 1), [0.5], 0.95) == 8


@pytest.mark.parametrize(("rate", "limit"), [(0.1, 0.3), (0.2, 0.35), (0.05, 0.15), (0.3, 0.42)])
def test_successes_and_failures_need_the_same_size(rate: float, limit: float) -> None:
    assert growth(plain_rate(rate, 1), [limit], 0.95) == growth(plain_rate(1 - rate, 1), [1 - limit], 0.95)


def test_the_size_is_sought_where_the_mean_power_is_reached() -> None:
    """The power of 38 trials, .7912, is nearer to .8 than that of 47, .8092, but 39 to 42 trials fall short again."""
    powers = {trials: clear_of(0.5, [0.3], trials) for trials in range(44, 51)}
    nearest = min(powers, key=lambda trials: abs(powers[trials] - 0.8))
    assert growth(plain_rate(0.5, 1), [0.3], 0.95) == nearest == 47


def test_one_trial_can_be_enough() -> None:
    """Wilson's lower end of 1 of 1 is .2065, so that the power is .6; of two trials both have to succeed: .36."""
    assert growth(plain_rate(0.6, 1), [0.1], 0.95, 0.5) == 1


def test_where_errors_never_occur_the_size_is_the_first_that_decides() -> None:
    """Wilson's upper end of 0 of 4 is .4899, of 0 of 3 is .5615."""
    assert growth(plain_rate(1e-12, 1), [0.5], 0.95) == 4


def test_the_size_for_a_rate_is_near_the_formula() -> None:
    assert growth(plain_rate(0.19, 1), [0.22], 0.95) == pytest.approx(rate_examples(0.19, 0.22, 0.95), rel=0.01)


def test_the_size_does_not_depend_on_the_size_it_starts_from() -> None:
    sizes = [trials * growth(plain_rate(0.19, trials), [0.22], 0.95) for trials in (1, 40, 500, 1447, 100_000)]
    assert sizes == pytest.approx([sizes[0]] * 5, rel=0.01)


@pytest.mark.parametrize(("power", "confidence"), [(0.5, 0.95), (0.9, 0.95), (0.8, 0.99), (0.8, 0.9995)])
def test_the_size_follows_power_and_confidence(power: float, confidence: float) -> None:
    trials = 100 * growth(plain_rate(0.1, 100), [0.2], confidence, power)
    assert clear_of(0.1, [0.2], round(trials), confidence) == pytest.approx(power, abs=0.03)


def test_a_rate_between_two_limits_must_clear_both() -> None:
    trials = 100 * growth(plain_rate(0.2, 100), [0.15, 0.26], 0.95)
    assert clear_of(0.2, [0.15, 0.26], round(trials)) == pytest.approx(0.8, abs=0.03)
    assert trials > 100 * growth(plain_rate(0.2, 100), [0.15], 0.95)


def test_limits_that_no_rate_can_break_do_not_count() -> None:
    assert growth(plain_rate(0.2, 100), [-math.inf, 0.26], 0.95) == growth(plain_rate(0.2, 100), [0.26], 0.95)
    assert growth(plain_rate(0.2, 100), [1.5], 0.95) < 0.1


def test_no_error_at_all_needs_what_wilson_needs() -> None:
    """Wilson's upper end of 0 of n is z² / (n + z²)."""
    z2 = norm.ppf(0.975) ** 2
    assert 100 * growth(plain_rate(0.0, 100), [0.02], 0.95) == pytest.approx(z2 * 0.98 / 0.02, rel=0.005)


def test_a_normal_interval_needs_the_squared_sum_of_both_quantiles() -> None:
    z = norm.ppf(0.975) + norm.ppf(0.8)
    assert growth(normal(0.86, 0.02), [0.84], 0.95) == pytest.approx(z**2, rel=0.005)


@pytest.mark.parametrize("error", [0.001, 0.0001])
def test_fewer_would_do_where_the_interval_is_clear_already(error: float) -> None:
    """Also where the limit lies farther off than any interval reaches."""

    def narrow(factor: float) -> Estimate:
        return Estimate(0.86, 100, normal(0.86, error / math.sqrt(factor)).interval, scaled=lambda more: narrow(factor * more))

    z = norm.ppf(0.975) + norm.ppf(0.8)
    assert growth(narrow(1.0), [0.84], 0.95) == pytest.approx((z * error / 0.02) ** 2, rel=0.005)


def test_the_sample_needs_two_thousand_negatives_when_all_grow() -> None:
    needed = 794 * growth(part_of_whole(*MALE, "ratio"), [1.25], 0.95)
    assert needed == pytest.approx(2000, rel=0.03)


def test_the_sample_needs_1850_negatives_when_only_the_slice_grows() -> None:
    needed = 794 * growth(part_of_whole(*MALE, "ratio", rest_grows=False), [1.25], 0.95)
    assert needed == pytest.approx(1850, rel=0.02)


@pytest.mark.parametrize("rest_grows", [True, False])
def test_the_size_for_a_slice_has_the_power_in_simulation(rest_grows: bool) -> None:
    rate, overall, trials, rest = MALE
    random = np.random.default_rng(17)
    factor = growth(part_of_whole(*MALE, "ratio", rest_grows), [1.25], 0.95)
    size, others = round(trials * factor), round(rest * factor) if rest_grows else rest
    share = size / (size + others)
    outside = (overall - share * rate) / (1 - share)
    counts = random.binomial(size, rate, 5000), size, random.binomial(others, outside, 5000), others
    high = intervals.ratio_to_whole(intervals.rate_ratio(*counts, 0.95).high, share)
    assert np.mean(high < 1.25) == pytest.approx(0.8, abs=0.03)


def test_the_size_for_a_difference_has_the_power_in_simulation() -> None:
    random = np.random.default_rng(18)
    size = round(300 * growth(part_of_whole(0.3, 0.2, 300, 2700, "difference"), [0.05], 0.95))
    outside = (0.2 - 0.1 * 0.3) / 0.9
    counts = random.binomial(size, 0.3, 5000), size, random.binomial(9 * size, outside, 5000), 9 * size
    low = intervals.difference_to_whole(intervals.rate_difference(*counts, 0.95).low, 0.1)
    assert np.mean(low > 0.05) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(("gained", "lost", "limit"), [(0.05, 0.02, 0.1), (0.09, 0.015, 0.0), (0.2, 0.05, 0.1), (0.02, 0.0, 0.1)])
def test_the_size_for_a_change_has_the_power_in_simulation(gained: float, lost: float, limit: float) -> None:
    """Also where the discordant pairs are few and one-sided, so that the standard error varies with the change."""
    shares = np.array([0.1, lost, gained, 0.9 - lost - gained])
    counts = tuple(1000 * shares)
    size = round(1000 * growth(paired.difference(PairedRate(counts, counts, counts)), [limit], 0.95))
    _, worse, better, _ = np.random.default_rng(19).multinomial(size, shares, 5000).T
    low, high = paired.tango(better, worse, float(size), 0.95)
    clear = high < limit if limit > gained - lost else low > limit
    assert np.mean(clear) == pytest.approx(0.8, abs=0.03)


def test_models_that_never_differ_need_what_tangos_interval_needs() -> None:
    """Tango's upper end of no discordant pair in n is z² / (n + z²)."""
    counts = (60.0, 0.0, 0.0, 40.0)
    z2 = norm.ppf(0.975) ** 2
    found = 100 * growth(paired.difference(PairedRate(counts, counts, counts)), [0.1], 0.95)
    assert found == pytest.approx(z2 * 0.9 / 0.1, rel=0.005)


def test_more_of_the_slice_alone_never_decides_where_the_rest_is_too_few() -> None:
    assert growth(part_of_whole(0.2, 0.199, 300, 40, "difference", rest_grows=False), [0.0005], 0.95) == math.inf


def test_no_number_decides_at_the_limit() -> None:
    assert growth(plain_rate(0.2, 100), [0.2], 0.95) == math.inf
    assert growth(plain_rate(0.2, 100), [0.1, 0.2 + 1e-12], 0.95) == math.inf


def test_a_difference_that_nobody_could_measure_is_infinite() -> None:
    assert growth(plain_rate(0.2, 100), [0.2 + 1e-7], 0.95) == math.inf


@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(math.nan, 100, lambda _: (0.1, 0.2)),
        Estimate(0.15, 100, lambda _: (math.nan, math.nan)),
        Estimate(math.inf, 100, lambda _: (1.0, math.inf)),
    ],
)
def test_the_undefined_needs_an_undefined_number(estimate: Estimate) -> None:
    assert math.isnan(growth(estimate, [0.18], 0.95))


def test_an_estimate_without_limits_needs_an_undefined_number() -> None:
    assert math.isnan(growth(plain_rate(0.2, 100), [], 0.95))


def test_an_end_that_is_unbounded_at_first_is_still_decided() -> None:
    """The ratio of 4 of 40 to 1 of 40 has no upper end at high confidence, and one at more examples."""

    def ratio(factor: float) -> Estimate:
        def interval(confidence: float) -> tuple[float, float]:
            low, high = intervals.rate_ratio(4 * factor, 40 * factor, 3 * factor, 40 * factor, confidence)
            return float(low), math.inf if float(high) > 9 else float(high)

        return Estimate(4 / 3, 40, interval, scaled=lambda more: ratio(factor * more))

    assert growth(ratio(1.0), [4.0], 0.95) > 1


def test_an_interval_that_does_not_shrink_is_never_clear() -> None:
    fixed = normal(0.86, 0.02)
    assert growth(Estimate(0.86, 100, fixed.interval, scaled=lambda _: fixed), [0.84], 0.95) == math.inf


def test_an_interval_that_shrinks_slowly_is_found_by_the_very_interval() -> None:
    """The standard error falls with the fourth root of the size, so that the factor is the square of the usual one."""

    def slow(factor: float) -> Estimate:
        return Estimate(0.86, 100, normal(0.86, 0.02 / factor**0.25).interval, scaled=slow)

    z = norm.ppf(0.975) + norm.ppf(0.8)
    assert growth(slow(1.0), [0.84], 0.95) == pytest.approx(z**4, rel=0.01)


@pytest.mark.parametrize("floor", [0.005, 0.006, 0.0069])
def test_an_interval_that_shrinks_to_a_floor_is_clear_where_the_rest_has_shrunk(floor: float) -> None:
    """The variance is .02²/f + floor²; a power of .8 needs the standard error .02 / (z.975 + z.8), which is .00714."""

    def floored(factor: float) -> Estimate:
        return Estimate(0.86, 100, normal(0.86, math.hypot(0.02 / math.sqrt(factor), floor)).interval, scaled=floored)

    needed = 0.02 / (norm.ppf(0.975) + norm.ppf(0.8))
    assert growth(floored(1.0), [0.84], 0.95) == pytest.approx(0.02**2 / (needed**2 - floor**2), rel=0.04)


def test_what_is_undefined_at_its_own_size_has_no_number() -> None:
    """Although it is defined at twice the size."""

    def late(factor: float) -> Estimate:
        return Estimate(0.86, 100, normal(0.86, 0.02 if factor >= 2 else math.nan).interval, scaled=late)

    assert math.isnan(growth(late(1.0), [0.84], 0.95))


def test_effective_counts_keep_their_share_of_examples() -> None:
    """100 examples that weigh as 50: twice the factor of 100."""
    counts = Rate(10, 50)

    def interval(confidence: float) -> tuple[float, float]:
        low, high = intervals.wilson(counts.successes, counts.trials, confidence)
        return float(low), float(high)

    assert growth(Estimate(0.2, 50, interval, counts), [0.26], 0.95) == pytest.approx(
        2 * growth(plain_rate(0.2, 100), [0.26], 0.95), rel=1e-6
    )


def test_a_clustered_rate_is_not_counted_out_as_wilsons() -> None:
    """Its interval takes Student's t, so that its size is no whole number of trials."""
    counts, wide = Rate(19, 100), normal(0.19, 0.08)
    with_counts = Estimate(0.19, 100, wide.interval, counts, degrees=30)
    assert growth(with_counts, [0.22], 0.95) == growth(wide, [0.22], 0.95)


def test_too_many_trials_to_count_are_left_to_the_normal_approximation() -> None:
    size = growth(plain_rate(0.19, 1), [0.19 + 5e-5], 0.95)
    assert size == pytest.approx(rate_examples(0.19, 0.19 + 5e-5, 0.95), rel=0.005)
    assert size > 1e8


def test_rates_that_cannot_belong_together_are_undefined() -> None:
    assert math.isnan(part_of_whole(0.9, 0.1, 500, 500, "ratio").value)
    assert math.isnan(part_of_whole(0.9, 0.1, 500, 500, "ratio").interval(0.95)[0])


def test_part_of_whole_is_what_the_gate_compares() -> None:
    rate, overall, trials, rest = MALE
    estimate = part_of_whole(*MALE, "ratio")
    outside = (overall * (trials + rest) - rate * trials) / rest
    share = trials / (trials + rest)
    expected = intervals.ratio_to_whole(np.array(intervals.rate_ratio(rate * trials, trials, outside * rest, rest, 0.9)), share)
    assert estimate.value == pytest.approx(rate / overall)
    assert estimate.interval(0.9) == pytest.approx(tuple(expected))
    assert estimate.n == trials


def test_the_power_asked_for_by_default_is_80_percent() -> None:
    assert sample_size.POWER == 0.8


def test_the_power_of_a_size_is_that_of_growth() -> None:
    """With the number of examples that decides at 80 % it is 80 %; at the limit itself there is none."""
    estimate = sample_size.plain_rate(0.19, 300)
    factor = sample_size.growth(estimate, (0.22,), 0.95)
    assert sample_size.power_of(sample_size.plain_rate(0.19, 300 * factor), (0.22, math.inf), 0.95) == pytest.approx(
        0.8, abs=0.02
    )
    assert math.isnan(sample_size.power_of(estimate, (0.19,), 0.95))
    assert math.isnan(sample_size.power_of(sample_size.plain_rate(math.nan, 300), (0.22,), 0.95))
