"""Which values a metric can take. Imports no third-party package."""

import math

_SHARES = frozenset(
    {
        "false_positive_rate",
        "false_negative_rate",
        "true_positive_rate",
        "true_negative_rate",
        "precision",
        "positive_rate",
        "false_discovery_rate",
        "false_omission_rate",
        "flip_rate",
        "auc",
        "subgroup_auc",
        "bpsn_auc",
        "bnsp_auc",
        "final_score",
        "calibration_error",
        "mean_label",
        "mean_score",
        "accuracy",
        "recall",
        "trivial_accuracy",
    }
)
_OTHERS = {"loss": (0.0, math.inf), "train_test_gap": (-1.0, 1.0)}


def range_of(metric: str) -> tuple[float, float]:
    """The least and the greatest value; infinite for metrics that are not known here."""
    return _OTHERS.get(metric, (0.0, 1.0) if metric in _SHARES else (-math.inf, math.inf))
