"""Read delimited tables (CSV) record by record, and detect what separates their cells.

In: the characters of an open file (`data.opening.open_text`). Out: lists of cells. A line `sep=;` at the start, as Excel writes
it, names the separator and is no record. Imports nothing heavy.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from data.opening import TextFormat, open_text
from data.text_lines import MAX_CHARACTERS, whole_lines
from fairgate.errors import InputError

DELIMITERS: Mapping[str, str] = MappingProxyType(
    {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", "^": "carets", "~": "tildes"}
)
NO_DELIMITER = "none"  # of a text with one comment a line
_WRITTEN: Mapping[str, str] = MappingProxyType({"tab": "\t", "\\t": "\t"})
_DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_IN_NAMES = "\"'_-.()[]{}/%?*+"  # characters that separate nothing: they stand in names of columns
_CONTROLS = "\x01\x1c\x1d\x1e\x1f"  # that are made to separate
_MOST_UNUSUAL = 10  # separators that are tried beside those of DELIMITERS
_LONGEST_FIRST_LINE = 100_000


@dataclass(frozen=True)
class Header:
    """The first record of a table under one separator.

    Attributes:
        delimiter: the separator.
        names: of the columns, without white space around them.
        fault: why there are no names; "" if there are.
    """

    delimiter: str
    names: tuple[str, ...]
    fault: str = ""

    @property
    def words(self) -> str:
        """Return "semicolons", "tabs"; an unusual separator as it is."""
        return DELIMITERS.get(self.delimiter, repr(self.delimiter))


def delimiter_of(written: str) -> str:
    """Return the separator that an option or a configuration names: , ; tab | or another character; "" stays.

    Raises:
        InputError: it is not one character, or one that separates lines or quotes.
    """
    delimiter = _WRITTEN.get(written.lower(), written)
    if delimiter == NO_DELIMITER:
        return delimiter
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n\0 '):
        raise InputError(f"delimiter is {written!r}; give one of ',' ';' tab '|', for example --delimiter ';' or --delimiter tab")
    return delimiter


def written_delimiter(delimiter: str) -> str:
    """Return the separator as it is typed behind `--delimiter`."""
    return "tab" if delimiter == "\t" else f"'{delimiter}'"


def read_cells(named: object, text: TextIO, delimiter: str = ",") -> Iterator[list[str]]:
    """Yield the cells of each record, none for a blank line; the header is the first that has any.

    Args:
        named: what messages call the file.
        text: opened with `newline=""`.
        delimiter: between cells. Where the first line has spaces between it and a quote, all cells are read without them.

    Raises:
        InputError: the quoting of a record is wrong, so that where it ends is unknown; names the line in which it starts.
    """
    csv.field_size_limit(MAX_CHARACTERS)  # a setting of the process; no other module sets it
    lines = whole_lines(named, text)
    first = list(islice(lines, 1))
    skipped = int(any(map(_DECLARED.fullmatch, first)))
    first = [*first[skipped:], *islice(lines, skipped)]
    spaced = any(map(re.compile(f'{re.escape(delimiter)} +"').search, first))  # a, "b": the space does not belong to the cell
    reader = csv.reader(chain(first, lines), strict=True, delimiter=delimiter, skipinitialspace=spaced)
    line = 1 + skipped
    try:
        for cells in reader:
            yield cells
            line = reader.line_num + skipped + 1
    except csv.Error as error:
        if "field limit" in str(error):
            problem = f"has a cell of more than {csv.field_size_limit():,} characters; shorten it"
            raise InputError(f"{named}: the row that starts in line {line} {problem}") from None
        remedy = "close every quoted text and write quotes inside it twice"
        raise InputError(f"{named}: wrong quoting in the row that starts in line {line} ({error}); {remedy}") from None


def read_headers(path: Path, text_format: TextFormat, named: object = None) -> list[Header]:
    """Return the header under the separator of the format, or under each that is known if it names none.

    Beside those of `DELIMITERS`, other marks in the first line are tried, and make a header if it has two names under them.

    Raises:
        InputError, OSError: as `open_text`, and a line is too long.
    """
    if text_format.delimiter:
        return [_header(path, text_format, named)]
    usual, unusual = _candidates(path, text_format, named)
    headers = [_header(path, TextFormat(delimiter, text_format.encoding), named) for delimiter in (*usual, *unusual)]
    return headers[: len(usual)] + [header for header in headers[len(usual) :] if len([*filter(None, header.names)]) > 1]


def _candidates(path: Path, text_format: TextFormat, named: object) -> tuple[list[str], list[str]]:
    """Return the separators that the file may have: the declared one alone, or the usual ones and unusual ones."""
    with open_text(path, text_format.encoding, named) as text:
        first = next((line for line in iter(lambda: text.readline(_LONGEST_FIRST_LINE), "") if line.strip("\ufeff\r\n")), "")
    declared = _DECLARED.fullmatch(first.lstrip("\ufeff"))
    if declared and declared[1] not in '"\r\n\0 ':
        return [declared[1]], []
    marks = filter(_may_separate, dict.fromkeys(first))
    return list(DELIMITERS), list(islice(marks, _MOST_UNUSUAL))


def _may_separate(mark: str) -> bool:
    usual = mark in DELIMITERS or mark in _IN_NAMES or mark.isalnum() or mark == " "
    return mark in _CONTROLS or (mark.isprintable() and not usual)


def _header(path: Path, text_format: TextFormat, named: object) -> Header:
    with open_text(path, text_format.encoding, named) as text:
        try:
            names = next(filter(None, read_cells(named or path, text, text_format.delimiter)), [])
        except InputError as error:
            return Header(text_format.delimiter, (), str(error))
    return Header(text_format.delimiter, header_names(names))


def header_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the cells of a header: without white space around them, and in Unicode's composed form (NFC)."""
    return tuple(unicodedata.normalize("NFC", cell.strip()) for cell in cells)


def choose_header(headers: Sequence[Header], suits: Callable[[Sequence[str]], int]) -> tuple[Header, bool]:
    """Return the header with the needed columns and True, or without one the likeliest header and False.

    The likeliest has the most columns under a usual separator; where all have one, it is one whose quoting is wrong, if there is
    such a header.

    Args:
        headers: of one table, the usual separator first.
        suits: how well these names are those of the needed columns, 0 for not; of equal ones, the first header is chosen.
    """
    best = max(headers, key=lambda header: suits(header.names))
    if suits(best.names):
        return best, True
    usual = [header for header in headers if header.delimiter in DELIMITERS] or list(headers)
    likeliest = max(usual, key=lambda header: len(header.names))  # of equal ones the first
    faulty = next((header for header in usual if header.fault), likeliest)
    return likeliest if len(likeliest.names) > 1 else faulty, False
