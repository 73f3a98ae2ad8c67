"""Turn the columns of a table of predictions into what is counted: labels, scores, groups, weights, clusters.

In: Arrow arrays of a batch, as whoever wrote the file chose to write them. Out: numpy arrays and list columns of text. A value
that could mean two things is an error that says what to type.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.counting.cells import Floats, Ints, Predictions
from fairgate.errors import InputError

Bools = npt.NDArray[np.bool_]
Values = tuple[Floats, list[Any]]

POSITIVE = ("1", "true", "t", "yes", "y")
NEGATIVE = ("0", "false", "f", "no", "n")
HALF = 0.5  # of the raters: from here a fraction is positive
SUM = 1e-3  # by which probabilities may miss a sum of 1
_SHOWN = 40
_EXACT = 2.0**53
_PLAIN_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class LabelReader:
    """Reads the labels of all batches, and remembers which values they had."""

    def __init__(self, column: str, classes: Sequence[str], positive: str | None) -> None:
        """Start.

        Args:
            column: its name, for messages.
            classes: of the label, two or more.
            positive: the value that is positive, of two classes; None where that is plain.
        """
        self._column, self._classes, self._positive = column, list(classes), positive
        self._others: dict[str, None] = {}
        self._found = False

    def read(self, values: pa.Array, first_row: int) -> Ints:
        """Return int64[N], the index of the class of every row.

        Args:
            values: bools, numbers or text.
            first_row: number of the first row in the whole table, from 1, for messages.

        Raises:
            InputError: a cell is empty, or no label.
        """
        values = plain(values, self._column)
        kind = values.type
        if not (_is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_null(kind)):
            raise InputError(f"The column {self._column} holds {kind}; a label is text, a number, or true or false.")
        absent = pc.is_null(values).to_numpy(zero_copy_only=False)
        if pa.types.is_floating(kind):
            absent = absent | np.isnan(_numbers(values, self._column))
        if absent.any():
            raise InputError(
                f"{absent.sum():,} rows have no label in the column {self._column}, first row "
                f"{first_row + int(np.flatnonzero(absent)[0]):,}; leave them out: without a label nothing can be said of them."
            )
        if _is_number(kind) and self._positive is None and len(self._classes) == 2:
            return self._fractions(_numbers(values, self._column), first_row)
        read = self._of_class if len(self._classes) > 2 else self._of_two if self._positive is None else self._of_positive
        return _by_value(values, read, self._column, first_row)

    def finish(self) -> None:
        """Check what only all rows together show.

        Raises:
            InputError: the value that is positive occurs nowhere, or there are several others.
        """
        if self._positive is None:
            return
        if not self._found:
            raise InputError(
                f"No row has the label {self._positive!r} that --positive names; the column {self._column} holds "
                f"{_listed(self._others)}."
            )
        if len(self._others) > 1:
            raise InputError(
                f"The column {self._column} holds {_listed(self._others)} beside {self._positive!r}, so it has more than two "
                "labels; leave out what is no label, or give one score for each class: --score candidate='p_*'."
            )

    def _fractions(self, values: Floats, first_row: int) -> Ints:
        wrong = ~((values >= 0) & (values <= 1))
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"Row {first_row + at:,} has the label {values[at]:g} in the column {self._column}; 0, 1 or a fraction of raters "
                f"must stand there. Which value is positive? Type --positive {np.nanmax(values):g}, or another one."
            )
        return (values >= HALF).astype(np.int64)

    def _of_two(self, value: Any) -> int:
        word = str(value).strip().lower()
        if word in POSITIVE or word in NEGATIVE:
            return int(word in POSITIVE)
        number = _number(word)
        if not 0 <= number <= 1:
            raise ValueError(f"which value is positive? Type --positive {str(value)[:_SHOWN]!r}, or another one")
        return int(number >= HALF)

    def _of_positive(self, value: Any) -> int:
        same = _same(value, str(self._positive))
        self._found |= same
        if not same:
            self._others[str(value)[:_SHOWN]] = None
        return int(same)

    def _of_class(self, value: Any) -> int:
        text = str(value).strip()
        for same in (str.__eq__, _same):  # a name to the letter first: "a" and "A" may both be classes
            found = [at for at, name in enumerate(self._classes) if same(text, name)]
            if len(found) == 1:
                return found[0]
        number = _number(text)
        if number.is_integer() and 0 <= number < len(self._classes) and all(math.isnan(_number(name)) for name in self._classes):
            return int(number)
        raise ValueError(f"the classes are {_listed(self._classes)}, as the score columns are called")


def read_scores(columns: Sequence[pa.Array], names: Sequence[str], thresholds: Sequence[float], first_row: int) -> Predictions:
    """Return float64[N] scores, or float64[N, C] probabilities of several columns; NaN where a cell is empty.

    A float32 score that is a threshold, as float32 has it, becomes that threshold: .3 from Parquet and .3 from CSV must be equal.

    Args:
        columns: of numbers, one for each class; a single one for two classes.
        names: theirs, for messages.
        thresholds: at which scores are compared.
        first_row: number of the first row, from 1.

    Raises:
        InputError: a column holds no numbers, or the probabilities of a row do not sum to 1.
    """
    read = [_numbers(column, name) for column, name in zip(columns, names, strict=True)]
    if len(read) == 1:
        return _at_thresholds(columns[0], read[0], thresholds)
    table = np.stack(read, axis=1)
    sums = table.sum(axis=1)
    wrong = np.isfinite(sums) & (np.abs(sums - 1) > SUM)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"The probabilities {', '.join(names[:3])}, … of row {first_row + at:,} sum to {sums[at]:g}, not to 1; give "
            "probabilities of all classes (the softmax of logits)."
        )
    return table


def read_weights(column: pa.Array, name: str) -> Floats:
    """Return float64[N]; which values may be weights is checked where they are counted. An empty cell is an error.

    Raises:
        InputError: the column holds no numbers, or an empty cell.
    """
    values = _numbers(column, name)
    if column.null_count:
        raise InputError(f"{column.null_count:,} rows have no weight in the column {name}; fill them, or leave the rows out.")
    return values


def singles(values: npt.NDArray[Any]) -> pa.Array:
    """Return a list column with one value in every row."""
    return pa.ListArray.from_arrays(np.arange(len(values) + 1, dtype=np.int32), pa.array(values))


def read_slice(column: pa.Array, name: str) -> pa.Array:
    """Return the list column of text of a feature: the value or the values of every row; none where the cell is empty.

    Raises:
        InputError: the column holds fractions, or something else that names no group.
    """
    values = plain(column, name)
    if pa.types.is_list(values.type):
        inner = _texts(values.flatten(), name)
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
        return pa.ListArray.from_arrays(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32), inner)
    texts = _texts(values, name)
    known = pc.is_valid(texts).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(known))).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, texts.filter(pa.array(known)))


def read_groups(columns: Sequence[pa.Array], names: Sequence[str], first_row: int) -> pa.Array:
    """Return the list column of a feature: of every row the names of the columns that say it belongs to their group.

    Args:
        columns: of true and false, 0 and 1, or fractions of raters, from .5 on a member; an empty cell is no member.
        names: of the columns, which are the names of the groups.
        first_row: number of the first row, from 1.

    Raises:
        InputError: a cell holds something else.
    """
    inside = np.stack([_membership(column, name, first_row) for column, name in zip(columns, names, strict=True)], axis=1)
    counts = inside.sum(axis=1)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(names, pa.string()).take(pa.array(np.nonzero(inside)[1])))


def _membership(column: pa.Array, name: str, first_row: int) -> Bools:
    values = plain(column, name)
    if pa.types.is_null(values.type):
        return np.zeros(len(values), bool)
    reader = LabelReader(name, ("0", "1"), None)
    known = pc.is_valid(values).to_numpy(zero_copy_only=False)
    if pa.types.is_floating(values.type):
        known = known & ~np.isnan(_numbers(values, name))
    inside = np.zeros(len(values), bool)
    try:
        inside[known] = reader.read(values.filter(pa.array(known)), first_row) == 1
    except InputError as error:
        what = str(error).partition(". ")[0].partition("; ")[0]
        raise InputError(f"{what}. A column of --group says who belongs to the group: true or false, or a fraction.") from None
    return inside


def _by_value(values: pa.Array, read: Callable[[Any], int], column: str, first_row: int) -> Ints:
    """Return int64[N] of a function that is called once for every different value."""
    encoded = values.dictionary_encode()
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    codes = []
    for at, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            codes.append(read(value))
        except ValueError as error:
            row = first_row + int(np.flatnonzero(indices == at)[0])
            raise InputError(f"Row {row:,} has the label {str(value)[:_SHOWN]!r} in the column {column}; {error}.") from None
    read_codes: Ints = np.array(codes, np.int64)[indices]
    return read_codes


def _numbers(column: pa.Array, name: str) -> Floats:
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.int8()), pa.int8()
    if not _is_number(kind):
        raise InputError(f"The column {name} holds {kind}, not numbers; scores and weights must be numbers.")
    if not pa.types.is_float16(kind):  # which Arrow does not cast; integers beyond 2^53 are rounded
        column = column.cast(pa.float64(), safe=False)
    numbers: Floats = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _at_thresholds(column: pa.Array, values: Floats, thresholds: Sequence[float]) -> Floats:
    if not (pa.types.is_float32(column.type) or pa.types.is_float16(column.type)):
        return values
    narrow = np.float32 if pa.types.is_float32(column.type) else np.float16
    for threshold in thresholds:
        values = np.where(values == float(narrow(threshold)), threshold, values)
    return values


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


def _texts(column: pa.Array, name: str) -> pa.Array:
    values = plain(column, name)
    kind = values.type
    if pa.types.is_string(kind):  # true and false as pandas writes them are those of Parquet
        return _lower_flags(pc.utf8_trim_whitespace(values))  # "a" and "a " would be two groups that look like one
    if pa.types.is_null(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return values.cast(pa.string())
    if pa.types.is_floating(kind):
        numbers = _numbers(values, name)
        known = ~np.isnan(numbers)
        there = numbers[known]
        whole_ones = (np.abs(there) <= _EXACT) & (there == np.rint(there))  # not infinite, and told apart from their neighbours
        if whole_ones.all():  # as where some of them are missing
            whole = pa.array(np.where(known, numbers, 0).astype(np.int64), mask=~known)
            return whole.cast(pa.string())
        raise InputError(
            f"The column {name} holds numbers such as {there[~whole_ones][0]:g}, of which each would be a group; put them into "
            f"ranges, or name columns of fractions with --group FEATURE={name}."
        )
    raise InputError(f"The column {name} holds {kind}; a slice needs text, true or false, whole numbers, or lists of text.")


def _lower_flags(texts: pa.Array) -> pa.Array:
    """Return the texts with true and false as Arrow writes them, however another library did."""
    for written, flag in (("True", "true"), ("TRUE", "true"), ("False", "false"), ("FALSE", "false")):
        texts = pc.if_else(pc.equal(texts, written), flag, texts)
    return texts


def _number(text: str) -> float:
    """Return the number that a text writes plainly; NaN for "01" and "1_0", which may be names."""
    return float(text) if _PLAIN_NUMBER.fullmatch(text) else math.nan


def _same(value: Any, wanted: str) -> bool:
    text = str(value).strip()
    return text == wanted or text.lower() == wanted.lower() or (_number(text) == _number(wanted))


def _listed(values: Any) -> str:
    shown = [repr(str(value)) for value in list(values)[:5]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "nothing"
