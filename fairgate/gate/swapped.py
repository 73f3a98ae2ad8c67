"""Rules on the counterfactual test: flip rates and score shifts of the candidate, term by term or of the worst term.

In: a `CounterfactualRule`, and evidence with the test's results. Out: findings, and an `Unjudged` wherever there was nothing to
measure. How many terms the worst was picked from goes along (`Finding.looks`), for the correction of multiplicity.
"""

import math
from collections.abc import Mapping

from fairgate.counterfactual import TermResult
from fairgate.gate import sentences
from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.gaps import shift_bounds
from fairgate.gate.policy import CounterfactualRule
from fairgate.measurement import MetricKey
from fairgate.names import CANDIDATE, matching
from fairgate.statistics.comparison import Ends, Estimate
from fairgate.statistics.intervals import flip_interval, shift_interval

Result = Finding | Unjudged


def swapped(rule: CounterfactualRule, evidence: Evidence) -> list[Result]:
    """Everything that the rule finds."""
    found = evidence.counterfactual
    if found is None:
        reason = "The run made no counterfactual test; its configuration leaves it out."
        return [_unproven(rule, pattern, reason) for pattern in rule.slices[:1]]
    measured = {term.slice: term for term in found.terms if term.model == CANDIDATE}
    named = {pattern: matching(pattern, measured) for pattern in rule.slices}
    absent = [
        _unproven(rule, pattern, f"The counterfactual test found nothing for {pattern}.")
        for pattern, names in named.items()
        if not names
    ]
    terms = {name: measured[name] for names in named.values() for name in names}
    return [*absent, *(result for key in rule.metric_keys() for result in _of_terms(rule, evidence, terms, key))]


def estimate(term: TermResult, key: MetricKey) -> Estimate:
    """The flip rate at a threshold, NaN when it was not measured there, or the score shift; n texts of a term."""
    if key.name == "score_shift":
        mean, error = term.shift.value, term.shift.standard_error
        reached = math.nan if error is None else error
        return Estimate(mean, term.n, lambda confidence: shift_interval(mean, reached, term.n, confidence))
    rate = next((flips.value for flips in term.flips if flips.threshold == key.threshold), math.nan)

    def interval(confidence: float) -> Ends:
        return (math.nan, math.nan) if math.isnan(rate) else flip_interval(rate, term.n, confidence)

    return Estimate(rate, term.n, interval)


def _of_terms(rule: CounterfactualRule, evidence: Evidence, terms: Mapping[str, TermResult], key: MetricKey) -> list[Result]:
    estimates = {name: estimate(term, key) for name, term in terms.items()}
    few = {name: evidence.too_few(rule, name, key, [found]) for name, found in estimates.items()}
    results: list[Result] = [unjudged for unjudged in few.values() if unjudged]
    sound = {name: found for name, found in estimates.items() if not few[name]}
    if rule.across == "each":
        return results + [_finding(rule, name, key, found) for name, found in sound.items()]
    if not sound:
        return results
    bounds = shift_bounds(rule)
    worst = max(sound, key=lambda name: max(sound[name].value - bounds.upper, bounds.lower - sound[name].value))
    return [*results, _finding(rule, worst, key, sound[worst], looks=len(sound))]


def _finding(rule: CounterfactualRule, name: str, key: MetricKey, found: Estimate, looks: int = 1) -> Finding:
    bounds = shift_bounds(rule)
    value = sentences.number(found.value, bounds.limit_for(found.value))
    worst = f", the worst of {looks}" if rule.across == "worst" else ""
    said = f"{sentences.of(key, name)} is {value}{worst}"
    return Finding(rule, name, key, found, bounds, said, sentences.between(bounds.lower, bounds.upper), looks)


def _unproven(rule: CounterfactualRule, name: str, reason: str) -> Unjudged:
    return Unjudged(rule, name, rule.metric_keys()[0], "unproven", reason)
