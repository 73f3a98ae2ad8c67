"""Name models, splits and slices, and select slices by pattern. Imports no third-party package."""

import re
from collections.abc import Iterable

BASELINE = "baseline"
CANDIDATE = "candidate"
REFERENCE = "reference"  # a simple model that a candidate must be worth its cost against
OVERALL = "overall"
PAIR = " × "  # joins the parts of an intersection: "gender:male × race:black"
CLASS = "class"  # the feature of slices by label: "class:Sneaker"
TRAIN = "train"
EVAL = "eval"
VALIDATION = "validation"  # chooses; absent where train is small
SPLITS = (TRAIN, EVAL)  # that every run has
ALL_SPLITS = (TRAIN, VALIDATION, EVAL)  # that a run may have
LEAST_DISTINCT = 0.95  # share of distinct examples below which they are no independent ones
_ANYTHING = "*"


def place(group: str, term: str) -> str:
    """Return a term's name among those of all groups: "gender:male"."""
    return f"{group}:{term}"


def slice_name(test: str, term: str) -> str:
    """Return the name of a test of a term, "swaps:gender:male"."""
    return f"{test}:{term}"


def is_pattern(name: str) -> bool:
    """Return whether the name may match several slices."""
    return _ANYTHING in name


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the slices that a pattern names, sorted.

    "gender:*" names every single gender and no intersection; "gender:* × race:*" names the intersections of the two features, in
    either order.
    """
    expressions = [re.compile(_expression(part), re.DOTALL) for part in _parts(pattern)]

    def fits(parts: list[str]) -> bool:
        return len(parts) == len(expressions) and all(map(re.Pattern.fullmatch, expressions, parts))

    return sorted(name for name in set(names) if fits(_parts(name)))


def features_of(slice_name: str) -> tuple[str, ...]:
    """Return the features behind a slice or pattern: ("gender",), ("gender", "race"), ("overall",)."""
    return tuple(part.partition(":")[0] for part in _parts(slice_name))


def _parts(name: str) -> list[str]:
    return sorted(name.split(PAIR))


def _expression(part: str) -> str:
    return ".*".join(re.escape(text) for text in part.split(_ANYTHING))


def feature_of(slice_name: str) -> str:
    """Return the feature (or features) behind a slice: "gender:male × race:black" -> "gender × race", "overall" -> "overall"."""
    if slice_name == OVERALL:
        return OVERALL
    return PAIR.join(part.partition(":")[0] for part in slice_name.split(PAIR))


def value_of(slice_name: str) -> str:
    """Return what a slice selects, for readers: "gender:other_gender × race:black" -> "other gender × black"."""
    parts = (part.partition(":") for part in slice_name.split(PAIR))
    return PAIR.join(value or whole for whole, _, value in parts).replace("_", " ")


def is_pair(slice_name: str) -> bool:
    """Return whether the slice is an intersection of two features."""
    return PAIR in slice_name
