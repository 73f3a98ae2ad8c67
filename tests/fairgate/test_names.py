"""Which slices a pattern names."""

import pytest

from fairgate import names
from fairgate.names import features_of, is_pattern, matching

NAMES = [
    "overall",
    "gender:male",
    "gender:female",
    "race:black",
    "gender:male × race:black",
    "gender:female × race:black",
    "class:T-shirt/top",
]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("overall", ["overall"]),
        ("gender:male", ["gender:male"]),
        ("gender:*", ["gender:female", "gender:male"]),
        ("*", ["class:T-shirt/top", "gender:female", "gender:male", "overall", "race:black"]),
        ("gender:* × race:*", ["gender:female × race:black", "gender:male × race:black"]),
        ("race:* × gender:male", ["gender:male × race:black"]),
        ("class:T-shirt*", ["class:T-shirt/top"]),
        ("gender", []),
        ("gender:m", []),
        ("ender:*", []),
        ("religion:*", []),
        ("gender:.*", []),
        ("class:T?shirt/top", []),
    ],
)
def test_matching(pattern: str, found: list[str]) -> None:
    """Sorted; intersections only by patterns for intersections; nothing but * is special."""
    assert matching(pattern, NAMES) == found


def test_each_slice_is_named_once() -> None:
    """Names that come twice, once for each model, are one slice."""
    assert matching("gender:*", ["gender:male", "gender:male"]) == ["gender:male"]


def test_features() -> None:
    """The features of slices and of patterns, in one order."""
    assert features_of("overall") == ("overall",)
    assert features_of("race:* × gender:male") == ("gender", "race")


def test_is_pattern() -> None:
    """A pattern holds a *."""
    assert is_pattern("gender:*")
    assert not is_pattern("gender:male")


@pytest.mark.parametrize(
    ("name", "feature", "value"),
    [
        ("overall", "overall", "overall"),
        ("gender:other_gender", "gender", "other gender"),
        ("gender:male × race:black", "gender × race", "male × black"),
        ("class:T-shirt/top", "class", "T-shirt/top"),
        ("topic:a:b", "topic", "a:b"),
    ],
)
def test_parts_of_a_slice_name(name: str, feature: str, value: str) -> None:
    """A slice's feature and what it selects."""
    assert (names.feature_of(name), names.value_of(name)) == (feature, value)
