"""Folders that appear whole or not at all: hidden beside their place while they are made, then renamed."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.conversion_report import REPORT_NAME
from fairgate.errors import InputError

PARTIAL = ".partial"  # ends the hidden name of a folder that is being made


def remove_partial(parent: Path) -> None:
    """Removes what runs that were killed left half made below `parent`; nobody may be making anything there now."""
    for path in parent.glob(f".*{PARTIAL}"):
        shutil.rmtree(path)


def check_replaceable(output: Path) -> None:
    """Whether a conversion may write the folder `output`: it is absent, empty, or an earlier conversion.

    Raises:
        InputError: it is something else.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: a file; name a folder for the converted data")
    if output.is_dir() and any(output.iterdir()) and not (output / REPORT_NAME).exists():
        raise InputError(f"{output}: a folder with other content; name a new folder, or one of an earlier conversion")


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """A new folder that takes the place of `output` when the block ends well, and vanishes when it does not.

    Raises:
        InputError: no folder can be made there.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=f".{output.name}.", suffix=PARTIAL, dir=output.parent)
    except OSError as error:
        raise InputError(f"{output}: cannot be made ({error.strerror}); name a folder that can be written") from None
    with temporary as scratch:
        whole = Path(scratch, "new")
        whole.mkdir()
        yield whole
        if output.exists():
            output.rename(Path(scratch, "old"))
        whole.rename(output)
