"""Find what was measured and no rule judges: slices that break the policy's own limits, became worse, or are favoured.

A rule covers the slices that it matches and that have enough examples. For every other slice this module holds the rule's metric
to the rule's own limit, and asks whether the candidate made the metric worse than the baseline. What stands out is listed; what
is proven, by Holm's correction over all that is listed, decides the outcome as `Policy.uncovered_harm` says. A limit on changes
against the baseline is covered by rules on such changes alone: a rule on the gap of men does not answer whether men lost more
than a guard of all examples allows. Any other limit is covered by every rule: who guards a group accepts where it stood.

A feature that a rule compares within, and of which no rule judges a slice, explains gaps: its slices are not held to limits on
gaps, but still compared with the baseline. Its intersections with a slice that the rule judges are judged together by the rule.

Examples without a value of a feature are a slice here that no rule covers, see `fairgate.gate.without_value`.

A slice is favoured where its ratio lies provably below 1 / limit of a rule on ratios, and below the baseline's: by the candidate,
not by the data. That is listed and decides nothing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fairgate.gate import sentences
from fairgate.gate.evidence import LEAST_OF_LABEL, Evidence
from fairgate.gate.finding import ROUNDING, Bounds, Finding, Unjudged
from fairgate.gate.outcome import NotJudged, NotJudgedFor
from fairgate.gate.rule import Rule, worse_direction
from fairgate.gate.rules.guard import GuardRule
from fairgate.gate.without_value import with_unknown
from fairgate.measurement import MetricKey
from fairgate.names import BASELINE, CANDIDATE, CLASS, OVERALL, crossed, features_of, place
from fairgate.statistics.multiplicity import holm, violation_p

# Two names of one measurement: whoever judges the one has judged the other.
_SAME = {"true_positive_rate": "false_negative_rate", "true_negative_rate": "false_positive_rate", "subgroup_auc": "auc"}
_GAPS = ("ratio", "difference", "ratio_to_rest", "difference_to_rest", "ratio_to_rest_within", "difference_to_rest_within")
_LEAST = 1  # examples: a group is named however small it is …
_LEAST_PROVEN = 100  # … but does not decide alone, unless the policy judges fewer, …
_LEAST_RATE = 10  # … or a rate is so far off that no choice among all slices and rules explains it

Place = tuple[str, float | None, str]  # metric, threshold, slice


@dataclass(frozen=True)
class _Noted:
    """A finding on a slice that no rule covers."""

    finding: Finding
    rule: str
    because: NotJudgedFor


def not_judged(evidence: Evidence, measured: Sequence[tuple[Rule, Sequence[Finding | Unjudged]]]) -> list[NotJudged]:
    """Return what stands out on slices that no rule covers, the proven first, then by p-value.

    Args:
        evidence: the evaluation and the policy.
        measured: every rule of the policy with what it measured.
    """
    judged, guarded = set[Place](), set[Place]()
    for rule, results in measured:
        places = set(_covered(evidence, rule, results))
        judged |= places
        guarded |= places if _holds_changes(rule) else set()
    evidence = replace(evidence, evaluation=with_unknown(evidence.evaluation))
    noted: dict[tuple[Place, str], _Noted] = {}
    for rule, _ in measured:
        own = guarded if _holds_changes(rule) else judged
        for each in [*_breaking(evidence, rule, own), *_worse(evidence, rule, judged), *_favoured(evidence, rule)]:
            noted.setdefault((_place(each.finding), each.because), each)
    listed = [each for each in noted.values() if not _said_already(each, noted)]
    adjusted = holm([_p(each.finding) for each in listed])
    alpha, least = 1 - evidence.policy.confidence, min(_LEAST_PROVEN, evidence.policy.min_examples)
    looked_at = len(evidence.evaluation.models.get(CANDIDATE, {})) * sum(len(rule.metric_keys()) for rule, _ in measured)
    proven = [
        p <= alpha
        and (_rests_on(evidence, each.finding, least) or _is_far_off(evidence, each.finding, alpha / max(looked_at, 1)))
        for each, p in zip(listed, adjusted, strict=True)
    ]
    lines = [(_line(each, evidence, proven=one), p) for each, one, p in zip(listed, proven, adjusted, strict=True)]
    lines.sort(key=lambda pair: (not pair[0].proven, pair[0].because == "favoured", pair[1], pair[0].slice, pair[0].metric))
    return [line for line, _ in lines]


def _holds_changes(rule: Rule) -> bool:
    """Return whether the rule holds each slice to the baseline."""
    everywhere = rule.on_each_slice()
    return everywhere is not None and everywhere.needs_baseline


def _said_already(each: _Noted, noted: Mapping[tuple[Place, str], _Noted]) -> bool:
    """Return whether a slice that became worse breaks a limit of its change as well, which says more."""
    broken = noted.get((_place(each.finding), "breaks a limit"))
    return each.because == "worse than the baseline" and broken is not None and broken.finding.rule.measures == "change"


def absent_groups(evidence: Evidence) -> tuple[str, ...]:
    """Return the groups that the task knows, whose column is there, and of which there is no example."""
    measured = evidence.evaluation.models.get(CANDIDATE, {})
    known = (place(feature, value) for feature, values in evidence.evaluation.expected.items() for value in values)
    return tuple(name for name in known if name not in measured and name not in evidence.evaluation.absent_columns)


def _covered(evidence: Evidence, rule: Rule, results: Sequence[Finding | Unjudged]) -> Iterator[Place]:
    """Yield what a rule judges: the slices that it matches with enough examples; nothing where it has nothing to compare with."""
    if all(isinstance(result, Unjudged) and result.result == "not applicable" for result in results):
        return
    names, _ = evidence.select(rule)
    too_few = {
        (result.slice, result.key) for result in results if isinstance(result, Unjudged) and result.result == "not enough data"
    }
    for key in rule.metric_keys():
        judged = [name for name in names if (name, key) not in too_few]
        for name in [*judged, *_parts_judged(evidence, rule, judged)]:
            yield _named(key, name)


def _parts_judged(evidence: Evidence, rule: Rule, names: Sequence[str]) -> list[str]:
    """Return the intersections that a rule judges together, as the strata of a slice."""
    if rule.explained_by is None:
        return []
    measured = evidence.evaluation.models.get(CANDIDATE, {})
    strata = [name for name in measured if features_of(name) == (rule.explained_by,)]
    return [part for name in names for stratum in strata if (part := crossed(name, stratum)) in measured]


def _breaking(evidence: Evidence, rule: Rule, covered: set[Place]) -> Iterator[_Noted]:
    """Yield the slices outside of the policy that break a rule's limit."""
    everywhere = rule.on_each_slice()
    if everywhere is None or (everywhere.needs_baseline and not evidence.has_baseline):
        return
    for finding in _findings(evidence, everywhere, covered):
        if not math.isnan(finding.estimate.value) and not finding.bounds.kept_by(finding.estimate.value):
            yield _Noted(finding, rule.id, "breaks a limit")


