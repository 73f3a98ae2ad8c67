"""Columns of the tidy table; what they hold is tested through `fairgate.table`."""

import pytest

from fairgate.measurement import Evaluation, MetricKey, Scalar, SliceMetrics
from fairgate.statistics.columns import comparisons, rates_of, scalars_of


def test_comparisons_start_from_rates() -> None:
    """Other metrics have no counts from which those of the rest follow."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=3, scalars={MetricKey("auc"): Scalar(0.5)})}})
    rates, scalars = rates_of(evaluation, 0.95), scalars_of(evaluation, 0.95)
    with pytest.raises(ValueError, match=r"^The first argument must be rates, which have counts.$"):
        comparisons(scalars, rates, 0.95)
