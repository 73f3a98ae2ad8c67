"""List what more data would decide in a verdict, per slice and label, and what no data decides.

In: a `Verdict` whose lines hold what they need. Out: a `ShoppingList`; `text` writes it for people, `model_dump` for machines.
"""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from fairgate.errors import InputError
from fairgate.gate.needed import Label, Needed, about
from fairgate.gate.outcome import Outcome, RuleLine
from fairgate.gate.verdict import Verdict
from fairgate.text import printable

_OPEN = ("unproven", "not enough data")
_LABELS: dict[Label, str] = {"negative": "negatives", "positive": "positives", "": "examples"}
_ASSUMED = "if the observed rates are the true ones and all data grow in proportion"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemRule(_Part):
    """A rule that an item of the list decides: how many more examples of it this rule alone needs."""

    id: str
    metric: str
    threshold: float | None
    examples: int


class Item(_Part):
    """More examples of one slice and label.

    Attributes:
        slice, label, have, power, available: as in `Needed`.
        examples: the greatest number that a rule needs.
        rules: which rules they are for, the least demanding first.
    """

    slice: str
    label: Label
    examples: int
    have: int
    power: float | None
    available: int | None
    rules: tuple[ItemRule, ...]


class Undecided(_Part):
    """A line that no number of examples decides, or none that is known, and why."""

    rule: str
    slice: str
    reason: str


class ShoppingList(_Part):
    """What more data would decide.

    Attributes:
        outcome, summary: of the verdict.
        decide: examples that decide what is open, the fewest first.
        judge: examples without which a slice is not judged at all, likewise.
        undecided: lines that are open and that no number of examples decides.
        failed: ids of the rules that failed and need no more data; more data is no remedy for them.
    """

    outcome: Outcome
    summary: str
    decide: tuple[Item, ...]
    judge: tuple[Item, ...]
    undecided: tuple[Undecided, ...]
    failed: tuple[str, ...]


def shopping_list(verdict: Verdict) -> ShoppingList:
    """Return what more data would decide.

    Raises:
        InputError: the verdict was written before verdicts said so.
    """
    if verdict.rules and not any("needed" in line.model_fields_set for line in verdict.rules):
        raise InputError("this verdict was written by an older version, which did not say what is needed: run again.")
    needs = [(line, line.needed) for line in verdict.rules if line.needed is not None and not line.proven]
    counted = [(line, needed) for line, needed in needs if needed.examples is not None]
    undecided = [(line, needed.sentence) for line, needed in needs if needed.examples is None]
    undecided += [(line, line.reason) for line in verdict.rules if line.needed is None and line.outcome in _OPEN]
    return ShoppingList(
        outcome=verdict.outcome,
        summary=verdict.summary,
        decide=_items([(line, needed) for line, needed in counted if needed.power is not None]),
        judge=_items([(line, needed) for line, needed in counted if needed.power is None]),
        undecided=tuple(Undecided(rule=line.id, slice=line.slice, reason=reason) for line, reason in undecided),
        failed=tuple(dict.fromkeys(line.id for line in verdict.rules if _is_settled(line))),
    )


def text(shopping: ShoppingList, place: str) -> str:
    """Return the list as lines for the terminal.

    Args:
        shopping: the list.
        place: where the verdict lies.
    """
    return printable("\n".join([f"{place}: {shopping.summary}", *_blocks(shopping)]))


def _is_settled(line: RuleLine) -> bool:
    """Return whether a line failed for good: not for want of a proof that the policy asks for."""
    return line.outcome == "failed" and (line.proven or line.needed is None)


def _items(needs: Sequence[tuple[RuleLine, Needed]]) -> tuple[Item, ...]:
    """Return one item per slice and label, the fewest examples first."""
    places: dict[tuple[str, Label], list[tuple[RuleLine, Needed]]] = {}
    for line, needed in needs:
        places.setdefault((needed.slice, needed.label), []).append((line, needed))
    return tuple(sorted((_item(of_place) for of_place in places.values()), key=lambda item: (item.examples, item.slice)))


def _item(of_place: Sequence[tuple[RuleLine, Needed]]) -> Item:
    rules = [
        ItemRule(id=line.id, metric=line.metric, threshold=line.threshold, examples=needed.examples or 0)
        for line, needed in of_place
    ]
    rules.sort(key=lambda rule: rule.examples)
    _, most = max(of_place, key=lambda each: each[1].examples or 0)
    return Item(
        slice=most.slice,
        label=most.label,
        examples=most.examples or 0,
        have=most.have,
        power=most.power,
        available=most.available,
        rules=tuple(rules),
    )


def _blocks(shopping: ShoppingList) -> Iterator[str]:
    if not (shopping.decide or shopping.judge or shopping.undecided):
        yield "Nothing is open, so more data is not asked for."
    powers = sorted({item.power for item in shopping.decide if item.power is not None})
    if shopping.decide:
        yield f"\nMore examples that decide, at {' or '.join(f'{power * 100:g} %' for power in powers)} power, {_ASSUMED}:"
        yield from _table(shopping.decide)
    if shopping.judge:
        yield "\nMore examples without which a slice is not judged at all:"
        yield from _table(shopping.judge)
    if shopping.undecided:
        yield "\nOpen, and decided by no number of examples:"
        yield from (f"  {each.rule}{f' on {each.slice}' if each.slice else ''}: {each.reason}" for each in shopping.undecided)
    if shopping.failed:
        yield f"\nFailed, which more data does not remedy: {', '.join(shopping.failed)}."


def _table(items: Sequence[Item]) -> Iterator[str]:
    """Yield the items in columns: how many more of what, how many there are, and for which rules."""
    rows = [
        (
            f"{about(item.examples):,}",
            f"{_LABELS[item.label]} of {item.slice}",
            f"there are {item.have:,}{_held(item)}",
            _for(item),
        )
        for item in items
    ]
    first, second, third = (max(len(row[at]) for row in rows) for at in range(3))
    for number, what, have, rules in rows:
        yield f"  {number:>{first}}  {what:<{second}}  {have:<{third}}  {rules}"


def _held(item: Item) -> str:
    return "" if item.available is None else f", the rest of the data holds {item.available:,}"


def _for(item: Item) -> str:
    """Return "for gap (120), guard (1,170)": the rules, each with what it needs alone where they differ."""
    names = []
    for rule in item.rules:
        at = "" if rule.threshold is None else f" at {rule.threshold:g}"
        alone = "" if rule.examples == item.examples else f" ({about(rule.examples):,})"
        names.append(f"{rule.id}{at}{alone}")
    return f"for {', '.join(names)}"