def _worse(evidence: Evidence, rule: Rule, covered: set[Place]) -> Iterator[_Noted]:
    """Yield the slices outside of the policy on which the candidate is proven to be worse than the baseline."""
    if not evidence.has_baseline or rule.on_each_slice() is None or worse_direction(rule) is None:
        return
    guard = GuardRule(id=rule.id, metric=rule.metric, thresholds=rule.thresholds, worse=rule.worse, margin=0.0)
    for finding in _findings(evidence, guard, covered):
        if not finding.bounds.kept_by(finding.estimate.value) and _proven(finding, evidence):
            yield _Noted(finding, "", "worse than the baseline")


def _favoured(evidence: Evidence, rule: Rule) -> Iterator[_Noted]:
    """Yield the slices, judged or not, that the candidate favours beyond the limit of a rule on ratios."""
    everywhere = rule.on_each_slice()
    if everywhere is None or everywhere.measures not in ("ratio", "ratio_to_rest"):
        return
    for finding in _findings(evidence, everywhere, set()):
        bounds = _other_side(finding.bounds)
        if bounds is None or bounds.kept_by(finding.estimate.value):
            continue
        turned = replace(finding, bounds=bounds, limit_text=_without_limit(bounds))
        if _proven(turned, evidence) and not _was_favoured(evidence, everywhere, finding):
            yield _Noted(turned, rule.id, "favoured")


def _without_limit(bounds: Bounds) -> str:
    """Return what a rule would require if it limited the other side too."""
    limit, side = (bounds.lower, "below") if math.isfinite(bounds.lower) else (bounds.upper, "above")
    return f"provably {side} {sentences.exact(limit)}, which would be the limit on the other side; the rule sets none there"


