"""A verdict in the terminal: the outcome, the reasons, what no rule judges, both models side by side, and how each decides.

In: a `Verdict`. Out: text that fits a terminal of 80 columns; long lists are cut, say by how many, and name verdict.md. Whatever
comes from the data is escaped: it is neither markup nor a control sequence.
"""

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from fairgate.gate import impact, model_lines, selection
from fairgate.gate.next_steps import NextStep
from fairgate.gate.outcome import NotJudged, PolicyFacts, RuleLine, decisive
from fairgate.gate.sentences import count, ends, strata_disagree
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.text import printable

STYLES = {"blessed": "bold green", "refused": "bold red", "inconclusive": "bold yellow", "reported": "bold cyan"}
_MOST_REASONS = 6
_MOST_NOT_JUDGED = 5
_MOST_ROWS = 12
_NO_RULE = "none names the slice, or it has too few examples"
_LONGEST_SAID = 300  # characters of author and rationale of a policy


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Print the outcome, the reasons, what no rule judges, and the judged metrics, baseline beside candidate."""
    console.print()
    _print(console, f"[{STYLES[verdict.outcome]}]{verdict.outcome.upper()}[/]  {_clean(verdict.summary)}")
    if verdict.outcome in ("refused", "inconclusive"):
        _print_reasons(console, decisive(verdict.rules))
    _print_reasons(console, [rule for rule in verdict.rules if rule.outcome == "waived"])
    _print_broken(console, [rule for rule in verdict.rules if _is_broken(rule)])
    _print_strata(console, verdict)
    if verdict.outcome != "reported":
        _print_counts(console, verdict.rules)
    _print_impact(console, verdict)
    _print_not_judged(console, verdict.not_judged)
    for name, text in selection.group_facts(verdict).items():
        _print(console, f"[dim]{name}: {_clean(text)}.[/]")
    _print_policy(console, verdict.policy)
    _print_comparison(console, verdict)
    _print_models(console, verdict)
    if verdict.data.generated:
        _print(console, f"[dim]Data: {_clean(verdict.data.source)}.[/]")


def _print_reasons(console: Console, rules: Sequence[RuleLine]) -> None:
    _print_list(console, [_clean(rule.reason) for rule in rules[:_MOST_REASONS]])
    _print_more(console, len(rules) - _MOST_REASONS)


def _print_broken(console: Console, rules: Sequence[RuleLine]) -> None:
    """Print what the policy lets pass although its value breaks the limit, because that is not proven."""
    if rules:
        _print(console, "[yellow]Limit broken, not proven[/] (the policy lets it pass):")
        _print_reasons(console, rules)


def _print_strata(console: Console, verdict: Verdict) -> None:
    """Print where a gap over all examples and the one within strata disagree, unless that is among the reasons above."""
    said = decisive(verdict.rules) if verdict.outcome in ("refused", "inconclusive") else []
    above = {id(rule) for rule in said} | {id(rule) for rule in verdict.rules if rule.outcome == "waived" or _is_broken(rule)}
    rules = [rule for rule in verdict.rules if strata_disagree(rule) and id(rule) not in above]
    if rules:
        _print(console, "[yellow]Within strata the gap is another one[/] than over all examples:")
        _print_reasons(console, rules)


def _is_broken(rule: RuleLine) -> bool:
    return rule.outcome == "passed" and rule.breaks_limit


def _print_counts(console: Console, rules: Sequence[RuleLine]) -> None:
    """Print how many rules had which result, where there are too many lines to be seen at a glance."""
    if len(rules) > selection.MOST_SLICES:
        _print(console, f"[dim]{selection.count_rules(rules).words}.[/]")


def print_next_steps(console: Console, steps: Sequence[NextStep]) -> None:
    """Print what to do next, and below each step the commands for it, each in a line of its own that can be copied."""
    if not steps:
        return
    console.print()
    _print(console, "[bold]What to do next[/]")
    for step in steps:
        _print_list(console, [_clean(step.text)])
        for command in step.commands:
            console.print(f"      {_clean(command)}", soft_wrap=True)


def _print_policy(console: Console, policy: PolicyFacts) -> None:
    """Print who answers for the policy and the beginning of why, where it says so."""
    by = f"Policy by {policy.author}. " if policy.author else ""
    said = _clean(textwrap.shorten(f"{by}{policy.rationale}", _LONGEST_SAID, placeholder=" … (verdict.md)"))
    if said:
        _print(console, f"[dim]{said}[/]")


def _print_not_judged(console: Console, found: Sequence[NotJudged]) -> None:
    if not found:
        return
    side = any(each.because == "favoured" for each in found)
    why = "none names the slice, it has too few examples, or none limits that side" if side else _NO_RULE
    _print(console, f"[bold]Where no rule judges[/] ({why}):")
    places = [f"{each.slice}: {_metric(each.metric, each.threshold)} {each.because}" for each in found[:_MOST_NOT_JUDGED]]
    marks = [f"[dim](n = {count(each.n)})[/]{', [bold]proven[/]' if each.proven else ''}" for each in found]
    _print_list(console, [f"{_clean(place)} {mark}" for place, mark in zip(places, marks, strict=False)])
    _print_more(console, len(found) - _MOST_NOT_JUDGED)


def _print_impact(console: Console, verdict: Verdict) -> None:
    """Print the selection rates by category, where a rule compares them with the best one."""
    for made in verdict.impact:
        console.print()
        _print(console, f"[bold]{_clean(made.title)}[/]")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for at, heading in enumerate(made.headings):
            table.add_column(_text(escape(heading)), justify="right" if at else "left", overflow="fold")
        for cells in made.cells[:_MOST_ROWS]:
            table.add_row(*(_text(_clean(cell)) for cell in cells))
        console.print(table)
        _print_more(console, len(made.cells) - _MOST_ROWS)
        for remark in made.remarks:
            _print(console, _clean(remark))
    if verdict.impact:
        _print(console, f"[dim]Source of the data: {_clean(verdict.data.source)}. Date: {verdict.provenance.finished[:10]}.[/]")


def _print_list(console: Console, items: Sequence[str]) -> None:
    """Print items of Rich markup; the lines of one stand below each other."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        table.add_row("  •", _text(item))
    if items:
        console.print(table)


