"""Effective counts: what weights and clusters make of the counts of a rate."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fairgate.measurement import Buckets, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import (
    against_overall,
    against_rest,
    cluster_effect,
    complement,
    contrast,
    estimate,
    informedness,
)
from fairgate.statistics.effective import Weighed, effective, of_rate, student, whole_but_for_rounding

FPR, TPR, AUC = MetricKey("false_positive_rate", 0.5), MetricKey("true_positive_rate", 0.5), MetricKey("auc")


def weighted(weights: list[float], hits: list[bool]) -> Rate:
    """A rate of examples with their squares."""
    array, won = np.array(weights), np.array(hits)
    squares = (float((array[won] ** 2).sum()), float((array[~won] ** 2).sum()))
    return Rate(float(array[won].sum()), float(array.sum()), squares)


def in_buckets(successes: list[float], trials: list[float], least_effect: float = 1.0) -> Rate:
    """A rate of unweighted examples in buckets."""
    x, n = sum(successes), sum(trials)
    return Rate(x, n, (x, n - x), Buckets(np.array(successes), np.array(trials), least_effect))


def of_slice(rate: Rate, **other: float) -> SliceMetrics:
    """A slice with one rate."""
    return SliceMetrics(n=round(rate.trials), rates={FPR: rate}, **other)  # type: ignore[arg-type]  # floats by name


def test_equal_weights_leave_the_counts() -> None:
    """30 of 100 examples of weight 7 are 30 of 100."""
    for weight in (1.0, 7.0, 1e-140, 1e140):
        counts, n, degrees, problem = of_rate(weighted([weight] * 100, [True] * 30 + [False] * 70), weight)
        assert (counts.successes, counts.trials, n) == pytest.approx((30, 100, 100))
        assert (degrees, problem) == (math.inf, "")


def test_the_variance_of_effective_counts_is_the_sandwich() -> None:
    """As the linearised estimator Σ w²(x - p)² / (Σw)² gives it, example by example."""
    rng = np.random.default_rng(3)
    weights, hits = rng.uniform(0.2, 5, 400), rng.random(400) < 0.2
    value = weights[hits].sum() / weights.sum()
    expected = (weights**2 * (hits - value) ** 2).sum() / weights.sum() ** 2
    counts, n, _, _ = of_rate(weighted(weights.tolist(), hits.tolist()), 1.0)
    assert counts.value == pytest.approx(value)
    assert value * (1 - value) / counts.trials == pytest.approx(expected)
    assert n == pytest.approx(min(counts.trials, weights.sum() ** 2 / (weights**2).sum()))


@pytest.mark.parametrize("hit", [True, False])
def test_a_rate_of_0_or_1_rests_on_kishs_count(hit: bool) -> None:
    """Weights 1, 1, 2: (Σw)² / Σw² = 16 / 6."""
    counts, n, _, _ = of_rate(weighted([1, 1, 2], [hit] * 3), 1.0)
    assert (counts.value, counts.trials, n) == pytest.approx((float(hit), 16 / 6, 16 / 6))


def test_weights_that_go_with_the_label_leave_each_label_its_examples() -> None:
    """Positives weigh 11, negatives 1: Kish over the slice made of 80 positives far fewer."""
    positives = Rate(11 * 20.0, 11 * 80.0, (121 * 20.0, 121 * 60.0))
    slice_effect = 1000 * (920 + 80 * 121) / (920 + 880) ** 2
    metrics = SliceMetrics(1000, 80, 920, {FPR: positives}, {}, slice_effect, 1.8)
    found = estimate(metrics, FPR)
    assert found.n == pytest.approx(80)
    assert not found.weighted
    assert found.interval(0.95) == pytest.approx(intervals.wilson(20, 80))
    mixed = Rate(50.0, 100.0, (250.0, 50.0))
    assert estimate(SliceMetrics(60, 60, 0, {FPR: mixed}, {}, 1.5, 100 / 60), FPR).weighted


def test_the_design_effect_of_buckets() -> None:
    """Every bucket holds copies of one row: 50 buckets of 10 rows are 50 examples, with Student's t of 49 degrees."""
    rate = in_buckets([10.0] * 20 + [0.0] * 30, [10.0] * 50)
    counts, n, degrees, problem = of_rate(rate, 1.0)
    effect = 50 / 49 * 10
    assert (counts.successes, counts.trials, n) == pytest.approx((200 / effect, 500 / effect, 500 / effect))
    assert (degrees, problem) == (49, "")
    t = stats.t.ppf(0.975, 49)
    level = 2 * stats.norm.cdf(t) - 1
    assert estimate(of_slice(rate), FPR).interval(0.95) == pytest.approx(intervals.wilson(*vars_of(counts), level))


