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
    """Yield floors above ceilings of the same metric, threshold and slice, in two rules."""
    limited = [(rule, *rule.limits()) for rule in policy.rules]
    for low, floor, _ in limited:
        for high, _, ceiling in limited:
            if low is high or floor is None or ceiling is None or floor <= ceiling:
                continue
            shared = _places(low, measured) & _places(high, measured)
            if shared:
                yield (
                    f"the floor {floor:g} of rule {low.id!r} lies above the ceiling {ceiling:g} of rule {high.id!r} "
                    f"for {low.metric} of {min(shared)[0]}, so no candidate can keep both; change one."
                )


def _places(rule: Rule, measured: Measured) -> set[tuple[str, str]]:
    names = {name for pattern in rule.slices for name in [*matching(pattern, measured.slices()), pattern]}
    return {(name, str(key)) for name in names for key in rule.metric_keys()}
