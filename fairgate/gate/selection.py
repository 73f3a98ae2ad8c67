"""Select and order what the readers of a verdict see, the same in terminal, Markdown and page.

In: a `Verdict` or its lines. Out: rules with the gravest first and how many there are, the places that rules judge, changed
decisions, facts on groups.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from fairgate.gate import sentences
from fairgate.gate.outcome import CHECK, NotJudged, RuleLine, RuleResult, decisive
from fairgate.names import OVERALL

if TYPE_CHECKING:  # only named
    from fairgate.gate.verdict import ChangeLine, Verdict

ShownResult = Literal[
    "failed",
    "unproven",
    "waived",
    "limit broken, not proven",  # the policy lets it pass
    "not enough data",
    "not applicable",
    "not disproven",  # the limit is kept, the interval reaches beyond it
    "passed",  # a check, or a line of a version that does not say what is proven
    "proven",
]
SHOWN: tuple[ShownResult, ...] = get_args(ShownResult)  # the gravest first
_UNJUDGED: tuple[ShownResult, ...] = ("not enough data", "not applicable")
GRAVITY: tuple[RuleResult, ...] = ("failed", "unproven", "waived", "not enough data", "not applicable", "passed")
OPEN: tuple[RuleResult, ...] = ("failed", "unproven", "waived")
MOST_SLICES = 12  # of a comparison in a text; where rules judge more, those that failed or stay open are shown
_MOST_GROUPS = 20
_NOT_JUDGED = "No rule names these slices for the metric, or they have too few examples for it."
_FAVOURED = "A slice that is favoured may have been judged, and have passed: the rule sets no limit on the side where it lies."

Place = tuple[str, str, float | None]  # slice, metric, threshold


def why_no_rule(noted: Iterable[NotJudged]) -> str:
    """Return why no rule judges what stands out, in one or two sentences; of favoured slices, what the rule left open."""
    favoured = {each.because == "favoured" for each in noted}
    return " ".join(text for text, said in ((_NOT_JUDGED, False in favoured), (_FAVOURED, True in favoured)) if said)


def gravest_first(rules: Iterable[RuleLine]) -> list[RuleLine]:
    """Return the lines by their result: failed, unproven, waived, then those that decide less; otherwise in their order.

    Among those that passed, the ones that break their limit stand first.
    """
    return sorted(rules, key=lambda rule: (GRAVITY.index(rule.outcome), not rule.breaks_limit))


def shown_result(rule: RuleLine, says_proof: bool = True) -> ShownResult:
    """Return the result of a line as a reader sees it: what passed is proven, not disproven, or breaks its limit.

    Args:
        rule: the line.
        says_proof: whether the verdict says what is proven, see `says_proof`.
    """
    if rule.outcome != "passed":
        return rule.outcome
    if rule.breaks_limit:
        return "limit broken, not proven"
    if rule.kind == CHECK or not says_proof:
        return "passed"
    return "proven" if rule.proven else "not disproven"


@dataclass(frozen=True)
class RuleCounts:
    """How many rules a verdict has and how they ended; each rule counts once, by its gravest result.

    Attributes:
        results: result -> rules, the gravest first. Slices with too few examples count only where a rule judged no other slice.
        comparisons: results of these rules: one per slice and threshold.
        checks: results of checks, which are made under every policy.
    """

    results: Mapping[ShownResult, int]
    comparisons: int
    checks: int

    @property
    def rules(self) -> int:
        """Return the number of rules."""
        return sum(self.results.values())

    @property
    def held(self) -> int:
        """Return how many rules keep their limit on every slice that they judge."""
        return sum(self.results.get(result, 0) for result in ("proven", "not disproven", "passed"))

    @property
    def words(self) -> str:
        """Return "8 rules: 1 failed, 7 proven; 88 comparisons and 7 checks"."""
        ended = ", ".join(f"{number} {result.replace(', ', ' and ')}" for result, number in self.results.items())
        made = f"{sentences.plural(self.comparisons, 'comparison')} and {sentences.plural(self.checks, 'check')}"
        return f"{sentences.plural(self.rules, 'rule')}{': ' if ended else ''}{ended}; {made}"


def count_rules(rules: Sequence[RuleLine]) -> RuleCounts:
    """Count the rules behind the lines of a verdict; every reader shows these numbers."""
    by_rule: dict[str, set[ShownResult]] = {}
    proofs = says_proof(rules)
    for rule in rules:
        if rule.kind != CHECK:
            by_rule.setdefault(rule.id, set()).add(shown_result(rule, proofs))
    ended = Counter(min(results - {*_UNJUDGED} or results, key=SHOWN.index) for results in by_rule.values())
    checks = sum(rule.kind == CHECK for rule in rules)
    return RuleCounts({result: ended[result] for result in SHOWN if ended[result]}, len(rules) - checks, checks)


def deciding(rules: Sequence[RuleLine]) -> list[RuleLine]:
    """Return the lines that failed, stay open, are waived or break a limit, and those of rules without enough examples at all."""
    without_data = {rule.id for rule in decisive(rules) if rule.outcome == "not enough data"}
    return [
        rule
        for rule in rules
        if rule.outcome in OPEN or rule.breaks_limit or (rule.outcome == "not enough data" and rule.id in without_data)
    ]


def proof(rule: RuleLine) -> str:
    """Return how sure a result is: "proven", "not proven", "not disproven"; empty for checks and for what was not judged.

    The result of a rule is proven where the whole interval lies on the value's side of the limit. What passed although its value
    breaks the limit is "limit broken, not proven".
    """
    if rule.kind == CHECK or rule.outcome not in ("passed", "failed", "waived"):
        return ""
    if rule.outcome == "passed":
        return shown_result(rule)
    return "proven" if rule.proven else "not proven"


def says_proof(rules: Iterable[RuleLine]) -> bool:
    """Return whether a verdict says what is proven; those of versions 1 and 2 do not."""
    return any(rule.proven or rule.needed is not None or rule.kept is not None for rule in rules)


def places(rules: Iterable[RuleLine]) -> list[Place]:
    """Return every slice, metric and threshold that rules judge, each once: by metric, overall first.

    Where that is more than `MOST_SLICES` slices, only those of rules that failed or stay open are returned, beside overall.
    """
    seen: dict[tuple[str, float | None], dict[str, bool]] = {}  # metric and threshold -> slice -> whether it is open
    for rule in rules:
        if rule.metric:
            slices = seen.setdefault((rule.metric, rule.threshold), {OVERALL: True})
            slices[rule.slice] = slices.get(rule.slice, False) or rule.outcome in OPEN
    many = len({name for slices in seen.values() for name in slices}) > MOST_SLICES
    return [
        (name, metric, threshold)
        for (metric, threshold), slices in seen.items()
        for name, is_open in slices.items()
        if is_open or not many
    ]


def judged_changes(verdict: "Verdict") -> list["ChangeLine"]:
    """Return the changed decisions on the slices and at the thresholds that rules judge, overall first, then the most changes.

    Overall is there at each of these thresholds; a slice without a change is left out.
    """
    judged = {(rule.slice, rule.threshold) for rule in verdict.rules if rule.metric}
    judged |= {(OVERALL, threshold) for _, threshold in judged}
    lines = [line for line in verdict.changes if (line.slice, line.threshold) in judged and line.fixed + line.broken]
    return sorted(lines, key=lambda line: (line.slice != OVERALL, -line.fixed - line.broken))


def too_few(rules: Iterable[RuleLine]) -> Mapping[str, str]:
    """Return rule -> why its slices could not be judged: the reason of the only one, or all of them, most examples first."""
    found: dict[str, list[RuleLine]] = {}
    for rule in rules:
        if rule.outcome == "not enough data":
            found.setdefault(rule.id, []).append(rule)
    return {name: _too_few(sorted(lines, key=lambda line: -line.n)) for name, lines in found.items()}


def _too_few(lines: Sequence[RuleLine]) -> str:
    first = lines[0]
    if len(lines) == 1:
        return first.reason
    names = sentences.listed([f"{line.slice} ({sentences.count(line.n)})" for line in lines])
    needed = f" {first.needed.sentence}" if first.needed else ""
    return f"{len(lines)} slices have too few examples: {names}.{needed}"


def group_facts(verdict: "Verdict") -> Mapping[str, str]:
    """Return what is known of groups that could not be measured, and of copies, as name of the fact -> sentence part."""
    of = "" if verdict.rows is None else f" (of {sentences.count(verdict.rows)})"
    unknown = [f"{feature} {sentences.count(n)}" for feature, n in sorted(verdict.unknown_groups.items()) if n]
    part = f"{verdict.data.where} ({sentences.plural(verdict.data.left_out, 'row')} left out)" if verdict.data.where else ""
    facts = {
        "Rows where": part,
        "Tagged by word, not by people": sentences.listed(list(verdict.data.tagged_features), _MOST_GROUPS),
        "No column in the data for": sentences.listed(list(verdict.absent_columns), _MOST_GROUPS),
        "No example of": sentences.listed(list(verdict.absent_groups), _MOST_GROUPS),
        f"Examples of unknown membership{of}": sentences.listed(unknown, _MOST_GROUPS),
    }
    if verdict.distinct is not None and verdict.rows is not None and verdict.distinct < verdict.rows:
        facts["Copies"] = f"{sentences.count(verdict.distinct)} of {sentences.count(verdict.rows)} examples are distinct"
    return {name: text for name, text in facts.items() if text}
