"""Rule kind `not_worse`: the candidate is not provably worse than the baseline."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.rule import Effect
from fairgate.gate.rules.guard import BaselineRule

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence


class NotWorseRule(BaselineRule):
    """The candidate is not worse than the baseline beyond the interval of their difference: only a proven loss counts."""

    kind: Literal["not_worse"] = "not_worse"
    unproven_violation: Effect | None = "pass"

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the change of each slice's metric to no margin at all."""
        return self.changes(evidence, 0.0, "it must not be worse")
