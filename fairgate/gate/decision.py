"""Decide: from a policy and an evaluation to blessed, refused or inconclusive, with a reason for every rule. Pure.

In: a policy, an evaluation, and checks that were made elsewhere. Out: a `Decision`. `fairgate.gate.policy` says how a rule is
judged. The outcome follows from the rules' outcomes alone:

    refused       a rule or a check failed, scores were invalid, or there is no candidate
    inconclusive  otherwise, when a rule is unproven, or no slice of it had enough data, or no rule passed at all
    blessed       otherwise
"""

import math
from collections.abc import Iterable, Sequence

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate import sentences
from fairgate.gate.checks import Check
from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.outcome import CHECK, Decision, Outcome, RuleLine, RuleResult, decisive
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Effect, Rule
from fairgate.measurement import Evaluation
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.statistics.comparison import Ends
from fairgate.statistics.multiplicity import holm, violation_p

_RESULTS: dict[Effect, RuleResult] = {"pass": "passed", "inconclusive": "unproven", "refuse": "failed"}


def decide(
    policy: Policy,
    evaluation: Evaluation,
    *,
    checks: Sequence[Check] = (),
    counterfactual: CounterfactualResults | None = None,
) -> Decision:
    """Judge the candidate.

    Args:
        policy: every rule must hold.
        evaluation: of the candidate, and of the baseline unless this is a first run.
        checks: a check that is not in order refuses, whatever the metrics say.
        counterfactual: the results of the counterfactual test; None when there was none.

    Returns:
        the outcome and everything that led to it; never raises for an evaluation that lacks what the policy asks for.
    """
    evidence = Evidence(evaluation, policy, counterfactual)
    measured: list[list[Finding | Unjudged]] = []
    for rule in policy.rules:
        if rule.needs_baseline and not evidence.has_baseline:
            measured.append([_without_baseline(rule, policy)])
        else:
            measured.append(list(rule.apply(evidence)) or [_without_slices(rule)])
    corrected = _corrected(policy, [result for of_rule in measured for result in of_rule if isinstance(result, Finding)])
    judged = [[judge(result, policy, corrected.get(id(result))) for result in of_rule] for of_rule in measured]
    checked = [_checked(check) for check in [*checks, *_own_checks(evaluation), *_swapped_checks(counterfactual)]]
    outcome = _outcome(checked, judged)
    lines = (*checked, *(line for of_rule in judged for line in of_rule))
    return Decision(outcome, lines, _summary(outcome, lines, judged))


def judge(result: Finding | Unjudged, policy: Policy, corrected: float | None) -> RuleLine:
    """Hold a finding to its bounds; see `fairgate.gate.policy` for how.

    Args:
        result: of a rule on a slice.
        policy: which effects and which confidence apply.
        corrected: p-value of the finding after Holm's correction; None where there is none.
    """
    rule, key = result.rule, result.key
    if isinstance(result, Unjudged):
        return RuleLine(
            id=rule.id,
            kind=rule.kind,
            slice=result.slice,
            metric=key.name,
            threshold=key.threshold,
            measure=rule.measures,
            n=result.n,
            outcome=result.result,
            reason=result.reason,
        )
    confidence, value = rule.confidence or policy.confidence, result.estimate.value
    low, high = result.estimate.interval(confidence)
    outcome, remark = _verdict_on(result, policy, (low, high), corrected)
    return RuleLine(
        id=rule.id,
        kind=rule.kind,
        slice=result.slice,
        metric=key.name,
        threshold=key.threshold,
        measure=result.measure or rule.measures,
        value=value,
        interval=(low, high) if _known((low, high)) else None,
        limit=result.bounds.limit_for(value),
        n=result.estimate.n,
        outcome=outcome,
        reason=sentences.reason(result, (low, high), confidence, remark),
    )


def _without_baseline(rule: Rule, policy: Policy) -> Unjudged:
    name, key = next(iter(rule.slices), ""), rule.metric_keys()[0]
    if policy.without_baseline == "skip":
        return Unjudged(rule, name, key, "not applicable", "There is no baseline to compare with; the other rules decide.")
    return Unjudged(rule, name, key, "unproven", "There is no baseline to compare with, and the policy asks for one.")


def _without_slices(rule: Rule) -> Unjudged:
    return Unjudged(rule, "", rule.metric_keys()[0], "unproven", f"The rule {rule.id} names no slice.")


def _checked(check: Check) -> RuleLine:
    result: RuleResult = "passed" if check.ok else "failed"
    return RuleLine(id=check.name, kind=CHECK, measure="", outcome=result, reason=check.reason)


