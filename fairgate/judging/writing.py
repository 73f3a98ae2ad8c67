"""Write the report of a judged table into a folder: whole or not at all."""

import os
from pathlib import Path

from fairgate import asked, manifest
from fairgate.errors import InputError, os_reason
from fairgate.files import replace_text, replaced_folder
from fairgate.report.content import ReportContent
from fairgate.report.write import write_report
from fairgate.run_folder import CONFIGURATION, MANIFEST, PAGE
from fairgate.text import printable

_LONG = 80  # characters of a path that can be none


def write(content: ReportContent, configuration: str, folder: Path) -> Path:
    """Write everything beside the folder, then rename it; an earlier report in its place is replaced.

    Args:
        content: what the report shows.
        configuration: the text of config.json.
        folder: its parents are made.

    Returns:
        the path of the page.

    Raises:
        InputError: the folder holds something that is no report of a table, or cannot be written.
    """
    place = check_place(folder)
    try:
        with replaced_folder(place) as draft:
            write_report(content, draft, pictures=False)  # which take longer than everything else in the page
            replace_text(draft / CONFIGURATION, configuration)
            manifest.write_alone(draft)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({os_reason(error)}); name another folder{_with_out()}.") from error
    return folder / PAGE


def check_place(folder: Path) -> Path:
    """Return where a report is written: what a link leads to, so that it stays a link.

    Raises:
        InputError: the folder holds something that is no report of a table, or one that was changed; or nothing can be there.
    """
    try:
        place = Path(os.path.realpath(folder))
        loops, there, holds = place.is_symlink(), place.exists(), place.is_dir() and any(place.iterdir())
    except OSError as error:
        raise InputError(
            f"{printable(str(folder))[:_LONG]} can be no folder ({os_reason(error)}); name another one{_with_out()}."
        ) from None
    if loops:  # all else is resolved
        raise InputError(f"{folder} is a link that leads back to itself; name another folder{_with_out()}.")
    if there and not place.is_dir():
        raise InputError(f"{folder} is a file; name a folder{_with_out()}.")
    if Path.cwd().is_relative_to(place):
        raise InputError(f"{folder} is the folder that you are in, which cannot be replaced; name one in it{_with_out()}.")
    if holds:
        _check_earlier(place, folder)
    return place


def _with_out() -> str:
    return asked.in_command(f" with {asked.option('folder')}")


def _check_earlier(place: Path, folder: Path) -> None:
    if not (place / MANIFEST).is_file() or manifest.read(place).run:
        raise InputError(f"{folder} holds other files than the report of a table; name another folder{_with_out()}.")
    try:
        manifest.require_unchanged(place, (PAGE,))
    except InputError as error:
        differing = ", ".join(line.strip(" -") for line in str(error).splitlines()[1:-1])
        raise InputError(
            f"{folder} holds a report that is no longer as it was written ({differing}), and would be replaced; remove it, "
            f"or name another folder{_with_out()}."
        ) from None
