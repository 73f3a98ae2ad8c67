"""Changes of gaps to overall: against the delta method, by simulation, and at the edges."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from fairgate.measurement import PairedBuckets, PairedRate
from fairgate.statistics import gap_changes
from fairgate.statistics.gap_changes import Gap, of_each, of_largest
from fairgate.statistics.multiplicity import violation_p

Cells = tuple[float, float, float, float]
RATIO, DIFFERENCE = Gap("ratio", "higher"), Gap("difference", "higher")


def pair_of(cells: Cells, weight: float = 1.0) -> PairedRate:
    """Joint counts without buckets."""
    weights, squares = ((cells[0] * w, cells[1] * w, cells[2] * w, cells[3] * w) for w in (weight, weight**2))
    return PairedRate(cells, weights, squares)


def drawn(rng: np.random.Generator, n: int, shares: list[float], buckets: int = 50) -> PairedRate:
    """Joint counts of n random examples, in buckets."""
    by_bucket = rng.multinomial(n // buckets, shares, buckets).astype(float)
    return bucketed(by_bucket)


def bucketed(by_bucket: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> PairedRate:
    """The rate of cells [buckets, 4]."""
    both, lost, gained, _ = by_bucket.T
    one, two, three, four = by_bucket.sum(axis=0).tolist()
    cells = (one, two, three, four)
    return PairedRate(cells, cells, cells, PairedBuckets(by_bucket.sum(axis=1), both + lost, both + gained))


def together(*pairs: PairedRate) -> PairedRate:
    """All examples of disjoint slices, bucket by bucket."""
    parts = [pair.buckets for pair in pairs if pair.buckets]
    one, two, three, four = np.sum([pair.rows for pair in pairs], axis=0).tolist()
    trials, baseline, candidate = (
        np.sum([getattr(part, name) for part in parts], axis=0) for name in ("trials", "baseline", "candidate")
    )
    cells = (one, two, three, four)
    return PairedRate(cells, cells, cells, PairedBuckets(trials, baseline, candidate))


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_the_width_is_that_of_the_delta_method(weight: float) -> None:
    """The variance of (1 - w)·(slice - rest of candidate - baseline), from multinomial covariances."""
    own, rest = np.array([600, 900, 200, 2300]), np.array([900, 600, 300, 14_200])
    variance = 0.0
    for cells in (own, rest):
        n, d = cells.sum(), (cells[2] - cells[1]) / cells.sum()
        variance += ((cells[1] + cells[2]) / n - d**2) / n
    expected = (1 - 4000 / 20_000) * 1.959964 * math.sqrt(variance)
    slice_pair, whole = (pair_of(tuple(cells.tolist()), weight) for cells in (own, own + rest))
    value = (800 / 4000 - 2000 / 20_000) - (1500 / 4000 - 3000 / 20_000)
    found = of_each(slice_pair, whole, DIFFERENCE, value, 4000)
    low, high = found.interval(0.95)
    assert (value - low, high - value) == pytest.approx((expected, expected), rel=0.06)
    assert (found.value, found.n) == (value, 4000)
    assert found.scaled is not None
    low, high = found.scaled(4).interval(0.95)
    assert high - low == pytest.approx(expected, rel=0.06)


def test_models_that_agree_neither_shrink_nor_grow_a_gap() -> None:
    """A change of 0 within a narrow interval that holds 0 inside: nothing is proven."""
    found = of_each(pair_of((300, 0, 0, 700)), pair_of((1500, 0, 0, 8500)), RATIO, 0.0, 1000)
    low, high = found.interval(0.95)
    assert -0.02 < low < 0 < high < 0.02


def test_the_largest_gap_covers_by_simulation() -> None:
    """Three slices of 500 negatives; the true largest gap shrinks from 2.02 to 1.31; 200 repetitions, at least 92 % of them."""
    rng, held = np.random.default_rng(4), 0
    shares = [[0.15, 0.25, 0.06, 0.54], [0.1, 0.1, 0.1, 0.7], [0.1, 0.1, 0.1, 0.7], [0.1, 0.05, 0.04, 0.81]]
    sizes = [500, 500, 500, 3500]
    rates = [np.array([cells[0] + cells[model] for cells in shares]) for model in (1, 2)]
    overall = [float(np.average(of_model, weights=sizes)) for of_model in rates]
    true = [of_model[:3].max() / whole for of_model, whole in zip(rates, overall, strict=True)]
    for _ in range(200):
        pairs = [drawn(rng, n, cells) for n, cells in zip(sizes, shares, strict=True)]
        whole = together(*pairs)
        largest = [
            max((pair.rows[0] + pair.rows[model]) / sum(pair.rows) for pair in pairs[:3])
            / ((whole.rows[0] + whole.rows[model]) / sum(whole.rows))
            for model in (1, 2)
        ]
        low, high = of_largest(pairs[:3], whole, RATIO, largest[1] - largest[0], 500).interval(0.95)
        held += low <= true[1] - true[0] <= high
    assert 184 <= held <= 199


def test_a_gap_of_many_that_only_moved_is_not_proven_to_shrink() -> None:
    """The baseline has 24 gaps of .04, the candidate one: the largest measured gap shrinks by chance, in truth it stays.

    40 repetitions; mere percentiles of the draws "prove" a smaller gap in half of them.
    """
    rng, proven, values = np.random.default_rng(12), 0, []
    shares = [[0.02, 0.14, 0.121, 0.719], *[[0.02, 0.14, 0.08, 0.76]] * 23, [0.02, 0.068, 0.08, 0.832]]
    for _ in range(40):
        pairs = [drawn(rng, 500, cells) for cells in shares[:24]]
        whole = together(*pairs, drawn(rng, 15_000, shares[24]))
        theirs, ours = (
            max((pair.rows[0] + pair.rows[model]) / sum(pair.rows) for pair in pairs)
            - (whole.rows[0] + whole.rows[model]) / sum(whole.rows)
            for model in (1, 2)
        )
        values.append(ours - theirs)
        proven += of_largest(pairs, whole, DIFFERENCE, ours - theirs, 500).interval(0.95)[1] < 0
    assert np.mean(values) < -0.015
    assert proven <= 2


def test_the_only_gap_of_ten_vanishes() -> None:
    """From 2 to 1 in truth; the largest of ten measured gaps is never 1. 100 repetitions, at least 90 % of them."""
    rng, held = np.random.default_rng(13), 0
    shares = [[0.08, 0.16, 0.04, 0.72], *[[0.06, 0.06, 0.06, 0.82]] * 10]
    sizes = [500.0, *[500.0] * 9, 5000.0]
    overall = float(np.average([cells[0] + cells[1] for cells in shares], weights=sizes))
    true = 1 - 0.24 / overall
    for _ in range(100):
        pairs = [drawn(rng, int(n), cells) for n, cells in zip(sizes, shares, strict=True)]
        whole = together(*pairs)
        largest = [
            max((pair.rows[0] + pair.rows[model]) / sum(pair.rows) for pair in pairs[:10])
            / ((whole.rows[0] + whole.rows[model]) / sum(whole.rows))
            for model in (1, 2)
        ]
        low, high = of_largest(pairs[:10], whole, RATIO, largest[1] - largest[0], 500).interval(0.95)
        held += low <= true <= high
    assert held >= 90


def test_slices_far_below_the_largest_do_not_widen_the_interval() -> None:
    """They cannot be the largest, so that nothing has to hold for them."""
    rng = np.random.default_rng(14)
    slices = [drawn(rng, 1000, [0.05, 0.02, 0.02, 0.91]) for _ in range(20)]
    great, rest = drawn(rng, 1000, [0.5, 0.3, 0.1, 0.1]), drawn(rng, 5000, [0.1, 0.05, 0.05, 0.8])
    whole = together(*slices, great, rest)
    value = sum(
        sign * ((great.rows[0] + great.rows[model]) / sum(great.rows)) / ((whole.rows[0] + whole.rows[model]) / sum(whole.rows))
        for model, sign in ((1, -1), (2, 1))
    )
    alone, among = (of_largest(pairs, whole, RATIO, value, 1000).interval(0.95) for pairs in ([great], [great, *slices]))
    assert among == alone


def test_the_pair_of_one_slice_bounds_a_gap_that_neither_changed() -> None:
    """Five equal gaps, two models that nearly agree: narrower than gaps of different slices allow."""
    rng = np.random.default_rng(15)
    slices = [drawn(rng, 1000, [0.3, 0.01, 0.01, 0.68]) for _ in range(5)]
    whole = together(*slices, drawn(rng, 20_000, [0.1, 0.005, 0.005, 0.89]))
    low, high = of_largest(slices, whole, DIFFERENCE, 0.0, 1000).interval(0.95)
    error_of_one_rate = math.sqrt(0.31 * 0.69 / 1000)
    assert high - low < 2 * 1.96 * error_of_one_rate


def test_overlapping_slices_are_drawn_together() -> None:
    """A slice that is listed twice is the largest of one; independent draws would take it for two."""
    rng = np.random.default_rng(8)
    one, rest = drawn(rng, 500, [0.2, 0.1, 0.05, 0.65]), drawn(rng, 2500, [0.1, 0.05, 0.05, 0.8])
    whole = together(one, rest)
    alone, twice = (of_largest(pairs, whole, RATIO, -0.3, 500).interval(0.95) for pairs in ([one], [one, one]))
    assert twice == alone


def test_the_order_of_slices_does_not_matter() -> None:
    """The hundredth slice counts as the first."""
    rng = np.random.default_rng(9)
    slices = [drawn(rng, 500, [0.1, 0.1, 0.05, 0.75]) for _ in range(99)]
    great, rest = drawn(rng, 500, [0.5, 0.3, 0.1, 0.1]), drawn(rng, 5000, [0.1, 0.05, 0.05, 0.8])
    whole = together(*slices, great, rest)
    first, last = (of_largest(pairs, whole, RATIO, -0.5, 500).interval(0.95) for pairs in ([great, *slices], [*slices, great]))
    assert first == last


def test_the_interval_grows_with_the_confidence() -> None:
    """Also beyond what 2,000 draws can tell, so that p-values are those of the intervals."""
    rng = np.random.default_rng(6)
    one, rest = drawn(rng, 1000, [0.2, 0.1, 0.05, 0.65]), drawn(rng, 5000, [0.1, 0.05, 0.05, 0.8])
    whole = together(one, rest)
    for found in (of_largest([one], whole, RATIO, -0.4, 1000), of_each(one, whole, RATIO, -0.4, 1000)):
        levels = [1e-9, 0.1, 0.5, 0.9, 0.95, 0.989, 0.99, 0.991, 0.999, 1 - 1e-6, 1 - 1e-12]
        ends = [found.interval(level) for level in levels]
        assert all(b[0] <= a[0] <= a[1] <= b[1] for a, b in pairwise(ends))
        p = violation_p(found.interval, 0.0)
        assert 0 < p < 0.01
        assert found.interval(1 - p)[1] == pytest.approx(0, abs=1e-3)


def test_few_clusters_decide_nothing() -> None:
    """19 buckets with trials in the smallest slice."""
    rng = np.random.default_rng(1)
    cells = rng.multinomial(20, [0.2, 0.1, 0.1, 0.6], 50).astype(float)
    whole, part = bucketed(cells), bucketed(np.where(np.arange(50)[:, None] < 19, cells, 0.0))
    found = of_largest([part], whole, RATIO, -0.1, 380)
    assert math.isnan(found.value)
    assert "fewer than 20" in found.problem


def test_the_largest_gap_needs_buckets() -> None:
    """Joint counts alone hold no covariance between slices."""
    with pytest.raises(ValueError, match=r"^The largest gap is drawn from buckets, which this rate has not\.$"):
        of_largest([pair_of((1, 1, 1, 1))], pair_of((2, 2, 2, 2)), RATIO, 0.0, 4)


def ratio_change(part: PairedRate, whole: PairedRate) -> float:
    """The change of the ratio to overall."""
    before, after = (
        (part.rows[0] + part.rows[model]) / sum(part.rows) / ((whole.rows[0] + whole.rows[model]) / sum(whole.rows))
        for model in (1, 2)
    )
    return after - before


def test_the_interval_of_the_largest_gap_shrinks_with_the_root() -> None:
    """Of four times the examples half the distances."""
    rng = np.random.default_rng(6)
    one, rest = drawn(rng, 1000, [0.2, 0.1, 0.05, 0.65]), drawn(rng, 5000, [0.1, 0.05, 0.05, 0.8])
    whole = together(one, rest)
    value = ratio_change(one, whole)
    found = of_largest([one], whole, RATIO, value, 1000)
    assert found.scaled is not None
    grown = found.scaled(2)
    assert grown.scaled is not None
    assert grown.value == found.value == value
    (low, high), (grown_low, grown_high) = found.interval(0.95), grown.scaled(2).interval(0.95)
    assert low < value - 0.01
    assert high > value + 0.01
    assert (grown_low, grown_high) == pytest.approx((value + (low - value) / 2, value + (high - value) / 2))
    assert grown.scaled(2).n == 4000


def test_a_gap_in_both_directions_has_the_interval_of_the_one_that_is_far_larger() -> None:
    """Both slices are far above overall, in both models: that they might be below has no part in it."""
    rng = np.random.default_rng(7)
    slices = [drawn(rng, 1000, [0.5, 0.2, 0.1, 0.2]), drawn(rng, 1000, [0.4, 0.2, 0.1, 0.3])]
    whole = together(*slices, drawn(rng, 10_000, [0.1, 0.05, 0.05, 0.8]))
    one, other = (of_largest(slices, whole, gap, -0.05, 1000).interval(0.95) for gap in (DIFFERENCE, Gap("difference", None)))
    assert one == pytest.approx(other)


def test_few_buckets_widen_the_interval_by_students_t() -> None:
    """20 buckets are enough, with the t of 19 degrees: the bootstrap's error by its definition, at 99 %."""
    rng = np.random.default_rng(16)
    own, rest = (drawn(rng, n, shares, 20) for n, shares in ((2000, [0.3, 0.2, 0.1, 0.4]), (20_000, [0.05, 0.03, 0.02, 0.9])))
    whole = together(own, rest)
    assert own.buckets is not None
    assert whole.buckets is not None
    value, error = 0.0, np.zeros(20)
    for sign, part in ((1, own.buckets), (-1, whole.buckets)):
        change, trials = part.candidate - part.baseline, part.trials.sum()
        value += sign * change.sum() / trials
        error += sign * (change - change.sum() / trials * part.trials) / trials
    reach = stats.t.ppf(0.995, 19) * math.sqrt((error**2).sum())
    low, high = of_largest([own], whole, DIFFERENCE, value, 2000).interval(0.99)
    assert (value - low, high - value) == pytest.approx((reach, reach), rel=0.08)


