"""Lint a policy: find mistakes before anything is trained, in milliseconds and without TensorFlow.

In: a policy and what the evaluation will measure. Out: problems, each with its remedy; none for a policy that can do its work:
every rule names what will be measured, can be kept, can be broken, and none contradicts another. What is wrong with a single rule
is found by its kind, see `fairgate.gate.rule.Rule.lint`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fairgate.errors import UnknownNameError
from fairgate.gate import mistakes
from fairgate.gate.measured import Measured
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.gate.waivers import Waiver
from fairgate.metrics import registry
from fairgate.names import matching

_OPPOSITES = {
    "true_positive_rate": "false_negative_rate",
    "true_negative_rate": "false_positive_rate",
    "precision": "false_discovery_rate",
}
_NO_RULES = "it has no rules, so nothing would ever be blessed; add at least one under policy.rules."


@dataclass(frozen=True)
class Problem:
    """A mistake in a policy.

    Attributes:
        rule: id of the rule; empty when the policy as a whole is meant.
        message: what is wrong, with the value and the remedy.
    """

    rule: str
    message: str

    def __str__(self) -> str:
        return f"policy, rule {self.rule!r}: {self.message}" if self.rule else f"policy: {self.message}"


def lint(policy: Policy, measured: Measured) -> list[Problem]:
    """Return everything that is wrong with the policy; empty when nothing is.

    Args:
        policy: to check.
        measured: what the evaluation and the counterfactual test will measure.
    """
    if not policy.rules:
        return [Problem("", _NO_RULES)]
    return [
        *(Problem("", message) for message in _of_policy(policy)),
        *(Problem(rule.id, message) for rule in policy.rules for message in rule.lint(measured)),
        *(Problem("", message) for message in _contradictions(policy, measured)),
        *(Problem(waiver.rule, message) for waiver in policy.waivers for message in _waives_nothing(policy, waiver, measured)),
    ]


def lint_alone(policy: Policy) -> list[Problem]:
    """Return what is wrong with the policy whatever is measured; empty when nothing is."""
    if not policy.rules:
        return [Problem("", _NO_RULES)]
    return [
        *(Problem("", message) for message in _of_policy(policy)),
        *(Problem(rule.id, message) for rule in policy.rules for message in _of_rule(rule)),
    ]


def _of_rule(rule: Rule) -> Iterator[str]:
    try:
        registry.get(rule.metric)
    except UnknownNameError as error:
        yield str(error)
        return
    yield from mistakes.in_threshold_range(rule)
    yield from mistakes.in_evidence(rule.min_examples, rule.confidence)
    yield from mistakes.in_direction(rule)
    yield from rule.lint_limits()


def _of_policy(policy: Policy) -> Iterator[str]:
    yield from _duplicates(policy)
    yield from mistakes.in_evidence(policy.min_examples, policy.confidence)


def _waives_nothing(policy: Policy, waiver: Waiver, measured: Measured) -> Iterator[str]:
    """Yield that a waiver names no slice of its rule."""
    patterns = [pattern for rule in policy.rules if rule.id == waiver.rule for pattern in rule.slices]
    known = {name for pattern in patterns for name in [*matching(pattern, [*measured.slices(), waiver.slice]), pattern]}
    if not any(waiver.covers(waiver.rule, name) for name in known):
        yield f"the waiver of {waiver.slice!r} excuses nothing: the rule names {mistakes.listed(patterns)}; correct its slice."


def _duplicates(policy: Policy) -> Iterator[str]:
    for name, times in Counter(rule.id for rule in policy.rules).items():
        if times > 1:
            yield f"{times} rules have the id {name!r}; give each its own, so that verdicts can name it."


def _contradictions(policy: Policy, measured: Measured) -> Iterator[str]:
    """Yield floors above ceilings of the same metric, threshold and slice, in two rules; or of its opposite, as of 1 - recall."""
    limited = [_Limited.of(rule) for rule in policy.rules]
    for low in limited:
        for high in limited:
            if low is high or low.metric != high.metric or low.floor is None or high.ceiling is None or low.floor <= high.ceiling:
                continue
            shared = _places(low, measured) & _places(high, measured)
            if shared:
                yield (
                    f"the floor {low.floor:g} of rule {low.rule.id!r} lies above the ceiling {high.ceiling:g} of rule "
                    f"{high.rule.id!r} for {low.metric} of {min(shared)[0]}, so no candidate can keep both; change one."
                )


@dataclass(frozen=True)
class _Limited:
    """The limits of a rule; those on an opposite, such as the true positive rate, as limits on the metric of errors."""

    rule: Rule
    metric: str
    floor: float | None
    ceiling: float | None

    @classmethod
    def of(cls, rule: Rule) -> "_Limited":
        floor, ceiling = rule.limits()
        if rule.metric not in _OPPOSITES:
            return cls(rule, rule.metric, floor, ceiling)
        turned = (None if limit is None else round(1 - limit, 12) for limit in (ceiling, floor))
        return cls(rule, _OPPOSITES[rule.metric], *turned)


def _places(limited: _Limited, measured: Measured) -> set[tuple[str, float | None]]:
    rule = limited.rule
    names = {name for pattern in rule.slices for name in [*matching(pattern, measured.slices()), pattern]}
    return {(name, key.threshold) for name in names for key in rule.metric_keys()}
