"""Find rows of a CSV file that a stray quote joins, in whatever column it stands.

A quote at the beginning of a cell that is never closed takes the text up to the next quote for its own, line breaks included.
Arrow reads such rows as one and says nothing, so they would be missing from every count.

In: the bytes of a file, and how many rows were read. Out: nothing, or an InputError that names the row.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fairgate.errors import InputError
from fairgate.judging.csv_whole_cells import joined_row
from fairgate.judging.roles import Roles
from fairgate.judging.text_files import LONG, open_text
from fairgate.text import printable

BLOCK = 16 << 20  # bytes at once
_MARK = b"\xef\xbb\xbf"  # of UTF-8, at the beginning
_QUOTE, _BREAKS = ord('"'), (ord("\n"), ord("\r"))


class Quotes:
    """The quotes of a file, which are looked at once, however often its rows are read."""

    def __init__(self, path: Path, delimiter: str) -> None:
        """Look at nothing yet."""
        self._path, self._delimiter = path, delimiter
        self._sound = False

    def check(self, rows: int, roles: Roles) -> None:
        """Check that no stray quote joins rows.

        Args:
            rows: that were read, without the header.
            roles: resolved.

        Raises:
            InputError: one does; names the first row that is joined with others.
        """
        if self._sound:
            return
        quotes, breaks = _quotes_and_breaks(self._path, self._delimiter)
        if quotes != 0 and breaks != rows + 1 and _lines(self._path) != rows + 1:
            if quotes is None:
                _refuse_first(self._path, self._delimiter)
            else:
                _refuse_whole_cell(self._path, self._delimiter, roles)
        self._sound = True


def _quotes_and_breaks(path: Path, delimiter: str) -> tuple[int | None, int]:
    """Return the number of quotes and of lines; the latter with the empty ones, and without those that a carriage return ends.

    The number of quotes is None where one neither opens nor closes a whole cell, nor is one of two that stand for one.
    """
    beside = np.zeros(256, bool)
    beside[[ord(delimiter), _QUOTE, *_BREAKS]] = True
    number = breaks = 0
    tail = b"\n"  # the byte before the next ones, and one that waits for its neighbour
    for block in _blocks(path):
        signs = np.frombuffer(tail + block, np.uint8)
        at = np.flatnonzero(signs[1:-1] == _QUOTE) + 1
        opening = (np.arange(at.size) + number) % 2 == 0
        if not beside[signs[np.where(opening, at - 1, at + 1)]].all():
            return None, 0
        number += at.size
        breaks += block.count(b"\n")
        unbroken = signs[-3:-2] != _BREAKS[0]  # of the last line, before the breaks that were added
        tail = signs[-2:].tobytes()
    return None if number % 2 else number, breaks - 2 + bool(unbroken.any())


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks of two at least, without a byte-order mark and with a line break at the end."""
    with open_text(path) as file:
        block = file.read(BLOCK).removeprefix(_MARK)
        while following := file.read(BLOCK):
            yield block
            block = following
    yield block + b"\n\n"


def _lines(path: Path) -> int:
    """Return the number of lines that are not empty."""
    number, last = 0, b"\n"
    for block in _blocks(path):
        signs = np.frombuffer(last + block, np.uint8)
        breaks = (signs == _BREAKS[0]) | (signs == _BREAKS[1])
        number += int(np.count_nonzero(breaks[1:] & ~breaks[:-1]))
        last = block[-1:]
    return number


def _refuse_first(path: Path, delimiter: str) -> None:
    """Raise an InputError that names the first row of several lines whose quotes are not those of whole cells, if any is."""
    lines: list[str] = []
    number = 0
    with io.TextIOWrapper(open_text(path), encoding="utf-8-sig", errors="replace", newline="") as text:
        rows = csv.reader(_remembered(text, lines), delimiter=delimiter)
        while True:
            lines.clear()
            try:
                row = next(rows, None)
            except csv.Error:  # a cell that is longer than any is
                break
            if row is None:
                return
            if len(lines) > 1 and not _is_whole("".join(lines), delimiter):
                break
            number += bool(row)
    where = f"row {number:,}" if number else "the header"
    raise InputError(
        f"{path}: {where} goes on over several lines, for a quote in it is not closed where its cell ends "
        f"({printable(lines[0].strip()[-LONG:])!r}), so it would take the next rows for its text; remove the quote, or double it."
    )


def _refuse_whole_cell(path: Path, delimiter: str, roles: Roles) -> None:
    """Raise an InputError that names the first row that two quotes join with others into one cell, if any does."""
    if (found := joined_row(path, delimiter, roles, _blocks(path))) is not None:
        number, line = found
        raise InputError(
            f"{path}: row {number:,} goes on over several lines ({printable(line.strip()[:LONG])!r}), and each of them is a row: "
            "two stray quotes join them into one cell; remove the quotes, or double them."
        )


def _remembered(text: Iterator[str], lines: list[str]) -> Iterator[str]:
    for line in text:
        lines.append(line)
        yield line


def _is_whole(row: str, delimiter: str) -> bool:
    try:
        return bool(list(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, strict=True)))
    except csv.Error:
        return False
