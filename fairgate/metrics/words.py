"""Give the words for a metric that a file names: those of the registry, or its own name where it is not registered.

Reports draw what files hold. Training curves have metrics that only the training framework knows, and a table or verdict of
another version may have metrics that this one does not: both keep the names that they were given. Whatever judges or computes
asks `registry.get`, for which an unknown name is an error.
"""

from dataclasses import dataclass

from fairgate.errors import UnknownNameError
from fairgate.metrics import registry
from fairgate.metrics.registry import Better

_DIRECTION: dict[Better, str] = {
    "higher": "Higher is better.",
    "lower": "Lower is better.",
    "neither": "Neither direction is better by itself.",
}


@dataclass(frozen=True)
class MetricWords:
    """A metric in words.

    Attributes:
        label: its name in sentence case.
        meaning: one sentence; empty for a metric that is not registered.
        better: in which direction it improves; "neither" where a change is no merit by itself.
    """

    label: str
    meaning: str
    better: Better

    @property
    def sentence(self) -> str:
        """Return the meaning, followed by the direction that is better."""
        return f"{self.meaning} {_DIRECTION[self.better]}".strip()


def metric_words(name: str) -> MetricWords:
    """Return the words for a metric of a file; one that is not registered is named as it is spelt, without a direction."""
    try:
        metric = registry.get_written(name)
    except UnknownNameError:
        return MetricWords(name.replace("_", " ").capitalize(), "", "neither")
    return MetricWords(metric.label, metric.meaning, metric.better)
