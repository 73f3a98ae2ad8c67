"""Find what the classes of a table are called: from the names of their score columns, and from the labels.

In: batches of a table and its roles. Out: the names of the classes, in the order of the columns.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option, typed
from fairgate.errors import InputError
from fairgate.judging.plain import name_of, plain
from fairgate.judging.roles import Roles
from fairgate.names import CANDIDATE

BINARY = ("0", "1")

Names = tuple[str, ...]

_WHOLE = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)(\d+)(?:\.0+)?(?![.\d])", re.ASCII)  # of a column's name


def class_names(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> Names:
    """Return the names of the classes that the score columns of resolved roles give; of two, and of decisions, "0" and "1".

    A class is what follows the common beginning of its columns, cut between words: p_cat, p_dog -> cat, dog. Classes may begin
    alike too (class_1, class_10), so the beginning is cut where the labels of the first batch say; where these are numbers, a
    class may be the number in its column's name: class0, class1 -> 0, 1.

    Args:
        batches: of the table; only the first one is read, and that only where there is a choice.
        roles: resolved.

    Raises:
        InputError: the models have other classes, or one has a single score.
    """
    choices = {model: cuts(of_model) for model, of_model in roles.scores.items() if not isinstance(of_model, str)}
    if not choices:
        return BINARY
    if len(choices) < len(roles.scores):
        raise InputError("One model has one score and another one several; give every model its probabilities of all classes.")
    if roles.label is None:
        raise InputError(f"Probabilities of several classes are judged by the true class; type {typed('label', 'COLUMN')}.")
    if roles.positive is not None:
        raise InputError(
            f"{typed('positive', roles.positive)} names one of two classes, and the {CANDIDATE} has the probabilities of "
            f"{len(choices[CANDIDATE][0])}; leave {option('positive')} out, and each class is judged."
        )
    first = choices[CANDIDATE][0]
    if len(choices[CANDIDATE]) > 1:
        labels = _first_labels(batches, roles.label)
        first = max(choices[CANDIDATE], key=lambda names: len(labels & set(names)))  # of equal ones the shortest names
    for model, own in choices.items():
        if not any(set(names) == set(first) for names in own):
            raise InputError(
                f"The classes of the {model} are {', '.join(own[0])}, those of the {CANDIDATE} {', '.join(first)}; "
                "call the columns of both alike after a common beginning."
            )
    return first


def with_columns_of(roles: Roles, classes: Names) -> Roles:
    """Return resolved roles whose score columns are, for every model, in the order of the classes.

    Args:
        roles: resolved.
        classes: that `class_names` found.
    """
    scores: dict[str, str | Sequence[str]] = {}
    for model, columns in roles.scores.items():
        own = () if isinstance(columns, str) else next(names for names in cuts(columns) if set(names) == set(classes))
        scores[model] = tuple(columns[own.index(name)] for name in classes) if own else columns
    return replace(roles, scores=scores)


def cuts(columns: Sequence[str]) -> list[Names]:
    """Return what the classes of the columns may be called: the shortest names first, and the numbers in the names last."""
    first, last = min(columns), max(columns)
    at = 0
    while at < min(len(first), len(last)) - 1 and first[at] == last[at]:
        at += 1
    places = [place for place in range(at, -1, -1) if not place or not first[place - 1].isalnum()]  # not within a word
    found = [_whole_numbers(tuple(name[place:] for name in columns)) for place in places]
    numbers = _numbers_in(columns)
    return [*found, numbers] if numbers and numbers not in found else found


def _whole_numbers(names: Names) -> Names:
    """Return numbers without a fraction of zeros, 0.0 as 0, where all names are whole numbers; others as they are."""
    whole = tuple(map(name_of, names))
    return whole if all(map(_WHOLE.fullmatch, whole)) and len(set(whole)) == len(names) else names


def _numbers_in(columns: Sequence[str]) -> Names:
    """Return the number in which alone the columns' names differ, class00, class01 -> 0, 1; () where they differ otherwise."""
    parts = [
        (name[: number.start()], int(number[1]), name[number.end() :]) for name in columns for number in _NUMBER.finditer(name)
    ]
    for before, after in dict.fromkeys((before, after) for before, _, after in parts):
        found = [str(number) for own_before, number, own_after in parts if (own_before, own_after) == (before, after)]
        if len(found) == len(set(found)) == len(columns):
            return tuple(found)
    return ()


def _first_labels(batches: Iterable[tuple[int, pa.RecordBatch]], label: str) -> set[str]:
    for _, batch in batches:
        values = pc.unique(plain(batch.column(batch.schema.get_field_index(label)), label)).to_pylist()
        return {name for value in values for name in (str(value).strip(), name_of(value))}
    return set()
