"""Make the policies that tasks start from. A task names its slice features; a configuration file may replace any part."""

from fairgate.gate.policy import Policy
from fairgate.gate.rules import BeatsTrivialRule, GapRule, GuardRule, ImprovementRule, NotWorseRule, QualityRule, WorstSliceRule


def binary_fairness(features: tuple[str, ...], threshold: float = 0.5) -> Policy:
    """Return a policy for a binary classifier whose false positives harm: they are spread evenly, and little accuracy is lost.

    Args:
        features: slice features whose every value is a group, ("gender",).
        threshold: the decision threshold in use.
    """
    groups = tuple(f"{feature}:*" for feature in features)
    at = (threshold,)
    return Policy(
        rules=(
            GapRule(id="false-positive-gap", metric="false_positive_rate", thresholds=at, slices=groups, limit=1.25),
            ImprovementRule(id="gap-shrinks", metric="false_positive_rate", thresholds=at, slices=groups),
            GuardRule(id="false-negative-guard", metric="false_negative_rate", thresholds=at, margin=0.10),
            GuardRule(id="auc-guard", metric="auc", margin=0.02),
            BeatsTrivialRule(id="beats-trivial", metric="auc", reference=0.5),
        ),
    )


def image_quality(accuracy: float, worst_recall: float, train_test_difference: float, min_examples: int = 100) -> Policy:
    """Return a policy for an image classifier: accurate, not over-fitted, no class left behind, no step back.

    Args:
        accuracy: least test accuracy.
        worst_recall: least recall of any class.
        train_test_difference: greatest training accuracy minus test accuracy.
        min_examples: examples that a class must have to be judged; the digits' hold-out has fewer than 100 of each.
    """
    return Policy(
        min_examples=min_examples,
        rules=(
            QualityRule(id="accuracy-floor", metric="accuracy", min=accuracy),
            QualityRule(id="train-test-gap", metric="train_test_accuracy_difference", max=train_test_difference),
            WorstSliceRule(id="worst-class-recall", metric="recall", slices=("class:*",), min=worst_recall),
            NotWorseRule(id="not-worse", metric="accuracy"),
            BeatsTrivialRule(id="beats-trivial", metric="accuracy", reference="trivial_accuracy"),
        ),
    )
