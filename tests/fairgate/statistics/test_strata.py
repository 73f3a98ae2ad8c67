"""Mantel-Haenszel ratios and differences over strata, by the formulas of their sources written out anew."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, t

from fairgate.measurement import Buckets, MetricKey, Rate, SliceMetrics
from fairgate.statistics import intervals, strata
from fairgate.statistics.effective import NOT_ENOUGH_CLUSTERS, UNUSABLE_WEIGHTS
from fairgate.statistics.strata import Stratified

KEY = MetricKey("positive_rate", 0.5)
# Admissions to Berkeley in 1973, women and men of six departments: admitted, applied (Bickel, Hammel, O'Connell 1975).
BERKELEY = [
    (89, 108, 512, 825),
    (17, 25, 353, 560),
    (202, 593, 120, 325),
    (131, 375, 138, 417),
    (94, 393, 53, 191),
    (24, 341, 22, 373),
]
Z = 1.959963984540054
Counts = Sequence[tuple[float, float, float, float]]


def metrics(successes: float, trials: float, weight: float = 1.0, buckets: Buckets | None = None) -> SliceMetrics:
    """A slice whose examples all have one weight."""
    squares = (successes * weight, (trials - successes) * weight)
    rate = Rate(successes, trials, squares, buckets)
    return SliceMetrics(n=round(trials / weight), rates={KEY: rate}, mean_weight=weight)


def compared(counts: Counts, measure: str = "ratio", weight: float = 1.0) -> Stratified:
    """A group against the rest: its successes and trials, those of the others, of each stratum."""
    rows = [[weight * count for count in row] for row in counts]
    groups = [metrics(a, n, weight) for a, n, _, _ in rows]
    wholes = [metrics(a + b, n + m, weight) for a, n, b, m in rows]
    return strata.compare(groups, wholes, KEY, measure)  # type: ignore[arg-type]  # as text


def test_the_ratio_of_berkeley_with_the_variance_of_greenland_and_robins() -> None:
    """Their equation 13; the ends are those of its logarithm, whose reach z·error becomes 2·asinh(z·error / 2)."""
    above, below, spread = (
        sum(a * m / (n + m) for a, n, b, m in BERKELEY),
        sum(b * n / (n + m) for a, n, b, m in BERKELEY),
        sum((n * m * (a + b) - a * b * (n + m)) / (n + m) ** 2 for a, n, b, m in BERKELEY),
    )
    found = compared(BERKELEY)
    assert found.gap.value == pytest.approx(above / below)
    assert found.gap.value == pytest.approx(1.0583, abs=5e-5)
    error = math.sqrt(spread / (above * below))
    reach = math.exp(2 * math.asinh(Z * error / 2))
    assert found.gap.interval(0.95) == pytest.approx((above / below / reach, above / below * reach))
    assert found.gap.interval(0.95) == pytest.approx(
        (above / below / math.exp(Z * error), above / below * math.exp(Z * error)), rel=1e-4
    )
    assert (found.gap.n, found.rest, found.strata, found.silent) == (1835, 2691, 6, 0)


def test_the_difference_of_berkeley_with_the_variance_of_sato() -> None:
    """The interval is Klingenberg's: all d with (d - estimate)² at most z² times the variance at d."""
    weights = [n * m / (n + m) for _, n, _, m in BERKELEY]
    value = sum(w * (a / n - b / m) for w, (a, n, b, m) in zip(weights, BERKELEY, strict=True)) / sum(weights)
    p = sum((n * m * (m - n) / 2 - m**2 * a + n**2 * b) / (n + m) ** 2 for a, n, b, m in BERKELEY)
    q = sum((a * (m - b) + b * (n - a)) / (2 * (n + m)) for a, n, b, m in BERKELEY)
    found = compared(BERKELEY, "difference").gap
    assert found.value == pytest.approx(value)
    for end in found.interval(0.9):
        variance = (q + p * end) / sum(weights) ** 2
        assert (end - value) ** 2 == pytest.approx(1.6448536269514722**2 * variance)
    assert found.interval(0.9)[0] < value < found.interval(0.9)[1]


