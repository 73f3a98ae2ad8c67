"""Which slices a pattern names."""

import pytest

from fairgate import names
from fairgate.names import features_of, is_pattern, literal, matching, pairs_of, parts_of, place, spell

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


ODD = [
    "",
    " ",
    "a",
    "×",
    " × ",
    "a × b",
    "× a",
    "a ×",
    "4×4",
    "A*",
    "*",
    "a:b",
    "\\",
    "\\*",
    "\\u202e",
    "\u202e",
    "\n",
    "a  b",
    " a",
    "a\xa0b",
]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("feature", ["city", "a:b", "×"])
def test_a_name_is_read_back(feature: str, value: str) -> None:
    """Alone and in an intersection."""
    assert pairs_of(spell([(feature, value)])) == ((feature, value),)
    assert pairs_of(spell([(feature, value), ("race", value)])) == ((feature, value), ("race", value))


def test_no_two_slices_have_the_same_name() -> None:
    single = [[(feature, value)] for feature in ("a", "a:b", "a × a") for value in ODD]
    slices = single + [[*one, ("b", value)] for one in single for value in ODD]
    assert len({spell(pairs) for pairs in slices}) == len(slices)


@pytest.mark.parametrize("value", ODD)
def test_a_name_names_its_own_slice_alone(value: str) -> None:
    """As a pattern in a policy, among all others."""
    every = [place("city", each) for each in ODD]
    assert matching(place("city", value), every) == [place("city", value)]


def test_a_pattern_names_every_value_of_its_feature() -> None:
    every = [place("city", each) for each in ODD]
    assert matching("city:*", [*every, "city:Halle × race:black", "town:Halle"]) == sorted(every)


@pytest.mark.parametrize("value", ODD)
def test_a_name_is_one_line_that_shows_every_character(value: str) -> None:
    """Spaces that a page would drop are written out too."""
    name = place("city", value)
    assert name.isprintable()
    assert " ".join(name.split()) == name.rstrip()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Halle × Saale", r"city:Halle \× Saale"),
        ("A*", r"city:A\*"),
        ("\x1b[31mred", r"city:\u001b[31mred"),
        ("\U000e0041", r"city:\U000e0041"),
        ("Köln", "city:Köln"),
        ("a\u200cb", r"city:a\u200cb"),
        ("日本 한국 Ελλάδα", "city:日本 한국 Ελλάδα"),
    ],
)
def test_what_cannot_be_seen_is_written_by_its_number(value: str, name: str) -> None:
    """Letters of any script stay."""
    assert place("city", value) == name


def test_a_long_value_is_cut_and_told_from_others_by_a_digest() -> None:
    """The SHA-256 of a million times "a" is a published test vector."""
    long = "a" * 1_000_000
    assert place("city", long) == "city:" + "a" * 120 + "\\…cdc76e5c9914fb92"
    assert place("city", long + "b") != place("city", long)
    assert matching("city:*", [place("city", long)]) == [place("city", long)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("city:" + "a" * 1_000_000, "city:" + "a" * 120 + "\\…cdc76e5c9914fb92"),
        ("city:" + "a" * 120 + "\\…cdc76e5c9914fb92", "city:" + "a" * 120 + "\\…cdc76e5c9914fb92"),
        ("race:black × city:" + "a" * 1_000_000, "race:black × city:" + "a" * 120 + "\\…cdc76e5c9914fb92"),
        ("city:" + "a" * 120, "city:" + "a" * 120),
        ("city:*" + "a" * 200, "city:*" + "a" * 200),
        ("overall", "overall"),
    ],
    ids=["long", "cut already", "pair", "just short enough", "pattern", "overall"],
)
def test_a_long_value_in_a_pattern_is_spelled_as_in_the_name_of_its_slice(pattern: str, expected: str) -> None:
    assert literal(pattern) == expected


def test_parts_of_an_intersection() -> None:
    """As slices of their own."""
    assert parts_of(r"city:Halle \× Saale × race:black") == (r"city:Halle \× Saale", "race:black")


def test_a_pattern_of_a_pair_names_it_in_any_order() -> None:
    """Also where the patterns of the parts would be sorted otherwise than the parts."""
    assert matching("*:male × age:*", ["age:old × gender:male"]) == ["age:old × gender:male"]


def test_the_pattern_of_a_feature() -> None:
    assert (names.whole_feature("gender"), names.whole_feature("a:b")) == ("gender:*", r"a\:b:*")


@pytest.mark.parametrize("pattern", ["city:Ko\u0308ln", "city:Ko\u0308*"])
def test_a_pattern_is_composed_as_the_names_are(pattern: str) -> None:
    assert literal(pattern) == pattern.replace("o\u0308", "\u00f6")
