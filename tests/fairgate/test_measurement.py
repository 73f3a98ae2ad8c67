"""Plain numbers of an evaluation."""

import numpy as np

from fairgate.measurement import Buckets, Rate


def test_opposite_of_a_rate() -> None:
    """The true positive rate of a false negative rate: also by weights and by bucket."""
    missed = Rate(3.0, 10.0, (4.0, 9.0), Buckets(np.array([1.0, 2.0]), np.array([4.0, 6.0]), 1.5))
    found = missed.opposite()
    assert (found.successes, found.trials, found.squares) == (7.0, 10.0, (9.0, 4.0))
    assert found.buckets is not None
    assert found.buckets.successes.tolist() == [3.0, 4.0]
    assert found.buckets.trials.tolist() == [4.0, 6.0]
    assert found.buckets.least_effect == 1.5


def test_opposite_of_plain_counts() -> None:
    assert Rate(3.0, 10.0).opposite() == Rate(7.0, 10.0)
