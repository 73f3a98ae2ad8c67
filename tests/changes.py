"""Change a file of the project for the time of a test, without touching it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any


def opening(changed: Path) -> Callable[..., Any]:
    """Return a replacement for `Path.open` that gives the bytes of one file with a comment more at the end.

    Text is read as it is: who asks for bytes computes a digest of them.
    """
    open_unchanged = Path.open

    def open_file(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if path != changed or mode != "rb":
            return open_unchanged(path, mode, *arguments, **options)
        with open_unchanged(path, mode) as file:
            return io.BytesIO(file.read() + b"\n# changed\n")

    return open_file
