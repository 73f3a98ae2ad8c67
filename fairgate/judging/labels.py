"""Read the true labels of a table: words, numbers, fractions of raters, names of classes.

In: Arrow arrays of a batch, as whoever wrote the file chose to write them. Out: the index of the class of every row. A value that
could mean two things is an error that says what to type.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option, typed
from fairgate.counting.cells import Floats, Ints
from fairgate.errors import InputError
from fairgate.judging.plain import is_number, listed, number_of, numbers, plain, same, without_blanks
from fairgate.names import CANDIDATE
from fairgate.text import plural

POSITIVE = ("1", "true", "t", "yes", "y")
NEGATIVE = ("0", "false", "f", "no", "n")
HALF = 0.5  # of the raters: from here a fraction is positive
SHOWN = 40  # characters of a value in a message
ABSENT = ("na", "n/a", "nan", "<na>", "nat", "null")  # as programs write a value that is not there
MOST_LABELS = 20  # different numbers beyond 0 to 1: of more none is the positive one


class LabelReader:
    """Reads the labels of all batches, and remembers which values they had."""

    def __init__(self, column: str, classes: Sequence[str], positive: str | None, *, numbered: bool = False) -> None:
        """Start.

        Args:
            column: its name, for messages.
            classes: of the label, two or more.
            positive: the value that is positive, of two classes; None where that is plain.
            numbered: whether a label may be the number of a class in this order, from 0, where classes are called by words.
        """
        self._numbered = numbered
        self._numbers: set[int] = set()  # that took the place of names
        self._column, self._classes, self._positive = column, list(classes), positive
        self._others: dict[str, str] = {}  # in small letters -> as it stands there first
        self._found = False
        self._texts: list[str] = []  # of the last batch, each once

    def read(self, values: pa.Array, first_row: int) -> Ints:
        """Return int64[N], the index of the class of every row.

        Args:
            values: bools, numbers or text.
            first_row: number of the first row in the whole table, from 1, for messages.

        Raises:
            InputError: a cell is empty, or no label.
        """
        values = without_blanks(plain(values, self._column))
        kind = values.type
        if not (is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_null(kind)):
            raise InputError(f"The column {self._column} holds {kind}; a label is text, a number, or true or false.")
        absent = pc.is_null(values).to_numpy(zero_copy_only=False)
        if pa.types.is_floating(kind):
            absent = absent | np.isnan(numbers(values, self._column))
        if absent.any():
            raise InputError(
                f"{plural(int(absent.sum()), 'row')} without a label in the column {self._column}, first row "
                f"{first_row + int(np.flatnonzero(absent)[0]):,}; leave them out: without a label nothing can be said of them."
            )
        if is_number(kind) and self._positive is None and len(self._classes) == 2:
            return self._fractions(numbers(values, self._column), first_row)
        if pa.types.is_string(kind) and self._positive is None and len(self._classes) == 2:
            self._texts = [text.strip() for text in pc.unique(values).to_pylist()]
            refuse_regression(self._column, np.array([number_of(text) for text in self._texts]))
        read = self._of_class if len(self._classes) > 2 else self._of_two if self._positive is None else self._of_positive
        return by_value(values, read, self._column, first_row)

    def finish(self) -> None:
        """Check what only all rows together show.

        Raises:
            InputError: the value that is positive occurs nowhere, there are several others, or numbers may count from 0 or 1.
        """
        if self._numbers and 0 not in self._numbers:
            raise InputError(
                f"The column {self._column} numbers the classes {listed(self._classes)} by {listed(sorted(self._numbers))}, of "
                "which none is 0, so it is not plain whether it counts from 0 or from 1; name the classes in the labels, or call "
                "each score column by the number of its class."
            )
        if self._positive is None:
            return
        if not self._found:
            raise InputError(
                f"No row has the label {self._positive!r} that {option('positive')} names; the column {self._column} holds "
                f"{listed(list(self._others.values()))}."
            )
        refuse_absent(self._column, self._positive, self._others)
        if len(self._others) > 1:
            raise InputError(
                f"The column {self._column} holds {listed(list(self._others.values()))} beside {self._positive!r}, so it has "
                "more than two labels; leave out what is no label, or give one score for each class: "
                f"{typed('scores', {CANDIDATE: 'p_*'})}."
            )

    def _fractions(self, values: Floats, first_row: int) -> Ints:
        wrong = ~((values >= 0) & (values <= 1))
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            refuse_regression(self._column, np.unique(values))
            known = values[np.isfinite(values)]
            which = (
                f"Which value is positive? Type {typed('positive', f'{known.max():g}')}, or another one."
                if known.size
                else "Correct it."
            )
            raise InputError(
                f"Row {first_row + at:,} has the label {values[at]:g} in the column {self._column}; 0, 1 or a fraction of raters "
                f"must stand there. {which}"
            )
        return (values >= HALF).astype(np.int64)

    def _of_two(self, value: Any) -> int:
        word = str(value).strip().lower()
        if word in POSITIVE or word in NEGATIVE:
            return int(word in POSITIVE)
        number = number_of(word)
        if not 0 <= number <= 1:
            raise ValueError(which_is_positive(str(value).strip(), self._texts, self._column))
        return int(number >= HALF)

    def _of_positive(self, value: Any) -> int:
        is_positive = same(value, str(self._positive))
        self._found |= is_positive
        if not is_positive:
            self._others.setdefault(str(value).strip().lower(), str(value)[:SHOWN])
        return int(is_positive)

    def _of_class(self, value: Any) -> int:
        text = str(value).strip()
        for equal in (str.__eq__, same):  # a name to the letter first: "a" and "A" may both be classes
            found = [at for at, name in enumerate(self._classes) if equal(text, name)]
            if len(found) == 1:
                return found[0]
        number = number_of(text)
        is_number = number.is_integer() and all(math.isnan(number_of(name)) for name in self._classes)
        if is_number and self._numbered and 0 <= number < len(self._classes):
            self._numbers.add(int(number))
            return int(number)
        remedy = "call each score column by its class"
        if is_number and not self._numbered:
            order = [f"COLUMN_OF_{at}" for at in range(len(self._classes))][:4] + ["…"] * (len(self._classes) > 4)
            remedy += f", or type the columns in the order of the numbers: {typed('scores', {CANDIDATE: order})}"
        raise ValueError(f"the classes are {listed(self._classes)}, as the score columns are called; {remedy}")


def which_is_positive(value: str, values: Sequence[str], column: str) -> str:
    """Return what to do about a word that is neither yes nor no: half a sentence.

    Args:
        value: the word.
        values: the different values of the rows around it, with its own.
        column: its name.
    """
    words = dict.fromkeys([value, *values])
    if len(words) == 2:
        return f"which value is positive? Type {' or '.join(typed('positive', each[:SHOWN]) for each in words)}"
    small = {each.lower() for each in words}
    if not small.isdisjoint(POSITIVE) and not small.isdisjoint(NEGATIVE):
        named = column if column.isidentifier() else f"column({column!r})"
        return f"correct it, or leave out such rows: {typed('where', f'{named} != {value[:SHOWN]!r}')}"
    question = f"which value is positive? Type {typed('positive', value[:SHOWN])}, or another one"
    return f"{question}; if 0 and 1 are meant, correct the cell"


def refuse_absent(column: str, positive: str, others: Mapping[str, str]) -> None:
    """Refuse a column whose only value beside the positive one says that there is none: such rows are not negative.

    Args:
        column: its name, for the message.
        positive: the value that is positive.
        others: in small letters -> as it stands there.

    Raises:
        InputError: see there.
    """
    if len(others) == 1 and not others.keys().isdisjoint(ABSENT):
        (word,) = others.values()
        raise InputError(
            f"The column {column} holds {word!r} beside {positive!r}, as if nothing stood there, and no other value; write what "
            f"is meant in these rows, or leave them out: {typed('where', f'{column} != {word!r}')}."
        )


def refuse_regression(column: str, values: Floats) -> None:
    """Refuse labels that are measurements.

    Args:
        column: its name, for the message.
        values: the different labels; NaN for a word.

    Raises:
        InputError: all are numbers, and they are not from 0 to 1, and are no whole numbers, or too many for classes.
    """
    outside = values[~((values >= 0) & (values <= 1))]
    if np.isfinite(values).all() and outside.size and ((values != np.rint(values)).any() or values.size > MOST_LABELS):
        shown = " and ".join(f"{value:g}" for value in outside[:2])
        raise InputError(
            f"The column {column} holds numbers such as {shown}: this looks like a regression, which fairgate does not judge; it "
            "judges decisions, scores from 0 to 1, and classes."
        )


def by_value(values: pa.Array, read: Callable[[Any], int], column: str, first_row: int) -> Ints:
    """Return int64[N] of a function that is called once for every different value."""
    encoded = values.dictionary_encode()
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    codes = []
    for at, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            codes.append(read(value))
        except ValueError as error:
            row = first_row + int(np.flatnonzero(indices == at)[0])
            raise InputError(f"Row {row:,} has the label {str(value)[:SHOWN]!r} in the column {column}; {error}.") from None
    read_codes: Ints = np.array(codes, np.int64)[indices]
    return read_codes
