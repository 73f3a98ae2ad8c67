"""Explain faults with their remedies: damaged or locked metadata, a full disk, files that are gone, an InputError inside a step.

In: the database's path before a run, or the exception that ended a run. Out: InputError, or None for any other exception.
Imports nothing heavy.
"""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fairgate.errors import InputError
from pipeline.engines import cluster_faults

_PATIENCE = 5.0  # seconds to wait until another program releases the database
_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "database or disk is full")
# An InputError in the traceback that an engine of Beam returns as text; more lines of the message may follow.
_TRACEBACK = re.compile(r"^(?:fairgate\.errors\.)?InputError: (.+?)(?: \[while running '[^']*'\])?$", re.MULTILINE)
_READ_ONLY = (os.strerror(errno.EROFS), "attempt to write a readonly database")
_NO_FILES = re.compile(r"No files found based on the file pattern (.+?)(?: \[while running '[^']*'\])?$", re.MULTILINE)  # by Beam


class ClusterFaultError(InputError):
    """A cluster of Beam's, or its job server, has ended a job; the message does not name the cluster."""


@dataclass(frozen=True)
class Advice:
    """How to go on after a fault, where the steps run.

    Attributes:
        space: how to get more space on the disk.
        kept: what is kept, and how to continue.
        files: how files come back that an earlier step wrote or named.
    """

    space: str
    kept: str
    files: str


LOCAL = Advice(
    space="Free some, or name a folder on another disk with --root FOLDER",
    kept="finished steps are kept, and the same command continues from there",
    files="Restore them, or name another folder with --root FOLDER, where every step runs again",
)


def check_metadata(database: Path) -> None:
    """Check that the metadata database of earlier runs is usable; does nothing if there is none yet.

    ML Metadata itself waits half a minute for a locked database, and then reports missing tables.

    Raises:
        InputError: the database is damaged, locked by another program, or not writable.
    """
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=_PATIENCE)) as connection:
            connection.execute("BEGIN IMMEDIATE").connection.rollback()
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise InputError(f"{database}: {_remedied(found)}")


def _remedied(found: str) -> str:
    if "locked" in found:
        return "locked by another program; close it and run again"
    if any(sign in found for sign in (*_READ_ONLY, *_FULL, "unable to open")):
        return f"cannot be written ({found}); free space, correct the permissions, or name another folder with --root FOLDER"
    return (
        f"damaged ({found}); restore it from a copy, or move it and the folder artifacts/ away and run again: published models "
        "and reports stay, and nothing comes from the cache"
    )


def explain(error: BaseException, root: Path, advice: Advice = LOCAL) -> InputError | None:
    """Return an InputError with the remedy for an error that ended a run; None if the user cannot fix it.

    A step's own InputError is returned as it was raised, whatever a library has wrapped around it.

    Args:
        error: the exception of the run; libraries wrap the system's errors in their own messages.
        root: the run's root folder, or the folder that a step writes to.
        advice: how to go on where the steps run.
    """
    chain = list(_chain(error))
    if raised := [each for each in chain if isinstance(each, InputError)]:
        return raised[-1]  # the first one; Beam raises it again with the name of its transform
    words = " ".join(map(str, chain))
    if said := _TRACEBACK.search(words):
        return InputError(said[1])
    kept = advice.kept
    if missing := _NO_FILES.search("\n".join(map(str, chain))):
        return InputError(f"{missing[1]}: no such files, though an earlier step wrote or named them. {advice.files}.")
    if cluster := cluster_faults.explain(" ".join(f"{type(each).__name__}: {each}" for each in chain)):
        return ClusterFaultError(f"{cluster}; {kept}.")
    if any(sign in words for sign in _FULL):
        return InputError(f"{root}: no space left on the disk. {advice.space}; {kept}.")
    if any(sign in words for sign in _READ_ONLY):
        return InputError(f"{root}: cannot be written any more, the disk is read-only. Make it writable and run again; {kept}.")
    if "database is locked" in words:
        return InputError(f"{root}: another program locked the metadata for too long. Close it and run again; {kept}.")
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
