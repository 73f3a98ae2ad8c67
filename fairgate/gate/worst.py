"""Rules that pick the worst of several slices: worst_slice, gap against the best slice, improvement of the largest gap.

In: a rule, the slices that it names and a metric. Out: findings, and an `Unjudged` for every slice that cannot take part. How
many comparisons the worst was picked from goes along (`Finding.looks`), for the correction of multiplicity.
"""

import math
from itertools import groupby

from fairgate.gate import sentences
from fairgate.gate.direction import worse_direction
from fairgate.gate.evidence import AbsentError, Evidence
from fairgate.gate.finding import Bounds, Finding, Unjudged
from fairgate.gate.gaps import gap_bounds, oriented
from fairgate.gate.policy import GapRule, ImprovementRule, RuleBase, WorstSliceRule
from fairgate.measurement import MetricKey
from fairgate.names import BASELINE, CANDIDATE, OVERALL, PAIR, features_of
from fairgate.statistics.comparison import Estimate, against_whole, contrast

Result = Finding | Unjudged
Estimates = dict[str, Estimate]


def worst_slice(rule: WorstSliceRule, evidence: Evidence, names: list[str], key: MetricKey) -> list[Result]:
    """The slice with the lowest (rule.min) or highest (rule.max) value among those with enough examples."""
    sound, results = _sound(rule, evidence, names, key)
    if not sound:
        return results
    lowest = rule.min is not None
    name = (min if lowest else max)(sound, key=lambda name: sound[name].value)
    bounds = Bounds(-math.inf if rule.min is None else rule.min, math.inf if rule.max is None else rule.max)
    value = sentences.number(sound[name].value, bounds.limit_for(sound[name].value))
    found = f"{sentences.of(key, name)} is {value}, the {'lowest' if lowest else 'highest'} of {len(sound)}"
    demanded = sentences.between(bounds.lower, bounds.upper)
    return [*results, Finding(rule, name, key, sound[name], bounds, found, demanded, looks=len(sound))]


def against_best(rule: GapRule, evidence: Evidence, names: list[str], key: MetricKey) -> list[Result]:
    """Within each feature, the worst slice against the best; the highest against the lowest where no direction is worse."""
    sound, results = _sound(rule, evidence, names, key)
    for feature, group in groupby(sorted(names, key=features_of), key=features_of):
        results.append(
            _extremes(rule, PAIR.join(f"{part}:*" for part in feature), key, {n: sound[n] for n in group if n in sound})
        )
    return results


def improvement(rule: ImprovementRule, evidence: Evidence, names: list[str], key: MetricKey) -> list[Result]:
    """The candidate's gaps against the baseline's: slice by slice, or the largest of each model."""
    sound, results = _sound(rule, evidence, names, key, (CANDIDATE, BASELINE))
    try:
        now, before = (_gaps(rule, evidence, list(sound), key, model) for model in (CANDIDATE, BASELINE))
    except AbsentError as absent:
        return [*results, Unjudged(rule, OVERALL, key, "unproven", str(absent))]
    if rule.across == "each":
        return results + [_shrinkage(rule, key, (name, now[name]), (name, before[name]), 1) for name in sound]
    if not sound:
        return results
    ours, theirs = (max(gaps.items(), key=_largest) for gaps in (now, before))
    return [*results, _shrinkage(rule, key, ours, theirs, len(sound))]


def _sound(
    rule: RuleBase, evidence: Evidence, names: list[str], key: MetricKey, models: tuple[str, ...] = (CANDIDATE,)
) -> tuple[Estimates, list[Result]]:
    """The candidate's estimates of the slices that are sound for all models, and what is to be said of the others."""
    sound: Estimates = {}
    results: list[Result] = []
    for name in names:
        try:
            measured = [evidence.estimate(name, key, model) for model in models]
        except AbsentError as absent:
            results.append(Unjudged(rule, name, key, "unproven", str(absent)))
            continue
        few = evidence.too_few(rule, name, key, measured)
        if few:
            results.append(few)
        else:
            sound[name] = measured[0]
    return sound, results


def _extremes(rule: GapRule, pattern: str, key: MetricKey, sound: Estimates) -> Result:
    if len(sound) < 2:
        reason = f"Fewer than two slices of {pattern} have enough examples, so there is nothing to compare."
        return Unjudged(rule, pattern, key, "not enough data", reason, max((found.n for found in sound.values()), default=0.0))
    ranked = sorted(sound, key=lambda name: (sound[name].value, name), reverse=worse_direction(rule) != "lower")
    worst, best = ranked[0], ranked[-1]
    gap, bounds = contrast(sound[worst], sound[best], rule.measure), gap_bounds(rule)
    reference = f"that of {best}, {sentences.number(sound[best].value)}"
    far = sentences.distance(gap.value, reference, rule.measure, bounds.limit_for(gap.value))
    found = f"{sentences.of(key, worst)} is {sentences.number(sound[worst].value)}, {far}"
    pairs = len(sound) * (len(sound) - 1) // 2
    return Finding(rule, worst, key, gap, bounds, found, sentences.between(bounds.lower, bounds.upper), looks=pairs)


def _gaps(rule: ImprovementRule, evidence: Evidence, names: list[str], key: MetricKey, model: str) -> Estimates:
    whole = evidence.metrics(OVERALL, key, model)
    gaps = {name: against_whole(evidence.metrics(name, key, model), whole, key, rule.measure) for name in names}
    return {name: oriented(gap, rule.measure, worse_direction(rule)) for name, gap in gaps.items()}


def _largest(gap: tuple[str, Estimate]) -> tuple[bool, float]:
    """Orders gaps by size; one that is undefined goes before all, so that it is not overlooked."""
    return math.isnan(gap[1].value), gap[1].value


def _shrinkage(
    rule: ImprovementRule, key: MetricKey, ours: tuple[str, Estimate], theirs: tuple[str, Estimate], looks: int
) -> Finding:
    (name, now), (other, before) = ours, theirs
    by, none = ("a factor of ", 1.0) if rule.measure == "ratio" else ("", 0.0)
    nothing_left = now.value <= none
    size = "not worse than overall" if nothing_left else f"worse than overall by {by}{sentences.number(now.value)}"
    gap = f"{sentences.of(key, name)} is {size}"
    if rule.small_enough is not None and now.value <= rule.small_enough:
        bounds = Bounds(upper=rule.small_enough)
        return Finding(
            rule, name, key, now, bounds, gap, f"up to {sentences.number(rule.small_enough)} it need not shrink", looks
        )
    change = contrast(now, before, "difference")
    baseline = f"the baseline's {sentences.label(key)} of {other} by {by}{sentences.number(before.value, now.value)}"
    found = f"{gap}, {baseline}: a change of {sentences.number(change.value, 0.0)}"
    return Finding(rule, name, key, change, Bounds(upper=0.0, strict=not nothing_left), found, "the gap must shrink", looks)
