"""Read decisions in the place of scores: yes or no, or the class that a model predicts.

In: batches, and Arrow arrays of a batch. Out: the classes that labels and decisions name, and each decision as the score of one
who is sure: 0 or 1, or a 1 for the class that is predicted. What rests on how sure a model is cannot be measured of them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option, typed
from fairgate.counting.cells import Floats, Ints
from fairgate.errors import InputError
from fairgate.judging.labels import (
    ABSENT,
    NEGATIVE,
    POSITIVE,
    SHOWN,
    LabelReader,
    by_value,
    refuse_absent,
    refuse_regression,
    which_is_positive,
)
from fairgate.judging.plain import in_order, is_number, listed, name_of, number_of, numbers, plain, same, without_blanks
from fairgate.judging.roles import Roles

THRESHOLD = 0.5  # between the scores 0 and 1 that decisions are counted as
BINARY = ("0", "1")
MOST_CLASSES = 100  # of more the counts of every class by every class would not fit into memory
_WORDS = (*POSITIVE, *NEGATIVE)


def classes_of(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> tuple[str, ...]:
    """Return the classes of decisions: those of label and decisions together, sorted; "0" and "1" where they are yes and no.

    Args:
        batches: of the table; all are read.
        roles: resolved, with decisions.

    Raises:
        InputError: there are too many classes, two whose positive one is not plain, or none that label and decisions share.
    """
    if roles.label is None or roles.positive is not None:
        return BINARY
    found = _different(batches, roles)
    labels = found.pop(roles.label)
    refuse_regression(roles.label, np.array([number_of(name) for name in labels if not number_of(name).is_integer()]))
    decided = {value: None for values in found.values() for value in values}
    if all(map(_is_flag, decided)) and all(map(_is_flag_or_fraction, labels)):
        return BINARY
    _refuse_absent_words(roles.label, labels, found)
    words = _words_of(labels, found.values())
    classes = sorted({**labels, **dict.fromkeys(words.get(value, value) for value in decided)}, key=in_order)
    if len(classes) < 3:
        remedies = " or ".join(typed("positive", name) for name in classes)
        raise InputError(f"Labels and decisions are {listed(classes)}; which of them is positive? Type {remedies}.")
    for column, values in found.items():
        if values and not any(words.get(value, value) in labels for value in values):
            _refuse_apart(roles.label, list(labels), column, list(values))
    return tuple(classes)


def _refuse_absent_words(label: str, labels: Collection[str], decided: Mapping[str, Iterable[str]]) -> None:
    """Refuse "null" and the like as a class that no label has, or as a label beside 0 and 1: in other files the cell is empty.

    Args:
        label: column of the true label.
        labels: its values.
        decided: column of decisions -> its values.
    """
    cells = [(column, value) for column, values in decided.items() for value in values if value not in labels]
    if all(_is_flag_or_fraction(value) for value in labels if value.lower() not in ABSENT):
        cells += [(label, value) for value in labels]
    for column, value in cells:
        if value.lower() in ABSENT:
            named = column if column.isidentifier() else f"column({column!r})"
            raise InputError(
                f"The column {column} holds {value!r}, as if nothing stood there; leave such cells empty, or leave these rows "
                f"out: {typed('where', f'{named} != {value!r}')}."
            )


def _words_of(labels: Iterable[str], decided: Collection[Iterable[str]]) -> dict[str, str]:
    """Return decision -> the label that it differs from in case alone, "Cat" -> "cat"; not where both writings are classes."""
    alike = Counter(label.lower() for label in labels)
    for values in decided:
        for word, times in Counter(value.lower() for value in values).items():
            alike[word] = max(alike[word], times)
    of_word = {label.lower(): label for label in labels if alike[label.lower()] == 1}
    return {value: of_word[value.lower()] for values in decided for value in values if value.lower() in of_word}


def _refuse_apart(label: str, labels: Sequence[str], column: str, values: Sequence[str]) -> NoReturn:
    """Refuse labels and decisions that share no class: no decision could be right."""
    remedy = "write both in the same words"
    if len(labels) == 2 and all(map(_is_flag, values)):
        remedy += ", or name the label that 1, true or yes means: " + " or ".join(typed("positive", each) for each in labels)
    raise InputError(
        f"The column {label} holds the classes {listed(labels)}, and the column {column} {listed(values)}: none is in both, so "
        f"no decision could be right; {remedy}."
    )


def positives(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> dict[str, str | None]:
    """Return column of decisions -> its value that is positive; None where yes and no, 1 and 0, true and false say it.

    Where a column holds the value that --positive names, that value alone is positive. Where it does not, its values may be those
    of the label (a model that never decides positively), or plain flags beside a label in words.

    Args:
        batches: of the table; all are read where --positive is given.
        roles: resolved.

    Raises:
        InputError: it cannot be said which decisions of a column are positive.
    """
    wanted = roles.positive
    if wanted is None or not roles.decisions:
        return dict.fromkeys(roles.decisions.values())
    found = _different(batches, roles)
    named = {name: values for name, values in found.items() if _holds(values, wanted)}
    _refuse_classes(roles, found)
    others = [value for values in named.values() for value in values]
    if roles.label is not None and roles.label not in named:  # which the reader of labels refuses
        return dict.fromkeys(roles.decisions.values(), wanted)
    return {
        name: wanted if name in named else _positive_without(name, found[name], wanted, others)
        for name in roles.decisions.values()
    }


def _refuse_classes(roles: Roles, found: Mapping[str, Collection[str]]) -> None:
    """Refuse a positive value where labels and decisions are the same three classes or more, or some of them."""
    labels = found.get(str(roles.label), ())
    decided = {value for column in roles.decisions.values() for value in found[column]}
    common = [value for value in labels if value in decided and not same(value, str(roles.positive))]
    if len(labels) > 2 and common:
        raise InputError(
            f"{typed('positive', roles.positive)} names one of two classes, and the column {roles.label} holds {listed(labels)}, "
            f"as decisions do; leave {option('positive')} out, and each class is judged."
        )


def _positive_without(column: str, values: Iterable[str], wanted: str, others: Sequence[str]) -> str | None:
    """Return the positive value of a column that does not hold the one that is wanted; `others` are those of columns that do."""
    if others and all(_holds(others, value) for value in values):
        return wanted
    clear = bool(others) or wanted.strip().lower() in POSITIVE
    against = wanted.strip().lower() in NEGATIVE or any(value.lower() in POSITIVE and _holds(others, value) for value in values)
    if all(map(_is_flag, values)) and clear and not against:
        return None
    named = option("positive")
    raise InputError(
        f"The column {column} holds {listed(list(values))} and not {wanted!r}, which {named} names, so which of its decisions "
        f"are positive is not plain; write {wanted!r} in it where a decision is positive, or {named} as it stands there."
    )


def _holds(values: Iterable[str], wanted: str) -> bool:
    return any(same(value, wanted) for value in values)


def _different(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> dict[str, dict[str, None]]:
    """Return column -> its different values, of label and decisions; of fractions of raters only the first ones."""
    columns = ([] if roles.label is None else [roles.label]) + list(roles.decisions.values())
    found: dict[str, dict[str, None]] = {name: {} for name in columns}
    for _, batch in batches:
        for name, values in found.items():
            column = _simple(batch.column(batch.schema.get_field_index(name)), name)
            cells = [value for value in pc.unique(column).to_pylist() if value is not None and value == value]  # not NaN
            values.update(dict.fromkeys(map(name_of, cells)))
            if name == roles.label and len(values) > MOST_CLASSES and all(map(_is_flag_or_fraction, values)):
                found[name] = dict.fromkeys(list(values)[:MOST_CLASSES])  # one value more that is no fraction is one too many
            else:
                _check_number(name, values)
    return found


def _check_number(column: str, values: dict[str, None]) -> None:
    if len(values) <= MOST_CLASSES:
        return
    read = [number_of(value) for value in values]
    what = "it names no class, and fairgate judges decisions and classes alone"
    if all(0 <= number <= 1 for number in read):
        what = f"these are scores, so type {typed('scores', {'MODEL': column})}"
    elif all(number == number for number in read):
        what = "it looks like a regression, and fairgate judges decisions and classes alone"
    raise InputError(
        f"The column {column} has more than {MOST_CLASSES} different values, such as {listed(list(values)[:3])}; {what}."
    )


class DecisionReader:
    """Reads the yes-or-no decisions of all batches, and remembers which values they had."""

    def __init__(self, column: str, positive: str | None) -> None:
        """Start.

        Args:
            column: its name, for messages.
            positive: the only value that is positive; None where the cells say yes and no, 1 and 0, or true and false.
        """
        self._column, self._positive = column, positive
        self._others: dict[str, str] = {}
        self._texts: list[str] = []  # of the last batch, each once

    def read(self, values: pa.Array, first_row: int) -> Floats:
        """Return float64[N]: 1 for a positive decision, 0 for a negative one, NaN for an empty cell.

        Args:
            values: bools, numbers or text.
            first_row: number of the first row in the whole table, from 1, for messages.

        Raises:
            InputError: a cell is no decision.
        """
        values, known = _known(values, self._column)
        if self._positive is None:
            self._texts = list(map(name_of, pc.unique(values).to_pylist()))
        decisions = np.full(len(known), np.nan)
        rows = np.flatnonzero(known)
        try:
            decisions[known] = by_value(values, self._one, self._column, 0)
        except _NoDecisionError as error:
            at = pc.index(values, pa.scalar(error.value, values.type)).as_py()
            raise InputError(
                f"Row {first_row + int(rows[at]):,} has the decision {str(error.value)[:SHOWN]!r} in the column {self._column}; "
                f"{error.remedy}."
            ) from None
        return decisions

    def finish(self) -> None:
        """Check what only all rows together show.

        Raises:
            InputError: there are more than two different decisions.
        """
        if self._positive is not None:
            refuse_absent(self._column, self._positive, self._others)
        if len(self._others) > 1:
            raise InputError(
                f"The column {self._column} holds {listed(list(self._others.values()))} beside {self._positive!r}, so it has "
                f"more than two decisions; leave out what is no decision, such as with {option('where')}, or name the true class "
                f"too: {typed('label', 'COLUMN')}, without {option('positive')}."
            )

    def _one(self, value: Any) -> int:
        name = name_of(value)
        if self._positive is not None:
            if same(value, self._positive):
                return 1
            self._others.setdefault(name.lower(), name[:SHOWN])
            return 0
        if _is_flag(name):
            return int(name.lower() in POSITIVE)
        if 0 < number_of(name) < 1:
            raise _NoDecisionError(value, f"that is a score, so type {typed('scores', {'MODEL': self._column})}")
        raise _NoDecisionError(value, which_is_positive(name, self._texts, self._column))


class _NoDecisionError(Exception):
    """A value that is no decision, and what to do."""

    def __init__(self, value: Any, remedy: str) -> None:
        super().__init__(remedy)
        self.value, self.remedy = value, remedy


def read_classes(values: pa.Array, column: str, classes: Sequence[str], first_row: int) -> Floats:
    """Return float64[N, C] with a 1 for the class that is predicted, and NaN where the cell is empty.

    Args:
        values: names of classes.
        column: its name, for messages.
        classes: all of them.
        first_row: number of the first row, from 1.

    Raises:
        InputError: a cell names no class.
    """
    values, known = _known(values, column)
    found: Ints = LabelReader(column, classes, None).read(values, first_row)
    predicted = np.full((len(known), len(classes)), np.nan)
    predicted[known] = np.eye(len(classes))[found]
    return predicted


def _known(values: pa.Array, column: str) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return the cells that are not empty, and which these are."""
    values = _simple(values, column)
    known = pc.is_valid(values).to_numpy(zero_copy_only=False)
    if is_number(values.type):
        known = known & ~np.isnan(numbers(values, column))
    return values.filter(pa.array(known)), known


def _simple(values: pa.Array, column: str) -> pa.Array:
    """Return a column of text, numbers, or true and false, without texts of nothing.

    Raises:
        InputError: it holds something else.
    """
    values = without_blanks(plain(values, column))
    kind = values.type
    if not (is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_null(kind)):
        raise InputError(f"The column {column} holds {kind}; a decision is text, a number, or true or false.")
    return values


def _is_flag(name: str) -> bool:
    return name.lower() in _WORDS


def _is_flag_or_fraction(name: str) -> bool:
    return _is_flag(name) or 0 <= number_of(name) <= 1
