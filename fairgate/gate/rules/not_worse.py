"""Rule kind `not_worse`: the candidate is not worse than the baseline, or than a reference model."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.rule import Effect, Limit, Rule
from fairgate.gate.rules.guard import BaselineRule
from fairgate.names import REFERENCE

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence


class NotWorseRule(BaselineRule):
    """The candidate is not worse than another model.

    Without a margin only a proven loss counts: a difference whose interval reaches back to 0 passes. With a margin "not worse"
    has to be proven (non-inferiority): the whole interval lies above -margin in the better direction, else the rule is unproven.

    Attributes:
        against: "baseline" or "reference", a simple model that is evaluated under this name.
        margin: how much worse the candidate may be at most, in the metric's unit; None for no margin.
    """

    kind: Literal["not_worse"] = "not_worse"
    against: Literal["baseline", "reference"] = "baseline"
    margin: Limit | None = Field(default=None, ge=0)
    unproven_violation: Effect | None = "pass"

    @model_validator(mode="after")
    def _proof(self) -> "NotWorseRule":
        """Ask for a proof where a margin is given, unless the rule says otherwise.

        Not before the fields are checked: what such a validator returns is no JSON any more, and is checked as Python values.
        """
        if self.margin is not None:
            absent = {"unproven", "unproven_violation"} - self.model_fields_set
            self.__dict__.update(dict.fromkeys(absent, "inconclusive"))  # the model is frozen
        return self

    @property
    def needs_baseline(self) -> bool:
        """Return whether it is the baseline that the candidate is compared with."""
        return not self.needs_reference

    @property
    def needs_reference(self) -> bool:
        """Return whether it is a reference model that the candidate is compared with."""
        return self.against == REFERENCE

    @property
    def limit_words(self) -> str:
        """Return how much worse than the other model is allowed."""
        return (
            f"at most {sentences.exact(self.margin)} worse than {self.against}"
            if self.margin
            else f"not worse than {self.against}"
        )

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare margins. A rule with one and a rule without ask for different proofs, so neither is the stricter."""
        if key != "margin" or not isinstance(other, NotWorseRule):
            return None
        return self.margin is not None and other.margin is not None and self.margin <= other.margin

    def on_each_slice(self) -> Rule | None:
        """Return the rule itself; None against a reference, which is measured on all examples alone."""
        return None if self.needs_reference else self

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the change of each slice's metric to the margin, or to no loss at all."""
        if self.needs_reference and not evidence.has_reference:
            yield self._without_reference(evidence)
            return
        margin = self.margin or 0.0
        allowed = f"it must be proven at most {sentences.number(margin)} worse" if margin else "it must not be worse"
        yield from self.changes(evidence, margin, allowed, self.against)

    def _without_reference(self, evidence: "Evidence") -> Unjudged:
        name, key = next(iter(self.slices), ""), self.metric_keys()[0]
        if evidence.policy.without_baseline == "skip":
            reason = "No reference model was evaluated to compare with; the other rules decide."
            return Unjudged(self, name, key, "not applicable", reason)
        reason = "No reference model was evaluated to compare with, and the policy asks for one."
        return Unjudged(self, name, key, "unproven", reason)

    def lint_limits(self) -> Iterator[str]:
        """Yield a metric without a direction, or a margin that every change keeps."""
        yield from super().lint_limits()
        if self.margin is not None and self.margin >= mistakes.width(self.metric):
            yield f"margin {self.margin:g} allows any change of {self.metric}, {mistakes.EVERY}; make it smaller."
