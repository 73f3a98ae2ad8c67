"""Read tables of predictions batch by batch: Parquet, Arrow (Feather), CSV, JSON lines, compressed or not.

In: paths or globs, and the roles of the columns. Out: Arrow batches that hold just these columns, with the number of the first
row. The content decides over the format, never the name; no file is held in memory.
"""

import codecs
import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from fairgate import parquet
from fairgate.errors import InputError, os_reason
from fairgate.judging.csv_files import header, read_csv
from fairgate.judging.csv_quotes import Quotes
from fairgate.judging.json_files import json_names, read_json_lines
from fairgate.judging.roles import Roles
from fairgate.judging.text_columns import with_sound_text
from fairgate.judging.text_files import LONG, ROWS, open_text, told
from fairgate.names import composed

_PARQUET = b"PAR1"
_GIVE = "give Parquet, Arrow, CSV or JSON lines"
_FOREIGN = {  # beginning -> what it is, and what to do
    b"PK\x03\x04": ("a ZIP file, such as a workbook of Excel", _GIVE),
    b"%PDF": ("a PDF", _GIVE),
    b"\x89HDF": ("an HDF5 file", _GIVE),
    b"SQLite": ("a database", _GIVE),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "unpack it by `zstd -d`, or compress it by gzip"),
    b"BZh": ("compressed by bzip2", "unpack it by `bunzip2`, or compress it by gzip"),
    b"\xfd7zXZ": ("compressed by xz", "unpack it by `unxz`, or compress it by gzip"),
    b"\x04\x22\x4d\x18": ("compressed by lz4", "unpack it by `lz4 -d`, or compress it by gzip"),
    b"\xff\xff\xff\xff": ("a stream of Arrow", "write an Arrow file (Feather), such as by pyarrow.ipc.new_file"),
    b"FEA1": ("of Feather's first version", "write its second version, such as by pyarrow.feather.write_feather"),
}
_HEAD = 1 << 20

Batch = tuple[int, pa.RecordBatch]


@dataclass(frozen=True)
class Source:
    """A file that was opened.

    Attributes:
        path: of the file.
        names: of its columns.
        read: columns, as text or number -> batches.
        rows: their number, where the file says it; else None.
    """

    path: Path
    names: list[str]
    read: Callable[[Roles], Iterable[pa.RecordBatch]]
    rows: int | None = None

    def batches(self, own: Roles, named: Roles) -> Iterator[pa.RecordBatch]:
        """Yield the columns of the roles `own`, called as those of the first file, whose accents may be composed otherwise."""
        if own == named:
            yield from self.read(own)
            return
        names = dict(zip(own.columns(), named.columns(), strict=True))
        for batch in self.read(own):
            fields = [field.with_name(names[field.name]) for field in batch.schema]
            yield pa.RecordBatch.from_arrays(batch.columns, schema=pa.schema(fields, batch.schema.metadata))


