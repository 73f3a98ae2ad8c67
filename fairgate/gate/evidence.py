"""Look up what rules ask for: the slices that they name, and estimates on them, or the reason why there are none.

In: an evaluation, and the counterfactual test if there was one. Out: estimates with intervals; `NotMeasuredError` where a rule
has nothing to judge.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate import sentences, worst
from fairgate.gate.finding import Bounds, NotMeasuredError, Unjudged
from fairgate.gate.needed import Label
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule, Worse, worse_direction
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.metrics import registry
from fairgate.names import BASELINE, CANDIDATE, OVERALL, REFERENCE, is_pattern, matching, place
from fairgate.statistics import comparison, gap_changes, paired
from fairgate.statistics.comparison import Ends, Estimate, Measure
from fairgate.statistics.effective import LEAST_WEIGHTED

_OTHERS: Mapping[str, Label] = {"bpsn_auc": "positive", "bnsp_auc": "negative"}  # the label outside of the slice
LEAST_OF_LABEL = 20  # examples of either label below which no interval of an AUC covers what it promises


@dataclass(frozen=True)
class Evidence:
    """An evaluation, and the counterfactual test if there was one, as a rule of a policy sees them."""

    evaluation: Evaluation
    policy: Policy
    counterfactual: CounterfactualResults | None = None

    def other_slice(self, rule: Rule, estimates: Mapping[str, Estimate], name: str, bounds: Bounds) -> str | None:
        """Return the slice that decides where the one with the worst value, `name`, does not; see `worst.other_slice`."""
        return None if self.policy.reports_only else worst.other_slice(estimates, name, bounds, *self._proof(rule))

    def other_pair(self, rule: Rule, ranked: Sequence[Estimate], measure: Measure, bounds: Bounds) -> tuple[int, int] | None:
        """Return the pair of slices that decides where that of the worst and the best does not; see `worst.other_pair`."""
        return None if self.policy.reports_only else worst.other_pair(ranked, measure, bounds, *self._proof(rule))

    def _proof(self, rule: Rule) -> tuple[float, bool]:
        """Return the level of the rule's intervals, and whether a correction may leave unproven what they prove."""
        return rule.confidence or self.policy.confidence, self.policy.multiplicity == "holm"

    @property
    def has_baseline(self) -> bool:
        """Return whether there is a baseline to compare with."""
        return BASELINE in self.evaluation.models

    @property
    def has_reference(self) -> bool:
        """Return whether there is a reference model to compare with."""
        return REFERENCE in self.evaluation.models

    def lacking(self) -> list[str]:
        """Return the models that rules of the policy compare the candidate with and that were not evaluated, in words."""
        rules = self.policy.rules
        baseline = not self.has_baseline and any(rule.needs_baseline for rule in rules)
        reference = not self.has_reference and any(rule.needs_reference for rule in rules)
        return ["baseline"] * baseline + ["reference model"] * reference

    def select(self, rule: Rule) -> tuple[list[str], list[Unjudged]]:
        """Return the slices that the rule names, and what to say of those that were not measured.

        A pattern names the groups that the data have: one of a feature that the task knows, but that no example has a group of,
        leaves no gap in a rule that judges other groups. The headline names these groups and columns.
        """
        known = {name for slices in self.evaluation.models.values() for name in slices}
        known -= set() if rule.includes_overall else {OVERALL}
        omitted = self.evaluation.omitted
        names: dict[str, None] = {}
        absent: list[Unjudged] = []
        unmatched: list[str] = []
        for pattern in rule.slices:
            literal = pattern in known and not is_pattern(pattern)  # thousands of names must not be matched with each other
            measured, left_out = ([pattern], []) if literal else (matching(pattern, known), matching(pattern, omitted))
            names.update(dict.fromkeys(measured))
            absent += [_left_out(rule, name, omitted[name]) for name in left_out if name not in known]
            if not measured and not left_out:
                unmatched.append(pattern)
        absent += [_no_slice(rule, pattern, known) for pattern in unmatched if not (names and self._is_expected(pattern))]
        return list(names), absent

    def _is_expected(self, pattern: str) -> bool:
        """Return whether a pattern, and no literal name, means groups that the task knows."""
        expected = [place(feature, value) for feature, values in self.evaluation.expected.items() for value in values]
        return is_pattern(pattern) and bool(matching(pattern, expected))

    def estimates(self, rule: Rule, name: str, key: MetricKey, *others: tuple[str, str]) -> list[Estimate]:
        """Return the candidate's metric on a slice, followed by the metric on other slices or of other models.

        Args:
            rule: asks for them.
            name: slice.
            key: metric.
            others: (slice, model) of what the value is compared with.

        Raises:
            NotMeasuredError: one of them is absent, rests on too few examples, or is undefined.
        """
        places = [(name, CANDIDATE), *others]
        measured = [comparison.estimate(self.metrics(where, key, model), key) for where, model in places]
        for (where, model), estimate in zip(places, measured, strict=True):
            self._require_labels(rule, where, key, model)  # first: without one label an AUC is undefined
            self.require(rule, name, key, estimate)
        return measured

    def sound(self, rule: Rule, names: Iterable[str], key: MetricKey, *models: str) -> tuple[dict[str, Estimate], list[Unjudged]]:
        """Return the candidate's estimates of the slices that can be judged, also of other models, and why the rest cannot."""
        judged: dict[str, Estimate] = {}
        unjudged: list[Unjudged] = []
        for name in names:
            try:
                judged[name] = self.estimates(rule, name, key, *((name, model) for model in models))[0]
            except NotMeasuredError as error:
                unjudged.append(Unjudged.of(rule, name, key, error))
        return judged, unjudged

    def metrics(self, name: str, key: MetricKey, model: str = CANDIDATE) -> SliceMetrics:
        """Return the metrics of a slice.

        Raises:
            NotMeasuredError: the model was not measured on it, or not by this metric.
        """
        slices: Mapping[str, SliceMetrics] = self.evaluation.models.get(model, {})
        if name not in slices:
            raise NotMeasuredError(f"The {model} was not measured on {name}.")
        if key not in slices[name].rates and key not in slices[name].scalars:
            raise NotMeasuredError(f"The evaluation has no {sentences.label(key)} of {name}{sentences.at(key)} for the {model}.")
        return slices[name]

    def require(self, rule: Rule, name: str, key: MetricKey, estimate: Estimate, outside: Label | None = None) -> None:
        """Check that an estimate can be judged; `outside` where it is one of other examples, see `NotMeasuredError`.

        Raises:
            NotMeasuredError: it rests on too few examples, or is undefined.
        """
        what, least = sentences.of(key, name), rule.min_examples or self.policy.min_examples
        if estimate.problem:
            raise NotMeasuredError(f"{what} {estimate.problem}.")
        if estimate.weighted:
            least = max(least, LEAST_WEIGHTED)
        if estimate.n < least:
            effective = "effective examples of unequal weight" if estimate.weighted else "examples"
            reason = f"{what} rests on {sentences.count(estimate.n)} {effective}; {sentences.count(least)} are needed."
            raise NotMeasuredError(reason, "not enough data", estimate.n, least, outside)
        if math.isnan(estimate.value):
            reason = f"{what} is undefined, although there are {sentences.count(estimate.n)} examples."
            raise NotMeasuredError(reason, "unproven", estimate.n)

    def fewest(self, name: str, key: MetricKey, model: str = CANDIDATE) -> tuple[float, Label]:
        """Return how many examples of the rarer label an AUC of a slice compares, and which label; infinite for other metrics."""
        positive, negative = _labelled(self.metrics(name, key, model))
        all_positive, all_negative = _labelled(self.evaluation.models[model].get(OVERALL, SliceMetrics(0)))
        compared = {
            "auc": (positive, negative),
            "subgroup_auc": (positive, negative),
            "bpsn_auc": (all_positive - positive, negative),
            "bnsp_auc": (positive, all_negative - negative),
        }.get(key.name, (math.inf, math.inf))
        labels: tuple[Label, Label] = ("positive", "negative")
        named = zip(compared, labels, strict=True)
        return min(((n, label) for n, label in named if not math.isnan(n)), default=(math.inf, ""))

    def _require_labels(self, rule: Rule, name: str, key: MetricKey, model: str) -> None:
        """Check that an AUC compares enough examples of either label.

        Raises:
            NotMeasuredError: it does not.
        """
        least = min(LEAST_OF_LABEL, rule.min_examples or self.policy.min_examples)
        n, label = self.fewest(name, key, model)
        if n < least:
            outside = _OTHERS.get(key.name) == label
            of_others = f" outside of {name}" if outside else ""
            reason = f"{sentences.of(key, name)} rests on {sentences.plural(int(n), label)}{of_others}; {least} are needed."
            raise NotMeasuredError(reason, "not enough data", n, least, label if outside else None)

    def value(self, name: str, key: MetricKey) -> float:
        """Return the candidate's metric on a slice, without its interval.

        Raises:
            NotMeasuredError: it is absent or undefined.
        """
        value = self.metrics(name, key).value(key)
        if math.isnan(value):
            raise NotMeasuredError(f"{sentences.of(key, name)} is undefined, so nothing can be compared with it.")
        return value

    def gap(self, rule: Rule, name: str, key: MetricKey, measure: Measure, model: str) -> Estimate:
        """Return by how much a slice is worse than overall: a ratio of at least 1 or a difference of at least 0.

        Raises:
            NotMeasuredError: either is absent.
        """
        part, whole = self.metrics(name, key, model), self.metrics(OVERALL, key, model)
        return _size(comparison.against_overall(part, whole, key, measure), measure, worse_direction(rule))

    def rest(self, rule: Rule, name: str, key: MetricKey) -> Estimate:
        """Return a rate of the candidate on all examples outside of a slice.

        Raises:
            NotMeasuredError: the metric is no rate of a part of the examples, or there are none or too few outside.
        """
        part, whole = self.metrics(name, key), self.metrics(OVERALL, key)
        rest = comparison.complement(part, whole, key) if key in part.rates and key in whole.rates else None
        if rest is None:
            what = sentences.of(key, name)
            raise NotMeasuredError(f"{what} cannot be separated from that of the other examples; compare it with overall.")
        if not (rest.n or rest.problem):
            reason = f"No example that counts for the {sentences.label(key)} lies outside of {name}: nothing to compare with."
            raise NotMeasuredError(reason, "not applicable")
        self.require(rule, f"the examples outside of {name}", key, rest, outside=registry.get(key.name).trials)
        return rest

    def change(self, name: str, key: MetricKey, model: str = BASELINE) -> Estimate:
        """Return candidate - another model on a slice: paired where the evaluation holds joint counts, else unpaired.

        Raises:
            NotMeasuredError: either is absent.
        """
        known = {BASELINE: self.evaluation.paired, REFERENCE: self.evaluation.paired_with_reference}
        pair = known.get(model, {}).get(name)
        return paired.change(self.metrics(name, key), self.metrics(name, key, model), key, pair)

    def gap_change(self, rule: Rule, names: list[str], key: MetricKey, measure: Measure, change: Estimate) -> Estimate | None:
        """Return the change of the largest gap of some slices from the baseline to the candidate, of one slice its own.

        Args:
            rule: asks for it.
            names: slices, the one with the candidate's largest gap first.
            key: metric.
            measure: ratio or difference to overall.
            change: the same if the models were independent; has its value.

        Returns:
            None where the evaluation does not hold the joint counts that this takes.
        """
        pairs = [self.evaluation.paired[place].rates.get(key) for place in (*names, OVERALL) if place in self.evaluation.paired]
        known = [pair for pair in pairs if pair is not None]
        if len(known) <= len(names) or math.isnan(change.value) or math.isinf(change.value):
            return None
        *slices, whole = known
        gap, rate = gap_changes.Gap(measure, worse_direction(rule)), self.metrics(OVERALL, key).rates.get(key)
        clustered = rate is not None and rate.buckets is not None
        if (len(names) == 1 and not clustered) or not any(whole.weights[1:3]):
            return gap_changes.of_each(slices[0], whole, gap, change.value, change.n)
        if any(pair.buckets is None for pair in known):
            return None
        return gap_changes.of_largest(slices, whole, gap, change.value, change.n)


