import pytest

from components.evaluation.keys import fairness_key, refuse_equal_names
from fairgate.errors import InputError


def test_the_longest_threshold_sets_the_digits() -> None:
    """Of all thresholds, for the names of all of them."""
    assert fairness_key("precision", 0.5, (0.5, 0.9)) == "fairness_indicators_metrics/precision@0.5"
    assert fairness_key("precision", 0.5, (0.25, 0.5)) == "fairness_indicators_metrics/precision@0.50"


def test_thresholds_of_one_name_are_refused() -> None:
    """0.00001 is written 1e-05, which is shorter than it is precise."""
    with pytest.raises(InputError, match=r"^evaluation.thresholds: 1e-05 and another threshold would both be named"):
        refuse_equal_names((0.00001, 0.00002, 0.5))
    refuse_equal_names((0.1, 0.125, 0.5))
    refuse_equal_names(())
