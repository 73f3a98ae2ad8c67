"""Lay out a verdict as a grid of groups and rules, the same for page and Markdown, and say what each group was judged on.

In: a `Verdict`. Out: a `Grid`: a row for every slice that was measured, left out, or is known and absent, a column for
every rule of the policy; what went wrong stands first. A cell shows the worst result of all thresholds. `coverage` says of which
groups which metrics were judged and which were not, `standing_out` what stands out where no rule judges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fairgate.gate import selection, sentences
from fairgate.gate.outcome import CHECK, NotJudged, NotJudgedFor, RuleFacts, RuleLine
from fairgate.gate.selection import ShownResult
from fairgate.measurement import MetricKey
from fairgate.metrics.words import metric_words
from fairgate.names import CANDIDATE, OVERALL, feature_of, is_pattern, matching

if TYPE_CHECKING:  # only named
    from fairgate.gate.verdict import SliceLine, Verdict

CellResult = Literal[ShownResult, "no rule", "not judged, breaks the limit", "better than the worst"]

NO_RULE: Literal["no rule"] = "no rule"
HARM: Literal["not judged, breaks the limit"] = "not judged, breaks the limit"
COVERED: Literal["better than the worst"] = "better than the worst"
# Result -> its sign, which tells it from the others without colour; the gravest first.
SIGNS: Mapping[CellResult, str] = {
    "failed": "✕",
    "unproven": "?",
    HARM: "!",
    "limit broken, not proven": "△",
    "waived": "◇",
    "not enough data": "‥",
    "not applicable": "∅",
    NO_RULE: "–",
    COVERED: "·",
    "not disproven": "○",
    "passed": "✓",
    "proven": "✓",
}
_LEFT_OUT = "too few examples to evaluate"
_NO_EXAMPLE, _NO_COLUMN = "no example in the data", "no column in the data"
_WHY_NOT = ("too few examples", "nothing to compare with", "no rule")
_BECAUSE: Mapping[NotJudgedFor, str] = {
    "breaks a limit": "breaks a limit for",
    "worse than the baseline": "is worse than the baseline’s for",
    "favoured": "favours",
}
_ORDER = list(SIGNS)
_TROUBLE = _ORDER.index("waived")  # a result up to this one moves its slice to the top
_JUDGED = ("failed", "unproven", "limit broken, not proven", "waived", COVERED, "not disproven", "passed", "proven")


@dataclass(frozen=True)
class Cell:
    """How a rule ended on a slice.

    Attributes:
        result: the worst of all thresholds.
        n: the trials of the rule's metric there, negatives for a false positive rate; None where they were not counted.
        reason: a full sentence; empty where the rule has no line for the slice.
        too_few: whether the rule found too few examples of the slice.
    """

    result: CellResult
    n: float | None
    reason: str = ""
    too_few: bool = False


@dataclass(frozen=True)
class Row:
    """A slice.

    Attributes:
        slice: its name.
        feature: feature or features behind it.
        note: why it was not measured; empty where it was.
        cells: one for each rule.
    """

    slice: str
    feature: str
    note: str
    cells: tuple[Cell, ...]

    @property
    def gravity(self) -> int:
        """Return the place of the worst result among all; those that are no trouble count alike."""
        return min(
            [_ORDER.index(cell.result) for cell in self.cells if _ORDER.index(cell.result) <= _TROUBLE], default=len(_ORDER)
        )

    @property
    def judged(self) -> int:
        """Return how many rules judged the slice."""
        return sum(cell.result in _JUDGED for cell in self.cells)


@dataclass(frozen=True)
class JudgedAlike:
    """Groups that were judged on the same metrics.

    Attributes:
        slices: their names.
        judged: metrics that a rule judged there, in words.
        not_judged: why not -> the other metrics of the policy; empty for groups that were not measured.
        note: why they were not measured; empty where they were.
    """

    slices: tuple[str, ...]
    judged: tuple[str, ...]
    not_judged: Mapping[str, tuple[str, ...]]
    note: str = ""

    @property
    def judged_words(self) -> str:
        """Return "AUC and false positive rate"; "nothing" where no metric was judged."""
        return sentences.listed(list(self.judged)) or "nothing"

    @property
    def not_judged_words(self) -> str:
        """Return "AUC (too few examples), false negative rate (no rule)", or why the groups were not measured."""
        return self.note or ", ".join(f"{sentences.listed(list(names))} ({why})" for why, names in self.not_judged.items())


@dataclass(frozen=True)
class Grid:
    """Groups and rules.

    Attributes:
        rules: the columns, those with the worst results first.
        rows: overall first, then feature by feature, those with the worst results first; so are the rows of each.
    """

    rules: tuple[RuleFacts, ...]
    rows: tuple[Row, ...]

    def results(self) -> list[CellResult]:
        """Return the results that occur, the gravest first, for a legend."""
        occurring = {cell.result for row in self.rows for cell in row.cells}
        return [result for result in SIGNS if result in occurring]


def grid(verdict: "Verdict") -> Grid:
    """Return the grid of a verdict; without columns where its policy has no rules."""
    rules = verdict.policy.rules or _rules_of(verdict.rules)
    says_proof = selection.says_proof(verdict.rules)
    lines: dict[tuple[str, str], list[RuleLine]] = {}
    for line in verdict.rules:
        if line.kind != CHECK:
            lines.setdefault((line.id, line.slice), []).append(line)
    harm = {(each.rule, each.slice): each.reason for each in verdict.not_judged if each.because == "breaks a limit"}
    notes = _notes(verdict, [name for _, name in lines])
    columns = {rule.id: _column(rule, list(notes), lines, says_proof) for rule in rules}
    counts = _Counts(verdict)
    rows = []
    for name, note in notes.items():
        cells = []
        for rule in rules:
            found = columns[rule.id].get(name, Cell(NO_RULE, None))
            if found.result in (NO_RULE, "not enough data") and (rule.id, name) in harm:
                found = replace(found, result=HARM, reason=harm[rule.id, name])
            cells.append(found if found.n is not None else replace(found, n=counts.of(rule, name)))
        rows.append(Row(name, feature_of(name), note, tuple(cells)))
    return _sorted(rules, rows)


def _sorted(rules: Sequence[RuleFacts], rows: list[Row]) -> Grid:
    """Return the grid with what went wrong in the first columns and rows."""
    worst = [min((_ORDER.index(row.cells[at].result) for row in rows), default=0) for at in range(len(rules))]
    order = sorted(range(len(rules)), key=lambda at: (min(worst[at], _TROUBLE + 1), at))
    features = list(dict.fromkeys(row.feature for row in rows))
    rows = [Row(row.slice, row.feature, row.note, tuple(row.cells[at] for at in order)) for row in rows]
    gravest = {feature: min(row.gravity for row in rows if row.feature == feature) for feature in features}
    features.sort(key=lambda feature: gravest[feature])  # stable
    rows.sort(key=lambda row: (row.slice != OVERALL, features.index(row.feature), row.gravity, not row.judged))
    return Grid(tuple(rules[at] for at in order), tuple(rows))


def _rules_of(lines: Sequence[RuleLine]) -> tuple[RuleFacts, ...]:
    """Return what the lines of an earlier version say of their rules."""
    first = {line.id: line for line in reversed(lines) if line.kind != CHECK}
    return tuple(RuleFacts(id=name, words=metric_words(first[name].metric).label) for name in reversed(first))


def _notes(verdict: "Verdict", named: Sequence[str]) -> dict[str, str]:
    """Return every slice with why it was not measured: measured, left out, absent; then what else rules name, terms of a test."""
    measured = [line.slice for line in verdict.slices if line.model == CANDIDATE]
    notes = {
        **dict.fromkeys([*named, *measured], ""),
        **dict.fromkeys(verdict.omitted, _LEFT_OUT),
        **dict.fromkeys(verdict.absent_groups, _NO_EXAMPLE),
        **dict.fromkeys(verdict.absent_columns, _NO_COLUMN),
    }
    slices = [name for name in notes if not is_pattern(name)]
    empty = {name: "no slice that can be compared" for name in notes if is_pattern(name) and not matching(name, slices)}
    return {**{name: notes[name] for name in slices}, **empty}


def _column(
    rule: RuleFacts, names: Sequence[str], lines: Mapping[tuple[str, str], Sequence[RuleLine]], says_proof: bool
) -> dict[str, Cell]:
    """Return the cells of a rule: of its own lines, of patterns that it could not judge, of slices better than the worst one.

    A rule without a model to compare with has one line, which stands for all slices that the rule names.
    """
    own = [line for (name, _), each in lines.items() if name == rule.id for line in each]
    cells: dict[str, Cell] = {}
    if rule.worst_only and any(_is_judged(line, says_proof) for line in own):
        covered = {name for pattern in rule.slices for name in matching(pattern, names)} - {OVERALL}
        cells |= {name: Cell(COVERED, None) for name in covered if not is_pattern(name)}
    if own and all(line.outcome == "not applicable" for line in own):
        cells |= {name: _worst(own, says_proof) for pattern in rule.slices for name in matching(pattern, names)}
    for (name, pattern), each in lines.items():
        if name == rule.id and is_pattern(pattern):
            cells |= {found: _worst(each, says_proof) for found in matching(pattern, names) if (name, found) not in lines}
    cells |= {place: _worst(each, says_proof) for (name, place), each in lines.items() if name == rule.id}
    return cells


def _is_judged(line: RuleLine, says_proof: bool) -> bool:
    return selection.shown_result(line, says_proof) in _JUDGED


def _worst(lines: Sequence[RuleLine], says_proof: bool) -> Cell:
    line = min(lines, key=lambda line: _ORDER.index(selection.shown_result(line, says_proof)))
    n = None if line.outcome == "not applicable" else line.n  # nothing was counted for it
    return Cell(selection.shown_result(line, says_proof), n, line.reason, line.outcome == "not enough data")


class _Counts:
    """How many examples of a label the candidate was measured on, slice by slice."""

    def __init__(self, verdict: "Verdict") -> None:
        self._lines: dict[str, SliceLine] = {line.slice: line for line in verdict.slices if line.model == CANDIDATE}
        self._omitted, self._absent = verdict.omitted, {*verdict.absent_groups, *verdict.absent_columns}

    def of(self, rule: RuleFacts, name: str) -> float | None:
        line = self._lines.get(name)
        if line is None:
            return 0 if name in self._absent else self._omitted.get(name)
        return {"negative": line.n_negative, "positive": line.n_positive, "": line.n}[rule.trials]


def coverage(verdict: "Verdict", found: Grid) -> list[JudgedAlike]:
    """Return what each slice was judged on: slices alike in one entry, overall first, then those judged on most metrics.

    Args:
        verdict: whose rules' lines name the metrics.
        found: its grid.
    """
    metrics = {line.id: line.metric for line in verdict.rules if line.kind != CHECK}
    labels = {rule.id: sentences.label(MetricKey(metrics[rule.id])) for rule in found.rules if rule.id in metrics}
    alike: dict[tuple[object, ...], JudgedAlike] = {}
    for row in found.rows:
        if is_pattern(row.slice):
            continue
        judged, missing = _metrics(row, [labels.get(rule.id, rule.words) for rule in found.rules])
        made = JudgedAlike((row.slice,), judged, missing if judged or not row.note else {}, "" if judged else row.note)
        key = (row.slice == OVERALL, made.judged, tuple(made.not_judged.items()), made.note)
        alike[key] = replace(made, slices=(*alike[key].slices, row.slice)) if key in alike else made
    return sorted(alike.values(), key=lambda each: (OVERALL not in each.slices, bool(each.note), -len(each.judged)))


def _metrics(row: Row, labels: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Return the metrics that rules judged on a slice, and why the others were not -> these; each in alphabetical order."""
    cells: dict[str, list[Cell]] = {}
    for label, cell in zip(labels, row.cells, strict=True):
        cells.setdefault(label, []).append(cell)
    missing: dict[str, tuple[str, ...]] = {}
    for why in _WHY_NOT:
        if names := tuple(sorted((label for label, each in cells.items() if _why_not(each) == why), key=str.lower)):
            missing[why] = names
    return tuple(sorted((label for label, each in cells.items() if not _why_not(each)), key=str.lower)), missing


def _why_not(cells: Sequence[Cell]) -> str:
    """Return why no rule on a metric judged a slice; "" where one did."""
    if any(cell.result in _JUDGED for cell in cells):
        return ""
    few, incomparable, no_rule = _WHY_NOT
    if any(cell.too_few for cell in cells):
        return few
    return incomparable if any(cell.result == "not applicable" for cell in cells) else no_rule


def standing_out(noted: Sequence[NotJudged]) -> Mapping[str, list[str]]:
    """Return "false positive rate breaks a limit for" -> the slices where no rule judges that, for the first screen of a report.

    Args:
        noted: of the verdict, the proven first.
    """
    found: dict[str, dict[str, None]] = {}
    for each in noted:
        words = f"{sentences.label(MetricKey(each.metric))} {_BECAUSE[each.because]}"
        found.setdefault(words, {})[each.slice] = None
    return {words: list(slices) for words, slices in found.items()}