def vars_of(counts: Rate) -> tuple[float, float]:
    """Both counts of a rate."""
    return counts.successes, counts.trials


def test_buckets_never_sharpen_an_interval() -> None:
    """Buckets that are more alike than chance allows have an effect of 1, or the least one that is known."""
    alike = ([4.0] * 50, [10.0] * 50)
    assert of_rate(in_buckets(*alike), 1.0)[0].trials == pytest.approx(500)
    assert of_rate(in_buckets(*alike, 100.0), 1.0)[0].trials == pytest.approx(5)
    assert of_rate(in_buckets([0.0] * 50, [10.0] * 50, 2.0), 1.0)[0].trials == pytest.approx(250)


@pytest.mark.parametrize(("filled", "enough"), [(19, False), (20, True)])
def test_few_buckets_decide_nothing(filled: int, enough: bool) -> None:
    """Empty buckets do not count; the estimate says why it has no value."""
    found = estimate(of_slice(in_buckets([3.0, 4.0] * 10 + [0.0] * 30, [10.0] * filled + [0.0] * (50 - filled))), FPR)
    assert math.isnan(found.value) != enough
    assert found.problem.startswith("rests on fewer than 20 buckets") != enough
    assert all(math.isnan(end) != enough for end in found.interval(0.95))


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_buckets_that_are_no_numbers_decide_nothing(odd: float) -> None:
    """They are not left out, which would take the examples for independent."""
    for counts in (([odd] + [3.0] * 49, [10.0] * 50), ([3.0] * 50, [odd] + [10.0] * 49)):
        rate = Rate(150, 500, (150, 350), Buckets(np.array(counts[0]), np.array(counts[1])))
        assert math.isnan(estimate(of_slice(rate), FPR).value)


@pytest.mark.parametrize("effect", [math.nan, 0.0, -1.0, math.inf])
def test_an_unusable_design_effect_has_no_value(effect: float) -> None:
    """Nothing can be decided by the value alone, be it of a rate or of an AUC."""
    slices = (
        of_slice(Rate(10, 100), design_effect=effect),
        of_slice(weighted([1.0] * 100, [True] * 10 + [False] * 90), design_effect=effect),
        SliceMetrics(100, 50, 50, {FPR: Rate(10, 100)}, {AUC: Scalar(0.9)}, effect),
    )
    found = [estimate(slices[0], FPR), estimate(slices[1], FPR), estimate(slices[2], AUC)]
    for each in found:
        assert math.isnan(each.value)
        assert (each.n, each.problem) == (0.0, "has example weights that no interval can be computed from")
    sound = of_slice(Rate(100, 1000))
    for measure in ("ratio", "difference"):
        assert math.isnan(against_overall(slices[0], sound, FPR, measure).value)
        assert math.isnan(against_overall(sound, slices[0], FPR, measure).value)
        assert math.isnan(against_rest(slices[0], sound, FPR, measure).value)
        assert math.isnan(against_rest(sound, slices[0], FPR, measure).value)
        assert math.isnan(contrast(found[0], estimate(sound, FPR), measure).value)
        assert math.isnan(contrast(estimate(sound, FPR), found[0], measure).value)


