"""Determine by content what a file of comments is: a delimited table, a TFRecord file or plain text; refuse anything else."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from shlex import quote

from data.delimited import DELIMITERS, NO_DELIMITER, Header, read_cells
from data.foreign_formats import foreign_binary, foreign_text, pandas_command
from data.opening import TextFormat, compression, marked_encoding, open_text
from data.records import is_record_header
from data.text_lines import read_lines
from fairgate.errors import InputError

CSV = "csv"
TFRECORD = "tfrecord"
TEXT_LINES = "text"

LINES_OPTION = f"--delimiter {NO_DELIMITER}"
_OR_LINES = f"; to read one comment a line, whatever the lines look like: {LINES_OPTION}"
_BINARY_BYTES = 16  # among which no text of comments has three NULs
_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")
_COMPARED_ROWS = 5
_SEARCHED_LINES = 30  # for a header that does not come first
_LONGEST_HEADER = 10_000
_QUOTES = "'`\u2018\u2019\u201c\u201d"  # that stand in for the quotes of CSV

Suits = Callable[[Sequence[str]], int]


def check_kind(path: Path, start: bytes, text_format: TextFormat, *, or_lines: bool) -> None:
    """Raise InputError if a file that starts so, uncompressed, is neither table, TFRecord file nor text.

    Args:
        path: for the message.
        start: the first 512 bytes, fewer if there are no more.
        text_format: what the user says about it.
        or_lines: whether a text with one comment a line will do.
    """
    if not start:
        raise InputError(f"{path}: the file is empty; export or fetch it again")
    if is_record_header(start):
        return
    if known := foreign_binary(start):
        raise InputError(f"{path}: {known.advice(path)}")
    if twice := compression(start):
        raise InputError(f"{path}: compressed twice, within with {twice}; unpack it once")
    if not (text_format.encoding or marked_encoding(start)):
        _check_nuls(path, start[:_BINARY_BYTES])
    if text_format.delimiter != NO_DELIMITER and (known := foreign_text(start, text_format.encoding)):
        raise InputError(f"{path}: {known.advice(path)}{_OR_LINES if or_lines else ''}")


def _check_nuls(path: Path, start: bytes) -> None:
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) >= 4 and not any(start[first::2]) and all(start[1 - first :: 2]):
            raise InputError(f"{path}: UTF-16 text without a byte-order mark; name its encoding: --encoding {encoding}")
    if start.count(0) >= 3:
        raise InputError(f"{path}: neither text nor a TFRecord file, or its first record is damaged; fetch or export it again")


def is_table(content: Path, header: Header, encoding: str) -> bool:
    """Return whether a file looks like a table: names of columns in its header, and as many cells in each of its first rows."""
    return len(header.names) > 1 and all(map(_NAME.fullmatch, header.names)) and has_even_rows(content, header, encoding)


def has_even_rows(content: Path, header: Header, encoding: str) -> bool:
    """Return whether there are rows below the header, and the first of them have as many cells as it has."""
    with open_text(content, encoding) as text:
        try:
            rows = list(islice(filter(None, read_cells(content, text, header.delimiter)), _COMPARED_ROWS + 1))[1:]
        except InputError:
            return False
    return bool(rows) and all(len(cells) == len(header.names) for cells in rows)


def check_disguise(path: Path, content: Path, encoding: str, suits: Suits, *, or_lines: bool) -> None:
    """Raise InputError if a file whose header does not suit has one further down, or one in other quotes than CSV's.

    Args:
        path: for the message.
        content: regular file with the bytes.
        encoding: as of `TextFormat`.
        suits: whether these names are those of the needed columns.
        or_lines: whether a text with one comment a line will do.
    """
    rest = _OR_LINES if or_lines else ""
    for number, names in _possible_headers(path, content, encoding):
        if number > 1 and suits(names):
            typed = f", for example tail -n +{number} {quote(str(path))} > FILE" if _is_plain(path) else ""
            raise InputError(f"{path}: line {number} looks like the header; remove the lines above it{typed}{rest}")
        bare = [name.strip(_QUOTES) for name in names]
        if suits(bare) and not suits(names):
            used = next(mark for name in names for mark in name if mark in _QUOTES)
            call = f"pandas.read_csv({{}}, sep=None, engine='python', quotechar={used!r})"
            typed = f", for example {pandas_command(path, call)}" if _is_plain(path) and used in "'`" else ""
            raise InputError(f'{path}: its cells are quoted with {used}, which CSV does not know; quote them with "{typed}{rest}')


def _is_plain(path: Path) -> bool:
    """Return whether the path is of a regular file that is not compressed, which other commands can read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return not compression(file.read(_BINARY_BYTES))


def _possible_headers(path: Path, content: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the numbers of the first lines, each with its cells under each separator, without the quotes of CSV."""
    with open_text(content, encoding, path) as text:
        for number, line in enumerate(islice(read_lines(path, text), _SEARCHED_LINES), start=1):
            for delimiter in DELIMITERS if len(line) <= _LONGEST_HEADER else ():
                yield number, [name.strip().strip('"').strip() for name in line.split(delimiter)]
