"""Write files whole or not at all, and compute digests of files and folders."""

import errno
import hashlib
import os
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; see `replace_file`.

    What UTF-8 cannot hold (half of a surrogate pair, as in a file name of another encoding) becomes a question mark.

    Raises:
        OSError: the folder is absent or not writable, or the disk is full; the old file is then intact.
    """
    replace_file(path, lambda temporary: temporary.write_text(text, encoding="utf-8", errors="replace", newline="\n"))


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside `path` and rename it: a reader finds the old file or the new one, never a part.

    Args:
        path: the file to make or replace, also where a link stands in its place; its mode is the umask's. A file that the user
            names goes through `destination` first.
        write: fills the file of the path that it is given, which exists and is empty. What it raises is raised here, and the
            old file is then intact.

    Raises:
        OSError: the folder is absent or not writable, or the disk is full; the old file is then intact.
    """
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)  # less the umask
    try:
        with os.fdopen(descriptor, "rb") as file:
            write(temporary)
            os.fsync(file.fileno())  # of the file, whoever wrote it
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def replaced_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder beside `place` to be filled; it takes its place when the block ends, and goes when that fails.

    Args:
        place: the folder to make or replace; its parents are made, its mode is the umask's. Whether what is there may go is for
            the caller to check.

    Raises:
        OSError: the parent is not writable, or the disk is full; what was there is then intact.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        draft.chmod(0o777 & ~_umask())
        yield draft
        if place.exists():
            shutil.rmtree(place)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def destination(path: Path) -> Path:
    """Return the file that a path of the user's leads to, to be replaced in its stead: a link stays, and its target is filled.

    Inside a run folder, which may be somebody else's, no link is followed: use the path itself there.

    Raises:
        OSError: what is there is no regular file, and must not be replaced by one: a folder, a device or a pipe.
    """
    found = Path(os.path.realpath(path))
    if os.path.lexists(found) and not found.is_file():
        kind = errno.EISDIR if found.is_dir() else errno.EEXIST
        raise OSError(kind, "not a regular file; name another", str(path))
    return found


def removal(*folders: str | Path) -> str:
    """Return the command that removes folders, as it is typed in a shell, whatever is in their names: "`rm -r 'a b'`".

    A relative name that begins with a dash is written as ./-name.
    """
    names = [f"./{folder}" if str(folder).startswith("-") else str(folder) for folder in folders]
    return f"`rm -r {shlex.join(names)}`"


def file_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as "sha256:…". Raises OSError if it cannot be read."""
    return "sha256:" + hex_digest(path)


def hex_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits. Raises OSError if it cannot be read."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def file_digests(folder: str | Path) -> dict[str, str]:
    """Return the digest of every file below a folder by its relative name, sorted.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    base = Path(folder)
    if not base.is_dir():
        raise FileNotFoundError(f"no such folder: {base}")
    files = sorted(path for path in base.rglob("*") if path.is_file())
    return {path.relative_to(base).as_posix(): file_digest(path) for path in files}


def folder_digest(folder: str | Path) -> str:
    """Return the SHA-256 over relative names and digests of all files below a folder, as "sha256:…".

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    return joint_digest(file_digests(folder))


def joint_digest(digests: Mapping[str, str]) -> str:
    """Compute the digest of a folder from the digests of its files, ordered as in `file_digests`."""
    return "sha256:" + hashlib.sha256("".join(f"{name}\0{digest}\n" for name, digest in digests.items()).encode()).hexdigest()
