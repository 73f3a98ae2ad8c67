"""Match the columns of a source with the known ones: by the user's mapping, and by names that are nearly right.

A misspelt identity column would count as not annotated, and a whole group would be missing from the evaluation. So a column that
is almost called like a known one that is absent stops the conversion, until the user says what it is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from data.comments.civil_comments import LABEL_COLUMNS, SPLIT, UNUSED_COLUMNS
from data.comments.column_mapping import COLUMNS, NO_COLUMNS, ColumnNames, nearest
from data.comments.labels import is_label
from data.comments.names import IDENTITIES, TEXT
from data.delimited import NO_DELIMITER
from data.options import columns_option
from fairgate.errors import InputError

__all__ = ["COLUMNS", "NO_COLUMNS", "ColumnNames", "is_read", "match_columns", "nearest"]

NOT_READ = ""  # what a column is read as that stands back behind the user's mapping, or that the user ignores
SHOWN_COLUMNS = 50  # in a message
_LIKE_TEXT = ("comment", "text", "body", "content", "message", "post", "tweet", "sentence")
_LIKE_LABEL = ("label", "toxic", "hate", "offensive", "is_toxic", "class")


@dataclass(frozen=True)
class KnownColumns:
    """The known columns that a source has, and those that it might have and lacks."""

    present: tuple[str, ...]
    absent: tuple[str, ...]


def is_read(name: str) -> bool:
    """Return whether a column is read that the source or the user calls so."""
    return name in COLUMNS or is_label(name)


def has_label(names: Iterable[str]) -> bool:
    """Return whether columns that are read under these names hold a label."""
    return any(name in LABEL_COLUMNS or is_label(name) for name in names)


def match_columns(
    path: object, own: Sequence[str], columns: ColumnNames | None, *, lists: bool, needs_label: bool = True
) -> dict[str, str]:
    """Return the columns of a source that are read under another name -> that name, or NOT_READ.

    Args:
        path: of the source, for messages.
        own: the names of its columns.
        columns: what the user says about them; None to take unknown ones as they are.
        lists: whether a list of a feature goes before the columns of its identities, as in TFRecords; otherwise having both is an
            error.
        needs_label: whether a label column is needed; without one, the names of identities do not matter either.

    Raises:
        InputError: the text or a label column is missing, a column appears twice, or is almost called like a known one that is
            missing.
    """
    named = columns or NO_COLUMNS
    renamed = {source: known for source, known in named.renamed().items() if source in own}
    hidden = _hidden(set(renamed.values())) | set(named.ignored)
    renamed.update((name, NOT_READ) for name in own if name not in renamed and is_read(name) and name in hidden)
    names = [renamed.get(name, name) for name in own]
    _check_twice(path, own, names)
    _check_present(path, names, own, named, needs_label=needs_label)
    if needs_label:
        _check_labels(path, own, named.labels)
    if columns is not None and needs_label:
        if not lists:
            _check_one_source(path, own, names)
        unknown = [name for name in names if name and not is_read(name) and name not in UNUSED_COLUMNS]
        _refuse_near_misses(path, unknown, _known_columns(names), columns.ignored)
    return renamed


def _hidden(mapped: set[str]) -> set[str]:
    """Return the known columns that stand back where others are mapped: the same ones, labels, and those of the same feature."""
    hidden = set(mapped)
    if any(map(is_label, mapped)):
        hidden.update(LABEL_COLUMNS)
    for feature, identities in IDENTITIES.items():
        if feature in mapped:
            hidden.update(identities)
        elif mapped.intersection(identities):
            hidden.add(feature)
    return hidden


def _known_columns(names: Sequence[str]) -> KnownColumns:
    """Return which known columns a file has and lacks; an identity is there with its own column or its feature's."""
    present: list[str] = []
    absent: list[str] = []
    for feature, identities in (("", (SPLIT,)), *IDENTITIES.items()):
        for name in identities:
            (present if feature in names or name in names else absent).append(name)
        if feature and feature not in names and not set(identities).intersection(names):
            absent.append(feature)
    return KnownColumns(tuple(present), tuple(absent))


def _check_labels(path: object, own: Sequence[str], labels: Sequence[str]) -> None:
    """Raise InputError if the source has some of the label columns, so that its rows would be judged by fewer labels."""
    absent = [name for name in labels if name not in own]
    if absent and len(absent) < len(labels):
        others = ", ".join(repr(name) for name in labels if name in own)
        raise InputError(
            f"{path}: no column {absent[0]!r}, which is a label beside {others}. Add it, or name the labels that every file has: "
            f"{columns_option(('label', name) for name in labels if name in own)}"
        )