@pytest.mark.parametrize("weight", [0.0, 1e-200, 1e200, math.nan, math.inf, -1.0])
def test_no_weight_crashes(weight: float) -> None:
    """An interval or none, never an exception; weights of zero leave no trials."""
    with np.errstate(all="ignore"):
        squares = float(np.float64(weight) ** 2)
    for given in (None, (10 * squares, 90 * squares)):
        metrics = SliceMetrics(100, 50, 50, {FPR: Rate(10 * weight, 100 * weight, given)}, {AUC: Scalar(0.9)}, 1.0, weight)
        found = [estimate(metrics, FPR), estimate(metrics, AUC), against_overall(metrics, metrics, FPR, "ratio")]
        for each in found:
            assert len(each.interval(0.95)) == 2
        if given is None and weight in (1e-200, 1e200):
            assert found[0].n == pytest.approx(100)
        elif math.isnan(found[0].value):
            assert found[0].n == 0
        else:
            pytest.fail("a weight that cannot be used has a value")


def test_a_slice_against_overall_in_buckets() -> None:
    """The buckets of the complement are those of overall without the slice's."""
    rng = np.random.default_rng(5)
    inside, outside = ((rng.binomial(10, 0.3, 50).astype(float).tolist(), [10.0] * 50) for _ in range(2))
    whole = in_buckets([a + b for a, b in zip(inside[0], outside[0], strict=True)], [20.0] * 50)
    part = in_buckets(*inside)
    found = against_rest(of_slice(part), of_slice(whole), FPR, "difference")
    (one, *_), (other, *_) = of_rate(part, 1.0), of_rate(in_buckets(*outside), 1.0)
    level = student(0.95, 49)
    assert found.interval(0.95) == pytest.approx(intervals.rate_difference(*vars_of(one), *vars_of(other), level))
    few = in_buckets([1.0] * 50, [1.0] * 50)
    nearly_all = Rate(0, 0, (0, 0), Buckets(np.zeros(50), np.append(np.ones(40), np.zeros(10))))
    part = Rate(50 - 10, 40, (40, 0), Buckets(np.append(np.ones(40), np.zeros(10)), nearly_all.buckets.trials))  # type: ignore[union-attr]
    for compare in (against_overall, against_rest):
        assert "fewer than 20" in compare(of_slice(part), of_slice(few), FPR, "ratio").problem


def test_against_the_rest() -> None:
    """Ratio and difference to the complement, with its interval untranslated."""
    part, whole = of_slice(Rate(51, 100)), of_slice(Rate(280, 1000))
    ratio, difference = (against_rest(part, whole, FPR, measure) for measure in ("ratio", "difference"))
    assert ratio.value == pytest.approx(0.51 / (229 / 900))
    assert difference.value == pytest.approx(0.51 - 229 / 900)
    assert ratio.interval(0.95) == pytest.approx(intervals.rate_ratio(51, 100, 229, 900))
    assert difference.interval(0.9) == pytest.approx(intervals.rate_difference(51, 100, 229, 900, 0.9))
    scalars = SliceMetrics(n=100, scalars={AUC: Scalar(0.8, 0.03)})
    assert "cannot be separated" in against_rest(scalars, scalars, AUC, "ratio").problem


def test_the_error_of_a_scalar_knows_copies() -> None:
    """Each example four times: half the precision that the standard error claims, a quarter of the examples."""
    rate = in_buckets([4.0] * 50, [8.0] * 50, 4.0)
    found = estimate(SliceMetrics(400, 200, 200, {FPR: rate}, {AUC: Scalar(0.8, 0.01)}), AUC)
    assert found.interval(0.95) == pytest.approx(tuple(intervals.area(0.8, 0.02, math.nan)))
    assert found.n == 100
    few = in_buckets([4.0] * 19 + [0.0] * 31, [8.0] * 19 + [0.0] * 31)
    found = estimate(SliceMetrics(400, 200, 200, {FPR: few, TPR: Rate(0, 0)}, {AUC: Scalar(0.8, 0.01)}), AUC)
    assert math.isnan(found.value)
    assert "fewer than 20" in found.problem


