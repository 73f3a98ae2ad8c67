"""Which slices a rule names: exact names, or patterns in which `*` stands for anything within a single feature's value."""

import re
from collections.abc import Iterable

from components.evaluation.measurement import PAIR

_ANYTHING = "*"


def is_pattern(name: str) -> bool:
    """Whether the name may match several slices."""
    return _ANYTHING in name


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The slices that a pattern names, sorted.

    "gender:*" names every single gender and no intersection; "gender:* × race:*" names the intersections of the two features
    alone.
    """
    expression = re.compile(PAIR.join(_expression(part) for part in pattern.split(PAIR)), re.DOTALL)
    parts = pattern.count(PAIR)
    return sorted(name for name in set(names) if name.count(PAIR) == parts and expression.fullmatch(name))


def features_of(slice_name: str) -> tuple[str, ...]:
    """The features behind a slice: ("gender",), ("gender", "race"), ("overall",)."""
    return tuple(part.partition(":")[0] for part in slice_name.split(PAIR))


def _expression(part: str) -> str:
    return ".*".join(re.escape(text) for text in part.split(_ANYTHING))
