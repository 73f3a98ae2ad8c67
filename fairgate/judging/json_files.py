"""Read files of JSON lines, batch by batch."""

import contextlib
import io
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.errors import InputError
from fairgate.judging.roles import Roles
from fairgate.judging.text_files import LONG, ROWS, open_text
from fairgate.text import printable

if TYPE_CHECKING:
    from pyarrow import json as arrow_json

_BEYOND = 2.0**63  # from here Arrow takes whole numbers for float64
JSON_LINES = 50_000  # at once; Arrow's reader takes at most 100,000


def read_json_lines(path: Path, roles: Roles) -> Iterator[pa.RecordBatch]:
    """Yield batches of the columns of the roles; a key that an object lacks is null.

    Raises:
        InputError: a line is not one JSON object.
    """
    for table in _json_blocks(path):
        columns = [table.column(name) if name in table.column_names else pa.nulls(len(table)) for name in roles.columns()]
        yield from pa.table(dict(zip(roles.columns(), columns, strict=True))).combine_chunks().to_batches(max_chunksize=ROWS)


def json_names(path: Path, roles: Roles) -> list[str]:
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
    """Yield tables of some lines each, a row for every line that is not blank. Dates are text, as in a CSV file.

    Raises:
        InputError: a line is not one JSON object.
    """
    from pyarrow import json as arrow_json

    first = 1
    dates: dict[str, pa.DataType] = {}  # column -> text, or lists of it
    with open_text(path) as file:
        while lines := list(itertools.islice(file, JSON_LINES)):
            text = b"".join(line for line in lines if line.strip()).removeprefix(b"\xef\xbb\xbf")
            rows = sum(1 for line in lines if line.strip())
            try:
                options = arrow_json.ReadOptions(use_threads=False, block_size=max(len(text) + 1, 1 << 20))
                table = _read(text, options, dates) if rows else None
            except pa.ArrowException:
                table = None
            if rows and (table is None or len(table) != rows):  # Arrow ends quietly at a comma between objects
                raise InputError(f"{path}: {_wrong_line(lines, first)}")
            if table is not None:
                yield table
            first += len(lines)


def _read(text: bytes, options: "arrow_json.ReadOptions", dates: dict[str, pa.DataType]) -> pa.Table:
    """Return the table of some lines; a column that Arrow takes for one of dates is added to `dates`, and read as text.

    Whole numbers from 2^63 on, which Arrow would round, are of 64 bits without sign.
    """
    from pyarrow import json as arrow_json

    while True:
        schema = pa.schema(dates) if dates else None
        parse = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer")
        table = arrow_json.read_json(io.BytesIO(text), read_options=options, parse_options=parse)
        taken = {field.name: _as_text(field.type) for field in table.schema if _as_text(field.type) != field.type}
        if not taken:
            break
        dates |= taken
    for name in (field.name for field in table.schema if pa.types.is_float64(field.type)):
        if (pc.max(table.column(name)).as_py() or 0) < _BEYOND:
            continue
        parse = arrow_json.ParseOptions(
            explicit_schema=pa.schema({**dates, name: pa.uint64()}), unexpected_field_behavior="infer"
        )
        with contextlib.suppress(pa.ArrowInvalid):  # where a number has a fraction, or a sign
            whole = arrow_json.read_json(io.BytesIO(text), read_options=options, parse_options=parse)
            table = table.set_column(table.schema.get_field_index(name), name, whole.column(name))
    return table


def _as_text(kind: pa.DataType) -> pa.DataType:
    """Return the type with text in the place of points in time."""
    if pa.types.is_list(kind):
        return pa.list_(_as_text(kind.value_type))
    return pa.string() if pa.types.is_timestamp(kind) else kind


def _wrong_line(lines: Sequence[bytes], first: int) -> str:
    """Return which line is not one JSON object, or why the objects make no table."""
    for number, line in enumerate(lines, start=first):
        if line.strip():
            repeated: list[str] = []
            try:
                if isinstance(json.loads(line, object_pairs_hook=lambda pairs: _object(pairs, repeated)), dict):  # noqa: B023
                    if repeated:
                        return f"line {number:,} has the key {printable(repeated[0])} twice; write it once"
                    continue
            except UnicodeEncodeError as error:
                return f"line {number:,} holds {error.object[error.start : error.end]!a}, half of a character; remove it"
            except ValueError:
                pass
            shown = line.decode("utf-8", "replace").strip()[:LONG]
            return f"line {number:,} is not one JSON object ({printable(shown)!r}); write one object a line"
    return f"{_two_kinds(lines, first)}; give every key values of one kind, such as numbers alone"


def _object(pairs: Sequence[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    """Return an object of JSON, and note the keys that it has twice.

    Raises:
        UnicodeEncodeError: a text in it is none, for it holds half of a surrogate pair.
    """
    repeated += [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    for text in (part for pair in pairs for part in pair if isinstance(part, str)):
        text.encode()
    return dict(pairs)


def _two_kinds(lines: Sequence[bytes], first: int) -> str:
    """Return which key has values of two kinds, and in which lines; of lines that are objects."""
    known: dict[str, tuple[str, int, str]] = {}
    for number, line in enumerate(lines, start=first):
        for key, value in json.loads(line).items() if line.strip() else ():
            kind, shown = _kind(value), printable(repr(value)[:LONG])
            before = known.setdefault(key, (kind, number, shown))
            if kind and not before[0]:
                known[key] = kind, number, shown
            elif kind and kind != before[0]:
                return f"the key {printable(key)} is {shown} in line {number:,}, and {before[2]} in line {before[1]:,}"
    return f"the objects of lines {first:,} to {first + len(lines) - 1:,} make no table"


def _kind(value: Any) -> str:
    """Return the kind of a value of JSON, with those in a list; "" for null and an empty list."""
    if isinstance(value, list):
        inner = next(filter(None, map(_kind, value)), "")
        return f"list of {inner}" if inner else ""
    if isinstance(value, bool) or value is None:
        return "flag" if isinstance(value, bool) else ""
    return "number" if isinstance(value, int | float) else type(value).__name__
