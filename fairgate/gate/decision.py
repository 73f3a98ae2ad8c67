"""Decide: from a policy and an evaluation to blessed, refused or inconclusive, with a reason for every rule. Pure.

In: a policy, an evaluation, and checks that were made elsewhere. Out: a `Decision`. `fairgate.gate.policy` says how a rule is
judged. The outcome follows from the lines alone:

    refused       a rule or a check failed, or there is no candidate
    inconclusive  otherwise, when a rule or a check is unproven, or no slice of a rule had enough data, or no rule passed at all
    blessed       otherwise

Harm that is proven on a slice that no rule covers is such a check, see `Policy.uncovered_harm`. A policy that sets no pass mark
has the outcome "reported" unless a check failed: its rules measure, and are held to no limit.
"""

import math
from collections import Counter
from collections.abc import Sequence

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate import decides, sentences, sound, uncovered
from fairgate.gate.checks import Check
from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.headline import headline
from fairgate.gate.impact import impact_tables
from fairgate.gate.needed import nearest, needed_for, needed_for_unjudged
from fairgate.gate.outcome import CHECK, Decision, NotJudged, PolicyFacts, RuleFacts, RuleLine, RuleResult, outcome_of
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Effect, Rule
from fairgate.gate.waivers import Waiver, covering
from fairgate.gate.without_value import feature_without_value
from fairgate.measurement import Evaluation
from fairgate.metrics import registry
from fairgate.names import CANDIDATE
from fairgate.statistics.comparison import Ends
from fairgate.statistics.multiplicity import holm, violation_p

_RESULTS: dict[Effect, RuleResult] = {"pass": "passed", "inconclusive": "unproven", "refuse": "failed"}

_MOST_PLANNED = 300  # findings; of more, only the open ones say how many examples they need, for the search takes its time

Measured = list[tuple[Rule, list[Finding | Unjudged]]]


def decide(
    policy: Policy,
    evaluation: Evaluation,
    *,
    checks: Sequence[Check] = (),
    counterfactual: CounterfactualResults | None = None,
    threshold: float = 0.5,
    waivers: Sequence[Waiver] = (),
    elsewhere: float | None = None,
) -> Decision:
    """Judge the candidate.

    Args:
        policy: every rule must hold.
        evaluation: of the candidate, and of the baseline unless this is a first run.
        checks: a check that is not in order refuses, whatever the metrics say.
        counterfactual: the results of the counterfactual test; None when there was none.
        threshold: the decision threshold in the model's metadata; a policy that names none is judged there.
        waivers: those of the policy that are in force today.
        elsewhere: how many times the evaluation's examples the rest of the data holds, as far as is known.

    Returns:
        the outcome and everything that led to it; never raises for an evaluation that lacks what the policy asks for.

    Raises:
        UnknownNameError: a rule names a metric that is not registered.
    """
    for rule in policy.rules:
        registry.get(rule.metric)
    evidence = Evidence(evaluation, policy, counterfactual)
    measured: Measured = []
    for rule in policy.rules:
        if rule.needs_baseline and not evidence.has_baseline:
            measured.append((rule, [_without_baseline(rule, policy)]))
        else:
            measured.append((rule, list(rule.apply(evidence)) or [_without_slices(rule)]))
    corrected = _corrected(policy, [result for _, results in measured for result in results if isinstance(result, Finding)])
    family = len(corrected) if policy.multiplicity == "holm" else None
    results = [result for _, of_rule in measured for result in of_rule]
    if policy.reports_only:
        judged, noted = [_reported(result, policy) for result in results], []
    else:
        judged = [judge(result, policy, corrected.get(id(result))) for result in results]
        planned = len(results) <= _MOST_PLANNED
        judged = [
            _with_needed(line, result, evidence, elsewhere, family) if planned or line.outcome != "passed" else line
            for line, result in zip(judged, results, strict=True)
        ]
        judged = [_waived(line, waivers) for line in judged]
        noted = uncovered.not_judged(evidence, measured)
    lines = (*_check_lines(evidence, measured, checks, threshold), *_harm(policy, noted), *judged)
    outcome = "reported" if policy.reports_only and _sound(lines) else outcome_of(lines)
    absent = uncovered.absent_groups(evidence)
    return Decision(
        outcome=outcome,
        rules=lines,
        summary=headline(outcome, lines, noted, evaluation, absent, evidence.lacking()),
        not_judged=tuple(noted),
        absent_groups=absent,
        waivers=tuple(waivers),
        policy=_facts(policy),
        impact=impact_tables(evidence),
    )


def _facts(policy: Policy) -> PolicyFacts:
    rules = [
        RuleFacts(
            id=rule.id,
            words=rule.words.removesuffix(f": {rule.limit_words}") if policy.reports_only else rule.words,
            rationale=rule.rationale,
            slices=rule.slices,
            worst_only=rule.reports_worst,
            trials=registry.get(rule.metric).trials,
        )
        for rule in policy.rules
    ]
    return PolicyFacts(author=policy.author, rationale=policy.rationale, rules=tuple(rules))


