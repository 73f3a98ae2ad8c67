"""Read the columns that say which rows belong together: clusters, and keys of content.

In: an Arrow batch. Out: a text for every row, equal where rows belong together, whatever kind of file holds them.
"""

import math
import re

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option
from fairgate.errors import InputError
from fairgate.judging.copies import Hashes, hash_values
from fairgate.judging.groups import texts_of
from fairgate.judging.plain import plain
from fairgate.text import plural

_POWER = r"^-?[0-9](\.[0-9]+)?e\+[0-9]+$"  # 1e+16, as pandas, Arrow and Python write a float from 1e16 on


def content_keys(batch: pa.RecordBatch, name: str) -> Hashes:
    """Return the key of every row's content: a number of 64 bits without sign as it is, so that its remainder is the bucket.

    `fairgate predictions` writes such numbers. Everything else is hashed, for the remainders of other numbers may be few.

    Raises:
        InputError: the column holds what cannot be a key, or an empty cell.
    """
    names = cluster_names(batch, name)
    if names.null_count:
        raise InputError(
            f"{plural(names.null_count, 'row')} without a key in the column {name}; fill them, or leave out {option('content')}."
        )
    column = batch.column(batch.schema.get_field_index(name))
    keys: Hashes = column.to_numpy(zero_copy_only=False) if pa.types.is_uint64(column.type) else hash_values(names)
    return keys


def cluster_names(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Return the cluster of every row as text, null where the cell is empty; those rows are one cluster.

    A number is the cluster that its text names, as CSV files hold it: 12, "12" and 12.0 are one, in whatever kind of file. So are
    a text and one with spaces around it; spaces alone, nothing and NaN are an empty cell.

    Raises:
        InputError: the column holds what cannot name a cluster.
    """
    column = batch.column(batch.schema.get_field_index(name))
    found = plain(column, name)
    kind = found.type
    simple = (pa.types.is_string, pa.types.is_integer, pa.types.is_boolean, pa.types.is_null, pa.types.is_floating)
    others = (pa.types.is_decimal, pa.types.is_date)
    if not any(is_of(kind) for is_of in simple + others) or pa.types.is_float16(column.type):  # 16 bits tell few clusters apart
        raise InputError(f"The column {name} holds {column.type}; a cluster is named by text or a number.")
    if pa.types.is_null(kind):
        return found.cast(pa.string())
    encoded = found.dictionary_encode()
    known = encoded.dictionary
    if pa.types.is_floating(kind):
        known = pa.array([None if math.isnan(value) else _written(value) for value in known.to_pylist()], pa.string())
    return _without_powers(texts_of(known, name)).take(encoded.indices)


def _written(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _without_powers(texts: pa.Array) -> pa.Array:
    """Return texts with whole numbers in the place of what is written with a power of ten."""
    if not pc.any(pc.match_substring_regex(texts, _POWER)).as_py():
        return texts
    return pa.array([_written(float(text)) if text and re.match(_POWER, text) else text for text in texts.to_pylist()])
