"""How an input differs from what training saw."""

from fairgate.training_profile import LEAST_WORDS, TrainingProfile, word_code

PROFILE = TrainingProfile(
    rows=1200,
    noun="images",
    ranges={"brightness": (0.1, 0.5)},
    scripts={"latin": 0.995, "greek": 0.005},
    common_words=(word_code("the"),),
    least_common=0.2,
)


def test_value_outside_of_its_range_is_named() -> None:
    assert list(PROFILE.outside({"brightness": 0.75, "unheard of": 3.0})) == [
        "brightness 0.75, of 1,200 training images 0.1 to 0.5"
    ]


def test_values_at_the_ends_are_inside() -> None:
    assert [list(PROFILE.outside({"brightness": value})) for value in (0.1, 0.5)] == [[], []]


def test_script_that_training_hardly_had_is_foreign() -> None:
    """Greek was there, in one letter of 200."""
    assert PROFILE.foreign({"greek": 0.6, "latin": 0.4}) == "greek"
    assert PROFILE.foreign({"cyrillic": 0.3, "cjk": 0.4, "latin": 0.3}) == "cjk"
    assert PROFILE.foreign({"cyrillic": 0.5, "latin": 0.5}) == ""
    assert TrainingProfile(rows=1, noun="texts").foreign({"greek": 1.0}) == ""


def test_common_words_are_asked_for_in_texts_of_some_words_alone() -> None:
    others = ["x"] * (LEAST_WORDS - 1)
    assert PROFILE.lacks_common_words([*others, "y"])
    assert not PROFILE.lacks_common_words(others)
    assert PROFILE.lacks_common_words([*others, "the"])  # one in six is less than a fifth
    assert not PROFILE.lacks_common_words(["the", "the", *others])


def test_large_values_are_whole_numbers() -> None:
    known = TrainingProfile(rows=1617, noun="texts", ranges={"length": (3.0, 1234.0)})
    assert list(known.outside({"length": 10800.0})) == ["length 10,800, of 1,617 training texts 3 to 1,234"]
