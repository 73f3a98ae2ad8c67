"""Write files whole or not at all, and compute digests of files and folders."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
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
        path: the file to make or replace; everyone may read it.
        write: fills the file of the path that it is given, which exists and is empty. What it raises is raised here, and the
            old file is then intact.

    Raises:
        OSError: the folder is absent or not writable, or the disk is full; the old file is then intact.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "rb") as file:
            write(temporary)
            os.fsync(file.fileno())  # of the file, whoever wrote it
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
