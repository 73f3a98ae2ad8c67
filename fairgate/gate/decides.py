"""Check that the candidate decides: that its answers depend on the example. No policy can switch this off.

A model that calls everything positive has no gap between groups, one that is inverted may have none either; both keep rules that
compare groups. For a binary task the check is on informedness, J = true positive rate - false positive rate, at every threshold
that a rule names:

    all examples     refused when the decisions are constant or J is proven not to exceed 0; open until J is proven above 0
    guarded slice    refused when J is proven not to exceed 0, or when the decisions are constant although the rates of the rest
                     make that less likely than 1 in 1,000; open when they are constant otherwise. Of one label alone, and all
                    of it called so, no decision is wrong: then open where the rest makes it that unlikely, else in order

A guarded slice is one that a rule names. J is not asked to be proven on every slice at every threshold: of sound models many
would fail on small slices. Without labels it is asked only that the decisions at these thresholds are not constant. A multi-class
model must beat the most frequent class and must not leave out a class.

In: an evaluation and a policy. Out: one `RuleLine` of kind "check" for each place that is refused or open, and for overall.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fairgate.gate import sentences
from fairgate.gate.evidence import Evidence
from fairgate.gate.needed import POWER, Label, Needed, about
from fairgate.gate.outcome import CHECK, RuleLine, RuleResult
from fairgate.measurement import MetricKey, Scalar, SliceMetrics
from fairgate.names import CANDIDATE, CLASS, OVERALL, features_of
from fairgate.statistics import comparison, sample_size
from fairgate.statistics.comparison import Estimate
from fairgate.statistics.multiplicity import holm

DECIDES = "decides"
_KEYS, _MISSED = ("true_positive_rate", "false_positive_rate"), "false_negative_rate"
CONFIDENCE = 0.95  # two-sided, for every policy
_NOT_KNOWN = "so whether the candidate decides cannot be judged."
IMPROBABLE = 0.001  # so unlikely must constant decisions on a slice be, to be no chance


@dataclass(frozen=True)
class _Decisions:
    """The candidate's decisions on a slice at a threshold.

    Attributes:
        true_positive, false_positive: the rates, with effective counts.
        n: examples of the slice.
        only_label: that of all of its examples, "positive" or "negative"; empty where they differ or there are none.
    """

    true_positive: Estimate
    false_positive: Estimate
    n: int
    only_label: str

    @property
    def informedness(self) -> Estimate:
        """Return J; its value is NaN without examples of both labels."""
        return comparison.contrast(self.true_positive, self.false_positive, "difference")

    @property
    def constant(self) -> str:
        """Return what every example is called, "positive" or "negative"; empty where the decisions differ or there are none."""
        values = {each.value for each in (self.true_positive, self.false_positive) if not math.isnan(each.value)}
        return {frozenset([0.0]): "negative", frozenset([1.0]): "positive"}.get(frozenset(values), "")


def check(evidence: Evidence, guarded: Sequence[str], thresholds: Sequence[float]) -> Iterator[RuleLine]:
    """Yield what is to be said of whether the candidate decides.

    Args:
        evidence: the evaluation.
        guarded: names of the slices that a rule matches.
        thresholds: decision thresholds of a binary task.
    """
    whole = evidence.evaluation.models.get(CANDIDATE, {}).get(OVERALL)
    if whole is None:
        return
    if MetricKey("accuracy") in whole.rates:
        yield from _beats_majority(whole)
        yield from _names_every_class(evidence)
        return
    scoring = MetricKey("scoring_rate")
    if scoring in whole.rates and not any(rule.thresholds for rule in evidence.policy.rules) and not _with_labels(whole):
        yield _differ(whole, scoring)
        return
    thresholds = _thresholds(whole, thresholds)
    for threshold in thresholds:
        if not _measured(whole, threshold):
            yield _not_measured(whole, threshold)
            continue
        of_all = _decisions(whole, threshold)
        yield _on_overall(of_all, threshold)
        if not of_all.constant:
            yield from _on_slices(evidence, [name for name in guarded if name != OVERALL], threshold)


def _on_overall(decisions: _Decisions, threshold: float) -> RuleLine:
    called, informedness = decisions.constant, decisions.informedness
    if called:
        return _line(OVERALL, threshold, informedness, "failed", _constant(called, threshold))
    if informedness.problem:
        return _unusable(f"Informedness at {threshold:g}", threshold, informedness)
    if math.isnan(informedness.value) and not decisions.only_label:
        reason = f"No decision at {threshold:g} has a valid score and weight, {_NOT_KNOWN}"
        return _line(OVERALL, threshold, informedness, "unproven", reason)
    if math.isnan(informedness.value):
        label = decisions.only_label
        reason = f"Every label is {label}, so whether the candidate decides cannot be judged; examples of both labels are needed."
        return _line(OVERALL, threshold, informedness, "unproven", reason)
    low, high = informedness.interval(CONFIDENCE)
    if low > 0:
        return _line(
            OVERALL, threshold, informedness, "passed", f"The candidate decides: {_rates(OVERALL, decisions, threshold)}."
        )
    if high <= 0:
        return _line(OVERALL, threshold, informedness, "failed", _inverted(OVERALL, decisions, threshold))
    needed = _more_rows(informedness, 0.0, decisions.n)
    reason = f"That the candidate decides is not proven: {_rates(OVERALL, decisions, threshold)}. {needed.sentence}"
    return _line(OVERALL, threshold, informedness, "unproven", reason, needed)


def _on_slices(evidence: Evidence, guarded: Sequence[str], threshold: float) -> Iterator[RuleLine]:
    slices = evidence.evaluation.models[CANDIDATE]
    measured = {name: slices[name] for name in guarded if name in slices and _measured(slices[name], threshold)}
    places = {name: _decisions(metrics, threshold) for name, metrics in measured.items()}
    chances = {name: _chance(evidence, name, decisions, threshold) for name, decisions in places.items()}
    adjusted = dict(zip(chances, holm(list(chances.values())), strict=True))
    for name, decisions in places.items():
        informedness = decisions.informedness
        called = decisions.constant
        if called and called == decisions.only_label:
            if decisions.n >= evidence.policy.min_examples:
                yield _right_throughout(evidence, name, decisions, threshold, improbable=adjusted[name] < IMPROBABLE)
        elif called and adjusted[name] < IMPROBABLE:
            reason = (
                f"The candidate calls all {sentences.count(decisions.n)} examples of {name} {called} at {threshold:g}; "
                f"by its decisions on the rest this is less likely than {IMPROBABLE:g}."
            )
            yield _line(name, threshold, informedness, "failed", reason)
        elif called and decisions.n >= evidence.policy.min_examples:
            needed = _rows_for_constant(name, chances[name], decisions, len(places))
            reason = (
                f"The candidate calls every example of {name} {called} at {threshold:g}, which may be chance; {needed.sentence}"
            )
            yield _line(name, threshold, informedness, "unproven", reason, needed)
        elif not called and informedness.interval(CONFIDENCE)[1] <= 0:
            yield _line(name, threshold, informedness, "failed", _inverted(name, decisions, threshold))


def _right_throughout(evidence: Evidence, name: str, decisions: _Decisions, threshold: float, *, improbable: bool) -> RuleLine:
    """Return the line of a slice of one label that is called so throughout: open only where the rest is not decided like that."""
    called, least = decisions.only_label, evidence.policy.min_examples
    other: Label = "negative" if called == "positive" else "positive"
    reason = (
        f"The candidate calls all {sentences.count(decisions.n)} examples of {name} {called} at {threshold:g}, which they are; "
        f"without {other}s it cannot be judged whether it decides there."
    )
    if not improbable:
        return _line(name, threshold, decisions.informedness, "passed", reason)
    text = f"By its decisions on the rest this is less likely than {IMPROBABLE:g}; at least {least:,} {other}s of {name} tell."
    needed = Needed(slice=name, label=other, examples=least, have=0, power=None, sentence=text)
    return _line(name, threshold, decisions.informedness, "unproven", f"{reason} {text}", needed)


def _chance(evidence: Evidence, name: str, decisions: _Decisions, threshold: float) -> float:
    """Return how likely it is that all decisions on a slice are equal, if each label is decided there as in the rest; else 1.

    The rates of the rest are (x + 1/2) / (n + 1), so that a rest of a few examples proves nothing.
    """
    called = decisions.constant
    if not called:
        return 1.0
    slices = evidence.evaluation.models[CANDIDATE]
    log_chance = 0.0
    part, whole = (_with_true_positives(slices[each], threshold) for each in (name, OVERALL))
    for key, own in zip(_KEYS, (decisions.true_positive, decisions.false_positive), strict=True):
        rest = comparison.complement(part, whole, MetricKey(key, threshold))
        if rest is None or not own.n > 0 or not rest.n > 0:
            continue
        rate = (rest.value * rest.n + 0.5) / (rest.n + 1)
        log_chance += own.n * math.log(rate if called == "positive" else 1 - rate)
    return math.exp(max(log_chance, -700.0))


def _rows_for_constant(name: str, chance: float, decisions: _Decisions, num_slices: int) -> Needed:
    """Return how many examples would tell constant decisions from chance, if the labels are mixed as they are."""
    if chance >= 1:
        return _needed(name, decisions.n, math.inf, "no number of examples tells, for the rest is decided alike.")
    factor = math.log(IMPROBABLE / num_slices) / math.log(chance)
    return _needed(name, decisions.n, factor, "about {more} more examples of it decide this (there are {have}).")


def _more_rows(estimate: Estimate, limit: float, have: int) -> Needed:
    """Return how many more examples prove an estimate of overall above a limit at the observed rates."""
    factor = math.inf if not estimate.value > limit else sample_size.growth(estimate, (limit,), CONFIDENCE, POWER)
    if not math.isfinite(factor):
        return _needed(OVERALL, have, factor, "At these rates no number of examples proves it.")
    return _needed(OVERALL, have, factor, f"About {{more}} more examples decide this at {POWER:.0%} power (there are {{have}}).")


def _needed(name: str, have: int, factor: float, sentence: str) -> Needed:
    more = max(1, math.ceil(have * (factor - 1))) if math.isfinite(factor) else None
    text = sentence.format(more=sentences.count(about(more)) if more else "", have=sentences.count(have))
    return Needed(slice=name, label="", examples=more, have=have, power=POWER if more else None, sentence=text)


def _beats_majority(whole: SliceMetrics) -> Iterator[RuleLine]:
    """Yield whether the accuracy exceeds the share of the most frequent class."""
    accuracy = comparison.estimate(whole, MetricKey("accuracy"))
    if accuracy.problem:
        yield _unusable(sentences.of(MetricKey("accuracy"), OVERALL), None, accuracy)
        return
    trivial = whole.scalars.get(MetricKey("trivial_accuracy"), Scalar(math.nan)).value
    low, high = accuracy.interval(CONFIDENCE)
    both = f"Accuracy of overall is {sentences.number(accuracy.value, trivial)} ({sentences.interval(low, high, CONFIDENCE)})"
    compared = f"naming the most frequent class alone has {sentences.number(trivial)}"
    needed = None
    if low > trivial:
        result: RuleResult = "passed"
        reason = f"The candidate decides. {both}; {compared}."
    elif high <= trivial:
        result, reason = "failed", f"The candidate does not decide. {both}; {compared}."
    else:
        needed = _more_rows(accuracy, trivial, whole.n)
        result, reason = "unproven", f"That the candidate decides is not proven. {both}; {compared}. {needed.sentence}"
    yield _line(OVERALL, None, accuracy, result, reason, needed)


def _names_every_class(evidence: Evidence) -> Iterator[RuleLine]:
    """Yield classes that the candidate never predicts although they occur often enough for that to be no chance."""
    if evidence.policy.allow_never_predicted:
        return
    slices = evidence.evaluation.models[CANDIDATE]
    missed = 1 - slices[OVERALL].rates[MetricKey("accuracy")].value
    for name, metrics in slices.items():
        predicted = metrics.rates.get(MetricKey("precision"))
        if features_of(name) != (CLASS,) or predicted is None or predicted.trials > 0 or not metrics.n:
            continue
        recall = comparison.estimate(metrics, MetricKey("recall"))
        chance = missed**metrics.n
        enough = metrics.n >= evidence.policy.min_examples
        if chance >= IMPROBABLE and not enough:
            continue
        result: RuleResult = "failed" if chance < IMPROBABLE else "unproven"
        reason = (
            f"The candidate never predicts {name}, of which there are {sentences.count(metrics.n)} examples; "
            "a policy may allow that by `allow_never_predicted: true`."
        )
        yield _line(name, None, recall, result, reason)


def _inverted(name: str, decisions: _Decisions, threshold: float) -> str:
    return (
        f"The candidate is no better than chance on {name}: {_rates(name, decisions, threshold)}. "
        "It calls negatives positive at least as often as positives; are label or score inverted?"
    )


def _rates(name: str, decisions: _Decisions, threshold: float) -> str:
    positive, negative = decisions.true_positive.value, decisions.false_positive.value
    low, high = decisions.informedness.interval(CONFIDENCE)
    return (
        f"at {threshold:g} it calls {sentences.number(positive, negative)} of the positives and "
        f"{sentences.number(negative, positive)} of the negatives of {name} positive "
        f"(difference {sentences.number(positive - negative)}, "
        f"{sentences.interval(low, high, CONFIDENCE)})"
    )


def _decisions(metrics: SliceMetrics, threshold: float) -> _Decisions:
    metrics = _with_true_positives(metrics, threshold)
    true_positive, false_positive = (comparison.estimate(metrics, MetricKey(name, threshold)) for name in _KEYS)
    labels = (metrics.n_positive, metrics.n_negative)
    positives, negatives = (true_positive.n, false_positive.n) if None in labels else labels
    only_label = "" if bool(positives) == bool(negatives) else "positive" if positives else "negative"
    return _Decisions(true_positive, false_positive, metrics.n, only_label)


def _measured(metrics: SliceMetrics, threshold: float) -> bool:
    named = {MetricKey(name, threshold) for name in (_KEYS[0], _MISSED)}
    return MetricKey(_KEYS[1], threshold) in metrics.rates and bool(named & metrics.rates.keys())


def _with_true_positives(metrics: SliceMetrics, threshold: float) -> SliceMetrics:
    """Return the metrics with the true positive rate, which the false negative rate determines."""
    found, missed = (MetricKey(name, threshold) for name in (_KEYS[0], _MISSED))
    if found in metrics.rates:
        return metrics
    return replace(metrics, rates={**metrics.rates, found: metrics.rates[missed].opposite()})


def _not_measured(whole: SliceMetrics, threshold: float) -> RuleLine:
    """Return the line of a threshold without error rates: of decisions without labels, or of none at all."""
    decisions = MetricKey("positive_rate", threshold)
    if decisions not in whole.rates:
        reason = f"The errors at {threshold:g} were not measured, {_NOT_KNOWN}"
        return RuleLine(id=DECIDES, kind=CHECK, slice=OVERALL, threshold=threshold, measure="", outcome="unproven", reason=reason)
    return _differ(whole, decisions)


def _thresholds(whole: SliceMetrics, asked: Sequence[float]) -> Sequence[float]:
    """Return the thresholds that are asked for; all that were measured where errors are known, but at none of these.

    Without labels nobody decides at a threshold that is merely among those measured: constant decisions there mean nothing.
    """
    labelled = _with_labels(whole)
    if any(_measured(whole, each) if labelled else MetricKey("positive_rate", each) in whole.rates for each in asked):
        return asked
    measured = sorted({key.threshold for key in whole.rates if key.threshold is not None})
    return measured if measured and (labelled or len(measured) == 1) else asked


def _with_labels(whole: SliceMetrics) -> bool:
    return any(key.name in (*_KEYS, _MISSED) for key in whole.rates)


def _differ(whole: SliceMetrics, key: MetricKey) -> RuleLine:
    """Return the line of decisions whose labels are not known: all that can be asked is that they are not constant."""
    estimate = comparison.estimate(whole, key)
    if estimate.problem:
        return _unusable(sentences.of(key, OVERALL), key.threshold, estimate)
    if math.isnan(estimate.value):
        reason = f"No decision{sentences.at(key)} has a valid score and weight, {_NOT_KNOWN}"
        return _line(OVERALL, key.threshold, estimate, "unproven", reason)
    if estimate.value in (0.0, 1.0):
        if key.threshold is None:
            reason = "No score lies above the median of all scores: the candidate does not decide."
        else:
            reason = _constant("positive" if estimate.value else "negative", key.threshold)
        return _line(OVERALL, key.threshold, estimate, "failed", reason)
    reason = f"The decisions{sentences.at(key)} differ; without labels it is not known whether they are right."
    return _line(OVERALL, key.threshold, estimate, "passed", reason)


def _unusable(what: str, threshold: float | None, estimate: Estimate) -> RuleLine:
    """Return the line of what has no interval, because there are too few clusters or weights cannot be used."""
    return _line(OVERALL, threshold, estimate, "unproven", f"{what} {estimate.problem}, {_NOT_KNOWN}")


def _constant(called: str, threshold: float) -> str:
    return f"The candidate calls every example {called} at {threshold:g}: it does not decide."


def _line(
    name: str, threshold: float | None, estimate: Estimate, result: RuleResult, reason: str, needed: Needed | None = None
) -> RuleLine:
    low, high = estimate.interval(CONFIDENCE)
    return RuleLine(
        id=DECIDES,
        kind=CHECK,
        slice=name,
        threshold=threshold,
        measure="",
        value=estimate.value,
        interval=None if math.isnan(low) or math.isnan(high) else (low, high),
        n=estimate.n,
        outcome=result,
        proven=result in ("passed", "failed"),
        reason=reason,
        needed=needed,
    )
