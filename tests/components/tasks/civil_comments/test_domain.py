"""Texts unlike those of training."""

import pytest

from components.tasks.civil_comments.domain import NO_COMMON_WORDS, NO_LETTERS, differences, profile, script, scripts, words
from components.tasks.civil_comments.outsiders import TEXTS
from components.tasks.civil_comments.predict import _encode, unlike

TRAIN = [
    f"{start} {middle} {end}"
    for start in ("I think that", "We all know that", "It is a fact that", "Nobody says that")
    for middle in ("the new park is", "the price of the bread was", "a member of the board has been", "this article is")
    for end in ("good for the people of our town.", "not what I had hoped for.", "an honest answer to you.")
]
KNOWN = profile(TRAIN)


def test_letters_are_counted_by_script() -> None:
    assert [script(character) for character in "aßяд漢1 😀"] == ["latin", "latin", "cyrillic", "cyrillic", "cjk", "", "", ""]
    assert scripts("ab яд!") == {"latin": 0.5, "cyrillic": 0.5}
    assert scripts("1 😀") == {}


def test_words_are_bare() -> None:
    assert words('He said: "No, THANKS!" – twice.') == ["he", "said", "no", "thanks", "–", "twice"]


def test_text_like_those_of_training_passes() -> None:
    assert list(differences("We all know that this article is an honest answer to the people.", KNOWN)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("German", NO_COMMON_WORDS),
        ("Spanish", NO_COMMON_WORDS),
        ("words of no language", NO_COMMON_WORDS),
        ("Russian", "most of its letters are cyrillic, like none of those in training"),
        ("Chinese", "most of its letters are cjk, like none of those in training"),
        ("Arabic", "most of its letters are arabic, like none of those in training"),
        ("emoji alone", NO_LETTERS),
        ("digits and signs", NO_LETTERS),
        ("one full stop", NO_LETTERS),
    ],
)
def test_text_of_another_kind_is_called_so(name: str, said: str) -> None:
    assert next(differences(TEXTS[name], KNOWN)) == said


def test_very_long_text_is_called_so() -> None:
    (found,) = (each for each in differences(TEXTS["a very long text"], KNOWN) if "length" in each)
    assert found.startswith("length in characters 10,800, of 48 training texts ")


def test_predictor_reads_the_text_of_an_example() -> None:
    assert unlike([_encode("We all know that the new park is good."), _encode("😀🌷")], KNOWN)[1][0] == NO_LETTERS


@pytest.mark.parametrize(("share", "said"), [(0.0, "none"), (0.00004, "less than 0.01%"), (0.0025, "0.25%")])
def test_share_of_a_foreign_script_in_training_is_said_in_words_where_it_is_tiny(share: float, said: str) -> None:
    known = KNOWN.model_copy(update={"scripts": {"latin": 1 - share, **({"cyrillic": share} if share else {})}})
    assert next(differences(TEXTS["Russian"], known)) == f"most of its letters are cyrillic, like {said} of those in training"
