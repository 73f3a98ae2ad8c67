"""Read CSV files of any of the usual separators, batch by batch."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.errors import InputError
from fairgate.judging.csv_quotes import Quotes
from fairgate.judging.roles import Roles
from fairgate.judging.text_files import LONG, ROWS, open_text, stream, told
from fairgate.judging.where import UNTYPED
from fairgate.text import printable

BLOCK = 16 << 20  # bytes of text at once
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]*)?")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def header(path: Path, start: bytes, roles: Roles) -> tuple[str, list[str]]:
    """Return the separator under which the header has the columns, and what they are called."""
    text = start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    found = _headers(text)
    if not found:
        raise InputError(f"{path}: its first line is no header of a CSV file; the names of the columns must stand there.")
    if chosen := _with_columns(found, roles):
        return chosen
    _refuse_no_header(path, text, roles)
    likeliest = max(found, key=lambda delimiter: len(found[delimiter]))
    return likeliest, found[likeliest]


def _headers(text: str) -> dict[str, list[str]]:
    """Return separator -> the cells of the first line under it."""
    found: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        with contextlib.suppress(csv.Error):  # a quote that is never closed
            if names := next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), None):
                found[delimiter] = names
    return found


def _with_columns(found: Mapping[str, list[str]], roles: Roles) -> tuple[str, list[str]] | None:
    """Return the first separator under which a header has the columns, and what they are called; None without one."""
    for delimiter, names in found.items():
        with contextlib.suppress(InputError):
            roles.resolved(names)
            return delimiter, names
    return None


def _refuse_no_header(path: Path, text: str, roles: Roles) -> None:
    """Refuse a first line that is a comment, or tells Excel the separator, above the one with the names of the columns."""
    line, _, following = text.partition("\n")
    is_excel = re.fullmatch(r'"?sep=.?"?', line.strip(), re.IGNORECASE)
    if not is_excel and not line.startswith("#"):
        return
    while following.startswith("#"):
        following = following.partition("\n")[2]
    if _with_columns(_headers(following), roles):
        what = "tells Excel the separator" if is_excel else "is a comment"
        raise InputError(
            f"{path}: its first line ({printable(line.strip()[:LONG])!r}) {what}, and the names of the columns must stand there; "
            "remove what stands above them."
        )


def read_csv(path: Path, delimiter: str, roles: Roles, quotes: Quotes) -> Iterator[pa.RecordBatch]:
    """Yield batches of the columns of the roles: numbers where these ask for numbers, else text; an empty cell is null.

    Args:
        path: of the file.
        delimiter: between its cells.
        roles: resolved.
        quotes: of the file, which are checked after the last row.

    Raises:
        InputError: a row cannot be read, or is several rows that a stray quote joins; names it.
    """
    from pyarrow import csv as arrow_csv

    kinds = {name: pa.string() for name in roles.columns()} | {name: pa.float64() for name in roles.numbers()}
    options = arrow_csv.ConvertOptions(
        column_types=kinds,
        include_columns=roles.columns(),
        null_values=[""],  # "NA" may be a group: a country, or a region
        strings_can_be_null=True,
    )
    try:
        with arrow_csv.open_csv(  # closed, for a thread that reads on would outlive an error
            stream(path),
            read_options=arrow_csv.ReadOptions(block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=options,
        ) as reader:
            first_row = 1
            for batch in reader:
                _refuse_joined_rows(path, batch, delimiter, first_row)
                first_row += batch.num_rows
                marked = batch.replace_schema_metadata({UNTYPED: b""})
                yield from (marked.slice(at, ROWS) for at in range(0, batch.num_rows, ROWS))
        quotes.check(first_row - 1, roles)
    except pa.ArrowException as error:
        raise InputError(f"{path}: {_wrong_row(path, delimiter, roles) or told(error)}") from None


def _refuse_joined_rows(path: Path, batch: pa.RecordBatch, delimiter: str, first_row: int) -> None:
    """Refuse a cell that holds line breaks and separators: a quote that is never closed takes the next rows for its own text.

    Raises:
        InputError: there is one; names its row.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_string(column.type):
            continue
        broken = pc.and_(pc.match_substring(column, "\n"), pc.match_substring(column, delimiter))
        at = pc.index(broken, pa.scalar(value=True)).as_py()
        if at >= 0:
            cell = column[at].as_py()
            lines = cell.count("\n")
            raise InputError(
                f"{path}: row {first_row + at:,} holds {lines} line break{'s' if lines > 1 else ''} and separators in the column "
                f"{name} ({printable(cell[:LONG])!r}), so a stray quote joins rows; remove the quote, or double it."
            )


def _wrong_row(path: Path, delimiter: str, roles: Roles) -> str:
    """Return which row of a CSV file Arrow cannot read, and what to do; "" where that is not found."""
    with io.TextIOWrapper(open_text(path), encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = csv.reader(text, delimiter=delimiter)
        names, needed = next(rows), {*roles.columns()}
        number = 0
        with contextlib.suppress(csv.Error):  # a quote that is never closed
            for cells in filter(None, rows):
                number += 1
                if len(cells) != len(names):
                    widths = f"has {len(cells)} cells, the header {len(names)}"
                    return f"row {number:,} below the header {widths}; {_fitting(cells, names)}"
                for name, cell in zip(names, cells, strict=True):
                    if name in needed and (wrong := _wrong_cell(cell, name in roles.numbers())):
                        return f"row {number:,} holds {printable(cell[:LONG])!r} in the column {name}, {wrong}"
    return ""


def _fitting(cells: Sequence[str], names: Sequence[str]) -> str:
    """Return how a row gets as many cells as the header."""
    if len(cells) < len(names):
        return "add the cells that are missing"
    beyond = any(cells[len(names) :])
    return (
        "quote the cells that hold the separator"
        if beyond
        else "remove the separators at its end, or write them in the header too"
    )


def _wrong_cell(cell: str, is_number: bool) -> str:
    """Return what is wrong with a cell, and what to do; "" for nothing."""
    if cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") != cell:
        return "which is not UTF-8; write the file in UTF-8, such as by `iconv -f latin1 -t utf-8`"
    if is_number and cell and not _is_number(cell):
        return (
            "which is no number; write a point for the decimals, nothing between thousands and no plus, and leave the cell empty "
            "where there is none"
        )
    return ""


def _is_number(cell: str) -> bool:
    """Return whether Arrow reads a number in the cell; Python also reads +0.5, 1_0, other digits, and other spaces."""
    if _PLAIN.fullmatch(cell):  # most are; asking Arrow takes long
        return True
    try:
        pa.array([cell.strip(" \t")]).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