def test_the_error_of_a_scalar_grows_with_the_clusters_of_its_rates() -> None:
    """The upper quartile: of three rates without any effect of their clusters and two of copied rows that of the copies."""
    x, n = np.array([10.0] * 20 + [0.0] * 30), np.full(50, 10.0)
    copied = Rate(200, 500, (200, 300), Buckets(x, n))
    alike = Rate(200, 500, (200, 300), Buckets(np.full(50, 4.0), n))
    keys = [MetricKey("false_positive_rate", t / 10) for t in range(1, 6)]
    metrics = SliceMetrics(500, 200, 300, dict(zip(keys, [alike] * 3 + [copied] * 2, strict=True)), {AUC: Scalar(0.8, 0.01)})
    assert cluster_effect(metrics) == pytest.approx(50 / 49 * 10)
    assert estimate(metrics, AUC).n == pytest.approx(500 / (50 / 49 * 10))


def test_clusters_do_not_prove_what_is_not_so() -> None:
    """A rate exactly at the limit is called above it at a nominal 2.5 %: in 9 to 14 % of draws, with buckets in about 3."""
    rng = np.random.default_rng(12)
    for users, rows in ((160, 5), (80, 10)):
        rates = []
        for _ in range(600):
            hits = rng.binomial(rows, rng.beta(0.2 * 7 / 3, 0.8 * 7 / 3, users))  # an intraclass correlation of .3
            bucket = rng.integers(0, 50, users)
            x, n = np.bincount(bucket, hits, 50), np.bincount(bucket, np.full(users, float(rows)), 50)
            rates.append(Rate(x.sum(), n.sum(), (x.sum(), n.sum() - x.sum()), Buckets(x.astype(float), n.astype(float))))
        wrong = []
        for of_draw in ([Rate(rate.successes, rate.trials) for rate in rates], rates):
            counts = effective(Weighed.of(of_draw, [1.0] * 600))
            low, _ = intervals.wilson(counts.successes, counts.trials, student(0.95, counts.degrees))
            wrong.append((low > 0.2).mean())
        assert wrong[0] > 0.06
        assert wrong[1] < 0.045


@pytest.mark.parametrize("factor", [0.5, 1.0, 40.0])
def test_scaled_estimates_hold_the_rates(factor: float) -> None:
    """As if all counts were multiplied; standard errors shrink with the root."""
    part, whole = of_slice(Rate(51, 100)), of_slice(Rate(280, 1000))
    grown_part, grown_whole = (
        of_slice(Rate(m.rates[FPR].successes * factor, m.rates[FPR].trials * factor)) for m in (part, whole)
    )
    pairs = [
        (estimate(part, FPR), estimate(grown_part, FPR)),
        (against_overall(part, whole, FPR, "ratio"), against_overall(grown_part, grown_whole, FPR, "ratio")),
        (against_rest(part, whole, FPR, "difference"), against_rest(grown_part, grown_whole, FPR, "difference")),
        (
            contrast(estimate(part, FPR), estimate(whole, FPR), "ratio"),
            contrast(estimate(grown_part, FPR), estimate(grown_whole, FPR), "ratio"),
        ),
        (
            estimate(SliceMetrics(n=100, scalars={AUC: Scalar(0.8, 0.03)}), AUC),
            estimate(SliceMetrics(n=round(100 * factor), scalars={AUC: Scalar(0.8, 0.03 / math.sqrt(factor))}), AUC),
        ),
    ]
    for before, after in pairs:
        assert before.scaled is not None
        found = before.scaled(factor)
        assert (found.value, found.n) == pytest.approx((before.value, after.n))
        assert found.interval(0.95) == pytest.approx(after.interval(0.95))


def test_informedness() -> None:
    """Youden's J of 90 of 100 positives and 20 of 200 negatives called positive; undefined without one label."""
    metrics = SliceMetrics(300, 100, 200, {TPR: Rate(90, 100), FPR: Rate(20, 200)})
    found = informedness(metrics, 0.5)
    assert (found.value, found.n) == pytest.approx((0.8, 100))
    assert found.interval(0.95) == pytest.approx(intervals.rate_difference(90, 100, 20, 200))
    constant = informedness(SliceMetrics(300, 100, 200, {TPR: Rate(100, 100), FPR: Rate(200, 200)}), 0.5)
    low, high = constant.interval(0.95)
    assert low < constant.value == 0 < high
    assert math.isnan(informedness(SliceMetrics(200, 0, 200, {TPR: Rate(0, 0), FPR: Rate(20, 200)}), 0.5).value)
    with pytest.raises(KeyError):
        informedness(metrics, 0.6)


