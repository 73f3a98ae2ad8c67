"""Make the text of a batch fit to be worked on: of Arrow's type `string`, and in UTF-8.

Arrow reads Parquet and JSON without a look at the bytes of their texts: those of Latin-1 would stop the work later, where nobody
knows their row. `string_view`, which Polars and DataFusion write, it can neither trim nor filter.

In: an Arrow batch. Out: the same, or an InputError that names row and column.
"""

import pyarrow as pa

from fairgate.errors import InputError
from fairgate.text import printable

_SHOWN = 80  # characters of a text in a message


def with_sound_text(batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    """Return the batch with texts of the type `string` in the place of `string_view`, in lists and dictionaries too.

    Args:
        batch: with columns of any types.
        first_row: number of the first row, from 1, for the message.

    Raises:
        InputError: a text is not UTF-8.
    """
    columns = list(map(_of_strings, batch.columns))
    for name, column in zip(batch.schema.names, columns, strict=True):
        try:
            _texts(column).validate(full=True)
        except pa.ArrowInvalid:
            row, shown = _first_wrong(column)
            raise InputError(
                f"Row {first_row + row:,} holds {printable(shown[:_SHOWN])!r} in the column {name}, which is not UTF-8; write "
                "the table again, with text in UTF-8."
            ) from None
    fields = [field.with_type(column.type) for field, column in zip(batch.schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields, batch.schema.metadata))


def _of_strings(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _of_strings(column.dictionary))
    kind = _without_views(column.type)
    return column if kind == column.type else column.cast(kind)


def _without_views(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_without_views(kind.value_type)))
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_without_views(kind.value_type)))
    return pa.string() if str(kind) == "string_view" else kind  # older versions of Arrow have no other name for it


def _texts(column: pa.Array) -> pa.Array:
    """Return the texts of all rows, those of a dictionary once; of a column without text nothing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary.take(column.indices.unique()))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _texts(column.flatten())
    return column if pa.types.is_string(kind) or pa.types.is_large_string(kind) else pa.nulls(0)


def _first_wrong(column: pa.Array) -> tuple[int, str]:
    """Return the place of the first row with a text that is not UTF-8, and this text, with marks for what cannot be read."""
    return next(
        (row, shown)
        for row in range(len(column))
        for content in _texts(column.slice(row, 1)).cast(pa.large_binary()).drop_null().to_pylist()
        if (shown := content.decode("utf-8", "replace")).encode() != content
    )
