"""Rule kind `beats_trivial`: the candidate beats a model that has learnt nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.rule import Effect, Limit, Rule, worse_direction
from fairgate.measurement import MetricKey
from fairgate.metrics import registry

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.measured import Measured


class BeatsTrivialRule(Rule):
    """The candidate beats a model that has learnt nothing, and proves it: the whole interval lies on the better side.

    Attributes:
        reference: the trivial model's value, 0.5 for an AUC, or the name of the metric that holds it, "trivial_accuracy".
    """

    kind: Literal["beats_trivial"] = "beats_trivial"
    reference: Limit | str = 0.5
    unproven: Effect | None = "inconclusive"
    unproven_violation: Effect | None = "refuse"

    @property
    def limit_words(self) -> str:
        """Return what must be beaten."""
        if isinstance(self.reference, str):
            return "better than a trivial model"
        return f"{'less' if worse_direction(self) == 'higher' else 'more'} than {sentences.exact(self.reference)}"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare references that are numbers: more must be beaten; that of another metric cannot be compared."""
        if key != "reference" or not isinstance(other, BeatsTrivialRule):
            return None
        mine, theirs = self.reference, other.reference
        if isinstance(mine, str) or isinstance(theirs, str):
            return mine == theirs
        return mine <= theirs if worse_direction(self) == "higher" else mine >= theirs

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the metric of each slice to the reference, which a value must exceed (or fall below), not meet."""
        names, absent = evidence.select(self)
        yield from absent
        above = worse_direction(self) != "higher"
        for key in self.metric_keys():
            for name in names:
                try:
                    (own,) = evidence.estimates(self, name, key)
                    reference = self._reference_on(evidence, name)
                except NotMeasuredError as error:
                    yield Unjudged.of(self, name, key, error)
                    continue
                bounds = Bounds(lower=reference, strict=True) if above else Bounds(upper=reference, strict=True)
                text = f"{sentences.of(key, name)} is {sentences.number(own.value, reference)}"
                side, trivial = "more" if above else "less", sentences.number(reference, own.value)
                needed = f"{side} than the {trivial} of a trivial model is required"
                yield Finding(self, name, key, own, bounds, text, needed)

    def on_each_slice(self) -> Rule | None:
        """Return the rule itself; None where the reference depends on the slice: of one label alone, nothing beats it."""
        return None if isinstance(self.reference, str) else self

    def limits(self) -> tuple[float | None, float | None]:
        """Return the reference as the floor, or as the ceiling of a metric that is better when lower; none if it is a metric."""
        if isinstance(self.reference, str):
            return None, None
        return (None, self.reference) if worse_direction(self) == "higher" else (self.reference, None)

    def _reference_on(self, evidence: "Evidence", name: str) -> float:
        return evidence.value(name, MetricKey(self.reference)) if isinstance(self.reference, str) else self.reference

    def lint(self, measured: "Measured") -> Iterator[str]:
        """Yield what is wrong with the rule, also a reference that is not measured or depends on a threshold."""
        yield from super().lint(measured)
        if not isinstance(self.reference, str):
            return
        metric = next((metric for metric in measured.metrics if metric.name == self.reference), None)
        if metric is None:
            known = [metric.name for metric in measured.metrics if not measured.at_thresholds(metric)]
            remedy = mistakes.suggestion(self.reference, known)
            yield mistakes.ended(f"reference {self.reference!r} is neither a number nor a metric that is evaluated; {remedy}")
        elif measured.at_thresholds(metric):
            yield f"reference {self.reference!r} depends on a threshold; name a metric that does not, or a number."

    def lint_limits(self) -> Iterator[str]:
        """Yield a metric without a direction, or a reference that every value or no value beats."""
        yield from mistakes.without_direction(self)
        if isinstance(self.reference, str):
            return
        least, most = registry.get(self.metric).bounds
        too_easy, too_hard = self.reference <= least, self.reference >= most
        if worse_direction(self) == "higher":
            too_easy, too_hard = too_hard, too_easy
        trivial = "0.5 is the AUC of a trivial model"
        if too_easy:
            yield f"reference {self.reference:g} is beaten by nearly every {self.metric}, {mistakes.EVERY}; {trivial}."
        if too_hard:
            yield f"reference {self.reference:g} is not beaten by any {self.metric}, {mistakes.NONE}; {trivial}."