def _check_twice(path: object, own: Sequence[str], names: Sequence[str]) -> None:
    times = Counter(own)
    for name, known in zip(own, names, strict=True):
        if is_read(known) and times[name] > 1:
            raise InputError(f"{path}: the column {name} appears {times[name]} times; keep one of them")


def _check_present(path: object, names: Sequence[str], own: Sequence[str], columns: ColumnNames, *, needs_label: bool) -> None:
    """Raise InputError if there is no text or no label; the message names both, and what the columns are probably called."""
    wanted = {}
    if TEXT not in names:
        wanted["text"] = TEXT
    if needs_label and not has_label(names):
        wanted["label"] = " or ".join(LABEL_COLUMNS)
    if not wanted:
        return
    or_lines = "" if needs_label else f"; or, if the file has one comment a line: --delimiter {NO_DELIMITER}"
    named = {"text": [columns.mapping[TEXT]] if TEXT in columns.mapping else [], "label": columns.labels}
    if lost := [(alias, name) for alias in wanted for name in named[alias]]:
        raise InputError(f"{path}: lacks {lost_columns(lost, own)}{or_lines}")
    free = [name for name in own if name and name in names and not is_read(name)]
    near = {alias: _probable(free, alias) for alias in wanted}
    option = columns_option((alias, near[alias] or "NAME") for alias in wanted)
    guesses = " and ".join(repr(name) for name in near.values() if name)
    lost_ones = " and ".join(wanted)
    read = f"read {'them' if len(wanted) > 1 else 'it'} with {option}"
    remedy = f"; did you mean {guesses}? R{read[1:]}" if guesses else f", or {read}"
    lacking = " and none called ".join(wanted.values())
    found = shown_columns(own)
    raise InputError(f"{path}: no column {lacking}; columns found: {found}. Rename the {lost_ones} column{remedy}{or_lines}")


def lost_columns(lost: Sequence[tuple[str, str]], present: Sequence[str]) -> str:
    """Return columns that the user names and that are not there, the option that is probably meant, and what there is.

    Args:
        lost: (text, label or another known name, the name that the user gives it) of each.
        present: the columns that there are.
    """
    said = " and ".join(f"the column {name!r}, which is to be read as {alias}" for alias, name in lost)
    near = {name: nearest(name, present) for _, name in lost}
    guesses = [(alias, guess) for alias, name in lost if (guess := near[name])]
    meant = f"did you mean {columns_option(guesses)}? " if guesses else ""
    return f"{said}; {meant}columns found: {shown_columns(present)}"


def shown_columns(names: Sequence[str]) -> str:
    """Return the names of columns as a message shows them."""
    more = f" and {len(names) - SHOWN_COLUMNS:,} more" if len(names) > SHOWN_COLUMNS else ""
    return (", ".join(map(repr, names[:SHOWN_COLUMNS])) or "none") + more


def _probable(free: Sequence[str], alias: str) -> str | None:
    """Return the column that is probably meant: almost called like a known one, or as such columns often are."""
    known, like = ((TEXT,), _LIKE_TEXT) if alias == "text" else (LABEL_COLUMNS, _LIKE_LABEL)
    return next((name for name in free if nearest(name, known)), None) or next(
        (name for name in free if name.strip().casefold() in like), None
    )


def _check_one_source(path: object, own: Sequence[str], names: Sequence[str]) -> None:
    """Raise InputError if a feature has a column of its own and columns of its identities, which might disagree."""
    for feature, identities in IDENTITIES.items():
        both = [name for name in identities if name in names]
        if feature in names and both:
            raise InputError(
                f"{path}: the column {own[names.index(feature)]!r} and the columns {', '.join(both)} all say the {feature}; "
                f"leave out the first with --ignore-column {quote(own[names.index(feature)])}, or the others with "
                f"{' '.join(f'--ignore-column {name}' for name in both)}"
            )


def _refuse_near_misses(path: object, names: Iterable[str], columns: KnownColumns, ignored: Iterable[str]) -> None:
    """Raise InputError if a column is almost called like a known one that is absent; the message names all of them.

    Args:
        path: of the source, for the message.
        names: its columns that are not known.
        columns: the known ones.
        ignored: columns that the user says are something else.
    """
    known, hidden = (*columns.absent, *columns.present), frozenset(ignored)
    guessed = {name: nearest(name, known) for name in names if name not in hidden}
    found = [(near, name) for name, near in guessed.items() if near is not None and near in columns.absent]
    if not found:
        return
    guesses = ", ".join(f"{name!r} (did you mean {near!r}?)" for near, name in found)
    unknown = " ".join(f"--ignore-column {quote(name)}" for _, name in found)
    raise InputError(
        f"{path}: unknown {'column' if len(found) == 1 else 'columns'} {guesses}. "
        f"Rename, or read as meant with {columns_option(found)}; if they are something else: {unknown}"
    )
