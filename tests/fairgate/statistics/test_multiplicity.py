"""Holm's procedure, against statsmodels' results written out, and the p-value of a broken limit."""

import numpy as np
import pytest

from fairgate.statistics.intervals import Interval, normal
from fairgate.statistics.multiplicity import holm, violation_p


def test_holm_multiplies_by_the_number_of_hypotheses_that_are_left() -> None:
    """0.01·4, 0.02·3, 0.03·2 raised to 0.06, and 0.5·1; in the order given."""
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])


def test_holm_is_monotone_and_at_most_one() -> None:
    """0.4 times 3 is cut off, and what follows is not smaller."""
    assert holm([0.9, 0.4, 0.6]) == [1.0, 1.0, 1.0]


def test_equal_p_values_stay_equal() -> None:
    """The second is raised to the first."""
    assert holm([0.02, 0.02]) == [0.04, 0.04]


def test_holm_of_nothing() -> None:
    """An empty family has no p-values."""
    assert holm([]) == []


def test_holm_controls_false_rejections() -> None:
    """Of 2,000 families of ten true hypotheses about 5 % have a rejection at 0.05: with 3 standard errors below 0.065."""
    families = np.random.default_rng(5).random((2000, 10))
    rejected = [min(holm(family.tolist())) <= 0.05 for family in families]
    assert 0.03 < np.mean(rejected) < 0.065


def interval(confidence: float) -> Interval:
    """The normal interval of 0.3 with standard error 0.1."""
    return normal(0.3, 0.1, confidence)


def test_the_p_value_of_a_broken_limit_is_two_sided() -> None:
    """The limit lies 1.96 standard errors away."""
    assert violation_p(interval, 0.3 - 0.1 * 1.959964) == pytest.approx(0.05, rel=1e-5)


def test_the_worst_of_several_counts_that_many_times() -> None:
    """Four times 0.05; never more than 1."""
    assert violation_p(interval, 0.3 - 0.1 * 1.959964, 4) == pytest.approx(0.2, rel=1e-5)
    assert violation_p(interval, 0.25, 100) == 1.0
