"""Intervals of two models on the same examples, against published values, the definition, enumeration and simulation."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import optimize, stats

from fairgate.measurement import Buckets, MetricKey, Paired, PairedBuckets, PairedRate, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import contrast, estimate
from fairgate.statistics.effective import student
from fairgate.statistics.paired import bonett_price, change, difference, difference_influence, effective_sizes, ratio, tango

FPR, AUC = MetricKey("false_positive_rate", 0.5), MetricKey("auc")


def pair_of(cells: tuple[float, float, float, float], weight: float = 1.0, buckets: PairedBuckets | None = None) -> PairedRate:
    """Joint counts of examples of equal weight."""
    weights, squares = ((cells[0] * w, cells[1] * w, cells[2] * w, cells[3] * w) for w in (weight, weight**2))
    return PairedRate(cells, weights, squares, buckets)


def rates_of(pair: PairedRate, buckets: Buckets | None = None) -> tuple[SliceMetrics, SliceMetrics]:
    """The candidate's and the baseline's slice of a pair."""
    both, lost, gained, _ = pair.weights
    total = sum(pair.weights)
    n = round(sum(pair.rows))
    made = (SliceMetrics(n, rates={FPR: Rate(hits, total, None, buckets)}) for hits in (both + gained, both + lost))
    return next(made), next(made)


def test_published_examples() -> None:
    """Fagerland, Lydersen, Laake (2014), airway hyper-responsiveness before and after transplantation: 1, 1, 7, 12 of 21."""
    assert tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert bonett_price(1, 7, 1) == pytest.approx((0.068, 0.923), abs=5e-4)


@pytest.mark.parametrize(
    ("gained", "lost", "n"), [(1, 7, 21), (0, 5, 40), (36, 12, 100), (3, 3, 1000), (0.2, 0.1, 0.9), (0.5, 0.2, 1.5)]
)
def test_tangos_limits_are_where_the_score_statistic_is_z(gained: float, lost: float, n: float) -> None:
    """By the definition, with the constrained likelihood maximised numerically."""

    def score(delta: float) -> float:
        def log_likelihood(q: float) -> float:
            shares = q + delta, q, 1 - 2 * q - delta
            counts = gained, lost, n - gained - lost
            return -sum(count * math.log(max(share, 1e-300)) for count, share in zip(counts, shares, strict=True) if count)

        bounds = max(0.0, -delta), (1 - delta) / 2
        q = optimize.minimize_scalar(log_likelihood, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        return float((gained - lost - n * delta) / math.sqrt(n * (2 * q + delta - delta**2)))

    low, high = tango(gained, lost, n, 0.9)
    z = stats.norm.ppf(0.95)
    assert (score(float(low)), score(float(high))) == pytest.approx((z, -z), abs=1e-3)


def test_tango_of_models_that_agree() -> None:
    """No discordant pair: ±z² / (n + z²), narrow and around 0."""
    for n in (30, 1000, 100_000):
        end = stats.norm.ppf(0.975) ** 2 / (n + stats.norm.ppf(0.975) ** 2)
        assert tango(0, 0, n) == pytest.approx((-end, end))
    assert tango(100, 0, 100) == pytest.approx((1 - 2 * 0.036995, 1.0), abs=2e-4)
    assert np.isnan(tango(0, 0, 0)).all()


def test_tango_covers_by_exact_enumeration() -> None:
    """Over all outcomes of 40 pairs: never below 93.5 % where 10 discordant pairs are expected, 95 % ± 1 on average."""
    n, coverages = 40, []
    outcomes = np.array([(b, c) for b, c in product(range(n + 1), repeat=2) if b + c <= n])
    low, high = tango(outcomes[:, 0], outcomes[:, 1], n)
    for gain, loss in ((0.15, 0.15), (0.2, 0.1), (0.25, 0.05), (0.3, 0.2)):
        cells = np.column_stack([outcomes, n - outcomes.sum(axis=1)])
        weights = stats.multinomial.pmf(cells, n, [gain, loss, 1 - gain - loss])
        assert weights.sum() == pytest.approx(1)
        coverages.append(weights[(low <= gain - loss) & (gain - loss <= high)].sum())
    assert min(coverages) > 0.935
    assert np.mean(coverages) == pytest.approx(0.95, abs=0.01)


def test_the_ratio_covers_by_simulation() -> None:
    """Of 300 pairs, 4,000 times: the mean over the cases within 1.5 points of 95 %."""
    rng = np.random.default_rng(11)
    coverages = []
    for both, lost, gained in ((0.15, 0.05, 0.05), (0.05, 0.05, 0.1), (0.3, 0.1, 0.02)):
        drawn = rng.multinomial(300, [both, lost, gained, 1 - both - lost - gained], 4000).T
        low, high = bonett_price(*drawn[:3])
        true = (both + gained) / (both + lost)
        coverages.append(((low <= true) & (true <= high)).mean())
    assert np.mean(coverages) == pytest.approx(0.95, abs=0.015)


def test_ratios_at_the_edges() -> None:
    """A model that never succeeds leaves one end open; where neither does there is nothing."""
    assert bonett_price(0, 9, 0)[0] == 0.0
    assert bonett_price(0, 0, 9)[1] == math.inf
    assert np.isnan(bonett_price(0, 0, 0)).all()
    assert math.isnan(ratio(pair_of((0, 0, 0, 9))).value)
    assert ratio(pair_of((0, 0, 3, 9))).value == math.inf
    assert ratio(pair_of((0, 3, 0, 9))).value == 0


@pytest.mark.parametrize("weight", [1.0, 0.2, 1e100])
def test_equal_weights_leave_the_counts(weight: float) -> None:
    """Tango's and Bonett and Price's own intervals, whatever all examples weigh."""
    pair = pair_of((40, 12, 30, 218), weight)
    found = difference(pair)
    assert (found.value, found.n) == pytest.approx((18 / 300, 300))
    assert found.interval(0.9) == pytest.approx(tango(30, 12, 300, 0.9))
    quotient = ratio(pair)
    assert (quotient.value, quotient.n) == pytest.approx((70 / 52, 300))
    assert quotient.interval(0.9) == pytest.approx(bonett_price(40, 12, 30, 0.9))


def test_weights_give_the_sandwich_variance() -> None:
    """At 50 % confidence, where score and normal interval nearly agree, the width is that of the linearised estimator."""
    rng = np.random.default_rng(2)
    weights, cell = rng.choice([1.0, 5.0], 20_000), rng.choice(4, 20_000, p=[0.1, 0.05, 0.1, 0.75])
    weights[(cell == 1) | (cell == 2)] *= 3
    sums = [(float((cell == k).sum()), float(weights[cell == k].sum()), float((weights[cell == k] ** 2).sum())) for k in range(4)]
    rows, totals, squares = zip(*sums, strict=True)
    found = difference(PairedRate(rows, totals, squares))
    moved = (cell == 2).astype(float) - (cell == 1)
    value = (weights * moved).sum() / weights.sum()
    error = math.sqrt((weights**2 * (moved - value) ** 2).sum()) / weights.sum()
    assert found.value == pytest.approx(value)
    low, high = found.interval(0.5)
    assert high - low == pytest.approx(2 * stats.norm.ppf(0.75) * error, rel=1e-3)
    assert found.n <= weights.sum() ** 2 / (weights**2).sum() + 1e-6
    quotient = ratio(PairedRate(rows, totals, squares))
    ours, theirs = ((weights * ((cell == 0) | (cell == k))).sum() / weights.sum() for k in (2, 1))
    moved = ((cell == 0) | (cell == 2)) / ours - ((cell == 0) | (cell == 1)) / theirs
    error = math.sqrt((weights**2 * moved**2).sum()) / weights.sum()
    low, high = np.log(quotient.interval(0.5))
    assert high - low == pytest.approx(2 * stats.norm.ppf(0.75) * error, rel=0.01)


def test_identical_models_on_weighted_examples() -> None:
    """No discordance: Kish's count of all examples bounds the difference."""
    found = difference(PairedRate((50, 0, 0, 150), (250, 0, 0, 150), (1250, 0, 0, 150)))
    assert found.value == 0
    assert found.interval(0.95) == pytest.approx(tango(0, 0, 400**2 / 1400))


