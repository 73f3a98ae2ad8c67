"""Count what the candidate fixes and breaks: decisions that were wrong and are right, and the reverse, per slice."""

from collections.abc import Iterator
from dataclasses import dataclass

from fairgate.measurement import Evaluation, MetricKey, PairedRate

_WRONG = ("false_positive_rate", "false_negative_rate")


@dataclass(frozen=True)
class Change:
    """The decisions of the two models on one slice at one threshold, in examples.

    Attributes:
        threshold: None for a multi-class task.
        n: examples.
        fixed: wrong by the baseline, right by the candidate.
        broken: right by the baseline, wrong by the candidate.
    """

    slice: str
    threshold: float | None
    n: int
    fixed: int
    broken: int


def changes(evaluation: Evaluation) -> Iterator[Change]:
    """Yield the changed decisions of every slice at every threshold; none without a baseline."""
    for name, paired in evaluation.paired.items():
        accuracy = paired.rates.get(MetricKey("accuracy"))
        if accuracy is not None:
            broken, fixed = accuracy.rows[1:3]  # by the baseline alone, by the candidate alone
            yield Change(name, None, round(sum(accuracy.rows)), round(fixed), round(broken))
        thresholds = {key.threshold for key in paired.rates if key.threshold is not None}
        for threshold in sorted(thresholds):
            errors = [paired.rates[key] for key in (MetricKey(rate, threshold) for rate in _WRONG) if key in paired.rates]
            if errors:
                yield Change(name, threshold, *(round(number) for number in _summed(errors)))


def _summed(errors: list[PairedRate]) -> tuple[float, float, float]:
    """Return examples, errors of the baseline alone and errors of the candidate alone."""
    return sum(sum(rate.rows) for rate in errors), sum(rate.rows[1] for rate in errors), sum(rate.rows[2] for rate in errors)
