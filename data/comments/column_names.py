"""Match the columns of a source with the known ones: by the user's mapping, and by names that are nearly right.

A misspelt identity column would count as not annotated, and a whole group would be missing from the evaluation. So a column that
is almost called like a known one that is absent stops the conversion, until the user says what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from data.comments.civil_comments import IDENTITY_COLUMNS, LABEL_COLUMNS, SPLIT, UNUSED_COLUMNS
from data.comments.names import IDENTITIES, TEXT
from fairgate.errors import InputError

COLUMNS = frozenset({TEXT, SPLIT, *LABEL_COLUMNS, *IDENTITY_COLUMNS, *IDENTITIES})
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


def match_columns(
    path: object, own: Sequence[str], columns: ColumnNames | None, *, lists: bool, needs_label: bool = True
) -> dict[str, str]:
    """Return the columns of a source that are read under another name -> that known name.

    Args:
        path: of the source, for messages.
        own: the names of its columns.
        columns: what the user says about them; None to take unknown ones as they are.
        lists: whether a column of a feature's name lists the feature's identities, as in TFRecords.
        needs_label: whether a label column is needed; without one, the names of identities do not matter either.

    Raises:
        InputError: the text or a label column is missing, a known column appears twice, or a column is almost called like a known
            one that is missing.
    """
    renamed = {source: known for source, known in columns.renamed().items() if source in own} if columns else {}
    names = [renamed.get(name, name) for name in own]
    _check_columns(path, names, LABEL_COLUMNS if needs_label else ())
    if columns is not None and needs_label:
        unknown = [name for name in names if name not in COLUMNS | UNUSED_COLUMNS]
        refuse_near_misses(path, unknown, _known_columns(names, lists=lists), columns.ignored)
    return renamed


def _known_columns(names: Sequence[str], *, lists: bool) -> KnownColumns:
    """Return which known columns a file has and lacks; an identity is there with its own column or its feature's list."""
    present: list[str] = []
    absent: list[str] = []
    for feature, identities in (("", (SPLIT,)), *IDENTITIES.items()):
        listed = lists and feature in names
        for name in identities:
            (present if listed or name in names else absent).append(name)
        if lists and feature and not listed and not set(identities).intersection(names):
            absent.append(feature)
    return KnownColumns(tuple(present), tuple(absent))


def _check_columns(path: object, names: Sequence[str], labels: Sequence[str]) -> None:
    twice = sorted(name for name in COLUMNS.intersection(names) if names.count(name) > 1)
    if twice:
        raise InputError(f"{path}: the column {twice[0]} appears {names.count(twice[0])} times; keep one of them")
    found = ", ".join(map(repr, names[:50])) or "none"
    unknown = [name for name in names if name not in COLUMNS]
    if TEXT not in names:
        raise InputError(f"{path}: no column {TEXT}; columns found: {found}. Rename the text column{_mapping(unknown, TEXT)}")
    if labels and not set(labels).intersection(names):
        remedy = f"Rename the label column{_mapping(unknown, *labels)}"
        raise InputError(f"{path}: no column {' or '.join(labels)}; columns found: {found}. {remedy}")


def _mapping(unknown: Sequence[str], *wanted: str) -> str:
    """Return how a column is read as the wanted one, as the end of a sentence; names the one that is almost called like it."""
    for name in unknown:
        if known := nearest(name, wanted):
            return f"; did you mean {name!r}? Read it with --column {quote(f'{known}={name}')}"
    return f", or read it with --column {wanted[0]}=NAME"


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
