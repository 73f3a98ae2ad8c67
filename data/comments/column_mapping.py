"""Read what the user says about the columns of the sources: `--columns text=comment,label=rating,gender=sex`.

In: known name -> the column that holds it. Out: `ColumnNames`. Known are the text, the labels, the split, each identity, and each
feature, whose cells then hold names of groups. `text` and `label` are short for the names that the canonical examples have.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from data.comments.cells import Scale
from data.comments.civil_comments import IDENTITY_COLUMNS, LABEL_COLUMNS, SPLIT
from data.comments.labels import LABEL_OF
from data.comments.names import IDENTITIES, LABEL, TEXT
from fairgate.errors import InputError

COLUMNS = frozenset({TEXT, SPLIT, *LABEL_COLUMNS, *IDENTITY_COLUMNS, *IDENTITIES})
ALIASES = {"text": TEXT, "label": LABEL}
MAX_EDITS = 2


@dataclass(frozen=True)
class ColumnNames:
    """What the user says about the columns of the sources.

    Attributes:
        mapping: known column -> the column of the sources that holds it, {"female": "Female"}; without labels.
        ignored: columns that are not read, or that are not the known ones that they are almost called like.
        labels: columns that hold labels; a row is positive where any of them is. Empty for the known label columns.
        thresholds: label column -> the least fraction that is positive.
        groups: feature -> value of its column -> the group that it means, or "none".
        scales: label column -> the scale of its ratings.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)

    def renamed(self) -> dict[str, str]:
        """Return the column of the sources -> the name under which it is read."""
        return {source: known for known, source in self.mapping.items()} | {name: LABEL_OF + name for name in self.labels}


NO_COLUMNS = ColumnNames()


def read_mapping(written: Mapping[str, str | tuple[str, ...]]) -> ColumnNames:
    """Return the mapping that a user writes.

    Args:
        written: known name or alias -> the column, of labels also several.

    Raises:
        InputError: a name is not known, is read from two columns, or a column is read as two; or one of them is empty.
    """
    pairs = [(known, name) for known, names in written.items() for name in ([names] if isinstance(names, str) else names)]
    mapping: dict[str, str] = {}
    labels: list[str] = []
    used: dict[str, str] = {}
    for alias, name in ((alias, unicodedata.normalize("NFC", name)) for alias, name in pairs):
        known = ALIASES.get(alias, alias)
        _check_pair(alias, known, name)
        if name in used:
            twice = f"twice as {alias}" if used[name] == alias else f"both as {used[name]} and as {alias}"
            raise InputError(f"the column {name!r} is read {twice}; name it once")
        used[name] = alias
        if known in LABEL_COLUMNS:
            labels.append(name)
        elif known in mapping:
            raise InputError(f"{alias} is read from two columns, {mapping[known]!r} and {name!r}; name one")
        else:
            mapping[known] = name
    _check_features(mapping)
    return ColumnNames(mapping, labels=tuple(labels))


def _check_pair(alias: str, known: str, name: str) -> None:
    if not name.strip():
        raise InputError(f"no column is named for {alias!r}; write {alias or 'text'}=NAME")
    if known not in COLUMNS:
        names = [*ALIASES, SPLIT, *IDENTITIES, *IDENTITY_COLUMNS]
        guess = f"did you mean {near!r}? " if (near := nearest(alias, sorted({*COLUMNS, *ALIASES}))) else ""
        raise InputError(f"{name!r} is read as {alias!r}, which is no known column; {guess}Known are {', '.join(names)}")


def _check_features(mapping: Mapping[str, str]) -> None:
    for feature, identities in IDENTITIES.items():
        if feature in mapping and (both := [name for name in identities if name in mapping]):
            raise InputError(
                f"{feature} is read from {mapping[feature]!r}, and {both[0]}, which is a {feature}, from {mapping[both[0]]!r}; "
                f"name {feature}={mapping[feature]} alone, or the columns of its groups"
            )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that equals `name` up to case and punctuation, or else is within MAX_EDITS edits; None if none is.

    Of names of five letters and less, one edit is the most: "age" is not "race".
    """
    plain = _plain(name)
    letters = frozenset(plain)
    distances = {}
    for candidate, form, known_letters, most in _forms(tuple(known)):
        # An edit changes the length by one, and which letters occur by two at most: most candidates need no comparison.
        if abs(len(form) - len(plain)) <= most and len(letters ^ known_letters) <= 2 * most:
            edits = distance(plain, form, MAX_EDITS)
            if edits <= most:
                distances[candidate] = edits
    return min(distances, key=lambda candidate: distances[candidate], default=None)


@lru_cache(maxsize=16)
def _forms(known: tuple[str, ...]) -> tuple[tuple[str, str, frozenset[str], int], ...]:
    """Return of each known name: the name, its plain form, the letters of that, and how many edits away a name may be."""
    plain = map(_plain, known)
    return tuple((name, form, frozenset(form), min(MAX_EDITS, len(form) // 3)) for name, form in zip(known, plain, strict=True))


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
