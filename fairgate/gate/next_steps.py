"""Say what to do after a verdict that blesses nothing: what failed or is missing, and the commands and places that help.

In: a `Verdict`, and where its run and report lie. Out: `NextStep`s, which the terminal prints; none where it is blessed or
reported. What is missing comes first, always: a step never asks to weaken the policy, but says which of its keys decides.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fairgate.gate.needed import Label, Needed, about
from fairgate.gate.outcome import CHECK, RuleLine
from fairgate.gate.selection import deciding
from fairgate.gate.sentences import count, listed
from fairgate.gate.verdict import Verdict
from fairgate.gate.without_value import feature_without_value
from fairgate.run_folder import PAGE

_MOST = 3  # items of one kind; the commands list the rest
_LABELS: dict[Label, str] = {"negative": "negatives", "positive": "positives", "": "examples"}
_UNCOVERED = "uncovered-harm"
VERDICT_SECTION, NOT_JUDGED_SECTION, CHANGES_SECTION = "verdict", "not_judged", "changes"  # ids in the page


@dataclass(frozen=True)
class NextStep:
    """One thing to do.

    Attributes:
        text: a full sentence.
        commands: as they are typed; or places in the report.
    """

    text: str
    commands: tuple[str, ...] = ()


def next_steps(verdict: Verdict, root: str, report: str) -> list[NextStep]:
    """Return what to do next; empty where nothing is refused or open.

    Args:
        verdict: of a run.
        root: the run's root folder, as it is typed.
        report: the report's folder.
    """
    if verdict.outcome not in ("refused", "inconclusive"):
        return []
    lines = [line for line in deciding(verdict.rules) if line.outcome != "waived"]
    place, page = shlex.quote(root), f"{report}/{PAGE}"
    return [
        *_failed(lines, page),
        *_uncovered(lines, verdict, place),
        *_open(lines, place, "" if verdict.of_table else " (--set policy.min_examples=NUMBER)"),
        *_undecided(lines, page),
        *_where(verdict, page, place),
    ]


def _failed(lines: Sequence[RuleLine], page: str) -> Iterator[NextStep]:
    """Yield what failed for good: more data is no remedy."""
    failed = [line for line in lines if line.outcome == "failed" and not _is_open(line)]
    checks = [line for line in failed if line.kind == CHECK and line.id != _UNCOVERED]
    if checks:
        yield NextStep(f"Repair what {_names(checks)} found: checks hold under every policy, and no option allows them.")
    rules = [line for line in failed if line.kind != CHECK]
    if rules:
        kinds = dict.fromkeys(line.kind for line in rules)
        explained = (f"fairgate policy explain {kind}" for kind in list(kinds)[:_MOST])
        changed = (f"{page}#{CHANGES_SECTION}",)
        text = f"Change the candidate: it breaks {_names(rules)}, and more data does not remedy that."
        yield NextStep(text, (*explained, *changed))


def _uncovered(lines: Sequence[RuleLine], verdict: Verdict, place: str) -> Iterator[NextStep]:
    """Yield where harm is proven and no rule judges it."""
    places = list(dict.fromkeys(line.slice for line in lines if line.id == _UNCOVERED))
    slices = [name for name in places if feature_without_value(name) is None]
    if unknown := [name for name in places if name not in slices]:
        what = f"A limit is proven to be broken on {listed(unknown, _MOST)}"
        yield NextStep(f"{what}: give these examples a value in the table, such as unknown.")
    if slices:
        text = (
            f"No rule judges {listed(slices, _MOST)}, where a limit is proven to be broken: add the slice to a rule's `slices`."
        )
        policy = f"fairgate policy show {place} > policy.yaml"
        again = "fairgate evaluate …" if verdict.of_table else f"fairgate run {verdict.task}"
        yield NextStep(text, (policy, f"{again} --policy policy.yaml"))


def _open(lines: Sequence[RuleLine], place: str, option: str) -> Iterator[NextStep]:
    """Yield the examples that decide what is open, the fewest first; `option` sets how few may be judged."""
    needs = [(line, line.needed) for line in lines if line.needed is not None and _is_open(line)]
    counted = sorted(((needed.examples, line, needed) for line, needed in needs if needed.examples), key=lambda each: each[0])
    sentences = dict.fromkeys(_needs(examples, line, needed) for examples, line, needed in counted)
    if not sentences:
        return
    shown = list(sentences)[:_MOST]
    more = f" (and {len(sentences) - _MOST} more)" if len(sentences) > _MOST else ""
    text = f"Collect examples: {'; '.join(shown)}{more}."
    if any(line.outcome == "not enough data" for line, _ in needs):
        text += f" The policy's `min_examples` says how few may be judged{option}; fewer only widen the intervals."
    yield NextStep(text, (f"fairgate plan {place}",))


def _needs(examples: int, line: RuleLine, needed: Needed) -> str:
    more = f"{about(examples):,} more {_LABELS[needed.label]} of {needed.slice}" if needed.power else ""
    least = f"at least {examples:,} more {_LABELS[needed.label]} of {needed.slice}"
    lacks = needed.available is not None and needed.available < examples
    rest = f"; the rest of the data holds only {count(needed.available or 0)}" if lacks else ""
    return f"{more or least} for {line.id} (there are {count(needed.have)}{rest})"


def _undecided(lines: Sequence[RuleLine], page: str) -> Iterator[NextStep]:
    """Yield what is open and that no number of examples decides, as far as is known."""
    left = [line for line in lines if _is_open(line) and line.id != _UNCOVERED and not (line.needed and line.needed.examples)]
    if left:
        text = f"Read why {_names(left)} could not be decided: more examples alone do not decide it."
        yield NextStep(text, (f"{page}#{VERDICT_SECTION}",))


def _where(verdict: Verdict, page: str, place: str) -> Iterator[NextStep]:
    if verdict.not_judged:
        yield NextStep("See what no rule judges and stands out.", (f"{page}#{NOT_JUDGED_SECTION}",))
    yield NextStep("Check that no file of the run has changed, before you pass it on.", (f"fairgate verify {place}",))


def _is_open(line: RuleLine) -> bool:
    """Return whether a line is undecided, or failed for want of a proof that the policy asks for."""
    wants_proof = line.outcome == "failed" and line.needed is not None and not line.proven
    return wants_proof or line.outcome in ("unproven", "not enough data")


def _names(lines: Sequence[RuleLine]) -> str:
    """Return "gap (gender:male and gender:female) and recall (overall)"."""
    slices: dict[str, list[str]] = {}
    for line in lines:
        slices.setdefault(line.id, []).extend([line.slice] if line.slice else [])
    names = [f"{rule} ({listed(list(dict.fromkeys(of)), _MOST)})" if of else rule for rule, of in slices.items()]
    return listed(names, _MOST)
