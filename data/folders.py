"""Folders that appear whole or not at all: written under a hidden name beside their place, then renamed."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.conversion_report import REPORT_NAME
from fairgate.errors import InputError, os_reason

PARTIAL = ".partial"  # suffix of the hidden name of an unfinished folder


def remove_partial(parent: Path) -> None:
    """Remove the unfinished folders of killed runs below `parent`; nothing may be writing there now."""
    for path in parent.glob(f".*{PARTIAL}"):
        shutil.rmtree(path)


def check_replaceable(output: Path) -> None:
    """Raise InputError unless the folder `output` is absent, empty, or an earlier conversion.

    Raises:
        InputError: it is a file, or a folder with other content.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: a file; name a folder for the converted data")
    if output.is_dir() and any(output.iterdir()) and not (output / REPORT_NAME).exists():
        raise InputError(f"{output}: a folder with other content; name a new folder, or one of an earlier conversion")


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Create a new folder that replaces `output` if the block succeeds, and is removed if it fails.

    Raises:
        InputError: the folder cannot be created.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=f".{output.name}.", suffix=PARTIAL, dir=output.parent)
    except OSError as error:
        raise InputError(f"{output}: cannot be created ({os_reason(error)}); name a writable folder") from None
    with temporary as scratch:
        whole = Path(scratch, "new")
        whole.mkdir()
        yield whole
        if output.exists():
            output.rename(Path(scratch, "old"))
        whole.rename(output)
