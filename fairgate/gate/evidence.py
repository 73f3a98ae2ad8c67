"""Looking up what rules ask for: the slices that they name, and each slice's metrics or the reason why there are none."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate import sentences
from fairgate.gate.finding import Unjudged
from fairgate.gate.policy import Policy, RuleBase
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.names import BASELINE, CANDIDATE, OVERALL, is_pattern, matching
from fairgate.statistics.comparison import Estimate, estimate


class AbsentError(Exception):
    """What a rule asks for was not measured; the message is a full sentence for the reader of the verdict."""


@dataclass(frozen=True)
class Evidence:
    """An evaluation, and the counterfactual test if there was one, as a rule of a policy sees them."""

    evaluation: Evaluation
    policy: Policy
    counterfactual: CounterfactualResults | None = None

    @property
    def has_baseline(self) -> bool:
        """Whether there is a baseline to compare with."""
        return BASELINE in self.evaluation.models

    def least_n(self, rule: RuleBase) -> int:
        """Examples that a slice must have for this rule."""
        return rule.min_examples or self.policy.min_examples

    def slices(self, rule: RuleBase, *, without_overall: bool = False) -> tuple[list[str], list[Unjudged]]:
        """The slices that the rule names, and what is to be said of those that are not there."""
        known = {name for slices in self.evaluation.models.values() for name in slices}
        known -= {OVERALL} if without_overall else set()
        found: dict[str, None] = {}
        absent: list[Unjudged] = []
        for pattern in rule.slices:
            there, left_out = matching(pattern, known), matching(pattern, self.evaluation.omitted)
            found.update(dict.fromkeys(there))
            absent += [_left_out(rule, name, self.evaluation.omitted[name]) for name in left_out if name not in known]
            if not there and not left_out:
                absent.append(_no_slice(rule, pattern))
        return list(found), absent

    def metrics(self, slice_name: str, key: MetricKey, model: str = CANDIDATE) -> SliceMetrics:
        """The metrics of a slice. Raises AbsentError when the model was not measured on it, or not by this metric."""
        slices: Mapping[str, SliceMetrics] = self.evaluation.models.get(model, {})
        if slice_name not in slices:
            raise AbsentError(f"The {model} was not measured on {slice_name}.")
        metrics = slices[slice_name]
        if key not in metrics.rates and key not in metrics.scalars:
            raise AbsentError(f"The evaluation has no {sentences.of(key, slice_name)} for the {model}.")
        return metrics

    def estimate(self, slice_name: str, key: MetricKey, model: str = CANDIDATE) -> Estimate:
        """The metric with its interval. Raises AbsentError as `metrics` does."""
        return estimate(self.metrics(slice_name, key, model), key)

    def too_few(self, rule: RuleBase, slice_name: str, key: MetricKey, measured: Iterable[Estimate]) -> Unjudged | None:
        """What is to be said when one of the measurements rests on too little, or has no value; None when all are sound."""
        what, least = sentences.of(key, slice_name), self.least_n(rule)
        for found in measured:
            if found.n < least:
                reason = f"{what} rests on {sentences.count(found.n)} examples; {sentences.count(least)} are needed."
                return Unjudged(rule, slice_name, key, "not enough data", reason, found.n)
            if math.isnan(found.value):
                reason = f"{what} is undefined, although there are {sentences.count(found.n)} examples."
                return Unjudged(rule, slice_name, key, "unproven", reason, found.n)
        return None


def _left_out(rule: RuleBase, name: str, n: int) -> Unjudged:
    reason = f"The slice {name} was left out of the evaluation for having only {sentences.count(n)} examples."
    return Unjudged(rule, name, rule.metric_keys()[0], "not enough data", reason, n)


def _no_slice(rule: RuleBase, pattern: str) -> Unjudged:
    what = "no slice that matches" if is_pattern(pattern) else "no slice"
    return Unjudged(rule, pattern, rule.metric_keys()[0], "unproven", f"The evaluation has {what} {pattern}.")