def test_clusters_widen_a_paired_interval() -> None:
    """Each row 10 times in its bucket: the variance of 50 rows, with Student's t."""
    trials, base, cand = np.full(50, 10.0), np.repeat([10.0, 0.0], [10, 40]), np.repeat([0.0, 10.0, 0.0], [5, 15, 30])
    pair = pair_of((50, 50, 100, 300), buckets=PairedBuckets(trials, base, cand))
    found = difference(pair, 1.0)
    effect = 50 / 49 * 10
    expected = tango(100 / effect, 50 / effect, 500 / effect, student(0.95, 49))
    assert found.interval(0.95) == pytest.approx(expected)
    assert (found.n, found.degrees) == pytest.approx((500 / effect, 49))
    assert difference(pair, 100.0).n == pytest.approx(5)
    assert difference(pair).interval(0.95) == pytest.approx(tango(100, 50, 500))
    expected = bonett_price(50 / effect, 50 / effect, 100 / effect, student(0.95, 49))
    assert ratio(pair, 1.0).interval(0.95) == pytest.approx(expected)
    few = PairedBuckets(np.append(np.full(19, 10.0), np.zeros(31)), base, cand)
    assert "fewer than 20" in difference(pair_of((5, 5, 9, 9), buckets=few), 1.0).problem
    odd = PairedBuckets(np.append(np.full(49, 10.0), math.nan), base, cand)
    assert difference(pair_of((5, 5, 9, 9), buckets=odd), 1.0).problem