def test_the_interval_covers_by_enumeration() -> None:
    """All 180 outcomes of two strata with 3 and 2 against 2 and 4 examples and the ratio 1.5."""
    sizes, base, ratio = [(3, 2), (2, 4)], (0.3, 0.5), 1.5
    covered = 0.0
    outcomes = [list(product(range(n + 1), range(m + 1))) for n, m in sizes]
    chances = [
        {(a, b): binom.pmf(a, n, q * ratio) * binom.pmf(b, m, q) for a, b in each}
        for each, (n, m), q in zip(outcomes, sizes, base, strict=True)
    ]
    for first, second in product(*outcomes):
        low, high = compared([(a, n, b, m) for (a, b), (n, m) in zip((first, second), sizes, strict=True)]).gap.interval(0.95)
        covered += chances[0][first] * chances[1][second] * (low <= ratio <= high)
    assert covered == pytest.approx(0.974509, abs=1e-6)


def test_group_and_rest_change_places() -> None:
    """The ratio and its ends turn round, the difference its sign."""
    turned = [(b, m, a, n) for a, n, b, m in BERKELEY]
    low, high = compared(BERKELEY).gap.interval(0.95)
    assert compared(turned).gap.interval(0.95) == pytest.approx((1 / high, 1 / low))
    low, high = compared(BERKELEY, "difference").gap.interval(0.95)
    assert compared(turned, "difference").gap.interval(0.95) == pytest.approx((-high, -low))


def test_a_stratum_without_both_says_nothing() -> None:
    """Men alone, or women alone, change nothing but the number of strata that are silent."""
    found = compared([*BERKELEY, (0, 0, 50, 100), (90, 100, 0, 0)])
    assert found.gap.interval(0.95) == compared(BERKELEY).gap.interval(0.95)
    assert (found.strata, found.silent, found.gap.n) == (6, 2, 1835)
    alone = compared([(0, 0, 50, 100)])
    assert (alone.gap.problem, alone.silent, alone.strata) == (strata.NO_STRATUM, 1, 0)


@pytest.mark.parametrize("measure", ["ratio", "difference"])
def test_weights_that_are_all_equal_change_nothing(measure: str) -> None:
    """Three as well as one."""
    plain, weighted = compared(BERKELEY, measure), compared(BERKELEY, measure, 3.0)
    assert weighted.gap.value == pytest.approx(plain.gap.value)
    assert weighted.gap.interval(0.95) == pytest.approx(plain.gap.interval(0.95))
    assert (weighted.gap.n, weighted.rest) == pytest.approx((1835, 2691))


def test_unequal_weights_count_as_fewer_examples() -> None:
    """Half of the weights 1, half 3: 100 examples are (200²) / 500 = 80, and both variances grow by 1.25."""

    def of(successes: float, trials: float) -> SliceMetrics:
        return SliceMetrics(
            n=round(trials), rates={KEY: Rate(2 * successes, 2 * trials, (5 * successes, 5 * (trials - successes)))}
        )

    groups, wholes = [of(30, 100), of(50, 100)], [of(90, 300), of(170, 300)]
    found = strata.compare(groups, wholes, KEY, "ratio").gap
    expected = compared([(24, 80, 48, 160), (40, 80, 96, 160)]).gap
    assert found.n == pytest.approx(160)
    assert found.interval(0.95) == pytest.approx(expected.interval(0.95))


@pytest.mark.parametrize("measure", ["ratio", "difference"])
def test_counts_that_grow_in_proportion(measure: str) -> None:
    """What is planned for four times the examples is what four times the examples have."""
    found = compared(BERKELEY, measure).gap
    assert found.scaled is not None
    grown, expected = found.scaled(4.0), compared([tuple(4 * x for x in row) for row in BERKELEY], measure).gap  # type: ignore[misc]
    assert (grown.n, *grown.interval(0.9)) == pytest.approx((expected.n, *expected.interval(0.9)))