def _check_lines(evidence: Evidence, measured: Measured, checks: Sequence[Check], threshold: float) -> list[RuleLine]:
    evaluation = evidence.evaluation
    made = [*checks, *sound.checks(evaluation), *sound.of_swaps(evidence.counterfactual)]
    lines = [_checked(check) for check in made]
    if copied := sound.copies(evaluation):
        result: RuleResult = "passed" if evaluation.clustered else "unproven"
        lines.append(RuleLine(id="distinct-examples", kind=CHECK, measure="", outcome=result, reason=copied))
    ids = Counter(rule.id for rule, _ in measured)
    for name in (name for name, times in ids.items() if times > 1):
        reason = f"{ids[name]} rules have the id {name!r}, so that one could cover for the other; give each its own."
        lines.append(RuleLine(id="rule-ids", kind=CHECK, measure="", outcome="unproven", reason=reason))
    named = {each for rule, _ in measured for each in rule.thresholds}
    guarded = {name: None for rule, _ in measured for name in evidence.select(rule)[0]}
    return [*lines, *decides.check(evidence, list(guarded), sorted(named) or [threshold])]


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
        n=result.n,
        outcome=outcome,
        proven=_proven(result, (low, high)),
        kept=None if math.isnan(value) else result.bounds.kept_by(value),
        reason=sentences.reason(result, (low, high), confidence, remark),
    )


def _reported(result: Finding | Unjudged, policy: Policy) -> RuleLine:
    """Return what a rule measured, held to no limit: the line of a policy that sets no pass mark."""
    line = judge(result, policy, None)
    if isinstance(result, Finding):
        confidence = result.rule.confidence or policy.confidence
        reason = f"{sentences.measured(result, result.estimate.interval(confidence), confidence)}."
        line = line.model_copy(update={"reason": reason})
    return line.model_copy(update={"outcome": "not applicable", "limit": None, "proven": False, "kept": None})


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
    proven, remark = bounds.excludes(*ends), "The limit is broken, but the interval reaches back within it"
    if corrected is not None and (proven or corrected <= 1 - (rule.confidence or policy.confidence)):
        proven = corrected <= 1 - (rule.confidence or policy.confidence)
        remark = f"The limit is broken, but with Holm's correction this is not proven (p = {sentences.number(corrected)})"
    return ("failed", "") if proven else _effect(rule.unproven_violation or policy.unproven_violation, remark)


def _proven(finding: Finding, ends: Ends) -> bool:
    """Return whether the whole interval lies on the value's side of the limit."""
    kept = finding.bounds.kept_by(finding.estimate.value)
    return _known(ends) and (finding.bounds.contains(*ends) if kept else finding.bounds.excludes(*ends))


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


def _with_needed(
    line: RuleLine, result: Finding | Unjudged, evidence: Evidence, elsewhere: float | None, family: int | None
) -> RuleLine:
    """Return the line with the number of examples that decides it, if that is open; a line that stays open says it."""
    slices = evidence.evaluation.models.get(CANDIDATE, {})
    least = 0
    if isinstance(result, Unjudged):
        least = result.least or result.rule.min_examples or evidence.policy.min_examples
        result = nearest(result, least, slices)
    metrics = slices.get(result.slice)
    available = None
    if elsewhere is not None and metrics is not None:
        counts = {"": metrics.n, "negative": metrics.n_negative or 0, "positive": metrics.n_positive or 0}
        available = {result.slice: {label: round(n * elsewhere) for label, n in counts.items()}}
    if isinstance(result, Finding):
        needed = needed_for(result, evidence.policy.confidence, measured=metrics, available=available, family=family)
    else:
        needed = needed_for_unjudged(result, least, measured=metrics, available=available)
    if needed is None:
        return line
    says = line.outcome in ("unproven", "not enough data")
    return line.model_copy(update={"needed": needed, "reason": f"{line.reason} {needed.sentence}" if says else line.reason})


def _waived(line: RuleLine, waivers: Sequence[Waiver]) -> RuleLine:
    """Return a line that failed as waived, if a waiver covers it."""
    waiver = covering(waivers, line.id, line.slice) if line.outcome == "failed" else None
    if waiver is None:
        return line
    reason = f"{line.reason} Waived until {waiver.until} by {waiver.who}: {waiver.why}"
    return line.model_copy(update={"outcome": "waived", "reason": reason})


def _cover(noted: NotJudged) -> str:
    """Return how a rule may judge a place."""
    if feature := feature_without_value(noted.slice):
        return f"give these examples a value of {feature}, such as unknown, which is a group then"
    return f"add the slice to rule {noted.rule!r}, lower its `min_examples`"


def _harm(policy: Policy, noted: Sequence[NotJudged]) -> list[RuleLine]:
    """Return a line for every place that no rule covers and where a limit of the policy is proven to be broken."""
    if policy.uncovered_harm == "report":
        return []
    result: RuleResult = "failed" if policy.uncovered_harm == "refuse" else "unproven"
    return [
        RuleLine(
            id="uncovered-harm",
            kind=CHECK,
            slice=each.slice,
            threshold=each.threshold,
            measure="",
            value=each.value,
            interval=each.interval,
            limit=each.limit,
            n=each.n,
            outcome=result,
            proven=True,
            reason=f"{each.reason} No rule judges this: {_cover(each)}, or set `uncovered_harm: report`.",
        )
        for each in noted
        if each.proven and each.because == "breaks a limit"
    ]


def _sound(lines: Sequence[RuleLine]) -> bool:
    return not any(line.kind == CHECK and line.outcome == "failed" for line in lines)
