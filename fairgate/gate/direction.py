"""In which direction a metric gets worse. Imports no third-party package but pydantic."""

from fairgate.gate.policy import RuleBase, Worse
from fairgate.metrics import names
from fairgate.report.words import metric_words


def worse_direction(rule: RuleBase) -> Worse | None:
    """The direction in which the rule's metric gets worse; None where neither is, so that both are limited."""
    return rule.worse or known_direction(rule.metric)


def known_direction(metric: str) -> Worse | None:
    """The direction in which a metric gets worse by its nature, if it has one."""
    if metric.endswith(names.EQUALITY_DIFFERENCE):
        return "higher"
    worse: dict[str, Worse | None] = {"lower": "higher", "higher": "lower"}
    return worse.get(metric_words(metric).better)
