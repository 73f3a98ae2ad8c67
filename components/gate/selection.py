"""Which slices a rule names: exact names, or patterns in which `*` stands for anything. Imports no third-party package."""

import re
from collections.abc import Iterable

from components.evaluation.measurement import PAIR

_ANYTHING = "*"


def is_pattern(name: str) -> bool:
    """Whether the name may match several slices."""
    return _ANYTHING in name


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The slices that a pattern names, sorted.

    "gender:*" names every single gender and no intersection; "gender:* × race:*" names the intersections of the two features, in
    whichever order they are written.
    """
    expressions = [re.compile(_expression(part), re.DOTALL) for part in _parts(pattern)]

    def fits(parts: list[str]) -> bool:
        return len(parts) == len(expressions) and all(map(re.Pattern.fullmatch, expressions, parts))

    return sorted(name for name in set(names) if fits(_parts(name)))


def features_of(slice_name: str) -> tuple[str, ...]:
    """The features behind a slice or pattern: ("gender",), ("gender", "race"), ("overall",)."""
    return tuple(part.partition(":")[0] for part in _parts(slice_name))


def _parts(name: str) -> list[str]:
    return sorted(name.split(PAIR))


def _expression(part: str) -> str:
    return ".*".join(re.escape(text) for text in part.split(_ANYTHING))