@pytest.mark.parametrize(
    ("gap", "rates", "overall", "sizes"),
    [
        (RATIO, [0.3, 0.1, 0.0], 0.2, [1.5, 1, 1]),
        (DIFFERENCE, [0.3, 0.1], 0.2, [0.1, 0]),
        (Gap("ratio", "lower"), [0.3, 0.1, 0.0], 0.2, [1, 2, math.inf]),
        (Gap("difference", "lower"), [0.3, 0.1], 0.2, [0, 0.1]),
        (Gap("ratio", None), [0.3, 0.1], 0.2, [1.5, 2]),
        (Gap("difference", None), [0.3, 0.05], 0.2, [0.1, 0.15]),
        (RATIO, [0.0, 0.1], 0.0, [1, math.inf]),
        (Gap("ratio", "lower"), [0.0], 0.0, [1]),
    ],
)
def test_sizes_of_gaps(gap: Gap, rates: list[float], overall: float, sizes: list[float]) -> None:
    """Better than overall is no gap; two rates of 0 have none."""
    assert gap.sizes(np.array(rates), np.array(overall)) == pytest.approx(sizes)


def test_no_trials_have_no_change() -> None:
    """A slice without negatives: NaN ends."""
    found = of_each(pair_of((0, 0, 0, 0)), pair_of((10, 5, 5, 80)), RATIO, math.nan, 0)
    assert all(map(math.isnan, found.interval(0.95)))
    found = of_each(pair_of((0, 0, 0, 0)), pair_of((0, 0, 0, 0)), RATIO, 0.0, 0)
    assert all(map(math.isnan, found.interval(0.95)))


