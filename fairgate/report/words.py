"""Names of metrics and slices as a reader sees them, and cleaning of text from data. Imports no third-party package."""

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class MetricWords:
    """A metric in words.

    Attributes:
        label: its name in sentence case.
        meaning: one sentence.
        better: in which direction it improves; "neither" where a change is no merit by itself.
    """

    label: str
    meaning: str
    better: Better


_METRICS = {
    "false_positive_rate": MetricWords("False positive rate", "Negatives that the model calls positive.", "lower"),
    "false_negative_rate": MetricWords("False negative rate", "Positives that the model calls negative.", "lower"),
    "true_positive_rate": MetricWords("True positive rate", "Positives that the model finds.", "higher"),
    "true_negative_rate": MetricWords("True negative rate", "Negatives that the model leaves alone.", "higher"),
    "precision": MetricWords("Precision", "Of what the model calls positive (or by this class), the share that is.", "higher"),
    "recall": MetricWords("Recall", "Of the examples of this class, the share that the model finds.", "higher"),
    "positive_rate": MetricWords("Positive rate", "Share of examples that the model calls positive.", "neither"),
    "false_discovery_rate": MetricWords(
        "False discovery rate", "Of what the model calls positive, the share that is not.", "lower"
    ),
    "false_omission_rate": MetricWords(
        "False omission rate", "Of what the model calls negative, the share that is positive.", "lower"
    ),
    "auc": MetricWords("AUC", "Chance that a random positive scores above a random negative.", "higher"),
    "subgroup_auc": MetricWords("Subgroup AUC", "AUC among the examples of the slice.", "higher"),
    "bpsn_auc": MetricWords("BPSN AUC", "AUC of positives outside the slice against negatives inside it.", "higher"),
    "bnsp_auc": MetricWords("BNSP AUC", "AUC of negatives outside the slice against positives inside it.", "higher"),
    "final_score": MetricWords(
        "Jigsaw score", "Overall AUC and the generalised means of the three bias AUCs, averaged.", "higher"
    ),
    "accuracy": MetricWords("Accuracy", "Share of examples that the model gets right.", "higher"),
    "train_accuracy": MetricWords("Training accuracy", "Accuracy on the examples that the model was trained on.", "neither"),
    "train_test_gap": MetricWords("Train/test gap", "Training accuracy minus test accuracy.", "lower"),
    "trivial_accuracy": MetricWords("Trivial accuracy", "Accuracy of always naming the most frequent class.", "neither"),
    "loss": MetricWords("Loss", "Mean loss per example.", "lower"),
    "calibration_error": MetricWords("Calibration error", "Mean distance between confidence and what came true.", "lower"),
    "flip_rate": MetricWords("Flip rate", "Share of decisions that change when an identity term is swapped.", "lower"),
    "score_shift": MetricWords("Score shift", "Mean score with an identity term minus that with the others.", "neither"),
    "mean_label": MetricWords("Mean label", "Share of positives among the examples.", "neither"),
    "mean_score": MetricWords("Mean score", "Mean score that the model gives.", "neither"),
}


def metric_words(name: str) -> MetricWords:
    """The words for a metric; one that is not known here is named as it is spelt, without a direction."""
    return _METRICS.get(name) or MetricWords(name.replace("_", " ").capitalize(), "", "neither")


def known_metrics() -> list[str]:
    """Metric names in the order in which readers look for them."""
    return list(_METRICS)