@pytest.mark.parametrize(("rate", "ends"), [(0.0, (0.0, math.inf)), (1.0, None)])
def test_rates_that_do_not_vary_rest_on_their_examples(rate: float, ends: tuple[float, float] | None) -> None:
    """No success, or no failure, in any stratum: the interval is that of one stratum of as many effective examples."""
    counts = [(rate * n, n, rate * m, m) for n, m in ((40, 60), (40, 60))]
    assert compared(counts).gap.value == 1
    assert compared(counts).gap.interval(0.95) == (ends or pytest.approx(intervals.rate_ratio(80, 80, 120, 120)))
    difference = compared(counts, "difference").gap
    assert difference.interval(0.95) == pytest.approx(intervals.rate_difference(rate * 80, 80, rate * 120, 120))


def test_a_group_without_success_has_an_upper_end() -> None:
    """Zero against rates of .3 and .6 of 50 others each; and the others' zero leaves the ratio unbounded above."""
    low, high = compared([(0, 50, 15, 50), (0, 50, 30, 50)]).gap.interval(0.95)
    assert low == 0
    assert high == pytest.approx(Z**2 * (25**2 * 0.9 / 50) / (25 * 0.9) ** 2)
    low, high = compared([(15, 50, 0, 50), (30, 50, 0, 50)]).gap.interval(0.95)
    assert (compared([(15, 50, 0, 50)]).gap.value, high) == (math.inf, math.inf)
    assert low == pytest.approx((25 * 0.9) ** 2 / (Z**2 * (25**2 * 0.9 / 50)))


def clustered(rng: np.random.Generator, least: float = 1.0, buckets: int = 50) -> tuple[list[SliceMetrics], list[SliceMetrics]]:
    """Two strata of a group and others whose rates differ between buckets."""
    groups: list[SliceMetrics] = []
    wholes: list[SliceMetrics] = []
    for base in (0.2, 0.5):
        own, others = (rng.binomial(20, np.clip(base + rng.normal(0, 0.1, buckets), 0, 1)).astype(float) for _ in range(2))
        for found, counted, size in ((groups, own, 20.0), (wholes, own + others, 40.0)):
            trials = np.full(buckets, size)
            found.append(metrics(counted.sum(), trials.sum(), buckets=Buckets(counted, trials, least)))
    return groups, wholes


@pytest.mark.parametrize("measure", ["ratio", "difference"])
def test_clusters_widen_by_the_variance_between_buckets(measure: str) -> None:
    """The design effect is that of the linearised estimate, summed by bucket over both strata; t with 49 degrees."""
    groups, wholes = clustered(np.random.default_rng(3))
    found = strata.compare(groups, wholes, KEY, measure).gap  # type: ignore[arg-type]  # as text

    def estimate(own: np.ndarray, all_of: np.ndarray) -> float:  # type: ignore[type-arg]
        others = [(whole - part).sum() / 1000 for part, whole in zip(own, all_of, strict=True)]
        rates = [part.sum() / 1000 for part in own]
        return float(sum(rates) / sum(others) if measure == "ratio" else (sum(rates) - sum(others)) / 2)

    own, all_of = (np.array([each.rates[KEY].buckets.successes for each in slices]) for slices in (groups, wholes))  # type: ignore[union-attr]
    value = estimate(own, all_of)
    jackknife = []
    for at in range(50):
        kept = np.arange(50) != at
        jackknife.append(estimate(own[:, kept] * 50 / 49, all_of[:, kept] * 50 / 49))
    error = math.sqrt(49 / 50 * sum((each - np.mean(jackknife)) ** 2 for each in jackknife))
    reach = float(t.ppf(0.975, 49)) * error
    expected = (
        (value * math.exp(-reach / value), value * math.exp(reach / value))
        if measure == "ratio"
        else (value - reach, value + reach)
    )
    assert found.value == pytest.approx(value)
    assert found.interval(0.95) == pytest.approx(expected, rel=0.02)
    plain = compared(
        [(part.sum(), 1000, (whole - part).sum(), 1000) for part, whole in zip(own, all_of, strict=True)], measure
    ).gap
    assert found.n < plain.n / 2


