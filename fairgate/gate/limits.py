"""Lint of a rule's own numbers: limits that every value keeps, that no value keeps, or that guard the wrong direction."""

import math
from collections.abc import Iterator

from fairgate.gate.direction import known_direction, worse_direction
from fairgate.gate.policy import (
    BeatsTrivialRule,
    CounterfactualRule,
    GapRule,
    GuardRule,
    ImprovementRule,
    NotWorseRule,
    QualityRule,
    RuleBase,
    WorstSliceRule,
)
from fairgate.metrics import registry

_EVERY = "so the rule could not refuse anything"
_NONE = "so no candidate could ever pass"


def problems(rule: RuleBase) -> Iterator[str]:
    """What is wrong with the limits and directions of a rule whose metric is known."""
    yield from _direction(rule)
    if isinstance(rule, QualityRule | WorstSliceRule):
        yield from _floor_and_ceiling(rule)
    if isinstance(rule, WorstSliceRule):
        yield from _worst(rule)
    if isinstance(rule, GapRule):
        yield from _size("limit", rule.limit, rule)
    if isinstance(rule, ImprovementRule) and rule.small_enough is not None:
        yield from _size("small_enough", rule.small_enough, rule)
    if isinstance(rule, GuardRule) and rule.margin >= _width(rule.metric):
        yield f"margin {rule.margin:g} allows any change of {rule.metric}, {_EVERY}; make it smaller."
    if isinstance(rule, CounterfactualRule):
        yield from _shift(rule)
    if isinstance(rule, BeatsTrivialRule) and isinstance(rule.reference, float):
        yield from _trivial(rule, rule.reference)


def _direction(rule: RuleBase) -> Iterator[str]:
    known = known_direction(rule.metric)
    if rule.worse is not None and known is not None and rule.worse != known:
        yield f"worse is {rule.worse!r}, but {rule.metric} gets worse when {known}; remove worse."
    if isinstance(rule, GuardRule | NotWorseRule | BeatsTrivialRule) and worse_direction(rule) is None:
        yield f"{rule.metric} has no direction in which it gets worse; add worse: higher or worse: lower."


def _floor_and_ceiling(rule: QualityRule | WorstSliceRule) -> Iterator[str]:
    least, most = registry.get(rule.metric).bounds
    if rule.min is not None and rule.max is not None and rule.min > rule.max:
        yield f"min {rule.min:g} lies above max {rule.max:g}, {_NONE}; exchange or change them."
    if rule.min is not None and rule.min <= least:
        yield f"min {rule.min:g} is kept by every {rule.metric}, which is at least {least:g}, {_EVERY}; raise it."
    if rule.max is not None and rule.max >= most:
        yield f"max {rule.max:g} is kept by every {rule.metric}, which is at most {most:g}, {_EVERY}; lower it."
    if rule.min is not None and rule.min > most:
        yield f"min {rule.min:g} is beyond every {rule.metric}, which is at most {most:g}, {_NONE}; lower it."
    if rule.max is not None and rule.max < least:
        yield f"max {rule.max:g} is beyond every {rule.metric}, which is at least {least:g}, {_NONE}; raise it."


def _worst(rule: WorstSliceRule) -> Iterator[str]:
    worse = worse_direction(rule)
    if (worse == "higher" and rule.min is not None) or (worse == "lower" and rule.max is not None):
        given, needed = ("min", "max") if worse == "higher" else ("max", "min")
        yield f"the worst {rule.metric} is the {'highest' if worse == 'higher' else 'lowest'}; replace {given} by {needed}."


def _size(name: str, size: float, rule: GapRule | ImprovementRule) -> Iterator[str]:
    least, _ = registry.get(rule.metric).bounds
    none = 1 if rule.measure == "ratio" else 0
    if size < none:
        yield f"{name} {size:g} is below {none}, which is a {rule.measure} without any gap, {_NONE}; raise it."
    if rule.measure == "ratio" and size == math.inf:
        yield f"{name} is infinite, {_EVERY}; 1.25 allows 25 % more than overall."
    if rule.measure == "ratio" and -math.inf < least < 0:
        yield f"{rule.metric} may be negative, so it has no ratio; use measure: difference."
    if rule.measure == "difference" and size >= _width(rule.metric):
        yield f"{name} {size:g} allows any difference of {rule.metric}, {_EVERY}; make it smaller."


def _shift(rule: CounterfactualRule) -> Iterator[str]:
    if rule.limit < 0:
        yield f"limit {rule.limit:g} is below 0, which is {rule.metric} of a model that minds no term, {_NONE}; raise it."
    if rule.limit >= 1:
        yield f"limit {rule.limit:g} is kept by every {rule.metric}, which is at most 1, {_EVERY}; lower it."


def _trivial(rule: BeatsTrivialRule, reference: float) -> Iterator[str]:
    least, most = registry.get(rule.metric).bounds
    too_easy, too_hard = (reference <= least, reference >= most)
    if worse_direction(rule) == "higher":
        too_easy, too_hard = reference >= most, reference <= least
    if too_easy:
        yield f"reference {reference:g} is beaten by nearly every {rule.metric}, {_EVERY}; 0.5 is the AUC of a trivial model."
    if too_hard:
        yield f"reference {reference:g} is not beaten by any {rule.metric}, {_NONE}; 0.5 is the AUC of a trivial model."


def _width(metric: str) -> float:
    least, most = registry.get(metric).bounds
    return most - least
