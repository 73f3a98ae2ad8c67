"""Plain numbers of an evaluation."""

import numpy as np

from fairgate.measurement import Buckets, MetricKey, Rate


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


def test_thresholds_that_differ_have_different_keys() -> None:
    """As few digits as tell a number from every other."""
    written = [str(MetricKey("fpr", at)) for at in (0.0, 0.5, 0.1 + 0.2, 0.3, 0.12345678)]
    assert written == ["fpr@0", "fpr@0.5", "fpr@0.30000000000000004", "fpr@0.3", "fpr@0.12345678"]
