"""Fisher's exact test against SciPy's."""

import math

import pytest
from scipy import stats

from fairgate.statistics.fisher import fisher_exact

TABLES = [
    (8, 10, 1, 6),
    (0, 5, 5, 5),
    (3, 3, 3, 3),
    (50, 92, 34, 76),
    (1, 40, 30, 30),
    (0, 4, 0, 9),
    (7, 7, 9, 9),
    (120, 900, 80, 900),
]


@pytest.mark.parametrize("table", TABLES)
def test_it_is_that_of_scipy(table: tuple[int, int, int, int]) -> None:
    """Two-sided, also where a margin is empty."""
    first, of_first, second, of_second = table
    expected = stats.fisher_exact([[first, of_first - first], [second, of_second - second]])[1]
    assert fisher_exact((first, second), (of_first, of_second)) == pytest.approx(expected, rel=1e-9)


def test_without_trials_there_is_none() -> None:
    """NaN."""
    assert math.isnan(fisher_exact((0, 3), (0, 5)))
