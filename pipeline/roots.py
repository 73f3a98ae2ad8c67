"""The root folder of a run: its lock, and whether it can take what a run writes. Imports nothing heavy."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.plain_paths import kept_name
from fairgate.errors import InputError, os_reason
from fairgate.run_folder import ARTIFACTS, EMBEDDINGS, EXAMPLES, LATEST, LOGS, METADATA, REPORTS, SERVING, STEPS
from pipeline import faults

LEAST_FREE = 64 << 20  # bytes; the digits write 7 million, a sample of 5,000 comments with its models 22 million
_FOLDERS = (ARTIFACTS, EXAMPLES, EMBEDDINGS, SERVING, LOGS, REPORTS, STEPS)


@contextmanager
def locked(root: Path, is_shared: bool = False) -> Iterator[None]:
    """Lock the root for one run, or, shared, for one of its steps.

    Raises:
        InputError: another run holds the lock, or the root is not writable.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("a")  # nothing is cut off, whatever a link of this name leads to
    except OSError as error:
        raise InputError(f"{root} cannot be written ({os_reason(error)}); name another folder with --root FOLDER.") from error
    with lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"Another run is using {root}. Wait until it ends, or name another folder with --root FOLDER."
            ) from error
        yield


def check_root(root: Path) -> None:
    """Check that a run can use the root, before anything heavy is imported.

    Raises:
        InputError: another run is using it; something that no run has made stands in the way; the metadata are damaged; the disk
            is full; or its name cannot be used.
    """
    with locked(root):
        for name in _FOLDERS:
            if (root / name).exists() and not (root / name).is_dir():
                raise InputError(f"{root / name}: not a folder, as a run needs here; move it away, or name another --root.")
        latest = root / LATEST
        if latest.exists() and not latest.is_symlink():
            raise InputError(
                f"{latest}: not the link of an earlier run; move it away, or name another folder with --root FOLDER."
            )
        faults.check_metadata(root / METADATA)
        kept_name(root.resolve())
        free = shutil.disk_usage(root).free
        if free < LEAST_FREE:
            least = f"a run needs {LEAST_FREE >> 20} MB or more"
            raise InputError(
                f"{root}: {free >> 20} MB left on the disk, {least}. Free some, or name a folder on another disk with "
                "--root FOLDER."
            )