@pytest.mark.parametrize("squares", [(0.0, 0.0, 0.0, 0.0), (math.nan,) * 4, (math.inf,) * 4])
def test_unusable_squares_decide_nothing(squares: tuple[float, float, float, float]) -> None:
    """Also for models that agree."""
    for weights in ((10.0, 2.0, 3.0, 20.0), (10.0, 0.0, 0.0, 20.0)):
        found = difference(PairedRate(weights, weights, squares))
        assert math.isnan(found.value)
        assert "weights" in found.problem


def test_no_trials_have_no_difference() -> None:
    """NaN, without being a problem of the weights."""
    found = difference(pair_of((0, 0, 0, 0)))
    assert (math.isnan(found.value), found.n, found.problem) == (True, 0, "")
    assert all(map(math.isnan, found.interval(0.95)))


def test_scaled_pairs() -> None:
    """Four times the examples at the same joint rates."""
    for compare in (difference, ratio):
        found = compare(pair_of((40, 12, 30, 218)))
        assert found.scaled is not None
        grown, expected = found.scaled(4), compare(pair_of((160, 48, 120, 872)))
        assert (grown.value, grown.n) == pytest.approx((expected.value, expected.n))
        assert grown.interval(0.95) == pytest.approx(expected.interval(0.95))


def test_a_change_is_paired_where_joint_counts_are_known() -> None:
    """Else it is that of independent rates; what has no value stays without one."""
    pair = pair_of((40, 12, 30, 218))
    candidate, baseline = rates_of(pair)
    assert change(candidate, baseline, FPR, Paired({FPR: pair})).interval(0.95) == pytest.approx(tango(30, 12, 300))
    for unknown in (None, Paired()):
        found = change(candidate, baseline, FPR, unknown)
        assert found.interval(0.95) == pytest.approx(intervals.rate_difference(70, 300, 52, 300))
    broken = SliceMetrics(300, rates={FPR: Rate(70, 300)}, design_effect=math.nan)
    assert math.isnan(change(broken, baseline, FPR, Paired({FPR: pair})).value)