@pytest.mark.parametrize("square", [math.nan, math.inf, 0.0, -1.0])
def test_weights_that_cannot_be_used_decide_nothing(square: float) -> None:
    """Neither of the slice nor of all examples; nor buckets that are no numbers."""
    cells, sound = (10.0, 5.0, 5.0, 80.0), pair_of((100, 50, 50, 800))
    broken = PairedRate(cells, cells, (square, square, square, square))
    for pair, whole in ((broken, sound), (pair_of(cells), broken)):
        found = of_each(pair, whole, RATIO, 0.1, 100)
        assert math.isnan(found.value)
        assert "weights" in found.problem
    odd = PairedRate(cells, cells, cells, PairedBuckets(np.full(50, math.inf), np.ones(50), np.ones(50)))
    assert "weights" in of_largest([odd], odd, RATIO, 0.1, 100).problem


@pytest.mark.parametrize("cells", [(300, 0, 0, 700), (300, 20, 10, 670)])
@pytest.mark.parametrize("weight", [1e-3, 0.3, 7.0])
def test_the_unit_of_weights_does_not_matter(cells: Cells, weight: float) -> None:
    """Of models that agree on every example, as of others: the same draws."""
    whole = (1500, 50, 40, 8410)
    one, other = (of_each(pair_of(cells, w), pair_of(whole, w), RATIO, 0.0, 1000) for w in (1.0, weight))
    assert other.interval(0.95) == pytest.approx(one.interval(0.95))
    assert one.scaled is not None
    assert one.scaled(4).n == 4000


