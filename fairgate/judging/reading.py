"""Read tables of predictions batch by batch: Parquet, Arrow (Feather), CSV, JSON lines, compressed or not.

In: paths or globs, and the roles of the columns. Out: Arrow batches that hold just these columns, with the number of the first
row. The content decides over the format, never the name; no file is held in memory.
"""

import csv
import glob
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from fairgate import parquet
from fairgate.errors import InputError, os_reason
from fairgate.judging.roles import Roles
from fairgate.text import printable

ROWS = 1 << 16  # at once
BLOCK = 16 << 20  # bytes of text at once
JSON_LINES = 50_000  # at once; Arrow's reader takes at most 100,000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": "a ZIP file, such as a workbook of Excel",
    b"%PDF": "a PDF",
    b"\x89HDF": "an HDF5 file",
    b"SQLite": "a database",
}
_HEAD = 1 << 20
_LONG = 80  # characters of a path that is none

Batch = tuple[int, pa.RecordBatch]


@dataclass(frozen=True)
class Source:
    """A file that was opened.

    Attributes:
        path: of the file.
        names: of its columns.
        read: columns, as text or number -> batches.
    """

    path: Path
    names: list[str]
    read: Callable[[Roles], Iterable[pa.RecordBatch]]


def expand(patterns: Sequence[str]) -> list[Path]:
    """Return the files of paths and globs, each once. A path that is there is taken as it is, whatever is in its name.

    Raises:
        InputError: nothing is there.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        try:
            there = Path(pattern).exists()
        except OSError as error:
            raise InputError(f"{pattern[:_LONG]!r} is no path ({os_reason(error)}); name a file of predictions.") from None
        if there:
            found[Path(pattern)] = None
            continue
        matching = sorted(map(Path, glob.glob(pattern)))  # noqa: PTH207  # Path.glob takes no absolute pattern
        if not matching:
            raise InputError(f"{pattern}: no such file; name a file of predictions, or a pattern of files in quotes.")
        found |= dict.fromkeys(matching)
    for path in found:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name the files in it, such as '{path}/*.parquet'.")
        if not path.is_file():
            raise InputError(
                f"{path} is a pipe or a device, which cannot be read twice; write it to a file, such as by `cat {path} > p.csv`."
            )
    return list(found)


class FileRows:
    """The batches of several files, each with the number of its first row, from 1. Can be iterated more than once."""

    def __init__(self, sources: Sequence[Source], roles: Roles) -> None:
        """Read the columns of the roles, which are resolved."""
        self._sources, self._roles = sources, roles

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches; an InputError names the file that is damaged."""
        return _numbered(self._sources, self._roles)


def batches(paths: Sequence[Path], roles: Roles) -> tuple[Roles, FileRows]:
    """Open all files.

    Args:
        paths: of the files, in the order in which their rows are numbered.
        roles: of the columns; all files have these.

    Returns:
        the roles with patterns replaced by columns, and the batches, each with the number of its first row, from 1.

    Raises:
        InputError: a file is no table, lacks a column, or is damaged; names the file.
    """
    sources = [_opened(path, roles) for path in paths]
    resolved = [_resolved(source, roles) for source in sources]
    for source, own in zip(sources, resolved, strict=True):
        if own != resolved[0]:
            raise InputError(f"{source.path} has other score columns than {sources[0].path}; give files of one table.")
    return resolved[0], FileRows(sources, resolved[0])


def _numbered(sources: Sequence[Source], roles: Roles) -> Iterator[Batch]:
    row = 1
    for source in sources:
        before = row
        try:
            for batch in source.read(roles):
                if batch.num_rows:
                    yield row, batch
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:  # OSError: a compressed file that is cut off
            raise InputError(f"{source.path} is damaged after row {row - before:,} ({_told(error)}); write it again.") from None


def _told(error: Exception) -> str:
    """Return the first line of what Arrow says."""
    return str(error).strip().partition("\n")[0][:300]


def _resolved(source: Source, roles: Roles) -> Roles:
    try:
        return roles.resolved(source.names)
    except InputError as error:
        raise InputError(f"{source.path}: {error}") from None


