"""Read tables that are in memory: of Arrow, pandas and Polars, and dicts of arrays."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from fairgate.errors import InputError
from fairgate.judging.reading import Batch
from fairgate.judging.roles import Roles
from fairgate.judging.text_columns import with_sound_text
from fairgate.judging.text_files import ROWS

AnyRoles = TypeVar("AnyRoles", bound=Roles)


def files_of(table: Any) -> list[str]:
    """Return the paths of a table that is a file, or several; none for rows in memory."""
    paths = [table] if isinstance(table, str | Path) else table
    is_files = isinstance(paths, list | tuple) and all(isinstance(path, str | Path) for path in paths)
    return list(map(str, paths)) if is_files else []


def rows_of(table: Any, roles: AnyRoles) -> tuple[AnyRoles, list[Batch]]:
    """Return the roles with patterns replaced by columns, and the batches of rows in memory, each with its first row from 1.

    Raises:
        InputError: the object is no table, or lacks a column; names it.
    """
    resolved = roles.resolved(column_names(table))
    names = resolved.columns()
    row, found = 1, []
    for batch in as_table(table, names).select(names).to_batches(max_chunksize=ROWS):
        found.append((row, with_sound_text(batch, row)))
        row += batch.num_rows
    return resolved, found


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
        return _table({name: rows.iloc[:, place] for name, place in places.items()})
    if isinstance(rows, dict):
        require_equal_indexes({f"table[{name!r}]": values for name, values in rows.items() if str(name) in places})
        return _table({str(name): values for name, values in rows.items() if str(name) in places})
    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows]).select(list(names))
    # Polars; pyarrow 10 does not know Arrow's own interface between libraries.
    return rows.select(list(names)) if isinstance(rows, pa.Table) else rows.select(list(names)).to_arrow()


def _is_pandas(rows: Any) -> bool:
    """Return whether it is a DataFrame, or of a class that is derived from it."""
    return hasattr(rows, "columns") and any(base.__module__.partition(".")[0] == "pandas" for base in type(rows).__mro__)


def _table(columns: Mapping[str, Any]) -> pa.Table:
    read = {}
    for name, values in columns.items():
        try:
            known = isinstance(values, pa.Array | pa.ChunkedArray)
            read[name] = values if known else pa.array(_native(values, name), from_pandas=True)
        except (pa.ArrowException, ValueError, TypeError) as error:
            reason = str(error).strip().partition("\n")[0][:200]
            raise InputError(f"The column {name} cannot be read ({reason}); give it values of one kind.") from None
        except OverflowError:
            raise InputError(
                f"The column {name} holds whole numbers of more than 63 bits; give them as text, or as an array of numpy.uint64."
            ) from None
    try:
        return pa.table(read)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            f"The columns of the table differ in length ({str(error)[:200]}); give one value for every row."
        ) from None


def _native(values: Any, name: str) -> Any:
    """Return a column as Arrow takes it: dense, of one dimension, in the byte order of the machine, of at most 64 bits.

    Raises:
        InputError: it has several values for a row.
    """
    kind, shape = getattr(values, "dtype", None), getattr(values, "shape", ())
    if len(shape) > 1:
        if shape[1:] != (1,):
            raise InputError(f"The column {name} has the shape {shape}; give one value for every row, such as {name}[:, 1].")
        values = np.asanyarray(values).reshape(-1)
    categories = getattr(kind, "categories", None)  # of pandas; as text where they are ranges, which Arrow would keep as pairs
    if categories is not None and categories.dtype.kind == "O" and not all(isinstance(each, str) for each in categories):
        absent, values = np.asarray(values.isna()), np.array(values.astype(str), object)
        values[absent] = None
    if str(kind).startswith("Sparse"):  # of pandas
        values = np.asarray(values)
    if isinstance(kind, np.dtype) and not kind.isnative:
        values = np.asanyarray(values).astype(kind.newbyteorder("="))
    if isinstance(kind, np.dtype) and kind.kind == "f" and kind.itemsize > np.dtype(np.float64).itemsize:
        values = np.asanyarray(values).astype(np.float64)
    return values


def require_equal_indexes(named: Mapping[str, Any]) -> None:
    """Refuse pandas objects whose indexes say that their rows are not in one order; others have none.

    Raises:
        InputError: two indexes differ.
    """
    indexes = {argument: values.index for argument, values in named.items() if _has_index(values)}
    for first, other in zip(list(indexes)[:1] * len(indexes), indexes, strict=True):
        if not indexes[first].equals(indexes[other]):
            raise InputError(
                f"{first} and {other} have different indexes, so it is not plain which of their rows belong together. Type "
                f"{other}.loc[{first}.index] where the index says it; where the order of the rows does, type "
                f"{first}.reset_index(drop=True) and {other}.reset_index(drop=True)."
            )


def _has_index(values: Any) -> bool:
    """Return whether it is a Series or a DataFrame of pandas, which is not imported for this; `index` of a list is a method."""
    return hasattr(getattr(values, "index", None), "equals")
