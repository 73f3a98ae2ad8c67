"""From a rule and an evaluation to findings: the value that each kind of rule holds to its limit, on every slice and threshold.

In: a rule and the evidence. Out: one `Finding` per slice and threshold, and an `Unjudged` wherever there was nothing to measure.
Rules that pick the worst of several slices are in `fairgate.gate.worst`, those on the counterfactual test in
`fairgate.gate.swapped`; what follows from findings in `fairgate.gate.decision`.
"""

import math

from fairgate.gate import sentences, worst
from fairgate.gate.direction import worse_direction
from fairgate.gate.evidence import AbsentError, Evidence
from fairgate.gate.finding import Bounds, Finding, Unjudged
from fairgate.gate.gaps import gap_bounds, guard_bounds
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
from fairgate.gate.swapped import swapped
from fairgate.measurement import MetricKey
from fairgate.names import BASELINE, OVERALL
from fairgate.statistics.comparison import against_whole, contrast

Result = Finding | Unjudged


def measure(rule: RuleBase, evidence: Evidence) -> list[Result]:
    """Everything that the rule finds. Never empty: a rule that finds nothing says so."""
    if isinstance(rule, GuardRule | NotWorseRule | ImprovementRule) and not evidence.has_baseline:
        return [_no_baseline(rule, evidence)]
    if isinstance(rule, CounterfactualRule):
        return swapped(rule, evidence) or [_no_slice(rule)]
    names, absent = evidence.slices(rule, without_overall=isinstance(rule, GapRule | ImprovementRule))
    results: list[Result] = [*absent]
    for key in rule.metric_keys():
        results += _on_slices(rule, evidence, names, key)
    return results or [_no_slice(rule)]


def _on_slices(rule: RuleBase, evidence: Evidence, names: list[str], key: MetricKey) -> list[Result]:
    if isinstance(rule, WorstSliceRule):
        return worst.worst_slice(rule, evidence, names, key)
    if isinstance(rule, ImprovementRule):
        return worst.improvement(rule, evidence, names, key)
    if isinstance(rule, GapRule) and rule.against == "best":
        return worst.against_best(rule, evidence, names, key)
    return [_on_slice(rule, evidence, name, key) for name in names]


def _no_slice(rule: RuleBase) -> Unjudged:
    return Unjudged(rule, "", rule.metric_keys()[0], "unproven", f"The rule {rule.id} names no slice.")


def _no_baseline(rule: RuleBase, evidence: Evidence) -> Unjudged:
    name, key = next(iter(rule.slices), ""), rule.metric_keys()[0]
    if evidence.policy.without_baseline == "skip":
        return Unjudged(rule, name, key, "not applicable", "There is no baseline to compare with; the other rules decide.")
    return Unjudged(rule, name, key, "unproven", "There is no baseline to compare with, and the policy asks for one.")


def _on_slice(rule: RuleBase, evidence: Evidence, name: str, key: MetricKey) -> Result:
    try:
        if isinstance(rule, QualityRule):
            return _quality(rule, evidence, name, key)
        if isinstance(rule, GapRule):
            return _gap(rule, evidence, name, key)
        if isinstance(rule, BeatsTrivialRule):
            return _beats_trivial(rule, evidence, name, key)
        if isinstance(rule, GuardRule | NotWorseRule):
            return _guard(rule, evidence, name, key)
    except AbsentError as absent:
        return Unjudged(rule, name, key, "unproven", str(absent))
    raise TypeError(f"no way to measure a rule of type {type(rule).__name__}")


def _quality(rule: QualityRule, evidence: Evidence, name: str, key: MetricKey) -> Result:
    own = evidence.estimate(name, key)
    few = evidence.too_few(rule, name, key, [own])
    if few:
        return few
    bounds = Bounds(-math.inf if rule.min is None else rule.min, math.inf if rule.max is None else rule.max)
    found = f"{sentences.of(key, name)} is {sentences.number(own.value, bounds.limit_for(own.value))}"
    return Finding(rule, name, key, own, bounds, found, sentences.between(bounds.lower, bounds.upper))


def _gap(rule: GapRule, evidence: Evidence, name: str, key: MetricKey) -> Result:
    part, whole = evidence.metrics(name, key), evidence.metrics(OVERALL, key)
    own, everyone = evidence.estimate(name, key), evidence.estimate(OVERALL, key)
    few = evidence.too_few(rule, name, key, [own, everyone])
    if few:
        return few
    gap = against_whole(part, whole, key, rule.measure)
    bounds = gap_bounds(rule)
    far = sentences.distance(
        gap.value, f"the overall {sentences.number(everyone.value)}", rule.measure, bounds.limit_for(gap.value)
    )
    found = f"{sentences.of(key, name)} is {sentences.number(own.value)}, {far}"
    return Finding(rule, name, key, gap, bounds, found, sentences.between(bounds.lower, bounds.upper))


def _guard(rule: GuardRule | NotWorseRule, evidence: Evidence, name: str, key: MetricKey) -> Result:
    now, before = evidence.estimate(name, key), evidence.estimate(name, key, BASELINE)
    few = evidence.too_few(rule, name, key, [now, before])
    if few:
        return few
    change = contrast(now, before, "difference")
    margin = rule.margin if isinstance(rule, GuardRule) else 0.0
    bounds = guard_bounds(rule, margin)
    reference = f"the baseline's {sentences.number(before.value)}"
    far = sentences.distance(change.value, reference, "difference", bounds.limit_for(change.value))
    found = f"{sentences.of(key, name)} is {sentences.number(now.value)}, {far}"
    demanded = f"at most {sentences.number(margin)} worse is allowed" if margin else "it must not be worse"
    return Finding(rule, name, key, change, bounds, found, demanded)


def _beats_trivial(rule: BeatsTrivialRule, evidence: Evidence, name: str, key: MetricKey) -> Result:
    own = evidence.estimate(name, key)
    few = evidence.too_few(rule, name, key, [own])
    if few:
        return few
    reference = _reference(rule, evidence, name)
    above = worse_direction(rule) != "higher"
    bounds = Bounds(lower=reference, strict=True) if above else Bounds(upper=reference, strict=True)
    found = f"{sentences.of(key, name)} is {sentences.number(own.value, reference)}"
    demanded = f"{'more' if above else 'less'} than the {sentences.number(reference)} of a trivial model is required"
    return Finding(rule, name, key, own, bounds, found, demanded)


def _reference(rule: BeatsTrivialRule, evidence: Evidence, name: str) -> float:
    if isinstance(rule.reference, float):
        return rule.reference
    value = evidence.estimate(name, MetricKey(rule.reference)).value
    if math.isnan(value):
        raise AbsentError(f"{sentences.of(MetricKey(rule.reference), name)} is undefined, so nothing can be compared with it.")
    return value
