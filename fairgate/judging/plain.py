"""Read Arrow columns in their plain form: without dictionaries, as numbers, and what text means as a number."""

import math
import re
from typing import Any

import numpy as np
import pyarrow as pa

from fairgate.counting.cells import Floats
from fairgate.errors import InputError

_PLAIN_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def plain(column: pa.Array, name: str) -> pa.Array:
    """Return the column without a dictionary, and text and lists with offsets of 32 bits.

    Raises:
        InputError: its type has no plain form.
    """
    try:
        if pa.types.is_dictionary(column.type):
            return plain(column.cast(column.type.value_type), name)
        if pa.types.is_large_list(column.type) or pa.types.is_fixed_size_list(column.type):
            return pa.array(column.to_pylist(), pa.list_(column.type.value_type))
        is_text = pa.types.is_large_string(column.type) or str(column.type) == "string_view"  # the latter of newer versions
        return column.cast(pa.string()) if is_text else column
    except pa.ArrowException:
        raise InputError(f"The column {name} holds {column.type}, which cannot be read; write it as text or numbers.") from None


def numbers(column: pa.Array, name: str) -> Floats:
    """Return float64[N]; NaN where a cell is empty.

    Raises:
        InputError: the column holds no numbers.
    """
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.int8()), pa.int8()
    if not is_number(kind):
        raise InputError(f"The column {name} holds {kind}, not numbers; scores and weights must be numbers.")
    if not pa.types.is_float16(kind):  # which Arrow does not cast; integers beyond 2^53 are rounded
        column = column.cast(pa.float64(), safe=False)
    found: Floats = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return found


def is_number(kind: pa.DataType) -> bool:
    """Return whether a column of the type holds numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def number_of(text: str) -> float:
    """Return the number that a text writes plainly; NaN for "01" and "1_0", which may be names."""
    return float(text) if _PLAIN_NUMBER.fullmatch(text) else math.nan


def in_order(name: str) -> tuple[bool, float, str]:
    """Return a key that sorts numbers by their size, and before words."""
    number = number_of(name)
    return (True, 0.0, name) if number != number else (False, number, name)


def same(value: Any, wanted: str) -> bool:
    """Return whether a value of a cell is what somebody typed: the same text but for its case, or the same number."""
    text = str(value).strip()
    return text == wanted or text.lower() == wanted.lower() or (number_of(text) == number_of(wanted))


def listed(values: Any) -> str:
    """Return the first of some values in quotes, and how many more there are."""
    shown = [repr(str(value)) for value in list(values)[:5]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "nothing"
