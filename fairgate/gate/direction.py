"""In which direction a metric gets worse. Imports no third-party package but pydantic."""

from typing import Literal

from fairgate.metrics import names
from fairgate.report.words import metric_words


def known_direction(metric: str) -> Literal["higher", "lower"] | None:
    """The direction in which a metric gets worse by its nature, if it has one."""
    if metric.endswith(names.EQUALITY_DIFFERENCE):
        return "higher"
    worse: dict[str, Literal["higher", "lower"] | None] = {"lower": "higher", "higher": "lower"}
    return worse.get(metric_words(metric).better)