def test_student_agrees_with_scipy() -> None:
    """The normal quantile at the returned confidence is the t of the degrees, up to what floating point holds."""
    for confidence in (0.5, 0.95, 0.9999):
        levels = np.asarray(student(confidence, np.array([19.0, 49.0, math.inf])))
        expected = [*stats.t.ppf((1 + confidence) / 2, [19, 49]), stats.norm.ppf((1 + confidence) / 2)]
        assert intervals.critical_value(levels) == pytest.approx(expected, rel=1e-6)
    assert student(0.95, math.inf) == 0.95
    assert float(student(1 - 1e-12, 19)) < 1


def test_rates_with_and_without_buckets_stand_side_by_side() -> None:
    """Each keeps its own degrees of freedom."""
    rates = [Rate(10, 100), in_buckets([3.0] * 40, [10.0] * 40), in_buckets([3.0] * 30, [10.0] * 30)]
    found = effective(Weighed.of(rates, [1.0] * 3))
    assert found.degrees.tolist() == [math.inf, 39, 29]
    assert found.trials == pytest.approx([100, 400, 300])


def test_the_unit_of_weights_does_not_matter_in_buckets() -> None:
    """Buckets whose trials weigh less than 1 are buckets."""
    heavy = in_buckets([10.0] * 20 + [0.0] * 30, [10.0] * 50)
    light = Rate(2.0, 5.0, (0.02, 0.03), Buckets(np.array([0.1] * 20 + [0.0] * 30), np.array([0.1] * 50)))
    for one, other in zip(vars_of(of_rate(light, 0.01)[0]), vars_of(of_rate(heavy, 1.0)[0]), strict=True):
        assert one == pytest.approx(other)


def test_less_than_one_effective_example_is_counted() -> None:
    """Not taken for weights that cannot be used."""
    counts, n, _, problem = of_rate(Rate(0.3, 0.9, (0.3, 0.6)), 1.0)
    assert (counts.trials, n) == pytest.approx((0.9, 0.9))
    assert problem == ""


def test_clusters_and_weights_divide_kishs_count_too() -> None:
    """By hand: sandwich 60,000 / 252 trials, Kish 250,000 / 1,200; variance of buckets 50 / 49 · 1,200 / 250,000."""
    successes, trials = np.array([10.0] * 20 + [0.0] * 30), np.full(50, 10.0)
    counts, n, _, _ = of_rate(Rate(200.0, 500.0, (300.0, 900.0), Buckets(successes, trials)), 1.0)
    effect = (50 / 49 * 1200 / 250_000) / (0.24 / (60_000 / 252))
    assert counts.trials == pytest.approx(0.24 / (50 / 49 * 1200 / 250_000))
    assert n == pytest.approx(250_000 / 1200 / effect)


def test_rates_without_variance_have_no_design_effect() -> None:
    """No successes at all: the least effect holds, which is 1."""
    assert of_rate(in_buckets([0.0] * 50, [10.0] * 50), 1.0)[0].trials == pytest.approx(500)


def test_what_is_said_of_rates_that_decide_nothing() -> None:
    """Too few buckets before weights; n is 0, and degrees are still those of the buckets."""
    _, n, degrees, problem = of_rate(in_buckets([3.0] * 19, [10.0] * 19), 1.0)
    assert (n, degrees, problem[:21]) == (0.0, 18, "rests on fewer than 2")
    broken = Rate(60, 200, (math.inf, 1.0), Buckets(np.full(20, 3.0), np.full(20, 10.0)))
    assert of_rate(broken, 1.0)[3] == "has example weights that no interval can be computed from"