def test_a_change_of_clustered_examples_takes_their_buckets() -> None:
    """And is that of independent rates where the pair has none."""
    trials, base, cand = np.full(50, 10.0), np.repeat([10.0, 0.0], [10, 40]), np.repeat([0.0, 10.0, 0.0], [5, 15, 30])
    pair = pair_of((50, 50, 100, 300), buckets=PairedBuckets(trials, base, cand))
    candidate, baseline = rates_of(pair, Buckets(cand, trials, 2.0))
    found = change(candidate, baseline, FPR, Paired({FPR: pair}))
    assert found.interval(0.95) == pytest.approx(difference(pair, 2.0).interval(0.95))
    found = change(candidate, baseline, FPR, Paired({FPR: pair_of((50, 50, 100, 300))}))
    expected = contrast(estimate(candidate, FPR), estimate(baseline, FPR), "difference")
    assert found.interval(0.95) == pytest.approx(expected.interval(0.95))


def test_a_change_of_aucs_takes_their_covariance() -> None:
    """The variance of a difference; identical models differ by exactly 0; unpaired where no covariance is known."""
    candidate, baseline = (SliceMetrics(500, scalars={AUC: Scalar(value, 0.02)}) for value in (0.84, 0.82))
    found = change(candidate, baseline, AUC, Paired(covariances={AUC: 0.0003}))
    assert found.value == pytest.approx(0.02)
    assert found.interval(0.95) == pytest.approx(intervals.normal(0.02, math.sqrt(0.0002)))
    assert found.scaled is not None
    assert found.scaled(4).interval(0.95) == pytest.approx(intervals.normal(0.02, math.sqrt(0.00005)))
    assert change(baseline, baseline, AUC, Paired(covariances={AUC: 0.0004 * (1 - 1e-12)})).interval(0.95) == (0, 0)
    for unknown in (Paired(), Paired(covariances={AUC: math.nan}), Paired({AUC: pair_of((1, 1, 1, 1))})):
        found = change(candidate, baseline, AUC, unknown)
        apart = contrast(estimate(candidate, AUC), estimate(baseline, AUC), "difference")
        assert found.interval(0.95) == pytest.approx(apart.interval(0.95))


def test_a_covariance_without_standard_errors_decides_nothing() -> None:
    """The models are compared as independent, with an interval that is not known either."""
    candidate, baseline = (SliceMetrics(500, scalars={AUC: Scalar(value, math.nan)}) for value in (0.84, 0.82))
    found = change(candidate, baseline, AUC, Paired(covariances={AUC: 0.0003}))
    assert found.value == pytest.approx(0.02)
    assert all(math.isnan(end) for end in found.interval(0.95))


def test_the_unit_of_weights_does_not_matter_in_buckets() -> None:
    """Buckets whose trials weigh less than 1 are buckets; 20 of them are enough."""
    trials, base, cand = np.full(50, 10.0), np.repeat([10.0, 0.0], [10, 40]), np.repeat([0.0, 10.0, 0.0], [5, 15, 30])
    heavy = pair_of((50, 50, 100, 300), buckets=PairedBuckets(trials, base, cand))
    light = pair_of((50, 50, 100, 300), 0.05, PairedBuckets(trials * 0.05, base * 0.05, cand * 0.05))
    for compare in (difference, ratio):
        assert compare(light, 1.0).interval(0.95) == pytest.approx(compare(heavy, 1.0).interval(0.95))
    twenty = PairedBuckets(trials[:20], base[:20], cand[:20])
    assert difference(pair_of((50, 50, 100, 0), buckets=twenty), 1.0).problem == ""


