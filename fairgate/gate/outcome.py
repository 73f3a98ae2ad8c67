"""What the gate answers: one outcome per rule, slice and threshold, and the decision that follows from them all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

Outcome = Literal["blessed", "refused", "inconclusive"]
RuleResult = Literal["passed", "failed", "not enough data", "unproven", "not applicable"]

CHECK = "check"  # the kind of outcomes that come from no rule of the policy
EXIT_CODES: dict[Outcome, int] = {"blessed": 0, "refused": 1, "inconclusive": 2}


@dataclass(frozen=True)
class RuleOutcome:
    """One rule on one slice at one threshold, judged.

    Attributes:
        id, kind: of the rule; kind is "check" for what holds without any rule.
        slice: name of the slice; of the worst one where a rule compares slices; the pattern where no slice matched it; empty for
            checks.
        metric: empty for checks.
        threshold: NaN for metrics without one.
        value: what is compared with the limit: the metric, a gap, a ratio, or a change against the baseline, as the rule says.
            NaN when unknown.
        low, high: its interval; NaN when there is none, infinite where unbounded.
        limit: NaN when there was nothing to judge.
        n: trials of the rate or examples of another metric, effective ones where examples are weighted; 0 when the slice is
            absent.
        outcome: see `fairgate.gate.policy` for what leads to which; "not applicable" is a rule against a baseline that does not
            exist.
        reason: a full sentence with the numbers.
    """

    id: str
    kind: str
    slice: str
    metric: str
    outcome: RuleResult
    reason: str
    threshold: float = math.nan
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    limit: float = math.nan
    n: float = 0.0


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    Attributes:
        outcome: "blessed" only when every rule of the policy was judged and none failed or stayed open.
        rules: all outcomes, checks first, then in the order of the policy.
        summary: one sentence.
    """

    outcome: Outcome
    rules: tuple[RuleOutcome, ...]
    summary: str

    @property
    def exit_code(self) -> int:
        """Of the command: 0 blessed, 1 refused, 2 inconclusive."""
        return EXIT_CODES[self.outcome]

    @property
    def decisive(self) -> list[RuleOutcome]:
        """The outcomes that led to this answer: what failed, else what stayed open, else what passed."""
        return decisive(self.rules)


class Judged(Protocol):
    """A rule's outcome, in the decision or in a verdict."""

    @property
    def id(self) -> str:
        """Of the rule."""

    @property
    def outcome(self) -> RuleResult:
        """How it was judged."""


JudgedRule = TypeVar("JudgedRule", bound=Judged)


def decisive(outcomes: Sequence[JudgedRule]) -> list[JudgedRule]:
    """What failed; else what stayed open, which "not enough data" does for rules with nothing else; else what passed."""
    failed = [outcome for outcome in outcomes if outcome.outcome == "failed"]
    judged = {outcome.id for outcome in outcomes if outcome.outcome in ("passed", "unproven", "not applicable")}
    lacking = [outcome for outcome in outcomes if outcome.outcome == "not enough data" and outcome.id not in judged]
    unproven = [outcome for outcome in outcomes if outcome.outcome == "unproven"]
    return failed or unproven + lacking or [outcome for outcome in outcomes if outcome.outcome == "passed"]