def _labelled(metrics: SliceMetrics) -> tuple[float, float]:
    """Return the examples of either label; NaN where they were not counted."""
    positive, negative = (math.nan if n is None else float(n) for n in (metrics.n_positive, metrics.n_negative))
    return positive, negative


def _left_out(rule: Rule, name: str, n: int) -> Unjudged:
    reason = f"The slice {name} was left out of the evaluation for having only {sentences.count(n)} examples."
    return Unjudged(rule, name, rule.metric_keys()[0], "not enough data", reason, n)


def _no_slice(rule: Rule, pattern: str, known: Collection[str]) -> Unjudged:
    what = "no slice that matches" if is_pattern(pattern) else "no slice"
    feature, _, value = pattern.partition(":")
    spelled = place(feature, value)  # the value as it stands in the data
    remedy = f"; write slices: ['{spelled}'] to name what the data hold" if spelled in known else ""
    return Unjudged(rule, pattern, rule.metric_keys()[0], "unproven", f"The evaluation has {what} {pattern}{remedy}.")


def _size(gap: Estimate, measure: Measure, worse: Worse | None) -> Estimate:
    """Return a gap to overall as its size in the worse direction; in both where neither is worse; none where it is better."""
    none = 1.0 if measure == "ratio" else 0.0

    def above(value: float) -> float:
        return value if math.isnan(value) else max(none, value)

    def below(value: float) -> float:
        return above(-value if measure == "difference" else (1 / value if value else math.inf))

    def size(value: float) -> float:
        return above(value) if worse == "higher" else below(value) if worse == "lower" else max(above(value), below(value))

    def interval(confidence: float) -> Ends:
        low, high = gap.interval(confidence)
        if worse is None:  # an interval that reaches to both sides bounds the size by the farther end
            return max(above(low), below(high)), max(above(high), below(low))
        return (below(high), below(low)) if worse == "lower" else (above(low), above(high))

    scaled, alone = (_then_sized(grown, measure, worse) for grown in (gap.scaled, gap.alone))
    return Estimate(size(gap.value), gap.n, interval, scaled=scaled, alone=alone)


def _then_sized(
    grown: Callable[[float], Estimate] | None, measure: Measure, worse: Worse | None
) -> Callable[[float], Estimate] | None:
    """Return the function that grows a gap, of its size."""
    return None if grown is None else lambda factor: _size(grown(factor), measure, worse)
