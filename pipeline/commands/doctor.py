"""`fairgate doctor`: check this machine and report what would stop a run, with remedies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairgate.cli.exit_codes import INPUT_ERROR
from fairgate.cli.group import examples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from pipeline.commands.requirements import MachineCheck


EXAMPLES = examples("fairgate doctor", "fairgate doctor --root /data/runs")


def doctor(
    root: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for runs, whose disk is checked.")] = Path("runs"),
) -> None:
    """Check what a run needs of this machine.

    Python, packages, disk, memory, Beam and Keras; takes about half a minute.
    """
    from rich.console import Console

    from pipeline.commands.requirements import examine

    console = Console(highlight=False, emoji=False)
    checks = []
    with console.status("Checking") as status:
        for check in examine(root):
            checks.append(check)
            status.update(f"{check.name}: {'passed' if check.ok else 'failed'}")
    console.print(as_table(checks))
    failed = sum(not check.ok for check in checks)
    console.print(f"[red]{failed} of {len(checks)} checks failed.[/]" if failed else "[green]This machine is fit for a run.[/]")
    raise typer.Exit(INPUT_ERROR if failed else 0)


def as_table(checks: "Iterable[MachineCheck]") -> "Table":
    """Return a table with one row per check and the remedy below a failed one."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        state = escape(check.state) + (f"\n→ {escape(check.remedy)}" if check.remedy else "")
        table.add_row("[green]✓[/]" if check.ok else "[red]✗[/]", check.name, state)
    return table
