"""Rule kind `guard`: the candidate is not worse than the baseline by more than a margin."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.outcome import RuleMeasure
from fairgate.gate.rule import Limit, Rule, worse_direction
from fairgate.names import BASELINE

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence


class BaselineRule(Rule):
    """The base of kinds that limit the change of a metric from the baseline, or another model, to the candidate.

    The change has a paired interval wherever the evaluation holds the joint counts of both models.
    """

    @property
    def needs_baseline(self) -> bool:
        """Return True: without a baseline there is no change."""
        return True

    @property
    def measures(self) -> RuleMeasure:
        """Return the change of the metric."""
        return "change"

    def changes(
        self, evidence: "Evidence", margin: float, limit_text: str, against: str = BASELINE
    ) -> Iterator[Finding | Unjudged]:
        """Hold the change of each slice's metric, from the model `against`, to a margin in the worse direction."""
        names, absent = evidence.select(self)
        yield from absent
        bounds = Bounds.worse_side(worse_direction(self), -margin, margin)
        for key in self.metric_keys():
            for name in names:
                try:
                    candidate, before = evidence.estimates(self, name, key, (name, against))
                    change = evidence.change(name, key, against)
                    evidence.require(self, name, key, change)
                except NotMeasuredError as error:
                    yield Unjudged.of(self, name, key, error)
                    continue
                reference = f"the {against}'s {sentences.number(before.value)}"
                text = sentences.comparison(key, name, candidate.value, change.value, reference, "difference", bounds)
                yield Finding(self, name, key, change, bounds, text, limit_text)

    def on_each_slice(self) -> Rule | None:
        """Return the rule itself: it holds every slice alone."""
        return self

    def lint_limits(self) -> Iterator[str]:
        """Yield a metric without a direction, of which no change is worse."""
        yield from mistakes.without_direction(self)


class GuardRule(BaselineRule):
    """The candidate is not worse than the baseline by more than a margin.

    Attributes:
        margin: how much worse the candidate may be, in the metric's unit: 0.10 allows a false negative rate of 0.34 after 0.24.
    """

    kind: Literal["guard"] = "guard"
    margin: Limit = Field(ge=0)

    @property
    def limit_words(self) -> str:
        """Return how much worse than the baseline is allowed."""
        return f"at most {sentences.exact(self.margin)} worse than baseline" if self.margin else "not worse than baseline"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare margins."""
        return self.margin <= other.margin if key == "margin" and isinstance(other, GuardRule) else None

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the change of each slice's metric to the margin."""
        allowed = f"at most {sentences.exact(self.margin)} worse is allowed" if self.margin else "it must not be worse"
        return self.changes(evidence, self.margin, allowed)

    def lint_limits(self) -> Iterator[str]:
        """Yield a metric without a direction, or a margin that every change keeps."""
        yield from super().lint_limits()
        if self.margin >= mistakes.width(self.metric):
            yield f"margin {self.margin:g} allows any change of {self.metric}, {mistakes.EVERY}; make it smaller."