def test_the_counts_outside_of_a_slice() -> None:
    """Counts, squares and Σw² are additive; without positive Σw² outside, that of the whole is taken per weight."""
    part = Weighed.of([Rate(0.1, 0.4, (0.01, 0.08))], [2.25])
    rest = Weighed.of([Rate(0.3, 1.0, (0.03, 0.5))], [5.9]).without(part)
    assert rest.counts[:, 0] == pytest.approx([0.2, 0.6, 0.02, 0.42, (5.9 - 0.9) / 0.6])
    odd = Weighed.of([Rate(3.0, 10.0)], [1.5]).without(Weighed.of([Rate(1.0, 4.0)], [9.0]))
    assert odd.counts[4, 0] == 1.5
    nothing = Weighed.of([Rate(3.0, 10.0, (3.0, 7.0))], [1.5])
    assert nothing.without(nothing).counts[:, 0].tolist() == [0, 0, 0, 0, 1.5]


def test_clustered_rates_alone_tell_the_effect_on_scalars() -> None:
    """A rate that was not counted by bucket does not; 20 buckets are enough."""
    clustered, twenty = in_buckets([10.0] * 20 + [0.0] * 30, [10.0] * 50), in_buckets([10.0] * 8 + [0.0] * 12, [10.0] * 20)
    assert cluster_effect(SliceMetrics(500, rates={FPR: clustered, TPR: Rate(10, 100)})) == pytest.approx(50 / 49 * 10)
    assert cluster_effect(SliceMetrics(200, rates={FPR: twenty})) == pytest.approx(20 / 19 * 10)


def test_unequal_weights_stay_unequal_when_scaled() -> None:
    """And weights that differ by floating-point noise are equal."""
    mixed = Rate(50.0, 100.0, (250.0, 50.0))
    found = estimate(SliceMetrics(60, 60, 0, {FPR: mixed}, {}, 1.5, 100 / 60), FPR)
    assert found.scaled is not None
    assert found.scaled(2).weighted
    noisy = Rate(20.0, 80.0, (20.0, 60.0 * (1 + 1e-7)))
    assert not estimate(SliceMetrics(1000, 80, 920, {FPR: noisy}, {}, 1.5, 1.8), FPR).weighted


def test_a_contrast_is_scaled_where_both_can_be() -> None:
    """Else how it would be with more examples is not known."""
    known = estimate(of_slice(Rate(10, 100)), FPR)
    unknown = replace(known, scaled=None)
    assert contrast(known, known, "ratio").scaled is not None
    assert contrast(known, unknown, "ratio").scaled is None
    assert contrast(unknown, known, "ratio").scaled is None


def test_what_has_no_rest_says_with_what_to_compare() -> None:
    """An AUC has no complement."""
    metrics = SliceMetrics(100, 50, 50, {}, {AUC: Scalar(0.9)})
    problem = "cannot be separated from that of the other examples; compare it with overall"
    assert against_rest(metrics, metrics, AUC, "ratio").problem == problem


def test_weights_are_numbers_with_fractions() -> None:
    """Also where all counts are whole, so that a count can become NaN."""
    assert Weighed.of([Rate(1, 2, (1, 1))], [1]).counts.dtype == np.float64


def test_each_rate_has_the_scale_of_its_slice() -> None:
    with pytest.raises(ValueError, match="zip"):
        Weighed.of([Rate(1, 2), Rate(1, 2)], [1.0])


def test_an_absent_rate_has_no_buckets() -> None:
    found = Weighed.of([in_buckets([3.0] * 20, [10.0] * 20)], [1.0]).at(np.array([0, -1]))
    assert found.buckets is not None
    assert found.buckets[1, 0].tolist() == [10.0] * 20
    assert np.isnan(found.buckets[:, 1]).all()


@pytest.mark.parametrize(("successes", "value"), [(-1e-9, 0.0), (100 + 1e-9, 1.0)])
def test_floating_point_noise_makes_no_rate_outside_of_0_and_1(successes: float, value: float) -> None:
    counts, n, _, _ = of_rate(Rate(successes, 100, (value * 100, (1 - value) * 100)), 1.0)
    assert (counts.successes, counts.trials, n) == (value * 100, 100, 100)


def test_what_subtraction_leaves_of_a_bucket_is_no_bucket() -> None:
    """Of 20 buckets of 100 the slice holds one but for floating-point noise: 19 are left."""
    whole, part = np.full(20, 100.0), np.append(np.full(19, 50.0), 100.0 - 1e-8)
    counts = [Weighed.of([in_buckets((trials / 2).tolist(), trials.tolist())], [1.0]) for trials in (whole, part)]
    assert effective(counts[0].without(counts[1])).clusters.tolist() == [19]


