"""A verdict in the terminal: the outcome, the reasons, and a table of both models."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fairgate.gate.outcome import decisive
from fairgate.gate.sentences import count, listed
from fairgate.gate.verdict import Verdict
from fairgate.names import BASELINE, CANDIDATE

STYLES = {"blessed": "bold green", "refused": "bold red", "inconclusive": "bold yellow", "reported": "bold cyan"}
_MOST_NOT_JUDGED = 5


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Print the outcome, the reasons and the guarded metrics, baseline beside candidate."""
    console.print()
    console.print(f"[{STYLES[verdict.outcome]}]{verdict.outcome.upper()}[/]  {escape(verdict.summary)}")
    if verdict.outcome in ("refused", "inconclusive"):
        for rule in decisive(verdict.rules):
            console.print(f"  • {escape(rule.reason)}")
    for rule in (rule for rule in verdict.rules if rule.outcome == "waived"):
        console.print(f"  • {escape(rule.reason)}")
    _print_not_judged(console, verdict)
    console.print()
    console.print(_table(verdict))
    if verdict.data.generated:
        console.print(f"[dim]Data: {escape(verdict.data.source)}.[/]")


def _print_not_judged(console: Console, verdict: Verdict) -> None:
    """Print what stands out on slices that no rule judges, and what could not be measured."""
    shown = verdict.not_judged[:_MOST_NOT_JUDGED]
    if shown:
        console.print("[bold]Not judged[/] (no rule of the policy covers these):")
        for each in shown:
            console.print(f"  • {escape(each.reason)} [dim]{each.because}{', proven' if each.proven else ''}[/]")
        if more := len(verdict.not_judged) - len(shown):
            console.print(f"  … and {more} more, in verdict.md.")
    if verdict.absent_groups:
        console.print(f"[dim]No example of {escape(listed(list(verdict.absent_groups)))}.[/]")
    unknown = [f"{feature} of {count(n)}" for feature, n in sorted(verdict.unknown_groups.items()) if n]
    if unknown:
        console.print(f"[dim]Examples without a group: {escape(listed(unknown))}.[/]")


def _table(verdict: Verdict) -> Table:
    """Build the table of guarded metrics of both models, one row per slice that a rule judges, overall first."""
    guarded = _guarded(verdict)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("slice")
    table.add_column("n", justify="right")
    for metric, threshold in guarded:
        at = "" if threshold is None else f" @{threshold:g}"
        table.add_column(f"{metric.replace('_', ' ')}{at}\nbaseline → candidate", justify="right")
    lines = {(line.slice, line.model, line.threshold): line for line in verdict.slices}
    for name in _shown_slices(verdict):
        cells = []
        count = ""
        for metric, threshold in guarded:
            both = [lines.get((name, model, threshold)) for model in (BASELINE, CANDIDATE)]
            count = next((f"{line.n:,}" for line in both if line), count)
            cells.append(" → ".join(_number(line.metrics.get(metric)) if line else "–" for line in both))
        table.add_row(escape(name), count, *cells)
    return table


def _guarded(verdict: Verdict) -> list[tuple[str, float | None]]:
    """Return the metrics that rules judge and that were measured on slices; those of the counterfactual test were not."""
    measured = {metric for line in verdict.slices for metric in line.metrics}
    judged = dict.fromkeys((rule.metric, rule.threshold) for rule in verdict.rules if rule.metric in measured)
    return [(metric, threshold) for metric, threshold in judged if not metric.startswith("trivial")]


def _shown_slices(verdict: Verdict) -> list[str]:
    judged = {rule.slice.split(":")[0] for rule in verdict.rules if ":" in rule.slice}
    names = dict.fromkeys(line.slice for line in verdict.slices)
    return [name for name in names if ":" not in name or (name.split(":")[0] in judged and name.count(":") == 1)]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
