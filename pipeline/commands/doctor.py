"""`fairgate doctor`: looks at the machine and says what to do about what a run would stumble over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from pipeline.commands.requirements import Finding

UNFIT = 3


def doctor(
    root: Annotated[Path, typer.Option(metavar="FOLDER", help="Where runs would go.")] = Path("runs"),
) -> None:
    """Check Python, packages, disk, memory, Beam and Keras of this machine; takes about half a minute."""
    from rich.console import Console

    from pipeline.commands.requirements import examine

    console = Console(highlight=False)
    findings = []
    with console.status("Looking") as status:
        for finding in examine(root):
            findings.append(finding)
            status.update(f"{finding.name}: {'in order' if finding.ok else 'not in order'}")
    console.print(as_table(findings))
    wrong = sum(not finding.ok for finding in findings)
    console.print(f"[red]{wrong} of {len(findings)} checks failed.[/]" if wrong else "[green]This machine is fit for a run.[/]")
    raise typer.Exit(UNFIT if wrong else 0)


def as_table(findings: "Iterable[Finding]") -> "Table":
    """A line per finding, the remedy below what was found."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        found = escape(finding.found) + (f"\n→ {escape(finding.remedy)}" if finding.remedy else "")
        table.add_row("[green]✓[/]" if finding.ok else "[red]✗[/]", finding.name, found)
    return table
