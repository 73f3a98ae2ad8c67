"""Read one source file of Civil Comments row by row, each row a mapping from column to cell.

In: a delimited table (CSV with commas, semicolons, tabs or bars; texts over several lines), a TFRecord file (raw float columns or
already processed lists), or, where no label is needed, a text with one comment a line; a regular file or a pipe, plain or
compressed, in any encoding. Content, not the name, says which. Out: `SourceFile`, what is known before reading, and a stream of
`SourceRow`s with only the known columns. Files are read front to back, a line or record at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path

from data.comments.civil_comments import Cell, MalformedRowError, text_of
from data.comments.column_names import NO_COLUMNS, ColumnNames, has_label, is_read, match_columns
from data.comments.kinds import (
    CSV,
    LINES_OPTION,
    TEXT_LINES,
    TFRECORD,
    check_disguise,
    check_kind,
    has_even_rows,
    is_table,
)
from data.comments.names import IDENTITIES, TEXT
from data.delimited import NO_DELIMITER, Header, choose_header, header_names, read_cells, read_headers, written_delimiter
from data.opening import DETECTED, TextFormat, open_content, open_text, stored
from data.records import Values, decode_example, is_record_header, read_records
from data.text_lines import read_lines
from fairgate.errors import InputError, os_reason
from fairgate.files import hex_digest
from fairgate.text import plural

_PEEKED_RECORDS = 100  # of a TFRecord file, to see which columns it has
_START_BYTES = 512


@dataclass(frozen=True)
class SourceFile:
    """A source file, its format and its columns.

    Attributes:
        path: as it was given.
        kind: "csv", "tfrecord" or "text".
        columns: the known ones that it has (CSV: in the header; TFRecord: in any of its first records).
        sha256: hexadecimal digest of the file's bytes.
        renamed: column of the file -> the known column as which it is read, or "" where it is not read.
        content: regular file with its bytes: of a pipe the copy.
        text_format: separator and encoding; without meaning for a TFRecord file.
        notes: sentences for the user, such as that it is read as separated by semicolons.
        header: the names of all its columns.
    """

    path: Path
    kind: str
    columns: frozenset[str]
    sha256: str
    renamed: Mapping[str, str]
    content: Path
    text_format: TextFormat = DETECTED
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceRow:
    """A source row.

    Attributes:
        number: from 1; of a table or a TFRecord file without the header and blank lines, of a text the number of the line.
        cells: by known column; of a label that the user names, by `LABEL_OF` and its name.
        fault: why the row has no cells; empty when it has.
    """

    number: int
    cells: Mapping[str, Cell]
    fault: str = ""


@dataclass(frozen=True)
class _Needs:
    """What is needed of a file, and what the user says about it; as the arguments of `inspect`."""

    columns: ColumnNames | None
    text_format: TextFormat
    label: bool

    def renamed(self, names: Sequence[str]) -> dict[str, str]:
        """Return which of the columns of a file are read as which known one."""
        mapping = self.columns.renamed() if self.columns else {}
        return {source: known for source, known in mapping.items() if source in names}

    def suits(self, names: Sequence[str]) -> int:
        """Return how well these columns suit, whether a label is needed or not: 2 with text and label, 1 with the text, or 0."""
        renamed = self.renamed(names)
        known = {renamed.get(name, name) for name in names}
        return 1 + has_label(known) if TEXT in known else 0


@dataclass(frozen=True)
class _Found:
    """The kind of a file, its column names, and how its text is read."""

    kind: str
    names: tuple[str, ...]
    text_format: TextFormat
    notes: tuple[str, ...] = ()


def inspect(
    path: Path,
    columns: ColumnNames | None = NO_COLUMNS,
    text_format: TextFormat = DETECTED,
    *,
    needs_label: bool = True,
) -> SourceFile:
    """Determine the format and the columns of a file.

    Args:
        path: of the file or pipe.
        columns: what the user says about its columns; None to take unknown ones as they are.
        text_format: its separator and encoding, where they are not to be detected.
        needs_label: whether it needs a label; without one, a text with one comment a line will do too.

    Raises:
        InputError: the file is missing, a folder, empty, of another format, damaged, lacks the text or a label column, or has a
            column that is almost called like a known one that it lacks.
    """
    needs = _Needs(columns, text_format, needs_label)
    try:
        content = stored(path)
        digest = _digest(content)
        with open_content(content, path) as file:
            start = file.read(_START_BYTES)
        check_kind(path, start, text_format, or_lines=not needs_label)
        found = _peek(path, content) if is_record_header(start) else _table_or_text(path, content, needs)
    except FileNotFoundError:
        glob = " or a glob such as 'folder/*.csv'" if needs_label else ""
        raise InputError(f"{path}: no such file; give an existing file{glob}") from None
    except IsADirectoryError:
        remedy = f"name its files, for example {path}/*.csv" if needs_label else "name a file in it"
        raise InputError(f"{path}: a folder, not a file; {remedy}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({os_reason(error)}); check the file and its permissions") from None
    renamed = match_columns(
        _described(path, found, text_format.delimiter),
        found.names,
        columns,
        lists=found.kind == TFRECORD,
        needs_label=needs_label,
    )
    names = frozenset(filter(is_read, (renamed.get(name, name) for name in found.names)))
    return SourceFile(path, found.kind, names, digest, renamed, content, found.text_format, found.notes, found.names)


def require_unchanged(source: SourceFile) -> None:
    """Check that a file has the content that was inspected; a process that has inspected it does not read it again.

    Raises:
        InputError: it was changed since, cannot be read, or this is a worker that sees another file of that name, or none.
    """
    try:
        found = _digest(source.content)
    except OSError as error:
        raise InputError(
            f"{source.path}: cannot be read any more ({os_reason(error)}); it was removed since, or a worker does not see it: "
            "run again, with a file that every worker sees under the same path"
        ) from None
    if found != source.sha256:
        raise InputError(
            f"{source.path}: the run has seen other content (SHA-256 {source.sha256[:12]}…) than is read now ({found[:12]}…, "
            f"{source.content.stat().st_size:,} bytes); it was changed meanwhile, or a worker sees another file of this name: "
            "run again, with a file that every worker sees under the same path"
        )


def _digest(content: Path) -> str:
    state = content.stat()
    return _digest_of(content, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1000)
def _digest_of(content: Path, size: int, changed: int) -> str:  # noqa: ARG001  # a changed file is read again
    return hex_digest(content)


def _described(path: Path, found: _Found, named: str) -> str:
    """Return what messages about the columns call the file: with the separator, where it may be another than meant."""
    if found.kind == CSV and named:
        return f"{path}: with --delimiter {written_delimiter(named)} (leave it out to have it detected)"
    if found.kind != CSV or (len(found.names) > 1 and found.text_format.delimiter == ","):
        return str(path)
    if len(found.names) > 1:
        return f"{path}: this looks separated by {Header(found.text_format.delimiter, ()).words}"
    return f"{path}: one column (another separator is named so: --delimiter '^')"


def _table_or_text(path: Path, content: Path, needs: _Needs) -> _Found:
    """Return a table if its header has the text, or nothing else will do; else a text of one comment a line.

    The separator is chosen in the same way whether a label is needed or not.
    """
    chosen = needs.text_format
    if not needs.label and chosen.delimiter == NO_DELIMITER:
        return _Found(TEXT_LINES, (TEXT,), TextFormat("", chosen.encoding))
    header, suits = choose_header(read_headers(content, chosen, path), needs.suits)
    if not (suits or chosen.delimiter):
        check_disguise(path, content, chosen.encoding, needs.suits, or_lines=not needs.label)
    if needs.label or suits or chosen.delimiter or is_table(content, header, chosen.encoding):
        if header.fault:
            raise InputError(header.fault)
        note = f"{path}: this looks separated by {header.words}, and is read so"
        if not needs.label:
            note += f"; to read one comment a line: {LINES_OPTION}"
        detected = suits and header.delimiter != "," and not chosen.delimiter
        return _Found(CSV, header.names, TextFormat(header.delimiter, chosen.encoding), (note,) if detected else ())
    notes: tuple[str, ...] = ()
    if len(header.names) > 1 and has_even_rows(content, header, chosen.encoding):
        notes = (
            f"{path}: read as one comment a line, although {header.words} divide its lines evenly; "
            "if it is a table, name the column of the text: --columns text=NAME",
        )
    return _Found(TEXT_LINES, (TEXT,), TextFormat("", chosen.encoding), notes)


def read_rows(source: SourceFile) -> Iterator[SourceRow]:
    """Yield the file's rows in order; a row that cannot be read has a `fault`.

    Raises:
        InputError: the file is damaged or its quoting is wrong, so that the rows behind that place are unknown.
    """
    return _ROWS[source.kind](source)


def _peek(path: Path, content: Path) -> _Found:
    names: dict[str, None] = {}
    for record in islice(read_records(content, path), _PEEKED_RECORDS):
        try:
            names.update(dict.fromkeys(decode_example(record)))
        except ValueError:
            continue  # counted as a malformed row when the file is read
    return _Found(TFRECORD, tuple(names), DETECTED)


def row_text(row: SourceRow) -> str:
    """Return the text of a row; "" if it has none.

    Raises:
        MalformedRowError: the row could not be read, or has no valid text; the message is the reason.
    """
    if row.fault:
        raise MalformedRowError(row.fault)
    return text_of(row.cells)


def _csv_rows(source: SourceFile) -> Iterator[SourceRow]:
    with open_text(source.content, source.text_format.encoding, source.path) as text:
        records = read_cells(source.path, text, source.text_format.delimiter)
        header = header_names(next(filter(None, records), []))
        known = [source.renamed.get(name, name) for name in header]
        places = [place for place, name in enumerate(known) if is_read(name)]
        names = [known[place] for place in places]
        # A blank line is no row, except where it may be an empty text.
        rows = (cells or [""] for cells in records) if len(header) == 1 else filter(None, records)
        pick = itemgetter(*places) if len(places) > 1 else lambda cells: (cells[places[0]],)
        for number, cells in enumerate(rows, start=1):
            if len(cells) == len(header):
                yield SourceRow(number, dict(zip(names, pick(cells), strict=True)))
            else:
                yield SourceRow(number, {}, _uneven(cells, len(header)))


def _uneven(cells: Sequence[str], columns: int) -> str:
    """Return why a row of another length than the header has no cells."""
    reason = f"{plural(len(cells), 'cell')}, but the header has {plural(columns, 'column')}"
    spaced = any(cell.startswith(" ") and cell.lstrip().startswith('"') for cell in cells)
    return f"{reason}; a quote behind a space does not quote: remove the space" if spaced else reason


def _text_rows(source: SourceFile) -> Iterator[SourceRow]:
    with open_text(source.content, source.text_format.encoding, source.path) as text:
        for number, line in enumerate(read_lines(source.path, text), start=1):
            yield SourceRow(number, {TEXT: line if line.strip() else ""})


def _tfrecord_rows(source: SourceFile) -> Iterator[SourceRow]:
    for number, record in enumerate(read_records(source.content, source.path), start=1):
        try:
            features = decode_example(record)
        except ValueError as error:
            yield SourceRow(number, {}, str(error))
        else:
            known = {source.renamed.get(name, name): values for name, values in features.items()}
            yield SourceRow(number, {name: _cell(name, values) for name, values in known.items() if is_read(name)})


def _cell(name: str, values: Values) -> Cell:
    if name in IDENTITIES or len(values) > 1:
        return tuple(map(_text, values))
    if not values:
        return ""
    return _text(values[0]) if isinstance(values[0], bytes) else float(values[0])


def _text(value: bytes | float) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


_ROWS = {CSV: _csv_rows, TFRECORD: _tfrecord_rows, TEXT_LINES: _text_rows}
