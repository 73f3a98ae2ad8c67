"""`fairgate report`: redraw a run's page, data sheet and model card, or draw the history of all runs. Never imports TensorFlow.

In: a run's root folder. Out: the files `run_folder.DRAWN` of `reports/<run id>/`, or `reports/history.html`; the path of the page
is printed.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairgate.errors import InputError, os_reason
from fairgate.run_files import is_there
from fairgate.run_folder import DRAWN, MANIFEST, require_folder

if TYPE_CHECKING:
    from fairgate.report.reader import Results


def report(
    root: Annotated[
        Path, typer.Argument(metavar="ROOT", help="Root directory of a run, or the directory of one report.", show_default=False)
    ],
    history: Annotated[bool, typer.Option("--history", help="Draw all runs of the root directory side by side.")] = False,
    no_text: Annotated[bool, typer.Option("--no-text", help="Omit all text of the examples from the page.")] = False,
) -> None:
    """Redraw the newest run's report, or draw all runs."""
    try:
        page = _write_history(root) if history else write_report(root, text=not no_text)
    except OSError as error:
        raise InputError(f"{error.filename or root} cannot be written ({os_reason(error)}); make the folder writable.") from None
    typer.echo(str(page))


def write_report(root: Path, text: bool = True) -> Path:
    """Redraw the newest run's page and cards from its saved content, which must be as the run wrote it, and is not changed.

    Args:
        root: a run's root folder, or the folder of one report.
        text: False omits all text of the examples from the page.

    Returns:
        The path of the page.

    Raises:
        InputError: the report is missing or unreadable, or one of its files was changed since the run.
        OSError: the page cannot be written.
    """
    from fairgate import manifest
    from fairgate.report import reader

    runs = reader.every(require_folder(root))
    found = runs[-1] if runs else reader.load(root)
    _require_unchanged(found)
    from fairgate.report import write  # what draws takes longer to import than any mistake above to find

    write.draw(found.content, found.folder, text)
    manifest.renew(found.folder, DRAWN, "fairgate report" if text else "fairgate report --no-text")
    return found.page


def _write_history(root: Path) -> Path:
    from fairgate.report import reader

    for found in reader.every(require_folder(root)):
        _require_unchanged(found)
    from fairgate.report import history

    return history.write(root)


def _require_unchanged(found: "Results") -> None:
    """Refuse to draw from files that are not as the run wrote them; a report without a manifest was never sealed.

    Raises:
        InputError: a file of the report was changed that is not drawn from the others; names it and the remedy.
    """
    from fairgate import manifest

    if is_there(found.folder / MANIFEST):
        manifest.require_unchanged(found.folder, DRAWN)
