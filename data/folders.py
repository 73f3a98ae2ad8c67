"""Folders that appear whole or not at all: written under a hidden name beside their place, then renamed.

A folder is replaced only if it is the user's own earlier conversion and nothing else is in it. A link stays, and the folder that
it leads to is replaced.
"""

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.conversion_report import REPORT_NAME
from fairgate.errors import InputError, os_reason
from fairgate.names import ALL_SPLITS

PARTIAL = ".partial"  # suffix of the hidden name of an unfinished folder
# All that a conversion leaves in its folder.
_SHARD = re.compile(rf"Split-({'|'.join(ALL_SPLITS)})/\1-\d+-of-\d+\.tfrecord\.gz")
_FILES = (REPORT_NAME, "quarantine.jsonl")
_REPORT_KEYS = {"schema_version", "sources", "splits"}  # that every report of a conversion has


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
    if problem := (_hindrance(place) if os.path.lexists(place) else _hindrance_above(place)):
        raise InputError(f"{output}: {problem}")


def _hindrance_above(place: Path) -> str:
    """Return why a folder cannot be made at a place where nothing is, and what to name instead; empty if nothing is known."""
    above = next(parent for parent in place.parents if os.path.lexists(parent))
    if above.is_symlink():  # its target is resolved, so it has none
        return f"{above} is a link that leads back to itself; remove it, or name another folder"
    if not above.is_dir():
        return f"{above} is a file, so no folder can be in it; name another folder"
    return "" if os.access(above, os.W_OK | os.X_OK) else f"{above} cannot be written; name another folder"


def _hindrance(place: Path) -> str:
    """Return why something that is there may not be replaced, and what to name instead; empty if it may."""
    if place.is_symlink():
        return "a link that leads back to itself; remove it, or name another folder"
    if not place.is_dir():
        return "a file; name a folder for the converted data"
    inside = f"name a new folder in it, {place / 'converted'}"
    if place.is_mount():
        return f"the root of a disk, which cannot be replaced; {inside}"
    if place.stat().st_uid != os.geteuid():
        return f"another user's folder; {inside}"
    if Path.cwd().is_relative_to(place):
        return f"the folder that you are in cannot be replaced; {inside}"
    if any(place.iterdir()) and not _is_conversion(place / REPORT_NAME):
        return "a folder with other content; name a new folder, or one of an earlier conversion"
    names = sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_symlink() or not path.is_dir())
    if other := next((name for name in names if name not in _FILES and not _SHARD.fullmatch(name)), None):
        return f"an earlier conversion, but {other} is not of it and would be lost; move it away, or name a new folder"
    return ""


def _is_conversion(report: Path) -> bool:
    """Return whether a file is the report of a conversion."""
    try:
        written = json.loads(report.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(written, dict) and written.keys() >= _REPORT_KEYS


def check_apart(output: Path, sources: Iterable[Path]) -> None:
    """Raise InputError if a source lies in the folder that is to be replaced, and would be lost."""
    place = Path(os.path.realpath(output))
    for source in sources:
        if Path(os.path.realpath(source)).is_relative_to(place):
            raise InputError(f"{source}: lies in {output}, which would be replaced; name another folder for the converted data")


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Create a new folder that replaces `output` if the block succeeds, and is removed if it fails.

    Its modes are the umask's from the start. Workers of another user can write in it under umask 002 if both users share the
    group of the folder that it is in (`chgrp GROUP`, `chmod g+rws`).

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
        # As the umask and the parent say, where `tempfile` lets nobody else in: workers of another user write here too.
        Path(scratch).chmod(stat.S_IMODE(whole.stat().st_mode))
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