def test_copies_count_once() -> None:
    """Buckets that hardly differ, and twice as many rows as distinct ones: an effect of 2 whatever the buckets say."""
    own, whole, size, twice = (np.full(50, each) for each in (6.0, 16.0, 20.0, 40.0))
    groups = [metrics(300, 1000, buckets=Buckets(own, size, 2.0))]
    wholes = [metrics(800, 2000, buckets=Buckets(whole, twice, 2.0))]
    found = strata.compare(groups, wholes, KEY, "ratio").gap
    level = 2 * (0.5 + math.erf(float(t.ppf(0.975, 49)) / math.sqrt(2)) / 2) - 1
    assert found.n == 500
    assert found.interval(0.95) == pytest.approx(compared([(150, 500, 250, 500)]).gap.interval(level))


def test_what_allows_no_interval() -> None:
    """Fewer than 20 buckets; weights that are no numbers; a group that is no part of its stratum."""
    few = strata.compare(*clustered(np.random.default_rng(1), buckets=19), KEY, "ratio")
    assert few.gap.problem == NOT_ENOUGH_CLUSTERS
    broken = SliceMetrics(n=100, rates={KEY: Rate(30, 100)}, design_effect=math.nan)
    assert strata.compare([broken], [metrics(80, 200)], KEY, "ratio").gap.problem == UNUSABLE_WEIGHTS
    larger = strata.compare([metrics(300, 400)], [metrics(80, 200)], KEY, "ratio")
    assert "cannot be separated" in larger.gap.problem


def left_out(counts: Counts, weight: float = 1.0, buckets: int = 0, more: tuple[float, float] = (0, 0)) -> tuple[float, float]:
    """The ratio with the group's examples that no stratum compares, of which `more` are in none; and their share."""

    def of(successes: float, trials: float) -> SliceMetrics:
        spread = Buckets(np.full(buckets, successes / buckets), np.full(buckets, trials / buckets), 1.0) if buckets else None
        return metrics(successes * weight, trials * weight, weight, spread)

    groups, wholes = [of(a, n) for a, n, _, _ in counts], [of(a + b, n + m) for a, n, b, m in counts]
    a, n, b, m = (sum(column) for column in zip(*counts, strict=True))
    own = (a + more[0], n + more[1])
    found = strata.with_left_out(groups, wholes, of(*own), of(own[0] + b, own[1] + m), KEY, "ratio")
    assert found is not None
    return found[0].value, found[1]


@pytest.mark.parametrize(("weight", "buckets"), [(1.0, 0), (3.0, 0), (1.0, 40)])
def test_what_no_stratum_compares_is_one_more_stratum(weight: float, buckets: int) -> None:
    """25 of 200 more beside all 600 others: weights 200·400 / 600 and 200·600 / 800."""
    stratum, alone = (100.0, 200.0, 200.0, 400.0), (20.0, 160.0, 0.0, 0.0)
    others = (0.0, 0.0, 50.0, 200.0)
    expected = (200 * 400 / 600 * 0.5 + 150 * 25 / 200) / (200 * 400 / 600 * 0.5 + 150 * 250 / 600)
    value, share = left_out([stratum, alone, others], weight, buckets, more=(5, 40))
    assert value == pytest.approx(expected)
    assert share == pytest.approx(0.5)


def test_a_stratum_with_hardly_any_others_compares_next_to_nothing() -> None:
    """One other beside 51 of the group is less than a fiftieth; beside 50 it is not."""
    stratum = (100.0, 200.0, 200.0, 400.0)
    assert left_out([stratum, (0, 51, 1, 1)])[1] == pytest.approx(51 / 251)
    assert left_out([stratum, (0, 50, 1, 1)], more=(0, 1))[1] == pytest.approx(1 / 251)


def test_nothing_left_out() -> None:
    """All of a group is compared, or nobody is outside of it."""
    part, whole = metrics(10, 20), metrics(30, 60)
    assert strata.with_left_out([part], [whole], part, whole, KEY, "ratio") is None
    assert strata.with_left_out([], [], part, part, KEY, "ratio") is None