def _opened(path: Path, roles: Roles) -> Source:
    try:
        with path.open("rb") as file:
            head = file.read(16)
        if not head:
            raise InputError(f"{path} is empty; name a file of predictions.")
        if head[:4] == _PARQUET or head[:6] == parquet.ARROW:
            of_file = parquet.Batches(path)
            return Source(path, of_file.names, lambda own: of_file.read(own.columns(), ROWS))
        for start, what in _FOREIGN.items():
            if head.startswith(start):
                raise InputError(f"{path} is {what}; give Parquet, Arrow, CSV or JSON lines.")
        return _of_text(path, roles)
    except OSError as error:
        remedy = "name a file that you may read" if error.errno else "it is damaged, so write it again"
        raise InputError(f"{path} cannot be read ({os_reason(error)}); {remedy}.") from None


def _of_text(path: Path, roles: Roles) -> Source:
    with _text(path) as file:
        start = file.read(_HEAD)
    if b"\0" in start:
        raise InputError(f"{path} is neither Parquet, Arrow, CSV nor JSON lines; write the table in one of these.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return Source(path, _json_names(path, roles), lambda own: _json(path, own))
    if start.lstrip()[:1] == b"[":
        raise InputError(f"{path} is one JSON array; write one object per line (JSON lines), or CSV, or Parquet.")
    delimiter, names = _header(path, start, roles)
    return Source(path, names, lambda own: _csv(path, delimiter, own))


def _text(path: Path) -> IO[bytes]:
    """Open a file of text for Python; see `_stream`."""
    return io.BufferedReader(_stream(path))


def _header(path: Path, start: bytes, roles: Roles) -> tuple[str, list[str]]:
    """Return the separator under which the header has the columns, and what they are called."""
    found: dict[str, list[str]] = {}
    text = start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    for delimiter in DELIMITERS:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), None)
        if names:
            found[delimiter] = names
    if not found:
        raise InputError(f"{path}: its first line is no header of a CSV file; the names of the columns must stand there.")
    for delimiter, names in found.items():
        try:
            roles.resolved(names)
        except InputError:
            continue
        return delimiter, names
    likeliest = max(found, key=lambda delimiter: len(found[delimiter]))
    return likeliest, found[likeliest]


def _csv(path: Path, delimiter: str, roles: Roles) -> Iterator[pa.RecordBatch]:
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
            _stream(path),
            read_options=arrow_csv.ReadOptions(block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=options,
        ) as reader:
            for batch in reader:
                yield from (batch.slice(at, ROWS) for at in range(0, batch.num_rows, ROWS))
    except pa.ArrowException as error:
        raise InputError(f"{path}: {_wrong_row(path, delimiter, roles) or _told(error)}") from None