def test_less_than_one_effective_example_is_counted() -> None:
    """Not taken for weights that cannot be used; a ratio of nothing to nothing still rests on its examples."""
    found = difference(pair_of((0.1, 0.2, 0.3, 0.2)))
    assert (found.value, found.n) == pytest.approx((0.125, 0.8))
    assert found.problem == ""
    assert ratio(pair_of((0, 0, 0, 9))).n == 9
    assert ratio(pair_of((0, 0, 0, 0.5))).n == 0.5
    low, high = bonett_price(0.3, 0.2, 0.1)
    assert 0 < low < 0.4 / 0.5 < high < math.inf


def test_a_change_of_aucs_of_clustered_examples() -> None:
    """Each error grows with the root of its own model's design effect, the covariance with both."""
    copies = Buckets(np.repeat([10.0, 0.0], [20, 30]), np.full(50, 10.0))
    alike = Buckets(np.full(50, 4.0), np.full(50, 10.0), 2.0)
    candidate, baseline = (
        SliceMetrics(500, rates={FPR: Rate(200, 500, (200, 300), buckets)}, scalars={AUC: Scalar(value, 0.02)})
        for value, buckets in ((0.84, copies), (0.82, alike))
    )
    found = change(candidate, baseline, AUC, Paired(covariances={AUC: 0.0003}))
    ours, theirs = 50 / 49 * 10, 2.0
    error = math.sqrt(0.0004 * ours + 0.0004 * theirs - 2 * 0.0003 * math.sqrt(ours * theirs))
    assert found.interval(0.8) == pytest.approx(intervals.normal(0.02, error, 0.8))
    assert found.scaled is not None
    assert found.scaled(4).n == pytest.approx(4 * found.n)


def test_models_without_joint_counts_are_compared_as_independent() -> None:
    """The difference of 36 of 100 and 12 of 100, with Newcombe's interval."""
    ours, theirs = (SliceMetrics(100, rates={FPR: Rate(hits, 100)}) for hits in (36, 12))
    found = change(ours, theirs, FPR, None)
    assert found.value == pytest.approx(0.24)
    assert found.interval(0.95) == pytest.approx(tuple(map(float, intervals.rate_difference(36, 100, 12, 100))))


def test_effective_sizes_of_many_pairs_are_those_of_each() -> None:
    shares, squares = np.array([[0.1, 0.4], [0.2, 0.1], [0.3, 0.2], [0.4, 0.3]]), np.array([[10.0, 5], [40, 7], [30, 9], [80, 4]])
    total, influence = np.array([100.0, 40.0]), difference_influence(np.array([0.1, 0.1]))
    together = effective_sizes(shares, total, squares, influence)
    for at in range(2):
        alone = effective_sizes(shares[:, at], total[at], squares[:, at], influence[:, at])
        assert (together[0][at], together[1][at]) == pytest.approx((float(alone[0]), float(alone[1])))


def test_effective_sizes_by_hand() -> None:
    """Kish's (Σw)² / Σw², and the binomial over the sandwich variance of the difference of .1."""
    shares, squares = np.array([0.1, 0.2, 0.3, 0.4]), np.array([10.0, 40, 30, 80])
    kish, sandwich = effective_sizes(shares, 100.0, squares, difference_influence(0.1))
    assert kish == pytest.approx(10_000 / 160)
    influence = (0.1**2, 1.1**2, 0.9**2, 0.1**2)
    binomial, weighted = (sum(a * b for a, b in zip(of, influence, strict=True)) for of in (shares, squares))
    assert sandwich == pytest.approx(10_000 * binomial / weighted)


@pytest.mark.parametrize("weight", [1.0, 0.1, 3.0])
def test_pairs_of_equal_weight_are_as_many_as_there_are(weight: float) -> None:
    rates = [
        difference(pair_of((both, lost, 7.0, 210.0 - both - lost), weight))
        for both in range(0, 150, 7)
        for lost in range(0, 60, 3)
    ]
    assert {each.n for each in rates} == {217.0}
