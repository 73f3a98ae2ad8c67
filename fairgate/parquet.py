"""Read Parquet: the only place of the project that does, so that none runs code, fills the memory or has other types.

In: a file that somebody else may have written, and what its columns must be. Out: a DataFrame or an Arrow table of plain columns.

A Parquet file carries an Arrow schema, and Arrow before version 14.0.1 unpickled the types in it (CVE-2023-47248), even if only
the number of rows was asked for. `pyarrow_hotfix`, imported here before a file is opened, forbids that type in every version.
Metadata of pandas are ignored. `tests/test_untrusted_readers.py` builds such files, and forbids other readers.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fairgate.errors import InputError
from fairgate.frame import Frame, is_text
from fairgate.run_files import read_bytes, refuse

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

Kind = Literal["text", "number", "flag", "texts", "any"]

ARROW = b"ARROW1"
MAX_CELLS = 100_000_000
MAX_FOOTER = 4 << 20
MAX_DECODED = 2 << 30  # bytes of a table in memory
_WORDS: dict[Kind, str] = {
    "text": "text in every row",
    "number": "numbers",
    "flag": "true or false in every row",
    "texts": "lists of text in every row",
    "any": "text, numbers, true or false, or lists of text",
}


def read(path: Path, columns: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> "pd.DataFrame":
    """Return the table of a file; text is of dtype object, a missing number is NaN.

    Args:
        path: the file.
        columns: name -> kind of every column that the table must have.
        optional: of those that it may have. Further columns of any plain kind stay as they are.

    Raises:
        InputError: the file is absent, damaged or too large, or its columns are others; names the file and the column.
    """
    return read_frame(path, columns, optional).pandas()


def read_frame(path: Path, columns: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> Frame:
    """Return the table of a file as a frame; see `read`."""
    found = read_arrow(path, columns, optional)
    numbers = {name for name, kind in {**columns, **(optional or {})}.items() if kind == "number"}
    read = {name: found.column(name).to_numpy() for name in found.column_names}
    return Frame(
        {name: values.astype(np.float64) if name in numbers and is_text(values) else values for name, values in read.items()}
    )


def write(frame: Frame, path: Path) -> None:
    """Write a frame; a number that is NaN is missing there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({name: pa.array(values, from_pandas=True) for name, values in frame.columns.items()}), path)


