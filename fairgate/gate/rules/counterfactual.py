"""Rule kind `counterfactual`: the candidate changes little when the identity term of a text is swapped."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from fairgate.counterfactual import TermResult
from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.rule import Limit, Rule, worse_direction
from fairgate.measurement import MetricKey
from fairgate.metrics import registry
from fairgate.names import CANDIDATE, matching
from fairgate.statistics.comparison import Ends, Estimate
from fairgate.statistics.intervals import flip_interval, shift_interval

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.measured import Measured


class CounterfactualRule(Rule):
    """The candidate changes little when the identity term is swapped; see `fairgate.counterfactual` for both metrics.

    Attributes:
        metric: "flip_rate" at thresholds, or "score_shift", which is limited in both directions unless `worse` names one:
            "higher" limits terms that make a text look more toxic.
        slices: terms of a test: "swaps:gender:male", "swaps:religion:*", "probes:*".
        across: "worst" judges the worst of these terms and reports it as one line, "each" judges them all.
        limit: share of decisions that may flip, or shift of the mean score.
        min_examples: comments or templates of a term; fewer than of a slice will do, since each is its own control.
    """

    kind: Literal["counterfactual"] = "counterfactual"
    metric: Literal["flip_rate", "score_shift"]
    slices: tuple[str, ...] = ("swaps:*",)
    across: Literal["worst", "each"] = "worst"
    limit: Limit
    min_examples: int | None = Field(default=30, ge=1)

    @property
    def reports_worst(self) -> bool:
        """Return whether only the worst term is reported."""
        return self.across == "worst"

    @property
    def limit_words(self) -> str:
        """Return the limit of each term, or of the worst."""
        return f"at most {sentences.exact(self.limit)}{', worst term' if self.reports_worst else ''}"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare limits."""
        return self.limit <= other.limit if key == "limit" and isinstance(other, CounterfactualRule) else None

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold each term, or the worst of them, to the limit."""
        if evidence.counterfactual is None:
            reason = "The run made no counterfactual test; its configuration leaves it out."
            yield from (self._unproven(pattern, reason) for pattern in self.slices[:1])
            return
        measured = {term.slice: term for term in evidence.counterfactual.terms if term.model == CANDIDATE}
        terms: dict[str, TermResult] = {}
        for pattern in self.slices:
            names = matching(pattern, measured)
            terms |= {name: measured[name] for name in names}
            if not names:
                yield self._unproven(pattern, f"The counterfactual test found nothing for {pattern}.")
        for key in self.metric_keys():
            yield from self._on_terms(evidence, terms, key)

    def _on_terms(self, evidence: "Evidence", terms: dict[str, TermResult], key: MetricKey) -> Iterator[Finding | Unjudged]:
        bounds = Bounds.worse_side(worse_direction(self), -self.limit, self.limit)
        sound: dict[str, Estimate] = {}
        for name, term in terms.items():
            estimate = estimate_of(term, key)
            try:
                evidence.require(self, name, key, estimate)
            except NotMeasuredError as error:
                yield Unjudged.of(self, name, key, error)
            else:
                sound[name] = estimate
        if self.across == "each":
            yield from (self._finding(name, key, estimate, bounds, "", 1) for name, estimate in sound.items())
        elif sound:
            worst = max(sound, key=lambda name: max(sound[name].value - bounds.upper, bounds.lower - sound[name].value))
            yield self._finding(worst, key, sound[worst], bounds, f", the worst of {len(sound)}", len(sound))
            other = evidence.other_slice(self, sound, worst, bounds)
            if other is not None:
                remark = f", not the worst of {len(sound)}, but the one that decides"
                yield self._finding(other, key, sound[other], bounds, remark, len(sound))

    def _finding(
        self, name: str, key: MetricKey, estimate: Estimate, bounds: Bounds, remark: str, num_comparisons: int
    ) -> Finding:
        value = sentences.number(estimate.value, bounds.limit_for(estimate.value))
        text = f"{sentences.of(key, name)} is {value}{remark}"
        return Finding(self, name, key, estimate, bounds, text, sentences.between(bounds.lower, bounds.upper), num_comparisons)

    def _unproven(self, name: str, reason: str) -> Unjudged:
        return Unjudged(self, name, self.metric_keys()[0], "unproven", reason)

    def lint(self, measured: "Measured") -> Iterator[str]:
        """Yield what is wrong with the rule; its slices are terms of the counterfactual test."""
        if not measured.counterfactual:
            yield "the run makes no counterfactual test; give it the section counterfactual, or remove the rule."
            return
        yield from mistakes.in_thresholds(self, measured, registry.get(self.metric))
        if not self.slices:
            yield 'slices is empty; name some, such as "swaps:*" or "probes:gender:*".'
        for pattern in self.slices:
            if not matching(pattern, measured.counterfactual):
                known = mistakes.suggestion(pattern, measured.counterfactual)
                yield mistakes.ended(f"the counterfactual test has nothing for {pattern!r}; {known}")
        yield from mistakes.in_evidence(self.min_examples, self.confidence)
        yield from mistakes.in_direction(self)
        yield from self.lint_limits()

    def lint_limits(self) -> Iterator[str]:
        """Yield a limit that every value or no value keeps."""
        if self.limit < 0:
            unbiased = f"{self.metric} of a model that minds no term"
            yield f"limit {self.limit:g} is below 0, which is {unbiased}, {mistakes.NONE}; raise it."
        if self.limit >= 1:
            yield f"limit {self.limit:g} is kept by every {self.metric}, which is at most 1, {mistakes.EVERY}; lower it."


def estimate_of(term: TermResult, key: MetricKey) -> Estimate:
    """Return the flip rate at a threshold, NaN where it was not measured, or the score shift; n texts of a term."""
    if key.name == "score_shift":
        mean, error = term.shift.value, term.shift.standard_error
        spread = math.nan if error is None else error
        return Estimate(mean, term.n, lambda confidence: shift_interval(mean, spread, term.n, confidence))
    rate = next((flips.value for flips in term.flips if flips.threshold == key.threshold), math.nan)

    def interval(confidence: float) -> Ends:
        return (math.nan, math.nan) if math.isnan(rate) else flip_interval(rate, term.n, confidence)

    return Estimate(rate, term.n, interval)
