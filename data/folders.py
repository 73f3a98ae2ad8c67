"""Folders that appear whole or not at all: written under a hidden name beside their place, then renamed.

A folder is replaced only if it is the user's own earlier conversion and nothing else is in it. A link stays, and the folder that
it leads to is replaced.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from data.conversion_report import REPORT_NAME
from fairgate.errors import InputError, os_reason

PARTIAL = ".partial"  # suffix of the hidden name of an unfinished folder
_WRITTEN = ("Split-*", REPORT_NAME, "*.jsonl")  # all that a conversion leaves in its folder


def remove_partial(parent: Path) -> None:
    """Remove the unfinished folders of killed runs below `parent`; nothing may be writing there now."""
    for path in parent.glob(f".*{PARTIAL}"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)


def check_replaceable(output: Path) -> None:
    """Raise InputError unless the folder `output`, or the one that the link `output` leads to, is to be made or may be replaced.

    Raises:
        InputError: it is a file; a folder with other content than a conversion's; another user's; the root of a disk; or the
            folder that the command was started in. The message says what to name instead.
    """
    place = Path(os.path.realpath(output))
    if not os.path.lexists(place):
        return
    if problem := _hindrance(place):
        raise InputError(f"{output}: {problem}")


def _hindrance(place: Path) -> str:
    """Return why something that is there may not be replaced, and what to name instead; empty if it may."""
    if not place.is_dir():
        return "a file; name a folder for the converted data"
    inside = f"name a new folder in it, {place / 'converted'}"
    if place.is_mount():
        return f"the root of a disk, which cannot be replaced; {inside}"
    if place.stat().st_uid != os.geteuid():
        return f"another user's folder; {inside}"
    if Path.cwd().is_relative_to(place):
        return f"the folder that you are in cannot be replaced; {inside}"
    names = sorted(path.name for path in place.iterdir())
    if names and REPORT_NAME not in names:
        return "a folder with other content; name a new folder, or one of an earlier conversion"
    if other := next((name for name in names if not any(fnmatchcase(name, own) for own in _WRITTEN)), None):
        return f"an earlier conversion, but {other} is not of it and would be lost; move it away, or name a new folder"
    return ""


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Create a new folder that replaces `output` if the block succeeds, and is removed if it fails.

    Args:
        output: a folder to be made or replaced, see `check_replaceable`, or a link to one.

    Raises:
        InputError: the folder cannot be created, or what is there may not be replaced.
    """
    check_replaceable(output)
    place = Path(os.path.realpath(output))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=f".{place.name}.", suffix=PARTIAL, dir=place.parent)
    except OSError as error:
        raise InputError(f"{output}: cannot be created ({os_reason(error)}); name a writable folder") from None
    with temporary as scratch:
        whole = Path(scratch, "new")
        whole.mkdir()
        yield whole
        check_replaceable(output)  # also what has come there meanwhile
        if place.exists():
            place.rename(Path(scratch, "old"))
        whole.rename(place)


def copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder to a new one; their modes are the umask's, not those of the source.

    Raises:
        OSError: the target exists, or a file cannot be read or written.
    """
    target.mkdir()
    for base, folders, files in os.walk(source):
        copied = target / Path(base).relative_to(source)
        for name in folders:
            (copied / name).mkdir()
        for name in files:
            shutil.copyfile(Path(base, name), copied / name)
