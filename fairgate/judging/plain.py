"""Read Arrow columns in their plain form: without dictionaries, as numbers, and what text means as a number."""

import math
import re
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.counting.cells import Floats
from fairgate.errors import InputError

_PLAIN_NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")  # .5 and 1. as SAS and R write them

_EXACT = 2.0**53  # from here float64 has no longer every whole number


def plain(column: pa.Array, name: str) -> pa.Array:
    """Return the column without a dictionary, text and lists with offsets of 32 bits, numbers of 16 bits with 32.

    Raises:
        InputError: its type has no plain form.
    """
    try:
        if pa.types.is_dictionary(column.type):
            return plain(column.cast(column.type.value_type), name)
        if pa.types.is_large_list(column.type) or pa.types.is_fixed_size_list(column.type):
            return pa.array(column.to_pylist(), pa.list_(column.type.value_type))
        if pa.types.is_float16(column.type):  # which Arrow computes nothing of; no value changes
            return pa.array(column.to_numpy(zero_copy_only=False).astype(np.float32), mask=_absent(column))
        return column.cast(pa.string()) if pa.types.is_large_string(column.type) else _of_older_type(column)
    except pa.ArrowException:
        raise InputError(f"The column {name} holds {column.type}, which cannot be read; write it as text or numbers.") from None


def _of_older_type(column: pa.Array) -> pa.Array:
    """Return a column of a type that newer versions of Arrow have, and compute little of, as one of an older type."""
    is_short_decimal = str(column.type).startswith(("decimal32(", "decimal64("))
    flags = column.storage.cast(pa.bool_()) if str(column.type) == "extension<arrow.bool8>" else column
    return column.cast(pa.decimal128(column.type.precision, column.type.scale)) if is_short_decimal else flags


def numbers(column: pa.Array, name: str) -> Floats:
    """Return float64[N]; NaN where a cell is empty.

    Raises:
        InputError: the column holds no numbers.
    """
    column = plain(column, name)
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.int8()), pa.int8()
    if not is_number(kind):
        must = "scores, weights and what is cut into ranges must be numbers"
        raise InputError(f"The column {name} holds {kind}, not numbers; {must}.")
    found: Floats = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)  # integers beyond 2^53 are rounded
    return found


def without_blanks(column: pa.Array) -> pa.Array:
    """Return a plain column with an empty cell in the place of each text of spaces alone, or of nothing."""
    if not pa.types.is_string(column.type):
        return column
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), column) if pc.any(blank).as_py() else column


def _absent(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    absent: np.ndarray[tuple[int], np.dtype[np.bool_]] = pc.is_null(column).to_numpy(zero_copy_only=False)
    return absent


def is_number(kind: pa.DataType) -> bool:
    """Return whether a column of the type holds numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def number_of(text: str) -> float:
    """Return the number that a text writes plainly; NaN for "01" and "1_0", which may be names."""
    return float(text) if _PLAIN_NUMBER.fullmatch(text) else math.nan


def name_of(value: Any) -> str:
    """Return the name of a class: whole numbers are the same in every type, 1 in the place of 1.0 and "1.0"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    number = number_of(text)
    return str(int(number)) if number.is_integer() and abs(number) < _EXACT else text


def in_order(name: str) -> tuple[bool, float, str]:
    """Return a key that sorts numbers by their size, and before words."""
    number = number_of(name)
    return (True, 0.0, name) if number != number else (False, number, name)


def same(value: Any, wanted: str) -> bool:
    """Return whether a value of a cell is what somebody typed: the same text but for its case, or the same number."""
    text, wanted = str(value).strip(), wanted.strip()
    if text.lower() == wanted.lower():
        return True
    number, equal = number_of(text), number_of(text) == number_of(wanted)
    return Decimal(text) == Decimal(wanted) if equal and _EXACT <= abs(number) < math.inf else equal


def listed(values: Any) -> str:
    """Return the first of some values in quotes, and how many more there are."""
    shown = [repr(str(value)) for value in list(values)[:5]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "nothing"