def read_arrow(path: Path, columns: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> "pa.Table":
    """Return the table of a file as Arrow's; see `read`."""
    import pyarrow as pa

    file = _opened(path)
    table = _decoded(path, file)
    if missing := [name for name in columns if name not in table.column_names]:
        refuse(path, f"the table lacks the columns {', '.join(missing)}")
    if len(set(table.column_names)) < table.num_columns:
        refuse(path, "two columns have one name")
    known = {**columns, **(optional or {})}
    kept = {name: _checked(path, name, table.column(name), known.get(name, "any")) for name in table.column_names}
    return pa.table(kept)


class Batches:
    """A file of any size, batch by batch: Parquet, or Arrow's own format (Feather). Types of extensions are refused as anywhere.

    Attributes:
        names: of the columns, as they stand there.
        rows: their number; None for Arrow's own format, which says it nowhere.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            InputError: it is damaged, or neither format.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq
        import pyarrow_hotfix  # noqa: F401  # forbids the type of CVE-2023-47248; before any file is opened

        self._path = path
        try:
            with path.open("rb") as file:
                is_arrow = file.read(len(ARROW)) == ARROW
            # Pages of a Parquet file are unpacked into memory anyway: mapped too, a long file would lie there twice.
            self._file: Any = pa.ipc.open_file(pa.memory_map(str(path))) if is_arrow else pq.ParquetFile(pa.OSFile(str(path)))
        except Exception as error:  # whatever a made-up file provokes in Arrow, or in what forbids its types
            raise InputError(f"{path}: {_first_line(error)}; write the table again.") from None
        self._is_arrow = is_arrow
        self.rows = None if is_arrow else int(self._file.metadata.num_rows)
        self.names = list((self._file.schema if is_arrow else self._file.schema_arrow).names)

    def read(self, names: Sequence[str], rows: int) -> "Iterator[pa.RecordBatch]":
        """Yield the columns `names` of all rows, at most `rows` at once.

        Raises:
            InputError: the file is damaged.
        """
        import pyarrow as pa

        try:
            if not self._is_arrow:
                yield from _read_ahead(self._file.iter_batches(batch_size=rows, columns=list(names)))
                return
            for place in range(self._file.num_record_batches):
                batch = self._file.get_batch(place)
                columns = [batch.column(batch.schema.get_field_index(name)) for name in names]
                whole = pa.RecordBatch.from_arrays(columns, list(names))
                whole.validate(full=True)  # of a made-up file, offsets could point anywhere in the memory
                yield from (whole.slice(at, rows) for at in range(0, whole.num_rows, rows))
        except (pa.ArrowException, OSError) as error:  # OSError: a page that cannot be unpacked
            raise InputError(f"{self._path}: {_first_line(error)}; write the table again.") from None


def _read_ahead(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Yield the batches, the next one read while one is worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, batches, None)
            yield batch


def _opened(path: Path) -> "pq.ParquetFile":
    import pyarrow.parquet as pq
    import pyarrow_hotfix  # noqa: F401  # forbids the type of CVE-2023-47248; before any file is opened

    content = read_bytes(path, MAX_DECODED)
    if content[-4:] != b"PAR1" or len(content) < 12:
        refuse(path, "it is not a Parquet file")
    if int.from_bytes(content[-8:-4], "little") > MAX_FOOTER:
        refuse(path, f"its footer has more than {MAX_FOOTER:,} bytes")
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        if (cells := _cells(file.metadata)) > MAX_CELLS:
            refuse(path, f"it has {cells:,} cells, more than the {MAX_CELLS:,} that are read")
        # As a dictionary, a text that stands in each of a million rows is in the memory once.
        texts = [column.path for column in file.schema if column.physical_type == "BYTE_ARRAY"]
        return pq.ParquetFile(io.BytesIO(content), read_dictionary=texts)
    except InputError:
        raise
    except Exception as error:  # whatever a made-up file provokes in Arrow, or in what forbids its types
        refuse(path, _first_line(error))


def _cells(metadata: "pq.FileMetaData") -> int:
    """Return how many values the file says that it has; a cell of a list may have several."""
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    return sum(group.column(place).num_values for group in groups for place in range(metadata.num_columns))


def _decoded(path: Path, file: "pq.ParquetFile") -> "pa.Table":
    """Return all rows, without the metadata that pandas would obey; what stands in them is still in dictionaries."""
    try:
        table = file.read(use_threads=False).replace_schema_metadata(None)
        size = sum(_size(chunk) for column in table.columns for chunk in column.chunks)
    except Exception as error:  # as above
        refuse(path, _first_line(error))
    if size > MAX_DECODED:
        refuse(path, f"its cells hold {size:,} bytes, more than the {MAX_DECODED:,} that are read")
    return table


def _first_line(error: BaseException) -> str:
    return f"it is not a Parquet file that can be read ({str(error).strip().partition(chr(10))[0][:200] or type(error).__name__})"


def _checked(path: Path, name: str, column: "pa.ChunkedArray", kind: Kind) -> "pa.ChunkedArray":
    """Return the column with its dictionary undone, if it is of the kind."""
    import pyarrow as pa

    plain = _plain_type(column.type)
    found = None if plain is None else _kind_of(plain)
    if plain is None or (found != kind and kind != "any" and not (kind == "number" and pa.types.is_null(plain))):
        refuse(path, f"the column {name} has the type {str(column.type)[:80]}; {_WORDS[kind]} must stand there")
    if found == "texts" or kind in ("text", "flag"):
        nulls = column.null_count + sum(chunk.flatten().null_count for chunk in column.chunks if found == "texts")
        if nulls:
            refuse(path, f"the column {name} has {nulls:,} empty cells; {_WORDS[kind]} must stand there")
    try:
        whole = pa.chunked_array([_undone(chunk) for chunk in column.chunks], plain)
        whole.validate(full=True)  # that text is UTF-8, and that offsets stay inside
    except pa.ArrowException as error:
        refuse(path, f"the column {name}: {_first_line(error)}")
    return whole


def _plain_type(written: "pa.DataType") -> "pa.DataType | None":
    """Return the type without a dictionary; None for one that no table of a run has."""
    import pyarrow as pa

    if pa.types.is_list(written):
        inner = _plain_type(written.value_type)
        return pa.list_(pa.string()) if inner is not None and _kind_of(inner) == "text" else None
    kind = _kind_of(written.value_type if pa.types.is_dictionary(written) else written)
    if kind == "text":
        return pa.string()
    return written if pa.types.is_null(written) or (kind is not None and not pa.types.is_dictionary(written)) else None


def _kind_of(plain: "pa.DataType") -> Kind | None:
    import pyarrow as pa

    if pa.types.is_string(plain) or pa.types.is_large_string(plain):
        return "text"
    if pa.types.is_integer(plain) or pa.types.is_floating(plain):
        return "number"
    if pa.types.is_boolean(plain):
        return "flag"
    return "texts" if pa.types.is_list(plain) else None


def _size(chunk: "pa.Array") -> int:
    """Return the bytes of an array once its dictionary is undone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = chunk.flatten() if pa.types.is_list(chunk.type) else chunk
    if not pa.types.is_dictionary(values.type):
        return int(values.nbytes)
    return 8 * len(values) + int(pc.sum(pc.take(pc.binary_length(values.dictionary), values.indices)).as_py() or 0)


def _undone(chunk: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    if pa.types.is_dictionary(chunk.type):
        return chunk.cast(pa.string())
    if pa.types.is_list(chunk.type):
        return pa.ListArray.from_arrays(chunk.offsets, _undone(chunk.values))
    return chunk.cast(pa.string()) if pa.types.is_large_string(chunk.type) else chunk