def _wrong_row(path: Path, delimiter: str, roles: Roles) -> str:
    """Return which row of a CSV file Arrow cannot read, and what to do; "" where that is not found."""
    with io.TextIOWrapper(_text(path), encoding="utf-8-sig", errors="replace", newline="") as text:
        rows = csv.reader(text, delimiter=delimiter)
        names = next(rows)
        for number, cells in enumerate(rows, start=1):
            if cells and len(cells) != len(names):
                return f"row {number:,} has {len(cells)} cells, the header {len(names)}; quote the cells that hold the separator"
            for name, cell in zip(names, cells, strict=False):
                if name in roles.numbers() and cell and not _is_number(cell):
                    shown = printable(cell[:_LONG])
                    return (
                        f"row {number:,} holds {shown!r} in the column {name}, which is no number; write a point for the "
                        "decimals, and leave the cell empty where there is none"
                    )
    return ""


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _stream(path: Path) -> pa.NativeFile:
    """Open a file for Arrow, unpacked if it is compressed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return pa.CompressedInputStream(pa.OSFile(str(path)), "gzip") if packed else pa.OSFile(str(path))


def _json(path: Path, roles: Roles) -> Iterator[pa.RecordBatch]:
    for table in _json_blocks(path):
        columns = [table.column(name) if name in table.column_names else pa.nulls(len(table)) for name in roles.columns()]
        yield from pa.table(dict(zip(roles.columns(), columns, strict=True))).combine_chunks().to_batches(max_chunksize=ROWS)


def _json_names(path: Path, roles: Roles) -> list[str]:
    """Return the names of the columns: of the first lines, and of all where these lack one that is needed."""
    names: dict[str, None] = {}
    for table in _json_blocks(path):
        names |= dict.fromkeys(table.column_names)
        try:
            roles.resolved(list(names))
        except InputError:
            continue
        break
    return list(names)


def _json_blocks(path: Path) -> Iterator[pa.Table]:
    """Yield tables of some lines each, a row for every line that is not blank.

    Raises:
        InputError: a line is not one JSON object.
    """
    from pyarrow import json as arrow_json

    first = 1
    with _text(path) as file:
        while lines := list(itertools.islice(file, JSON_LINES)):
            text = b"".join(line for line in lines if line.strip()).removeprefix(b"\xef\xbb\xbf")
            rows = sum(1 for line in lines if line.strip())
            try:
                options = arrow_json.ReadOptions(use_threads=False, block_size=max(len(text) + 1, 1 << 20))
                table = arrow_json.read_json(io.BytesIO(text), read_options=options) if rows else None
            except pa.ArrowException:
                table = None
            if rows and (table is None or len(table) != rows):  # Arrow ends quietly at a comma between objects
                raise InputError(f"{path}: {_wrong_line(lines, first)}")
            if table is not None:
                yield table
            first += len(lines)


def _wrong_line(lines: Sequence[bytes], first: int) -> str:
    """Return which line is not one JSON object, or why the objects make no table."""
    for number, line in enumerate(lines, start=first):
        if line.strip():
            try:
                if isinstance(json.loads(line), dict):
                    continue
            except ValueError:
                pass
            shown = line.decode("utf-8", "replace").strip()[:_LONG]
            return f"line {number:,} is not one JSON object ({printable(shown)!r}); write one object a line"
    last = first + len(lines) - 1
    return f"the objects of lines {first:,} to {last:,} make no table; give every key values of one kind, such as numbers alone"


def column_names(rows: Any) -> list[str]:
    """Return the names of the columns of rows in memory.

    Raises:
        InputError: the object is no table.
    """
    if isinstance(rows, pa.Table | pa.RecordBatch):
        return list(rows.schema.names)
    if isinstance(rows, dict):
        return [str(name) for name in rows]
    if _is_pandas(rows) or hasattr(rows, "to_arrow"):
        return [str(name) for name in rows.columns]
    raise InputError(f"A table of Arrow, pandas or Polars, or a dict of arrays is needed, but got {type(rows).__name__}.")


def as_table(rows: Any, names: Sequence[str]) -> pa.Table:
    """Return columns of rows in memory as an Arrow table.

    Args:
        rows: of Arrow, pandas or Polars, or a dict of arrays.
        names: of the columns that are needed, each of which is there once.

    Raises:
        InputError: a column cannot be read, or the columns differ in length; names it.
    """
    places = {name: at for at, name in enumerate(column_names(rows)) if name in names}
    if _is_pandas(rows):
        return _table({name: _of_pandas(rows.iloc[:, place]) for name, place in places.items()})
    if isinstance(rows, dict):
        return _table({str(name): values for name, values in rows.items() if str(name) in places})
    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows]).select(list(names))
    # Polars; pyarrow 10 does not know Arrow's own interface between libraries.
    return rows.select(list(names)) if isinstance(rows, pa.Table) else rows.select(list(names)).to_arrow()


def _is_pandas(rows: Any) -> bool:
    """Return whether it is a DataFrame, or of a class that is derived from it."""
    return hasattr(rows, "columns") and any(base.__module__.partition(".")[0] == "pandas" for base in type(rows).__mro__)


def _of_pandas(column: Any) -> Any:
    """Return a column; its categories as text where they are ranges, which Arrow would keep as pairs."""
    categories = getattr(column.dtype, "categories", None)
    return (
        column.astype(str).where(column.notna(), None)
        if categories is not None and categories.dtype.kind == "O" and not all(isinstance(each, str) for each in categories)
        else column
    )


def _table(columns: Mapping[str, Any]) -> pa.Table:
    read = {}
    for name, values in columns.items():
        try:
            known = isinstance(values, pa.Array | pa.ChunkedArray)
            read[name] = values if known else pa.array(values, from_pandas=True)
        except (pa.ArrowException, ValueError, TypeError) as error:
            reason = str(error).strip().partition("\n")[0][:200]
            raise InputError(f"The column {name} cannot be read ({reason}); give it values of one kind.") from None
    try:
        return pa.table(read)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            f"The columns of the table differ in length ({str(error)[:200]}); give one value for every row."
        ) from None