def _own_checks(evaluation: Evaluation) -> Iterable[Check]:
    """Yield what is not in order, though it must be before any number counts."""
    for model, invalid in sorted(evaluation.invalid_scores.items()):
        if invalid:
            reason = (
                f"The {model} gave {sentences.count(invalid)} scores that are NaN or infinite; every example needs an answer."
            )
            yield Check("invalid-scores", ok=False, reason=reason)
    whole = {model: evaluation.models[model].get(OVERALL) for model in (CANDIDATE, BASELINE) if model in evaluation.models}
    for model in sorted({CANDIDATE, *whole}):
        if whole.get(model) is None:
            yield Check("measured", ok=False, reason=f"The {model} was not measured on {OVERALL}.")
    candidate, baseline = whole.get(CANDIDATE), whole.get(BASELINE)
    if candidate and baseline and (candidate.n, candidate.n_positive) != (baseline.n, baseline.n_positive):
        counts = f"{sentences.count(candidate.n)} and {sentences.count(baseline.n)}"
        reason = f"Candidate and baseline were measured on different examples ({counts}), so they cannot be compared."
        yield Check("same-examples", ok=False, reason=reason)


def _swapped_checks(results: CounterfactualResults | None) -> Iterable[Check]:
    for model, invalid in sorted(results.invalid_scores.items()) if results else ():
        if invalid:
            what = f"{sentences.count(invalid)} scores of the counterfactual test that are NaN or infinite"
            yield Check("invalid-scores", ok=False, reason=f"The {model} gave {what}; every text needs an answer.")


def _verdict_on(finding: Finding, policy: Policy, ends: Ends, corrected: float | None) -> tuple[RuleResult, str]:
    """Return how a finding is judged, and what to remark on it; `corrected` is its p-value after Holm's correction, if any."""
    value, bounds, rule = finding.estimate.value, finding.bounds, finding.rule
    if math.isnan(value):
        return "unproven", "This cannot be compared with the limit."
    kept = bounds.kept_by(value)
    if not _known(ends):
        return ("passed" if kept else "failed"), "No interval is known; the value alone decides."
    if kept:
        remark = "The limit is kept, but the interval reaches beyond it"
        return ("passed", "") if bounds.contains(*ends) else _effect(rule.unproven or policy.unproven, remark)
    if corrected is None:
        proven, remark = bounds.excludes(*ends), "The limit is broken, but the interval reaches back within it"
    else:
        proven = corrected <= 1 - (rule.confidence or policy.confidence)
        remark = f"The limit is broken, but with Holm's correction this is not proven (p = {sentences.number(corrected)})"
    return ("failed", "") if proven else _effect(rule.unproven_violation or policy.unproven_violation, remark)


def _effect(effect: Effect, remark: str) -> tuple[RuleResult, str]:
    return _RESULTS[effect], f"{remark}; the policy refuses that." if effect == "refuse" else f"{remark}."


def _corrected(policy: Policy, findings: list[Finding]) -> dict[int, float]:
    """Return Holm's adjusted p-values by the identity of the finding; empty where the policy asks for no correction.

    The family is every comparison of the policy that has an interval. A limit that is kept has a p-value of 1.
    """
    if policy.multiplicity == "none":
        return {}
    family = [finding for finding in findings if _known(finding.estimate.interval(policy.confidence))]
    p_values = []
    for finding in family:
        estimate, bounds = finding.estimate, finding.bounds
        limit = bounds.limit_for(estimate.value)
        kept = bounds.kept_by(estimate.value)
        p_values.append(1.0 if kept else violation_p(estimate.interval, limit, finding.num_comparisons))
    return {id(finding): adjusted for finding, adjusted in zip(family, holm(p_values), strict=True)}


def _known(ends: Ends) -> bool:
    return not any(map(math.isnan, ends))


def _outcome(checked: Sequence[RuleLine], judged: Sequence[Sequence[RuleLine]]) -> Outcome:
    """Return the outcome that follows from the checks and, rule by rule, from the lines of the rules."""
    by_rule = [{line.outcome for line in of_rule} for of_rule in judged]
    everything = {line.outcome for line in checked}.union(*by_rule)
    if "failed" in everything:
        return "refused"
    undecided = any(results == {"not enough data"} for results in by_rule)
    if "unproven" in everything or undecided or not any("passed" in results for results in by_rule):
        return "inconclusive"
    return "blessed"


def _summary(outcome: Outcome, lines: Sequence[RuleLine], judged: Sequence[Sequence[RuleLine]]) -> str:
    if not judged and outcome == "inconclusive":
        return "Inconclusive: the policy has no rules, so there is nothing that a candidate could prove."
    if outcome == "blessed":
        held = sum(any(line.outcome == "passed" for line in of_rule) for of_rule in judged)
        first = f"Blessed: {held} of {len(judged)} rules hold"
        return f"{first}; the others need a baseline." if held < len(judged) else f"{first}."
    named: dict[str, list[str]] = {}
    for line in decisive(lines):
        named.setdefault(line.id, []).extend([line.slice] if line.slice else [])
    parts = [f"{rule} ({sentences.listed(names)})" if names else rule for rule, names in named.items()]
    return f"{outcome.capitalize()}: {'; '.join(parts)}."
