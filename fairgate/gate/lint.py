"""Lint a policy: find mistakes before anything is trained, in milliseconds and without TensorFlow.

In: a policy and what the evaluation will measure. Out: problems, each with its remedy; none for a policy that can do its work:
every rule names what will be measured, can be kept, can be broken, and none contradicts another. What is wrong with a single rule
is found by its kind, see `fairgate.gate.rule.Rule.lint`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fairgate.gate.measured import Measured
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.names import matching


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
        return [Problem("", "it has no rules, so nothing would ever be blessed; add at least one under policy.rules.")]
    return [
        *(Problem("", message) for message in _duplicates(policy)),
        *(Problem(rule.id, message) for rule in policy.rules for message in rule.lint(measured)),
        *(Problem("", message) for message in _contradictions(policy, measured)),
    ]


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
