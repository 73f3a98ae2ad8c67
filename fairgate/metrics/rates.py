"""Register the rates of a decision: shares of examples, at every threshold."""

import numpy as np

from fairgate.measurement import Rate
from fairgate.metrics.counted import Counted, Rates
from fairgate.metrics.registry import Metric, Need, register


def _precision(counted: Counted) -> Rates | Rate:
    """Return the precision of the positive class at every threshold, or of the class whose examples are the slice.

    What was called by the name of a class lies mostly outside of the slice, so it is counted among all examples.
    """
    if counted.label is None:
        return counted.share(lambda d: d.tp, lambda d: d.fp, lambda d: d.fp + d.tp)
    label, predicted = np.indices((len(counted.settings.classes),) * 2)
    return counted.overall.class_rate(label == predicted, predicted == counted.label)


LABELS: frozenset[Need] = frozenset({"labels"})

FALSE_POSITIVE_RATE = register(
    Metric(
        "false_positive_rate",
        "False positive rate",
        "Negatives that the model calls positive.",
        "lower",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        trials="negative",
        compute=lambda c: c.share(lambda d: d.fp, lambda d: d.tn, lambda d: d.negatives),
    )
)
FALSE_NEGATIVE_RATE = register(
    Metric(
        "false_negative_rate",
        "False negative rate",
        "Positives that the model calls negative.",
        "lower",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        trials="positive",
        compute=lambda c: c.share(lambda d: d.fn, lambda d: d.tp, lambda d: d.positives),
    )
)
TRUE_POSITIVE_RATE = register(
    Metric(
        "true_positive_rate",
        "True positive rate",
        "Positives that the model finds.",
        "higher",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        trials="positive",
        compute=lambda c: c.share(lambda d: d.tp, lambda d: d.fn, lambda d: d.positives),
    )
)
TRUE_NEGATIVE_RATE = register(
    Metric(
        "true_negative_rate",
        "True negative rate",
        "Negatives that the model leaves alone.",
        "higher",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        trials="negative",
        compute=lambda c: c.share(lambda d: d.tn, lambda d: d.fp, lambda d: d.negatives),
    )
)
PRECISION = register(
    Metric(
        "precision",
        "Precision",
        "Of what the model calls positive (or by this class), the share that is.",
        "higher",
        on="classes",
        at_thresholds=True,
        needs=LABELS,
        compute=_precision,
    )
)
POSITIVE_RATE = register(
    Metric(
        "positive_rate",
        "Positive rate",
        "Share of examples that the model calls positive.",
        "neither",
        task="binary",
        at_thresholds=True,
        compute=lambda c: c.share(lambda d: d.fp + d.tp, lambda d: d.fn + d.tn, lambda d: d.negatives + d.positives),
    )
)
SCORING_RATE = register(
    Metric(
        "scoring_rate",
        "Scoring rate",
        "Share of examples whose score lies above the median of all scores.",
        "neither",
        task="binary",
        needs=frozenset({"scores", "table"}),
    )
)
FALSE_DISCOVERY_RATE = register(
    Metric(
        "false_discovery_rate",
        "False discovery rate",
        "Of what the model calls positive, the share that is not.",
        "lower",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        compute=lambda c: c.share(lambda d: d.fp, lambda d: d.tp, lambda d: d.fp + d.tp),
    )
)
FALSE_OMISSION_RATE = register(
    Metric(
        "false_omission_rate",
        "False omission rate",
        "Of what the model calls negative, the share that is positive.",
        "lower",
        task="binary",
        at_thresholds=True,
        needs=LABELS,
        compute=lambda c: c.share(lambda d: d.fn, lambda d: d.tn, lambda d: d.tn + d.fn),
    )
)

# Fairness Indicators computes these too, under the same names.
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
