"""Give the words for a metric: those of the registry, or its own name where it is none of ours.

Training curves hold metrics that only the training framework knows; they keep the names it gave them.
"""

from dataclasses import dataclass

from fairgate.errors import UnknownNameError
from fairgate.metrics import registry
from fairgate.metrics.registry import Better


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


def metric_words(name: str) -> MetricWords:
    """Return the words for a metric; one that is not registered is named as it is spelt, without a direction."""
    try:
        metric = registry.get_written(name)
    except UnknownNameError:
        return MetricWords(name.replace("_", " ").capitalize(), "", "neither")
    return MetricWords(metric.label, metric.meaning, metric.better)


def known_metrics() -> list[str]:
    """Return metric names in the order in which readers look for them."""
    return [metric.name for metric in registry.known()]
