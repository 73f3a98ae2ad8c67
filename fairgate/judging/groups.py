"""Read the groups of a table: columns of which every value is a group, and groups that have a column each.

In: Arrow arrays of a batch. Out: list columns of text, the groups of every row.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option, typed
from fairgate.counting.slices import Flags
from fairgate.errors import InputError
from fairgate.judging.labels import LabelReader
from fairgate.judging.plain import is_number, numbers, plain, without_blanks
from fairgate.names import composed

Bools = npt.NDArray[np.bool_]

FEW_VALUES = 16  # of a feature in one batch: so many columns of flags are read faster than texts
_EXACT = 2.0**53
_WHOLE = r"^(?:-(0)(?:\.0+)?|(-?[0-9]+)\.0+)$"  # 1.0 and 1.00, as programs write numbers, are the group 1; -0.0 is 0


def read_slice(column: pa.Array, name: str) -> pa.Array:
    """Return the list column of text of a feature: the value or the values of every row; none where the cell is empty.

    Raises:
        InputError: the column holds fractions, or something else that names no group.
    """
    values = plain(column, name)
    if pa.types.is_list(values.type):
        inner = texts_of(values.flatten(), name)
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
        return pa.ListArray.from_arrays(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32), inner)
    texts = texts_of(values, name)
    known = pc.is_valid(texts).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(known))).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, texts.filter(pa.array(known)))


def read_feature(column: pa.Array, name: str) -> pa.Array | Flags:
    """Return the values of a feature: flags where every row has at most one of few, else what `read_slice` returns.

    Raises:
        InputError: see `read_slice`.
    """
    values = plain(column, name)
    if pa.types.is_boolean(values.type):
        inside, known = _bools(values), pc.is_valid(values).to_numpy(zero_copy_only=False)
        return Flags(("false", "true"), (known & ~inside, inside))
    kind = values.type
    if not (pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)):
        return read_slice(column, name)
    encoded = values.dictionary_encode()
    if len(encoded.dictionary) > FEW_VALUES:
        return read_slice(column, name)
    groups = texts_of(encoded.dictionary, name).to_pylist()
    if not any(groups):  # of a batch without any group there are no flags to say how many rows it has
        return read_slice(column, name)
    codes = encoded.indices.fill_null(len(groups)).to_numpy(zero_copy_only=False)
    inside_of: dict[str, Bools] = {}
    for code, group in enumerate(groups):
        if group is not None:
            _enter(inside_of, group, codes == code)
    return Flags(list(inside_of), list(inside_of.values()))


def read_groups(columns: Sequence[pa.Array], names: Sequence[str], first_row: int) -> Flags:
    """Return the flags of a feature: of every row the columns that say it belongs to their group.

    Args:
        columns: of true and false, 0 and 1, or fractions of raters, from .5 on a member; an empty cell is no member.
        names: of the columns, which are the names of the groups.
        first_row: number of the first row, from 1.

    Raises:
        InputError: a cell holds something else.
    """
    inside: dict[str, Bools] = {}
    for column, name in zip(columns, names, strict=True):
        _enter(inside, name, _membership(column, name, first_row))
    return Flags(list(inside), list(inside.values()))


def _enter(inside: dict[str, Bools], group: str, own: Bools) -> None:
    """Add rows to those of a group, however its name is composed."""
    name = composed(group)
    inside[name] = inside[name] | own if name in inside else own


def _membership(column: pa.Array, name: str, first_row: int) -> Bools:
    values = without_blanks(plain(column, name))
    if pa.types.is_null(values.type):
        return np.zeros(len(values), bool)
    if pa.types.is_boolean(values.type):
        return _bools(values)
    if is_number(values.type):
        values = pa.array(np.nan_to_num(numbers(values, name), nan=0.0, posinf=np.inf, neginf=-np.inf))
    elif pa.types.is_string(values.type):
        values = pc.fill_null(values, "0")  # nobody says that the row belongs
    reader = LabelReader(name, ("0", "1"), None)
    try:
        return np.asarray(reader.read(values, first_row) == 1)
    except InputError as error:
        what = str(error).partition(". ")[0].partition("; ")[0]
        raise InputError(
            f"{what}. A column of {option('groups')} says who belongs to the group: true or false, or a fraction."
        ) from None


def _bools(column: pa.Array) -> Bools:
    """Return true and false as they lie in memory, one bit each; false for an empty cell."""
    valid, bits = column.buffers()
    inside = _unpacked(bits, column)
    return inside if valid is None else inside & _unpacked(valid, column)


def _unpacked(bits: pa.Buffer, column: pa.Array) -> Bools:
    last = column.offset + len(column)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=last, bitorder="little")[column.offset :].view(bool)


def texts_of(column: pa.Array, name: str) -> pa.Array:
    """Return what values are called, as text: whole numbers alike in every type, true and false in small letters.

    Spaces around a text are left out; an empty cell, a text of nothing but spaces and NaN are null.

    Raises:
        InputError: the column holds fractions, or something else that has no such name.
    """
    values = plain(column, name)
    kind = values.type
    if pa.types.is_string(kind):  # true and false as pandas writes them are those of Parquet
        trimmed = pc.utf8_trim_whitespace(values)  # "a" and "a " would be two groups that look like one
        named = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)  # as an empty cell of a CSV file
        return _lower_flags(pc.replace_substring_regex(named, _WHOLE, r"\1\2"))
    if pa.types.is_null(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind):
        return values.cast(pa.string())
    if pa.types.is_floating(kind):
        read = numbers(values, name)
        known = ~np.isnan(read)
        there = read[known]
        whole_ones = (np.abs(there) <= _EXACT) & (there == np.rint(there))  # not infinite, and told apart from their neighbours
        if whole_ones.all():  # as where some of them are missing
            whole = pa.array(np.where(known, read, 0).astype(np.int64), mask=~known)
            return whole.cast(pa.string())
        raise InputError(
            f"The column {name} holds numbers such as {there[~whole_ones][0]:g}, of which each would be a group; put them into "
            f"ranges, or name columns of fractions with {typed('groups', {'FEATURE': [name]})}."
        )
    if pa.types.is_decimal(kind):  # as a CSV file writes it
        encoded = values.dictionary_encode()
        written = [None if number is None else f"{number:f}" for number in encoded.dictionary.to_pylist()]
        return texts_of(pa.array(written, pa.string()).take(encoded.indices), name)
    raise InputError(f"The column {name} holds {kind}; a slice needs text, true or false, whole numbers, days, or lists of text.")


def _lower_flags(texts: pa.Array) -> pa.Array:
    """Return the texts with true and false as Arrow writes them, however another library did."""
    for written, flag in (("True", "true"), ("TRUE", "true"), ("False", "false"), ("FALSE", "false")):
        texts = pc.if_else(pc.equal(texts, written), flag, texts)
    return texts
