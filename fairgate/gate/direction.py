"""Say in which direction a metric gets worse."""

from fairgate.gate.policy import RuleBase, Worse
from fairgate.metrics import registry

_WORSE: dict[registry.Better, Worse | None] = {"lower": "higher", "higher": "lower", "neither": None}


def worse_direction(rule: RuleBase) -> Worse | None:
    """Return the direction in which the rule's metric gets worse; None where neither is, so that both are limited."""
    return rule.worse or known_direction(rule.metric)


def known_direction(metric: str) -> Worse | None:
    """Return the direction in which a metric gets worse by its nature, if it has one.

    Raises:
        UnknownNameError: no such metric is registered.
    """
    return _WORSE[registry.get(metric).better]