def _was_favoured(evidence: Evidence, rule: Rule, finding: Finding) -> bool:
    """Return whether the baseline favoured the slice as much, so that the data and not the candidate are the reason."""
    if not evidence.has_baseline:
        return False
    models = {**evidence.evaluation.models, CANDIDATE: evidence.evaluation.models[BASELINE]}
    before = replace(evidence, evaluation=replace(evidence.evaluation, models=models))
    one = rule.model_copy(update={"slices": (finding.slice,), "thresholds": _thresholds(finding.key)})
    values = [each.estimate.value for each in one.apply(before) if isinstance(each, Finding)]
    if not values or math.isnan(values[0]):
        return False
    distances = [abs(math.log(value)) if value > 0 else math.inf for value in (values[0], finding.estimate.value)]
    return distances[0] >= distances[1] and (values[0] < 1) == (finding.estimate.value < 1)


def _findings(evidence: Evidence, rule: Rule, covered: set[Place]) -> Iterator[Finding]:
    """Apply a rule to every slice that is not covered."""
    slices = evidence.evaluation.models.get(CANDIDATE, {})
    for key in rule.metric_keys():
        explained = evidence.policy.explaining_features if rule.measures in _GAPS else frozenset()
        names = tuple(
            name
            for name in slices
            if _named(key, name) not in covered and _concerns(rule, name) and explained.isdisjoint(features_of(name))
        )
        if names:
            changes = {"slices": names, "thresholds": _thresholds(key), "min_examples": _LEAST}
            yield from (each for each in rule.model_copy(update=changes).apply(evidence) if isinstance(each, Finding))


def _concerns(rule: Rule, name: str) -> bool:
    """Return whether the rule's limit means something on the slice: the accuracy of a class is its recall."""
    if name == OVERALL:
        return rule.includes_overall
    return features_of(name) != (CLASS,) or rule.metric != "accuracy"


def _thresholds(key: MetricKey) -> tuple[float, ...]:
    return () if key.threshold is None else (key.threshold,)


def _other_side(bounds: Bounds) -> Bounds | None:
    """Return the mirrored limit of a ratio that is limited on one side: 1 / 1.25 where at most 1.25 is allowed."""
    limit = bounds.upper if math.isfinite(bounds.upper) else bounds.lower
    if math.isfinite(bounds.upper) == math.isfinite(bounds.lower) or limit <= 0:
        return None
    return Bounds(lower=1 / limit) if math.isfinite(bounds.upper) else Bounds(upper=1 / limit)


def _proven(finding: Finding, evidence: Evidence) -> bool:
    low, high = finding.estimate.interval(evidence.policy.confidence)
    return _has_width(low, high) and finding.bounds.excludes(low, high)


def _rests_on(evidence: Evidence, finding: Finding, least: int) -> bool:
    """Return whether a finding has so many examples, and an AUC enough of either label."""
    rarer, _ = evidence.fewest(finding.slice, finding.key)
    return finding.estimate.n >= least and rarer >= min(LEAST_OF_LABEL, least)


def _is_far_off(evidence: Evidence, finding: Finding, alpha: float) -> bool:
    """Return whether a rate of few examples breaks its limit at a level that counts every slice and rule.

    Only what breaks a limit is listed, so Holm over the list alone would take chance for proof among many small slices.
    """
    is_rate = finding.key in evidence.metrics(finding.slice, finding.key).rates
    measure = finding.measure or finding.rule.measures
    return is_rate and measure != "change" and finding.estimate.n >= _LEAST_RATE and _p(finding) <= alpha


def _p(finding: Finding) -> float:
    """Return the p-value of a broken limit; 1 where there is no interval."""
    if not _has_width(*finding.estimate.interval(0.95)):
        return 1.0
    return violation_p(finding.estimate.interval, finding.bounds.limit_for(finding.estimate.value), finding.num_comparisons)


def _has_width(low: float, high: float) -> bool:
    """Return whether an interval says how far a value may be off: few examples that agree have a standard error of 0."""
    return high - low > ROUNDING


def _place(finding: Finding) -> Place:
    return _named(finding.key, finding.slice)


def _named(key: MetricKey, name: str) -> Place:
    return _SAME.get(key.name, key.name), key.threshold, name


def _line(noted: _Noted, evidence: Evidence, *, proven: bool) -> NotJudged:
    finding, confidence = noted.finding, evidence.policy.confidence
    low, high = finding.estimate.interval(confidence)
    value = finding.estimate.value
    return NotJudged(
        rule=noted.rule,
        slice=finding.slice,
        metric=finding.key.name,
        threshold=finding.key.threshold,
        measure=finding.measure or finding.rule.measures,
        value=value,
        interval=None if math.isnan(low) or math.isnan(high) else (low, high),
        limit=finding.bounds.limit_for(value),
        n=finding.estimate.n,
        because=noted.because,
        proven=proven,
        reason=sentences.reason(finding, (low, high), confidence, ""),
    )
