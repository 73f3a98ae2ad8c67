"""Digests of files and folders, written by a run and checked again by `fairgate verify`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def file_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as "sha256:…". Raises OSError if it cannot be read."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return "sha256:" + digest.hexdigest()


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
