"""Read one source file of Civil Comments row by row, each row a mapping from column to cell.

In: a CSV file (plain or gzip, UTF-8 with or without BOM, texts over several lines) or a TFRecord file (plain or gzip, raw float
columns or already processed lists); content, not the name, says which. Out: `SourceFile`, what is known before reading, and a
stream of `SourceRow`s with only the columns that are known. Files are read front to back, a line or record at a time.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO

from data.comments.civil_comments import Cell
from data.comments.column_names import NO_COLUMNS, ColumnNames, is_read, match_columns
from data.comments.names import IDENTITIES
from data.records import Values, decode_example, is_record_header, open_plain_or_gzip, read_records
from fairgate.errors import InputError
from fairgate.files import hex_digest

CSV = "csv"
TFRECORD = "tfrecord"

_MAX_FIELD = 1 << 24  # characters of one field: 16 times the longest comment that is expected
_PEEKED_RECORDS = 100  # of a TFRecord file, to see which columns it has
_UNREADABLE = "\udc00"  # stands for NUL, which the csv module of Python 3.10 refuses; surrogates mark unreadable text
_FOREIGN = {b"PK\x03\x04": "a zip archive; unpack it first", b"PAR1": "a Parquet file; export it as CSV"}
_FOREIGN |= dict.fromkeys((b"\xff\xfe", b"\xfe\xff"), "UTF-16 text; save it as UTF-8")


@dataclass(frozen=True)
class SourceFile:
    """A source file, its format and its columns.

    Attributes:
        path: as it was given.
        kind: "csv" or "tfrecord".
        columns: the known ones that it has (CSV: in the header; TFRecord: in any of its first records).
        sha256: hexadecimal digest of the file's bytes.
        renamed: column of the file -> the known column as which it is read, or "" where it is not read.
        header: the names of all its columns.
    """

    path: Path
    kind: str
    columns: frozenset[str]
    sha256: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceRow:
    """A source row.

    Attributes:
        number: from 1, without the header and blank lines.
        cells: by known column; of a label that the user names, by `LABEL_OF` and its name.
        fault: why the row has no cells; empty when it has.
    """

    number: int
    cells: Mapping[str, Cell]
    fault: str = ""


def inspect(path: Path, columns: ColumnNames | None = NO_COLUMNS) -> SourceFile:
    """Determine the format and the columns of a file.

    Args:
        path: of the file.
        columns: what the user says about its columns; None to take unknown ones as they are.

    Raises:
        InputError: the file is missing, a folder, empty, of another format, damaged, lacks the text or a label column, or has a
            column that is almost called like a known one that it lacks.
    """
    if path.is_dir():
        raise InputError(f"{path}: a folder, not a file; name its files, for example {path}/*.csv")
    try:
        digest = hex_digest(path)
        with open_plain_or_gzip(path) as file:
            kind = _kind(path, file.read(16))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give an existing file or a glob such as 'folder/*.csv'") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the file and its permissions") from None
    own = _header(path) if kind == CSV else _peek(path)
    renamed = match_columns(path, own, columns, lists=kind == TFRECORD)
    columns_read = frozenset(filter(is_read, (renamed.get(name, name) for name in own)))
    return SourceFile(path, kind, columns_read, digest, renamed, tuple(own))


def read_rows(source: SourceFile) -> Iterator[SourceRow]:
    """Yield the file's rows in order; a row that cannot be read has a `fault`.

    Raises:
        InputError: the file is damaged or its quoting is wrong, so that the rows behind that place are unknown.
    """
    rows = _csv_rows if source.kind == CSV else _tfrecord_rows
    return rows(source.path, source.renamed)


def _kind(path: Path, start: bytes) -> str:
    if not start:
        raise InputError(f"{path}: the file is empty; export or fetch it again")
    if is_record_header(start):
        return TFRECORD
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{path}: {what}")
    if "tfrecord" in path.name:
        raise InputError(f"{path}: not a TFRecord file, plain or gzip, or its first record is damaged; fetch or export it again")
    return CSV


def _header(path: Path) -> list[str]:
    with open_plain_or_gzip(path) as file:
        return next(_parse_csv(path, file), [])


def _peek(path: Path) -> list[str]:
    names: dict[str, None] = {}
    for record in islice(read_records(path), _PEEKED_RECORDS):
        try:
            names.update(dict.fromkeys(decode_example(record)))
        except ValueError:
            continue  # counted as a malformed row when the file is read
    return list(names)


def _csv_rows(path: Path, renamed: Mapping[str, str]) -> Iterator[SourceRow]:
    with open_plain_or_gzip(path) as file:
        records = _parse_csv(path, file)
        header = next(records, [])
        known = [renamed.get(name, name) for name in header]
        places = [place for place, name in enumerate(known) if is_read(name)]
        names = [known[place] for place in places]
        pick = itemgetter(*places)
        for number, cells in enumerate(records, start=1):
            if len(cells) == len(header):
                yield SourceRow(number, dict(zip(names, pick(cells), strict=True)))
            else:
                yield SourceRow(number, {}, f"{len(cells)} cells, but the header has {len(header)} columns")


def _parse_csv(path: Path, file: IO[bytes]) -> Iterator[list[str]]:
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(_lines(path, file), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:  # a blank line has none
                yield cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "close every quoted text and write quotes inside it twice"
        raise InputError(f"{path}: wrong quoting in the row that starts in line {line} ({error}); {remedy}") from None


def _lines(path: Path, file: IO[bytes]) -> Iterator[str]:
    with io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        for number, line in enumerate(iter(partial(text.readline, _MAX_FIELD), ""), start=1):
            if len(line) == _MAX_FIELD:
                raise InputError(f"{path}: line {number} is longer than {_MAX_FIELD:,} characters; it is no CSV file of comments")
            yield line.replace("\0", _UNREADABLE)


def _tfrecord_rows(path: Path, renamed: Mapping[str, str]) -> Iterator[SourceRow]:
    for number, record in enumerate(read_records(path), start=1):
        try:
            features = decode_example(record)
        except ValueError as error:
            yield SourceRow(number, {}, str(error))
        else:
            known = {renamed.get(name, name): values for name, values in features.items()}
            yield SourceRow(number, {name: _cell(name, values) for name, values in known.items() if is_read(name)})


def _cell(name: str, values: Values) -> Cell:
    if name in IDENTITIES or len(values) > 1:
        return tuple(map(_text, values))
    if not values:
        return ""
    return _text(values[0]) if isinstance(values[0], bytes) else float(values[0])


def _text(value: bytes | float) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
