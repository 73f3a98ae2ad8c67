r"""Read a text line by line: lines end at \n, \r\n or \r, and nowhere else (no form feed, no U+0085, no U+2028).

In: the characters of an open file (`data.opening.open_text`). Out: its lines, each within a limit. Imports nothing heavy.
"""

from collections.abc import Iterator
from functools import partial
from typing import TextIO

from fairgate.errors import InputError

MAX_CHARACTERS = 1 << 24  # of a line: 16 times the longest comment that is expected
UNREADABLE = "\udc00"  # stands for NUL, which the csv module of Python 3.10 refuses; surrogates mark unreadable text


def whole_lines(named: object, text: TextIO) -> Iterator[str]:
    """Yield the lines with their ends, NUL replaced by UNREADABLE; a byte-order mark behind another one is none of the text.

    Args:
        named: what messages call the file.
        text: opened with `newline=""`.

    Raises:
        InputError: a line is longer than MAX_CHARACTERS.
    """
    for number, line in enumerate(iter(partial(text.readline, MAX_CHARACTERS), ""), start=1):
        if len(line) == MAX_CHARACTERS:
            raise InputError(f"{named}: line {number} is longer than {MAX_CHARACTERS:,} characters; it is no file of comments")
        yield (line.lstrip("\ufeff") if number == 1 else line).replace("\0", UNREADABLE)


def read_lines(named: object, text: TextIO) -> Iterator[str]:
    """Yield the lines without their ends; see `whole_lines`."""
    return (line.rstrip("\r\n") for line in whole_lines(named, text))
