"""Names of metrics, in one home: those of `Evaluation`, and the ones that TFMA writes for them. Imports no TensorFlow."""

from collections.abc import Sequence

FALSE_POSITIVE_RATE = "false_positive_rate"
FALSE_NEGATIVE_RATE = "false_negative_rate"
TRUE_POSITIVE_RATE = "true_positive_rate"
TRUE_NEGATIVE_RATE = "true_negative_rate"
PRECISION = "precision"
POSITIVE_RATE = "positive_rate"
FALSE_DISCOVERY_RATE = "false_discovery_rate"
FALSE_OMISSION_RATE = "false_omission_rate"

AUC = "auc"
SUBGROUP_AUC = "subgroup_auc"
BPSN_AUC = "bpsn_auc"
BNSP_AUC = "bnsp_auc"
FINAL_SCORE = "final_score"
CALIBRATION_ERROR = "calibration_error"
MEAN_LABEL = "mean_label"
MEAN_SCORE = "mean_score"
EQUALITY_DIFFERENCE = "_equality_difference"  # after the name of a rate

ACCURACY = "accuracy"
RECALL = "recall"
LOSS = "loss"
TRIVIAL_ACCURACY = "trivial_accuracy"
TRAIN_TEST_GAP = "train_test_gap"

DECISION_RATES = (
    FALSE_POSITIVE_RATE,
    FALSE_NEGATIVE_RATE,
    TRUE_POSITIVE_RATE,
    TRUE_NEGATIVE_RATE,
    PRECISION,
    POSITIVE_RATE,
    FALSE_DISCOVERY_RATE,
    FALSE_OMISSION_RATE,
)

# Written by our TFMA metric, one per slice and model.
COUNTS = "fairgate/counts"  # bytes, see tally.encode
EXAMPLES = "fairgate/examples"
INVALID_SCORES = "fairgate/invalid_scores"
OMITTED = "fairgate/omitted_slices"  # JSON: [[slice key, examples], …]; on the overall slice only

FAIRNESS_INDICATORS = "fairness_indicators_metrics"


def equality_difference(rate: str) -> str:
    """The name of a rate's equality difference, for example "false_positive_rate_equality_difference"."""
    return rate + EQUALITY_DIFFERENCE


def fairness_key(rate: str, threshold: float, thresholds: Sequence[float]) -> str:
    """TFMA's name of a Fairness Indicators rate, for example "fairness_indicators_metrics/precision@0.50".

    The number of digits follows from the longest of *all* thresholds of the metric: adding 0.25 renames 0.5 to 0.50.
    """
    digits = max(1, *(len(str(value)) - 2 for value in thresholds))
    return f"{FAIRNESS_INDICATORS}/{rate}@{threshold:.{digits}f}"
