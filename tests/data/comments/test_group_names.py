import pytest

from data.comments.cells import Cell
from data.comments.group_names import check_group_names, guess, plain, read_groups, unknown_values
from fairgate.errors import InputError


@pytest.mark.parametrize(
    ("feature", "cell", "groups"),
    [
        ("gender", "female", ("female",)),
        ("gender", " FEMALE ", ("female",)),
        ("gender", "Other Gender", ("other_gender",)),
        ("gender", "other-gender", ("other_gender",)),
        ("gender", "female;male", ("male", "female")),
        ("gender", "female | male", ("male", "female")),
        ("gender", "female, male", ("male", "female")),
        ("gender", '["female", "male"]', ("male", "female")),
        ("gender", "['female']", ("female",)),
        ("gender", ("female",), ("female",)),
        ("gender", "none", ()),
        ("gender", "", None),
        ("gender", "[]", None),
        ("gender", (), None),
        ("race", "Black;", ("black",)),
    ],
)
def test_groups_of_a_cell(feature: str, cell: Cell, groups: tuple[str, ...] | None) -> None:
    assert read_groups(feature, cell, {}) == (groups, ())


def test_an_unknown_value_leaves_the_membership_unknown() -> None:
    """A known group beside it does not make the rest known."""
    assert read_groups("gender", "M; female", {}) == (None, ("M",))


def test_the_user_says_what_values_mean() -> None:
    assert read_groups("gender", "M", {"m": "male"}) == (("male",), ())
    assert read_groups("gender", "n/a", {"n/a": "none"}) == ((), ())


@pytest.mark.parametrize(
    ("feature", "value", "group"),
    [("gender", "M", "male"), ("gender", "women", "female"), ("gender", "x", None), ("race", "b", "black")],
)
def test_guess(feature: str, value: str, group: str | None) -> None:
    assert guess(feature, value) == group


def test_unknown_values_are_named_with_what_to_type() -> None:
    assert unknown_values("gender", "sex", {"F": 2, "M": 1200, "?": 1}) == (
        "the column sex has values that are no known group of gender, so these rows count as not annotated: "
        "'M' 1,200, 'F' 2, '?' 1. "
        "Known are male, female, transgender, other_gender, none: rename the values, or say what they mean, for example "
        "--set input.group_names.gender.M=male --set input.group_names.gender.F=female"
    )


def test_values_that_no_option_can_hold_go_into_a_file() -> None:
    sentence = unknown_values("gender", "sex", {"a\x07b": 1}, shown=1)
    assert sentence.endswith("in a configuration file: input: {group_names: {gender: {VALUE: male}}}")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"sex": {"M": "male"}}, "'sex' is no feature; choose from gender, sexual_orientation"),
        ({"gender": {"M": "man"}}, "'M' is to mean 'man', which is no group of gender; choose from male, female"),
        ({"gender": {"M": "male", "m": "female"}}, "'m' and a value that is compared as equal mean different groups"),
    ],
)
def test_group_names_that_cannot_be(names: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_group_names(names)


def test_values_with_a_dot_are_typed_as_a_mapping() -> None:
    sentence = unknown_values("gender", "sex", {"f.": 1}, shown=1)
    assert sentence.endswith("""for example --set 'input.group_names.gender={"f.": female}'""")


def test_values_that_look_alike_are_one() -> None:
    """Composed and decomposed letters are the same text."""
    assert read_groups("gender", "divers\u00e9", {}) == (None, ("divers\u00e9",)) == read_groups("gender", "diverse\u0301", {})
    assert read_groups("gender", "diverse\u0301", {plain("divers\u00e9"): "other_gender"}) == (("other_gender",), ())


@pytest.mark.parametrize(("cell", "groups"), [("NA", None), ("n/a; female", ("female",)), ("none", ()), ("null", None)])
def test_words_that_say_nothing(cell: str, groups: tuple[str, ...] | None) -> None:
    assert read_groups("gender", cell, {}) == (groups, ())
    assert read_groups("gender", "NA", {"na": "none"}) == ((), ())