def test_unequal_weights_have_the_width_of_the_sandwich() -> None:
    """The linearised variance of the change of a difference to overall, Σ w²·u², where the discordant examples weigh most."""
    own, rest = np.array([600, 300, 200, 2900]), np.array([900, 300, 300, 15_500])
    weights = np.array([0.5, 4.0, 3.0, 0.2])
    parts = []
    for rows in (own, rest):
        total = (rows * weights).sum()
        change = ((rows * weights)[2] - (rows * weights)[1]) / total
        influence = (np.array([0.0, -1.0, 1.0, 0.0]) - change) / total
        parts.append((total, change, (rows * weights**2 * influence**2).sum()))
    share = parts[0][0] / (parts[0][0] + parts[1][0])
    expected = (1 - share) * 1.959964 * math.sqrt(parts[0][2] + parts[1][2])
    pairs = []
    for rows in (own, own + rest):
        one, two, three = (tuple((rows * weights**power).tolist()) for power in range(3))
        pairs.append(PairedRate(one, two, three))
    value = (1 - share) * (parts[0][1] - parts[1][1])
    low, high = of_each(pairs[0], pairs[1], DIFFERENCE, value, 4000).interval(0.95)
    assert (value - low, high - value) == pytest.approx((expected, expected), rel=0.1)