@pytest.mark.parametrize("degrees", [-1.0, 0.0, 1.0])
def test_students_t_has_at_least_one_degree_of_freedom(degrees: float) -> None:
    """The quantile of the Cauchy distribution."""
    level = np.asarray(student(0.9, degrees))
    assert float(level) == pytest.approx(2 * stats.norm.cdf(math.tan(math.pi * 0.45)) - 1, rel=1e-9)


@pytest.mark.parametrize(("exact", "summed"), [(1.0, 1 - 1e-16), (1.0, 1 - 3e-16), (0.0, 1e-17)])
@pytest.mark.parametrize("clustered", [False, True])
def test_rate_that_is_an_end_but_for_the_order_of_a_sum_has_its_interval(exact: float, summed: float, clustered: bool) -> None:
    """Sums of weights differ in their last digit with the order of the rows."""

    def of(value: float) -> tuple[float, float]:
        trials = np.full(40, 2.5)
        buckets = Buckets(trials * value, trials, 1.0) if clustered else None
        rate = Rate(100 * value, 100.0, (250.0 * exact, 250.0 * (1 - exact)), buckets)
        counts, n, *_ = of_rate(rate, 2.5)
        return counts.trials, n

    assert of(summed) == pytest.approx(of(exact))
    assert of(exact)[1] == pytest.approx(40.0)


def test_few_examples_of_unequal_weight_are_no_more_than_kish_counts() -> None:
    """Two rows of weight 1 and one of .01 that alone fails: their variance is that of 135 examples, and they are two."""
    few = weighted([1.0, 1.0, 0.01], [True, True, False])
    counts, n, _, _ = of_rate(few, 1.0)
    assert (counts.trials, n) == pytest.approx((2.01**2 / 2.0001,) * 2)
    many = weighted([1.0, 1.0, 0.01] * 100, [True, True, False] * 100)
    assert of_rate(many, 1.0)[0].trials > 10_000


def test_what_rounding_leaves_of_squares_is_a_single_example() -> None:
    """A group that holds all weight but 1e-9 of it: what is outside is known no better than by one example."""
    inside, outside = [1e5] * 300, [3.1e-4] * 100
    whole = weighted([*inside, *outside], [True, False] * 200)
    part = weighted(inside, [True, False] * 150)
    rest = complement(of_slice(part, mean_weight=1e5), of_slice(whole, mean_weight=7.5e4), FPR)
    assert rest is not None
    assert rest.value == pytest.approx(0.5, abs=0.02)
    assert 0.9 < rest.n < 2.1


@pytest.mark.parametrize("weight", [1.0, 0.1, 3.0, 1 / 3])
def test_examples_of_equal_weight_are_as_many_as_there_are(weight: float) -> None:
    """A number that misses a whole one by rounding would fall short of a minimum that it reaches."""
    rows = [(hits, n) for n in (100, 161, 217, 250) for hits in range(n + 1)]
    rates = [Rate(x * weight, n * weight, (x * weight**2, (n - x) * weight**2)) for x, n in rows]
    counts = effective(Weighed.of(rates, [weight] * len(rates)))
    expected = [float(n) for _, n in rows]
    assert counts.n.tolist() == counts.trials.tolist() == expected


def test_a_number_that_is_not_whole_stays_as_it_is() -> None:
    assert whole_but_for_rounding([99.5, 100 - 1e-6, math.nan, math.inf, 0.0]).tolist()[:2] == [99.5, 100 - 1e-6]
    assert whole_but_for_rounding([100 - 1e-9, math.inf]).tolist() == [100.0, math.inf]


def test_a_scalar_rests_on_as_many_examples_of_equal_weight_as_there_are() -> None:
    metrics = SliceMetrics(217, 100, 117, scalars={AUC: Scalar(0.7, 0.03)}, design_effect=1 + 2**-52, mean_weight=0.1)
    assert estimate(metrics, AUC).n == 217