def _print(console: Console, markup: str) -> None:
    console.print(_text(markup))


def _text(markup: str) -> Text:
    """Return text of Rich markup; ":a:" stays what it is, for it may stand in the name of a slice."""
    return Text.from_markup(markup, emoji=False)


def _print_more(console: Console, more: int) -> None:
    if more > 0:
        _print(console, f"  … and {count(more)} more, in verdict.md.")


def _print_comparison(console: Console, verdict: Verdict) -> None:
    """Print both models at the places that rules judge; of many, at those that failed or stay open."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("slice", overflow="fold")
    table.add_column("metric", overflow="fold")
    for name in ("n", BASELINE, CANDIDATE):
        table.add_column(name, justify="right", no_wrap=True)
    rows = list(_rows(verdict))
    for row in rows[:_MOST_ROWS]:
        table.add_row(*map(_text, row))
    if rows:
        console.print()
        console.print(table)
    _print_more(console, len(rows) - _MOST_ROWS)


def _print_models(console: Console, verdict: Verdict) -> None:
    """Print how each model decides on all examples, what was done in its training, and what else it says."""
    lines = model_lines.model_lines(verdict)
    if not lines:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model")
    for name in ("AUC", "FPR", "FNR", "threshold"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("operating point", overflow="fold")
    for line in lines:
        numbers = (line.auc, line.false_positive_rate, line.false_negative_rate)
        cells = (*("–" if value is None else f"{value:.3f}" for value in numbers), f"{line.threshold:g}")
        table.add_row(line.name, *cells, _text(_clean(line.aim or "–")))
    console.print()
    console.print(table)
    _print_list(console, [_clean(sentence) for sentence in (*model_lines.remedies(lines), *model_lines.notes(verdict))])


def _rows(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    """Yield slice, metric, examples and both values: overall first, then the slices whose rules ended worst.

    Of an audit that sets no pass mark every rate that it compares, with its interval.
    """
    lines = {(line.slice, line.model, line.threshold): line for line in verdict.slices}
    judged = {(rule.slice, rule.metric, rule.threshold): rule.n for rule in verdict.rules if rule.n}
    audited = verdict.outcome == "reported" and bool(verdict.impact)
    by_slice: dict[str, list[tuple[str, ...]]] = {}
    for name, metric, threshold in impact.places(verdict.impact) if audited else selection.places(verdict.rules):
        both = [lines.get((name, model, threshold)) for model in (BASELINE, CANDIDATE)]
        if any(line and metric in line.metrics for line in both):
            n = judged.get((name, metric, threshold)) or next(line.trials_of(metric) for line in both if line)
            row = (_clean(_metric(metric, threshold)), count(n), *(_number(line, metric, audited) for line in both))
            by_slice.setdefault(name, []).append(row)
    gravity = {rule.slice: at for at, rule in enumerate(reversed(selection.gravest_first(verdict.rules)))}
    for name in sorted(by_slice, key=lambda name: (name != OVERALL, -gravity.get(name, 0))):
        yield from (("" if at else _clean(name), *row) for at, row in enumerate(by_slice[name]))


def _metric(name: str, threshold: float | None) -> str:
    label = metric_words(name).label
    label = label if label[:2].isupper() else label[:1].lower() + label[1:]
    return label if threshold is None else f"{label} at {threshold:g}"


def _number(line: SliceLine | None, metric: str, with_interval: bool = False) -> str:
    value = line.metrics.get(metric) if line else None
    if line is None or value is None:
        return "–"
    low, high = line.interval.get(metric, (None, None))
    return f"{value:.3f}" if not with_interval or low is None or high is None else f"{value:.3f} ({ends(low, high)})"


def _clean(text: str) -> str:
    """Return text from the data as one line without markup or control characters."""
    return escape(printable(" ".join(text.split())))
