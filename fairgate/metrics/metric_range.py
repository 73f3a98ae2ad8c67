"""Which values a metric can take. Imports no third-party package."""

import math

from fairgate.metrics import names

_SHARES = frozenset(
    {
        *names.DECISION_RATES,
        names.AUC,
        names.SUBGROUP_AUC,
        names.BPSN_AUC,
        names.BNSP_AUC,
        names.FINAL_SCORE,
        names.CALIBRATION_ERROR,
        names.MEAN_LABEL,
        names.MEAN_SCORE,
        names.ACCURACY,
        names.RECALL,
        names.TRIVIAL_ACCURACY,
        "flip_rate",
    }
)


def range_of(metric: str) -> tuple[float, float]:
    """The least and the greatest value; infinite for metrics that are not known here."""
    if metric in _SHARES:
        return 0.0, 1.0
    if metric == names.TRAIN_TEST_GAP:
        return -1.0, 1.0
    not_negative = metric == names.LOSS or metric.endswith(names.EQUALITY_DIFFERENCE)
    return (0.0 if not_negative else -math.inf), math.inf
