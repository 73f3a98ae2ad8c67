"""Digests of files and folders: what a verdict says it is about, and `fairgate verify` checks again."""

import hashlib
from pathlib import Path


def file_digest(path: str | Path) -> str:
    """The SHA-256 of a file's bytes as "sha256:…". Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return "sha256:" + digest.hexdigest()


def folder_digest(folder: str | Path) -> str:
    """The SHA-256 over the relative names and the digests of all files below a folder, by name, as "sha256:…".

    Raises:
        FileNotFoundError: there is no such folder.
    """
    digest = hashlib.sha256()
    base = Path(folder)
    if not base.is_dir():
        raise FileNotFoundError(f"no such folder: {base}")
    for path in sorted(path for path in base.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(base).as_posix()}\0{file_digest(path)}\n".encode())
    return "sha256:" + digest.hexdigest()
