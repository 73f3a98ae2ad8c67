"""Match the columns of a source with the known ones: by the user's mapping, and by names that are nearly right.

A misspelt identity column would count as not annotated, and a whole group would be missing from the evaluation. So a column that
is almost called like a known one that is absent stops the conversion, until the user says what it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from shlex import quote

from fairgate.errors import InputError

MAX_EDITS = 2


@dataclass(frozen=True)
class ColumnNames:
    """What the user says about the columns of the sources.

    Attributes:
        mapping: known column -> the column of the sources that holds it, {"female": "Female"}.
        ignored: columns that are not the known ones that they are almost called like.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def renamed(self) -> dict[str, str]:
        """Return the column of the sources -> the known column that it holds."""
        return {source: known for known, source in self.mapping.items()}


NO_COLUMNS = ColumnNames()


@dataclass(frozen=True)
class KnownColumns:
    """The known columns that a source has, and those that it might have and lacks."""

    present: tuple[str, ...]
    absent: tuple[str, ...]


def refuse_near_misses(path: object, names: Iterable[str], columns: KnownColumns, ignored: Iterable[str]) -> None:
    """Raise InputError if a column is almost called like a known one that is absent; the message names all of them.

    Args:
        path: of the source, for the message.
        names: its columns that are not known.
        columns: the known ones.
        ignored: columns that the user says are something else.
    """
    guessed = {name: nearest(name, [*columns.absent, *columns.present]) for name in names if name not in set(ignored)}
    found = [(name, near) for name, near in guessed.items() if near in columns.absent]
    if not found:
        return
    guesses = ", ".join(f"{name!r} (did you mean {near!r}?)" for name, near in found)
    mapped = " ".join(f"--column {quote(f'{near}={name}')}" for name, near in found)
    unknown = " ".join(f"--ignore-column {quote(name)}" for name, _ in found)
    raise InputError(
        f"{path}: unknown {'column' if len(found) == 1 else 'columns'} {guesses}. "
        f"Rename, or read as meant with {mapped}; if they are something else: {unknown}"
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that equals `name` up to case and punctuation, or else is within MAX_EDITS edits; None if none is."""
    plain = _plain(name)
    distances = {candidate: distance(plain, _plain(candidate), MAX_EDITS) for candidate in known}
    near = min(distances, key=lambda candidate: distances[candidate], default=None)
    return near if near is not None and distances[near] <= MAX_EDITS else None


def distance(first: str, second: str, most: int) -> int:
    """Return the edits that turn one text into the other: insert, delete, replace a character, exchange two neighbours.

    Optimal string alignment (Damerau 1964 without edits inside of an exchange). Texts whose lengths differ by more than `most`
    are not compared: most + 1 is returned.
    """
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, start=1):
        before, above, row = row, before, [i]
        for j, right in enumerate(second, start=1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                edits = min(edits, above[j - 2] + 1)
            row.append(edits)
    return row[-1]


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
