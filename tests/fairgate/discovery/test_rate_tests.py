"""The tests of rates, against scipy and statsmodels."""

import numpy as np
import pytest
from scipy import stats

from fairgate.discovery.rate_tests import design_effect, fisher_p, higher_rate_p, simes


def test_fisher_s_test_is_scipy_s() -> None:
    """Every table of 9 rows with 4 errors, one-sided."""
    tables = [(x, n) for n in range(10) for x in range(max(0, n - 5), min(n, 4) + 1)]
    x, n = np.array(tables).T
    found = fisher_p(x, n, 4, 9)
    expected = [stats.fisher_exact([[a, m - a], [4 - a, 5 - m + a]], "greater")[1] for a, m in tables]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("x", "n", "all_x", "all_n"), [(130, 1000, 90_000, 900_000), (60, 1000, 90_000, 900_000), (5, 5, 9, 50)])
def test_tails_of_large_tables_are_scipy_s(x: int, n: int, all_x: int, all_n: int) -> None:
    """Far above the mean, and below it."""
    assert fisher_p(x, n, all_x, all_n) == pytest.approx(stats.hypergeom.sf(x - 1, all_n, all_x, n), rel=1e-6)


@pytest.mark.parametrize(("x", "n", "all_x", "all_n"), [(0, 0, 5, 9), (0, 5, 0, 9), (5, 5, 9, 9), (0, 5, 3, 9)])
def test_a_table_that_cannot_speak_has_a_p_value_of_one(x: int, n: int, all_x: int, all_n: int) -> None:
    """No trials, no errors, errors only, none in the group."""
    assert fisher_p(x, n, all_x, all_n) == pytest.approx(1)


def _buckets(random: np.random.Generator, copies: int) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    """Counts of two groups in 50 buckets, each row there a number of times."""
    trials, other_trials = random.integers(5, 15, 50), random.integers(30, 60, 50)
    return tuple(
        copies * each for each in (random.binomial(trials, 0.3), trials, random.binomial(other_trials, 0.2), other_trials)
    )


def test_the_design_effect_is_that_of_a_loop_over_buckets() -> None:
    """B / (B - 1) times the squared residuals of the difference, over the variance of independent rows."""
    events, trials, other_events, other_trials = _buckets(np.random.default_rng(1), 3)
    x, n, y, m = events.sum(), trials.sum(), other_events.sum(), other_trials.sum()
    total = 0.0
    for bucket in range(50):
        own = (events[bucket] - x / n * trials[bucket]) / n
        total += (own - (other_events[bucket] - y / m * other_trials[bucket]) / m) ** 2
    independent = x / n * (1 - x / n) / n + y / m * (1 - y / m) / m
    effect, buckets = design_effect(events, trials, other_events, other_trials)
    assert float(effect) == pytest.approx(50 / 49 * total / independent)
    assert int(buckets) == 50


def test_copies_of_rows_prove_less_than_as_many_other_rows() -> None:
    """The greater of Student's t with the design effect and of Fisher's test of the effective number, not Fisher's of all."""
    thrice = _buckets(np.random.default_rng(1), 3)
    second = float(design_effect(*thrice)[0])
    naive = fisher_p(thrice[0].sum(), thrice[1].sum(), thrice[0].sum() + thrice[2].sum(), thrice[1].sum() + thrice[3].sum())
    x, n, y, m = (each.sum() for each in thrice)
    pooled = (x + y) / (n + m)
    z = (x / n - y / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) * second)
    effective = fisher_p(x / second, n / second, (x + y) / second, (n + m) / second)
    assert higher_rate_p(*thrice) == pytest.approx(max(stats.t.sf(z, 49), effective))
    assert naive < higher_rate_p(*thrice)


def test_independent_rows_are_judged_by_fisher_s_test_alone() -> None:
    """One bucket."""
    counts = [np.array([each]) for each in (30, 100, 40, 300)]
    assert higher_rate_p(*counts) == pytest.approx(fisher_p(30, 100, 70, 400))


def test_clustered_rows_without_errors_prove_nothing() -> None:
    """A p-value of 1."""
    zeros, ones = np.zeros(50, np.int64), np.ones(50, np.int64)
    assert higher_rate_p(zeros, ones, zeros, ones) == 1


def test_simes_is_the_least_of_the_ranked_multiples() -> None:
    """Equal to the smallest Benjamini-Hochberg adjusted p-value."""
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(2).random((20, 4)) ** 3
    assert simes(p_values) == pytest.approx([multipletests(row, method="fdr_bh")[1].min() for row in p_values])


def test_the_p_value_of_effective_counts_lies_between_those_of_whole_ones() -> None:
    """Of half a count more or less."""
    lower, between, upper = fisher_p(np.array([12, 12.5, 13]), 60, 100, 1_000)
    assert upper < between < lower
