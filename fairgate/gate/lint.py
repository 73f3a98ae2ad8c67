"""Policy lint: mistakes that can be seen before anything is trained, in milliseconds and without TensorFlow.

In: a policy and what the evaluation will produce. Out: problems, each with its remedy; none for a policy that can do its work:
every rule names what will be measured, can be kept, can be broken, and none contradicts another.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from fairgate.errors import UnknownNameError
from fairgate.gate import limits
from fairgate.gate.measured import Measured
from fairgate.gate.policy import (
    BeatsTrivialRule,
    CounterfactualRule,
    GapRule,
    ImprovementRule,
    Policy,
    QualityRule,
    RuleBase,
    WorstSliceRule,
)
from fairgate.metrics import registry
from fairgate.metrics.registry import Metric
from fairgate.names import OVERALL, PAIR, TRAIN, features_of, matching

_MOST = 12  # names listed in a message


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


def problems(policy: Policy, measured: Measured) -> list[Problem]:
    """Everything that is wrong with the policy; empty when nothing is."""
    if not policy.rules:
        return [Problem("", "it has no rules, so nothing would ever be blessed; add at least one under policy.rules.")]
    found = [Problem("", message) for message in _duplicates(policy)]
    for rule in policy.rules:
        found += [Problem(rule.id, message) for message in _of_rule(rule, measured)]
    return found + [Problem("", message) for message in _contradictions(policy, measured)]


def _of_rule(rule: RuleBase, measured: Measured) -> Iterator[str]:
    if isinstance(rule, CounterfactualRule):
        yield from _counterfactual(rule, measured)
        return
    try:
        metric = measured.metric(rule.metric)
    except UnknownNameError as error:
        yield _unknown(error, measured)
        metric = None
    else:
        yield from _thresholds(rule, measured, metric) if metric else _not_evaluated(rule.metric, measured)
    yield from _slices(rule, measured, metric)
    if isinstance(rule, BeatsTrivialRule):
        yield from _reference(rule, measured)
    if metric:
        yield from limits.problems(rule)


def _counterfactual(rule: CounterfactualRule, measured: Measured) -> Iterator[str]:
    if not measured.counterfactual:
        yield "the run makes no counterfactual test; give it the section counterfactual, or remove the rule."
        return
    yield from _thresholds(rule, measured, registry.get(rule.metric))
    if not rule.slices:
        yield 'slices is empty; name some, such as "swaps:*" or "probes:gender:*".'
    for pattern in rule.slices:
        if not matching(pattern, measured.counterfactual):
            yield f"the counterfactual test has nothing for {pattern!r}; {_suggestion(pattern, list(measured.counterfactual))}."
    yield from limits.problems(rule)


def _duplicates(policy: Policy) -> Iterator[str]:
    for name, times in Counter(rule.id for rule in policy.rules).items():
        if times > 1:
            yield f"{times} rules have the id {name!r}; give each its own, so that verdicts can name it."


def _unknown(error: UnknownNameError, measured: Measured) -> str:
    """Name the new name of a renamed metric, or the nearest of those that are evaluated."""
    if error.now is not None:
        return f"{error}"
    known = [metric.name for metric in measured.metrics]
    return f"metric {error.name!r} is not evaluated; {_suggestion(error.name, known)}."


def _not_evaluated(name: str, measured: Measured) -> Iterator[str]:
    if "train" in registry.get(name).needs and TRAIN not in measured.splits:
        yield f"{name} needs the split {TRAIN!r} in evaluation.splits, which has {list(measured.splits)}."
    else:
        yield f"metric {name!r} is not evaluated; {_suggestion(name, [metric.name for metric in measured.metrics])}."


def _thresholds(rule: RuleBase, measured: Measured, metric: Metric) -> Iterator[str]:
    if measured.at_thresholds(metric) and not rule.thresholds:
        yield f"{rule.metric} depends on a threshold; add thresholds, of {_listed(measured.thresholds)}."
    if not measured.at_thresholds(metric) and rule.thresholds:
        yield f"{rule.metric} depends on no threshold; remove thresholds {list(rule.thresholds)}."
        return
    for threshold in rule.thresholds:
        if threshold not in measured.thresholds:
            known = _listed(measured.thresholds)
            yield f"threshold {threshold:g} is not evaluated; add it to evaluation.thresholds or use one of {known}."
    if len(set(rule.thresholds)) < len(rule.thresholds):
        yield f"thresholds {list(rule.thresholds)} name one twice; remove it."


def _slices(rule: RuleBase, measured: Measured, metric: Metric | None) -> Iterator[str]:
    if not rule.slices:
        yield 'slices is empty; name some, such as "overall" or "gender:*".'
    relative = isinstance(rule, GapRule | ImprovementRule)
    for pattern in rule.slices:
        found = matching(pattern, measured.slices())
        if not found and not _open(pattern, measured):
            yield _no_slice(pattern, measured)
        elif pattern == OVERALL and relative:
            yield 'a gap is that of a slice; replace "overall" in slices by slices, such as "gender:*".'
        elif metric:
            yield from _not_measured(pattern, [name for name in found if name != OVERALL or not relative], metric, measured)
    if metric and not measured.on_overall(metric) and relative and getattr(rule, "against", OVERALL) == OVERALL:
        yield f"{rule.metric} is not evaluated on overall, so no slice can be compared with it; take another metric."
    if isinstance(rule, GapRule) and rule.against == "best":
        yield from _nothing_to_compare(rule, measured)


def _open(pattern: str, measured: Measured) -> bool:
    """Whether the pattern names values of a feature whose values are not known beforehand."""
    features = features_of(pattern)
    sliced = features in {(feature,) for feature in measured.features} | {tuple(sorted(pair)) for pair in measured.intersections}
    return sliced and any(not measured.features.get(feature, ()) for feature in features)


def _no_slice(pattern: str, measured: Measured) -> str:
    features = features_of(pattern)
    unknown = [feature for feature in features if feature not in measured.features]
    if unknown and ":" in pattern:
        known = _suggestion(unknown[0], list(measured.features))
        return (
            f"no slice matches {pattern!r}: {unknown[0]!r} is no slice feature; {known}, or add it to evaluation.slice_features."
        )
    if len(features) > 1 and features not in {tuple(sorted(pair)) for pair in measured.intersections}:
        return f"no slice matches {pattern!r}: {PAIR.join(features)} is not among evaluation.intersections; add the pair there."
    single = [name for name in measured.slices() if PAIR not in name]
    return f"no slice matches {pattern!r}; {_suggestion(pattern, single)}."


def _not_measured(pattern: str, found: list[str], metric: Metric, measured: Measured) -> Iterator[str]:
    absent = [name for name in found if not measured.measured_on(metric, name)]
    if absent:
        places = _listed(measured.places(metric))
        yield f"{metric.name} is not evaluated on {absent[0]!r}, which {pattern!r} names; it is on {places}."


def _nothing_to_compare(rule: GapRule, measured: Measured) -> Iterator[str]:
    named = {name for pattern in rule.slices for name in matching(pattern, measured.slices())}
    for features, times in Counter(features_of(name) for name in named).items():
        if times < 2:
            alone = next(name for name in named if features_of(name) == features)
            yield f"{alone} is the only slice of its feature that is named, so there is nothing to compare it with; name another."


def _reference(rule: BeatsTrivialRule, measured: Measured) -> Iterator[str]:
    if isinstance(rule.reference, str):
        metric = next((each for each in measured.metrics if each.name == rule.reference), None)
        if metric is None:
            known = [each.name for each in measured.metrics if not measured.at_thresholds(each)]
            remedy = _suggestion(rule.reference, known)
            yield f"reference {rule.reference!r} is neither a number nor a metric that is evaluated; {remedy}."
        elif measured.at_thresholds(metric):
            yield f"reference {rule.reference!r} depends on a threshold; name a metric that does not, or a number."


def _contradictions(policy: Policy, measured: Measured) -> Iterator[str]:
    """Floors above ceilings of the same metric, threshold and slice, in two rules."""
    bounded = [rule for rule in policy.rules if isinstance(rule, QualityRule | WorstSliceRule)]
    for low in bounded:
        for high in bounded:
            if low is high or low.min is None or high.max is None or low.min <= high.max:
                continue
            shared = _places(low, measured) & _places(high, measured)
            if shared:
                where = sorted(shared)[0]
                yield (
                    f"the floor {low.min:g} of rule {low.id!r} lies above the ceiling {high.max:g} of rule {high.id!r} "
                    f"for {low.metric} of {where[0]}, so no candidate can keep both; change one."
                )


def _places(rule: RuleBase, measured: Measured) -> set[tuple[str, str]]:
    found = {name for pattern in rule.slices for name in [*matching(pattern, measured.slices()), pattern]}
    return {(name, str(key)) for name in found for key in rule.metric_keys()}


def _suggestion(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"there are {_listed(known)}"


def _listed(values: "list[str] | tuple[float, ...]") -> str:
    shown = [value if isinstance(value, str) else f"{value:g}" for value in values]
    more = [f"{len(shown) - _MOST} more"] if len(shown) > _MOST else []
    return ", ".join(shown[:_MOST] + more) or "none"
