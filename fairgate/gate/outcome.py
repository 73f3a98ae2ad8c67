"""Hold what the gate answers: one line per rule, slice and threshold, and the decision that follows from all lines.

Imports no third-party package but pydantic.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from fairgate.gate.needed import Label, Needed
from fairgate.gate.waivers import Waiver

if TYPE_CHECKING:  # it imports this module
    from fairgate.gate.impact import ImpactTable

Outcome = Literal["blessed", "refused", "inconclusive", "reported"]
RuleResult = Literal["passed", "failed", "waived", "not enough data", "unproven", "not applicable"]
RuleMeasure = Literal[
    "value",  # the metric
    "ratio",  # slice / overall
    "difference",  # slice - overall
    "ratio_to_rest",  # slice / all examples outside of it
    "difference_to_rest",  # slice - all examples outside of it
    "ratio_to_rest_within",  # slice / others of the same stratum, of all strata together
    "difference_to_rest_within",  # slice - others of the same stratum, likewise
    "ratio_to_best",  # worst slice / best slice of a feature
    "difference_to_best",  # worst slice - best slice of a feature
    "change",  # candidate - baseline
    "gap",  # by how much the slice is worse than overall: a factor of at least 1, or a difference of at least 0
    "gap_change",  # the candidate's gap - the baseline's
    "",  # nothing: a check
]

CHECK = "check"  # the kind of lines that come from no rule of the policy
EXIT_CODES: dict[Outcome, int] = {"blessed": 0, "refused": 1, "inconclusive": 2, "reported": 0}
_BROKEN = "The limit is broken"  # how the remark on a value that breaks its limit begins
NotJudgedFor = Literal["breaks a limit", "worse than the baseline", "favoured"]


def _finite_or_none(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite_or_none)]
Interval = tuple[Number, Number]


class RuleLine(BaseModel):
    """Describe one rule on one slice at one threshold, judged; also a line of verdict.json.

    Numbers that are NaN or infinite are None: undefined as a value, unbounded as the end of an interval.

    Attributes:
        id: of the rule, or the name of a check.
        kind: of the rule; "check" for what must hold without any rule. For display; nothing branches on it.
        slice: name of the slice; of the worst one where a rule compares slices; the pattern where no slice matched it; empty for
            checks.
        metric: empty for checks.
        threshold: None for metrics without one.
        measure: what `value` and `limit` are, see `RuleMeasure`.
        value: what is compared with the limit; None when unknown.
        interval: of the value; None when there is none.
        limit: None when there was nothing to judge.
        n: trials of the rate or examples of another metric, effective ones where examples are weighted; 0 when the slice is
            absent.
        outcome: see `fairgate.gate.policy` for what leads to which; "not applicable" is a rule against a baseline that does not
            exist, or one of a policy that sets no pass mark; "waived" is a failure that a waiver of the policy covers.
        proven: the whole interval lies on the side of the limit on which the value lies.
        kept: whether the value keeps the limit; None where there is nothing to compare, and in verdicts of earlier versions.
        reason: a full sentence with the numbers.
        needed: how many more examples decide what is open; None where nothing is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    slice: str = ""
    metric: str = ""
    threshold: Number = None
    measure: RuleMeasure
    value: Number = None
    interval: Interval | None = None
    limit: Number = None
    n: float = 0.0
    outcome: RuleResult
    proven: bool = False
    reason: str
    needed: Needed | None = None
    kept: bool | None = None

    @property
    def breaks_limit(self) -> bool:
        """Return whether the value breaks the limit, proven or not; of a line of an earlier version, its reason says so."""
        return self.kept is False or (self.kept is None and _BROKEN in self.reason)


class NotJudged(BaseModel):
    """Describe a slice that was measured, that no rule of the policy judges, and that a reader should know of.

    Attributes:
        rule: the id of the rule whose limit is broken elsewhere; empty where no limit is broken.
        slice, metric, threshold, measure, value, interval, limit, n: as in RuleLine.
        because: why it is listed. "breaks a limit" is a limit that the policy sets for the metric on other slices.
        proven: by Holm's correction over everything that is listed, on 100 examples or as many as the policy asks for;
            a rate also on 10 examples, if it is so far off that no choice among all slices and rules explains it.
        reason: a full sentence with the numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    slice: str
    metric: str
    threshold: Number = None
    measure: RuleMeasure
    value: Number = None
    interval: Interval | None = None
    limit: Number = None
    n: float = 0.0
    because: NotJudgedFor
    proven: bool
    reason: str


class RuleFacts(BaseModel):
    """What a reader needs to know of a rule of the policy.

    Attributes:
        id: of the rule.
        words: metric and limit in short words.
        rationale: why; empty where the policy does not say.
        slices: names or patterns of the slices that it judges.
        worst_only: whether only the worst of its slices has a line.
        trials: label of the examples that its n counts; empty where it counts all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    words: str = ""
    rationale: str = ""
    slices: tuple[str, ...] = ()
    worst_only: bool = False
    trials: Label = ""


class PolicyFacts(BaseModel):
    """Who wrote the policy, why, and its rules in short words.

    Attributes:
        author, rationale: empty where the policy does not say.
        rules: in the order of the policy; empty in verdicts of versions that do not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    author: str = ""
    rationale: str = ""
    rules: tuple[RuleFacts, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    Attributes:
        outcome: "blessed" only when every rule of the policy was judged and none failed or stayed open.
        rules: all lines, checks first, then in the order of the policy.
        summary: one sentence.
        not_judged: slices that no rule judges and that stand out, the proven ones first.
        absent_groups: slices that the task knows and of which there was no example.
        waivers: those of the policy that were in force.
        policy: who wrote the policy, and its rules in short words.
        impact: selection rates by category, where a rule compares them with the best one.
    """

    outcome: Outcome
    rules: tuple[RuleLine, ...]
    summary: str
    not_judged: tuple[NotJudged, ...] = ()
    absent_groups: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    policy: PolicyFacts = field(default_factory=PolicyFacts)
    impact: "tuple[ImpactTable, ...]" = ()


def decisive(rules: Sequence[RuleLine]) -> list[RuleLine]:
    """Return the lines that led to the outcome: those that failed, else those that stayed open, else those that passed.

    A line with "not enough data" stays open only if its rule was not judged on any other slice.
    """
    judged = {rule.id for rule in rules if rule.outcome in ("passed", "waived", "unproven", "not applicable")}
    failed = [rule for rule in rules if rule.outcome == "failed"]
    unproven = [rule for rule in rules if rule.outcome == "unproven"]
    without_data = [rule for rule in rules if rule.outcome == "not enough data" and rule.id not in judged]
    return failed or unproven + without_data or [rule for rule in rules if rule.outcome == "passed"]


def outcome_of(rules: Sequence[RuleLine]) -> Outcome:
    """Return the outcome that follows from the lines, unless the policy sets no pass mark."""
    if any(line.outcome == "failed" for line in rules):
        return "refused"
    by_rule: dict[str, set[RuleResult]] = {}
    for line in rules:
        if line.kind != CHECK:
            by_rule.setdefault(line.id, set()).add(line.outcome)
    undecided = any(results == {"not enough data"} for results in by_rule.values())
    passed = any(results & {"passed", "waived"} for results in by_rule.values())
    if undecided or not passed or any(line.outcome == "unproven" for line in rules):
        return "inconclusive"
    return "blessed"
