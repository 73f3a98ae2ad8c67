"""Name what the TFMA artifact holds: the values that our metric writes, and the rates of Fairness Indicators."""

from collections.abc import Sequence

from fairgate.errors import InputError
from fairgate.metrics.rates import PRECISION

# Written by our TFMA metric, one per slice and model.
COUNTS = "fairgate/counts"  # bytes, see tally_bytes.encode
JOINT = "fairgate/joint"  # bytes, see tally_bytes.encode_joint; of the first model only, for all that are compared
EXAMPLES = "fairgate/examples"
INVALID_SCORES = "fairgate/invalid_scores"
OMITTED = "fairgate/omitted_slices"  # JSON: [[slice key, examples], …]; on the overall slice only
UNKNOWN = "fairgate/unknown_groups"  # JSON: {feature: examples without any value of it}; on the overall slice only

FAIRNESS_INDICATORS = "fairness_indicators_metrics"


def fairness_key(rate: str, threshold: float, thresholds: Sequence[float]) -> str:
    """Return TFMA's name of a Fairness Indicators rate, for example "fairness_indicators_metrics/precision@0.50".

    The number of digits follows from the longest of *all* thresholds of the metric: adding 0.25 renames 0.5 to 0.50.
    """
    digits = max(1, *(len(str(value)) - 2 for value in thresholds))
    return f"{FAIRNESS_INDICATORS}/{rate}@{threshold:.{digits}f}"


def refuse_equal_names(thresholds: Sequence[float]) -> None:
    """Refuse thresholds that Fairness Indicators would give the same name.

    Raises:
        InputError: two thresholds that differ only in digits that the name does not show.
    """
    written = [fairness_key(PRECISION.name, threshold, thresholds) for threshold in thresholds]
    for threshold, name in zip(thresholds, written, strict=True):
        if written.count(name) > 1:
            raise InputError(
                f"evaluation.thresholds: {threshold!r} and another threshold would both be named {name!r}; drop one."
            )
