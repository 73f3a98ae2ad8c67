"""Read the files of a run folder as what they may be: written by somebody else.

In: a path. Out: bytes or JSON values within limits of size and depth, or an InputError that names the file and the remedy.
Nothing here waits for a FIFO, reads a device, follows a symbolic link in place of a file, or leaves the root.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from fairgate.errors import InputError, os_reason

MAX_BYTES = 256 << 20
MAX_DEPTH = 40  # of lists and objects in JSON
_DIGITS = 18  # of a whole number: more would not fit into 64 bits
_REMEDY = "Restore the file, run the pipeline again, or name another report."
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# Without these flags, open() waits until somebody writes to a FIFO. Windows has no FIFOs, and no such flags.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def refuse(path: Path, problem: str) -> NoReturn:
    """Raise the InputError of a file that cannot be used.

    Args:
        path: the file.
        problem: what is wrong with it, without a full stop.

    Raises:
        InputError: always.
    """
    raise InputError(f"Cannot read {path}: {problem}. {_REMEDY}")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the content of a regular file.

    Args:
        path: the file; its last part may not be a symbolic link.
        limit: the most bytes that it may have.

    Raises:
        InputError: the file is absent, unreadable, too large, or no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                refuse(path, "it is not a regular file")
            if found.st_size > limit:
                refuse(path, f"it has {found.st_size:,} bytes, more than the {limit:,} that are read")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(limit)
        finally:
            os.close(descriptor)
    except ValueError:  # a NUL in the name
        refuse(path, "no file can have this name")
    except OSError as error:
        is_link = error.errno == errno.ELOOP
        refuse(path, "it is a symbolic link, not a file" if is_link else os_reason(error))


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """Return the UTF-8 text of a regular file.

    Raises:
        InputError: as `read_bytes`, or the bytes are not UTF-8.
    """
    try:
        return read_bytes(path, limit).decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(path, f"it is not UTF-8 text ({error})")


def read_json(path: Path, limit: int = MAX_BYTES) -> object:
    """Return the values of a JSON file, read strictly.

    Raises:
        InputError: as `read_text`, or the text is not JSON, nests too deep, names a key twice in one object, or holds NaN, an
            infinite number, a whole number of more than 18 digits, or half of a surrogate pair.
    """
    return parse_json(path, read_text(path, limit))


def parse_json(path: Path, text: str) -> object:
    """Return the values of the text of a JSON file, see `read_json`."""
    try:
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_whole, strict=True
        )
        _check_depth([found])
        if _SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        refuse(path, f"it nests deeper than {MAX_DEPTH} levels")
    except ValueError as error:  # json's own errors, ours below, and that of encode()
        refuse(path, f"it is not the JSON of a run ({error})")
    return found


def is_there(path: Path) -> bool:
    """Return whether there is anything of this name, also a symbolic link that leads nowhere."""
    return os.path.lexists(path)


def inside(root: Path, path: Path) -> Path:
    """Return the path with symbolic links resolved, if it lies in the root.

    Args:
        root: the folder that may not be left.
        path: an entry of it, which need not exist.

    Raises:
        InputError: a symbolic link, or `..`, leads out of the root.
    """
    try:
        base, found = root.resolve(), path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        refuse(path, str(error))
    if not found.is_relative_to(base):
        raise InputError(f"{path} leads to {found}, outside of {root}. Remove the link, or name the folder that it leads to.")
    return found


def first_problem(error: ValidationError) -> str:
    """Return the first mistake that pydantic found, with the place of the value: "rules.0.n: Input should be …"."""
    first = error.errors()[0]
    return f"{'.'.join(str(part)[:80] for part in first['loc']) or 'the file'}: {first['msg']}"


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} stands twice in one object")
        found[key] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS:
        raise ValueError(f"the number {text[:40]} has more than {_DIGITS} digits")
    return int(text)


def _check_depth(level: list[object]) -> None:
    """Go down level by level, so that no stack can overflow."""
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise RecursionError