def expand(patterns: Sequence[str]) -> list[Path]:
    """Return the files of paths and globs, each once, however it is named, and a link to one of them too.

    A path that is there is taken as it is, whatever is in its name.

    Raises:
        InputError: nothing is there.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        try:
            there = Path(pattern).exists()
        except OSError as error:
            raise InputError(f"{pattern[:LONG]!r} is no path ({os_reason(error)}); name a file of predictions.") from None
        if there:
            found[Path(pattern)] = None
            continue
        matching = sorted(map(Path, glob.glob(pattern, recursive=True)))  # noqa: PTH207  # Path.glob takes no absolute pattern
        if not matching:
            raise InputError(f"{pattern}: no such file; name a file of predictions, or a pattern of files in quotes.")
        found |= dict.fromkeys(matching)
    for path in found:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name the files in it, such as {_pattern_in(path)!r}.")
        if path.is_symlink() and not path.exists():
            raise InputError(f"{path} is a link to {path.readlink()}, which is not there; name a file of predictions.")
        if not path.is_file():
            raise InputError(
                f"{path} is a pipe or a device, which cannot be read twice; write it to a file, such as by `cat {path} > p.csv`."
            )
    each: dict[str, Path] = {}
    for path in found:
        each.setdefault(os.path.realpath(path), path)
    return list(each.values())


def _pattern_in(folder: Path) -> str:
    """Return a pattern of the files in a folder, as of a table that is partitioned by folders: hive/*/*.parquet."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        if shown := sorted(name for name in names if not name.startswith((".", "_"))):
            between = ["*"] * len(Path(place).relative_to(folder).parts)
            return str(Path(glob.escape(str(folder)), *between, f"*{Path(shown[0]).suffix}"))
    return str(Path(glob.escape(str(folder)), "*.parquet"))


class FileRows:
    """The batches of several files, each with the number of its first row, from 1. Can be iterated more than once.

    Attributes:
        rows: at least how many there are, as far as the files say it.
    """

    def __init__(self, sources: Sequence[Source], roles: Sequence[Roles]) -> None:
        """Read the columns of the roles, which are resolved, those of each file; the batches have the names of the first."""
        self._sources, self._roles = sources, roles
        self.rows = sum(source.rows or 0 for source in sources)

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
    order = {composed(name): at for at, name in enumerate(sources[0].names)}  # of columns that a pattern names
    resolved = [_resolved(source, roles, order) for source in sources]
    for source, own in zip(sources, resolved, strict=True):
        if [composed(name) for name in own.columns()] != [composed(name) for name in resolved[0].columns()]:
            raise InputError(f"{source.path} has other score columns than {sources[0].path}; give files of one table.")
    return resolved[0], FileRows(sources, resolved)


def _numbered(sources: Sequence[Source], roles: Sequence[Roles]) -> Iterator[Batch]:
    row = 1
    for source, own in zip(sources, roles, strict=True):
        before = row
        try:
            for batch in source.batches(own, roles[0]):
                if batch.num_rows:
                    yield row, _sound(source.path, batch, row - before + 1)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:  # OSError: a compressed file that is cut off
            raise InputError(f"{source.path} is damaged after row {row - before:,} ({told(error)}); write it again.") from None


def _sound(path: Path, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    try:
        return with_sound_text(batch, first_row)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _resolved(source: Source, roles: Roles, order: Mapping[str, int]) -> Roles:
    try:
        return roles.resolved(sorted(source.names, key=lambda name: order.get(composed(name), len(order))))
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
            return Source(path, of_file.names, lambda own: of_file.read(own.columns(), ROWS), of_file.rows)
        for start, (what, remedy) in _FOREIGN.items():
            if head.startswith(start):
                raise InputError(f"{path} is {what}; {remedy}.")
        return _of_text(path, roles)
    except OSError as error:
        remedy = "name a file that you may read" if error.errno else "it is damaged, so write it again"
        raise InputError(f"{path} cannot be read ({os_reason(error)}); {remedy}.") from None


def _is_utf16(start: bytes) -> bool:
    """Return whether text begins with the mark of UTF-16, or with ASCII in it, of which every second byte is 0."""
    signs = start[:64]
    every_second = (not any(signs[at::2]) and all(signs[1 - at :: 2]) for at in (0, 1))
    return signs[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or (b"\0" in signs and any(every_second))


def _of_text(path: Path, roles: Roles) -> Source:
    with open_text(path) as file:
        start = file.read(_HEAD)
    if _is_utf16(start):
        remedy = 'write the file in UTF-8, such as by `iconv -f utf-16 -t utf-8`, or save it as "CSV UTF-8"'
        raise InputError(f"{path} is text in UTF-16; {remedy}.")
    if b"\0" in start:
        raise InputError(f"{path} is neither Parquet, Arrow, CSV nor JSON lines; write the table in one of these.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return Source(path, json_names(path, roles), lambda own: read_json_lines(path, own))
    if start.lstrip()[:1] == b"[":
        raise InputError(f"{path} is one JSON array; write one object per line (JSON lines), or CSV, or Parquet.")
    delimiter, names = header(path, start, roles)
    quotes = Quotes(path, delimiter)
    return Source(path, names, lambda own: read_csv(path, delimiter, own, quotes))