def test_buckets_of_light_examples_are_buckets() -> None:
    """Whatever the unit of the weights."""
    cells = np.random.default_rng(3).multinomial(20, [0.2, 0.1, 0.1, 0.6], 50).astype(float)
    heavy, light = (
        of_largest([bucketed(cells * weight)], bucketed(cells * (2 * weight)), RATIO, 0.0, 100) for weight in (1.0, 0.01)
    )
    assert light.interval(0.95) == pytest.approx(heavy.interval(0.95))


def test_clusters_have_one_degree_of_freedom_less_than_buckets() -> None:
    """The interval of 20 buckets is that of the same draws with the t of 19 degrees."""
    rng = np.random.default_rng(16)
    own, rest = drawn(rng, 2000, [0.3, 0.2, 0.1, 0.4], 20), drawn(rng, 20_000, [0.05, 0.03, 0.02, 0.9], 20)
    whole = together(own, rest)
    value, rates = ratio_change(own, whole), gap_changes._drawn_rates(np.array([*map(gap_changes._by_bucket, (own, whole))]))
    draws = gap_changes._gaps(RATIO, rates[:, :-1], rates[:, -1:])
    expected = gap_changes._interval(value, lambda: draws, 19)(0.95)
    assert of_largest([own], whole, RATIO, value, 2000).interval(0.95) == expected


def test_cells_are_drawn_with_their_mean_and_squared_weights() -> None:
    """An empty cell as half an example of mean weight; one that subtraction left without squares as empty."""
    weights, squares = np.array([600.0, 40.0, 0.0, 1e-13]), np.array([1200.0, 20.0, 0.0, 0.0])
    found = gap_changes._cells(np.array([weights, squares]), gap_changes._uniform()[0])
    mean = 1220 / 640
    assert found.mean(axis=0) == pytest.approx([600, 40, mean / 2, mean / 2], rel=2e-3)
    assert found.var(axis=0) == pytest.approx([1200, 20, mean**2 / 2, mean**2 / 2], rel=0.02)


def test_no_examples_are_drawn_as_none() -> None:
    assert not gap_changes._cells(np.zeros((2, 4)), gap_changes._uniform()[0]).any()


def test_points_fill_the_space_evenly() -> None:
    """In each dimension and in each pair of them, as independent uniform numbers do on average."""
    points = np.concatenate([*gap_changes._uniform()], axis=1)
    assert points.shape == (8000, 8)
    assert points.mean(axis=0) == pytest.approx([0.5] * 8, abs=2e-3)
    assert points.T @ points / 8000 == pytest.approx(np.where(np.eye(8), 1 / 3, 1 / 4), abs=3e-3)
    assert points[0].tolist() == [0.5] * 8
    assert points[1, 0] == pytest.approx(0.5 + 1 / 1.0850702454914507 - 1)
