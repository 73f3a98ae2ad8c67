"""Find what the classes of a table are called: from the names of their score columns, and from the labels.

In: batches of a table and its roles. Out: the names of the classes, in the order of the columns.
"""

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import typed
from fairgate.errors import InputError
from fairgate.judging.plain import plain
from fairgate.judging.roles import Roles
from fairgate.names import CANDIDATE

BINARY = ("0", "1")

Names = tuple[str, ...]


def class_names(batches: Iterable[tuple[int, pa.RecordBatch]], roles: Roles) -> Names:
    """Return the names of the classes that the score columns of resolved roles give; of two, and of decisions, "0" and "1".

    A class is what follows the common beginning of its columns, cut between words: p_cat, p_dog -> cat, dog. Classes may begin
    alike too (class_1, class_10), so the beginning is cut where the labels of the first batch say.

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
    first = choices[CANDIDATE][0]
    if len(choices[CANDIDATE]) > 1:
        labels = _first_labels(batches, roles.label)
        first = max(choices[CANDIDATE], key=lambda names: len(labels & set(names)))  # of equal ones the shortest names
    for model, own in choices.items():
        if first not in own:
            raise InputError(
                f"The classes of the {model} are {', '.join(own[0])}, those of the {CANDIDATE} {', '.join(first)}; "
                "name the columns of both in one order, and alike after a common beginning."
            )
    return first


def cuts(columns: Sequence[str]) -> list[Names]:
    """Return what may follow the common beginning of the columns' names, the shortest names first."""
    first, last = min(columns), max(columns)
    at = 0
    while at < min(len(first), len(last)) - 1 and first[at] == last[at]:
        at += 1
    places = [place for place in range(at, -1, -1) if not place or not first[place - 1].isalnum()]  # not within a word
    return [tuple(name[place:] for name in columns) for place in places]


def _first_labels(batches: Iterable[tuple[int, pa.RecordBatch]], label: str) -> set[str]:
    for _, batch in batches:
        values = pc.unique(plain(batch.column(batch.schema.get_field_index(label)), label))
        return {str(value).strip() for value in values.to_pylist()}
    return set()
