"""What an evaluation may be asked for."""

import pytest
from pydantic import ValidationError

from fairgate.counting.config import EvaluationConfig


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ((0.0, 0.5), "threshold 0 is not between 0 and 1"),
        ((0.5, 1.0), "threshold 1 is not between 0 and 1"),
        ((0.5, 0.3), r"thresholds \[0.5, 0.3\] must rise, each named once"),
        ((0.5, 0.5), r"thresholds \[0.5, 0.5\] must rise, each named once"),
    ],
)
def test_thresholds_rise_inside_of_0_and_1(thresholds: tuple[float, ...], message: str) -> None:
    """At 0 or 1 every example would be called alike."""
    with pytest.raises(ValidationError, match=message):
        EvaluationConfig(thresholds=thresholds)


@pytest.mark.parametrize("thresholds", [(), (0.5,), (0.001, 0.999)])
def test_thresholds_in_order_are_kept(thresholds: tuple[float, ...]) -> None:
    """Also none, as multi-class tasks have."""
    assert EvaluationConfig(thresholds=thresholds).thresholds == thresholds
