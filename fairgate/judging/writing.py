"""Write the report of a judged table into a folder: whole or not at all."""

import shutil
import tempfile
from pathlib import Path

from fairgate import manifest
from fairgate.errors import InputError, os_reason
from fairgate.files import replace_text
from fairgate.report.content import ReportContent
from fairgate.report.write import write_report
from fairgate.run_folder import CONFIGURATION, MANIFEST, PAGE


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
    place = folder.resolve()  # a link stays a link
    _check_place(place, folder)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        try:
            draft.chmod(0o777 & ~_umask())
            write_report(content, draft)
            replace_text(draft / CONFIGURATION, configuration)
            manifest.write_alone(draft)
            if place.exists():
                shutil.rmtree(place)
            draft.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({os_reason(error)}); name another folder with --out.") from error
    return folder / PAGE


def _check_place(place: Path, folder: Path) -> None:
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return
    if not place.is_dir():
        raise InputError(f"{folder} is a file; name a folder with --out.")
    if not (place / MANIFEST).is_file() or manifest.read(place).run:
        raise InputError(f"{folder} holds other files than the report of a table; name another folder with --out.")
    manifest.require_unchanged(place, (PAGE,))


def _umask() -> int:
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask
