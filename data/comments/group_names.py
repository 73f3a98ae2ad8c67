"""Read the cells of a feature's own column, which hold names of groups: "female", "Black; Asian", '["muslim"]'.

In: a cell, and what the user says that its values mean. Out: the groups, or the values that are no known group. Case, spaces,
underscores and hyphens make no difference.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from data.comments.cells import Cell, is_missing, quoted
from data.comments.names import IDENTITIES
from data.comments.tagging import tag
from data.options import set_option
from fairgate.errors import InputError

NO_GROUP = "none"  # annotated, and about none of the feature's groups
_SEPARATORS = re.compile(r"[;|,]")
_JOINTS = re.compile(r"[\s_-]+")

Groups = tuple[str, ...]


def plain(value: str) -> str:
    """Return a value as it is compared: composed (NFC), casefolded, with underscores for spaces and hyphens."""
    return _JOINTS.sub("_", unicodedata.normalize("NFC", value.strip().casefold()))


_KNOWN: Mapping[str, Mapping[str, str]] = {
    feature: {NO_GROUP: NO_GROUP, **{plain(name): name for name in names}} for feature, names in IDENTITIES.items()
}


def check_group_names(names: Mapping[str, Mapping[str, str]]) -> None:
    """Check feature -> value -> group.

    Raises:
        InputError: a feature or a group is not known, or two values are compared as one and mean different groups.
    """
    for feature, meant in names.items():
        if feature not in IDENTITIES:
            raise InputError(f"{feature!r} is no feature; choose from {', '.join(IDENTITIES)}")
        known = (*IDENTITIES[feature], NO_GROUP)
        groups: dict[str, str] = {}
        for value, group in meant.items():
            if group not in known:
                raise InputError(
                    f"{value!r} is to mean {group!r}, which is no group of {feature}; choose from {', '.join(known)}"
                )
            if groups.setdefault(plain(value), group) != group:
                raise InputError(f"{value!r} and a value that is compared as equal mean different groups of {feature}; keep one")


def read_groups(feature: str, cell: Cell, names: Mapping[str, str]) -> tuple[Groups | None, Groups]:
    """Return the groups that a cell names, in the order of `IDENTITIES`, and its values that are no known group.

    The groups are None where the cell is empty, says NA or the like, or has an unknown value: which groups the row is about is
    then not known. Unknown values are composed (NFC), so that those that look alike are counted as one.

    Args:
        feature: the feature of the column.
        cell: text with the names, separated by ";", "|" or ",", perhaps in brackets and quotes; or the names.
        names: value as `plain` returns it -> the group that the user says it means, or NO_GROUP.
    """
    told = {NO_GROUP, *names}  # "none" says something here, as do words to which the user gives a meaning
    values = [value for value in _values(cell) if not is_missing(value) or plain(value) in told]
    meant = {value: names.get(plain(value)) or _KNOWN[feature].get(plain(value)) for value in values}
    unknown = tuple(unicodedata.normalize("NFC", value.strip()) for value, group in meant.items() if group is None)
    if unknown or not values:
        return None, unknown
    return tuple(name for name in IDENTITIES[feature] if name in meant.values()), ()


def _values(cell: Cell) -> list[str]:
    if isinstance(cell, tuple):
        return list(cell)
    text = str(cell).strip()
    if text[:1] + text[-1:] not in ("[]", "()", "{}"):
        return _SEPARATORS.split(text)
    return [value.strip().strip("'\"") for value in _SEPARATORS.split(text[1:-1])]


def guess(feature: str, value: str) -> str | None:
    """Return the group that a value probably means, to propose and not to apply: "M" male, "women" female; None for no guess."""
    names = IDENTITIES[feature]
    value = value.rstrip(".")  # of an abbreviation
    if by_word := tag(value).get(feature):
        return by_word[0] if len(by_word) == 1 else None
    near = [name for name in names if plain(value) and name.startswith(plain(value))]
    return near[0] if len(near) == 1 else None


def unknown_values(feature: str, column: str, counts: Mapping[str, int], shown: int = 5) -> str:
    """Return a warning that names the values of a column that are no known group, most rows first, and what to type.

    Args:
        feature: the feature of the column.
        column: its name in the files.
        counts: value -> rows.
        shown: how many values are named.
    """
    most = sorted(counts, key=lambda value: (-counts[value], value))[:shown]
    named = ", ".join(f"{quoted(value)} {counts[value]:,}" for value in most)
    more = f" and {len(counts) - len(most):,} more values" if len(counts) > len(most) else ""
    known = ", ".join((*IDENTITIES[feature], NO_GROUP))
    return (
        f"the column {column} has values that are no known group of {feature}, so these rows count as not annotated: "
        f"{named}{more}. Known are {known}: rename the values, or {_typed(feature, most)}"
    )


def _typed(feature: str, values: Sequence[str]) -> str:
    """Return how the values are read as the groups that they probably mean; "none" stands where there is no guess."""
    meant = {value: guess(feature, value) for value in values}
    chosen = {value: group for value, group in meant.items() if group} or dict.fromkeys(values[:1], NO_GROUP)
    options = [set_option(group or NO_GROUP, "input", "group_names", feature, value) for value, group in chosen.items()]
    if typed := " ".join(option for option in options if option):
        return f"say what they mean, for example {typed}"
    return (
        f"say what they mean in a configuration file: input: {{group_names: {{{feature}: {{VALUE: {IDENTITIES[feature][0]}}}}}}}"
    )
