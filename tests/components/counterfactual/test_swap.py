"""Finding and exchanging identity terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.counterfactual.swap import Swap, Swapper, select
from components.counterfactual.terms import Group

GENDER = Group(
    forms={
        "adjective": {"male": "male", "female": "female", "transgender": "transgender"},
        "person": {"male": "man", "female": "woman"},
        "persons": {"male": "men", "female": "women"},
    }
)
RELIGION = Group(forms={"adjective": {"muslim": "Muslim", "atheist": "atheist", "jewish": "Jewish"}})
RACE = Group(forms={"adjective": {"black": "black", "asian": "Asian"}}, before=("people", "friend"))
TWO = Group(forms={"person": {"male": "man", "female": "woman"}, "age": {"male": "elder", "female": "girl"}})


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("A man and his women.", ("male", "female")),
        ("Women, first of all", ("female",)),
        ("the woman's MAN!", ("male", "female")),
        ("non-male", ("male",)),
        ("mankind, a human, menu, manly", ()),
        ("wOman MaN", ()),
        ("", ()),
    ],
)
def test_mentions_are_whole_words(text: str, terms: tuple[str, ...]) -> None:
    """In lower case, capitalised or in capitals, in the order of the group."""
    assert Swapper(GENDER).terms(text) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("black people", ("black",)),
        ("An Asian Friend", ("asian",)),
        ("black\npeople", ("black",)),
        ("the black market", ()),
        ("black", ()),
        ("black peoples", ()),
    ],
)
def test_words_that_must_follow(text: str, terms: tuple[str, ...]) -> None:
    """A colour is a mention only of people."""
    assert Swapper(RACE).terms(text) == terms


@pytest.mark.parametrize(
    ("text", "term", "other", "swapped"),
    [
        ("A man is a man.", "male", "female", "A woman is a woman."),
        ("Man, MEN and men", "male", "female", "Woman, WOMEN and women"),
        ("A man and his women.", "male", "female", "A woman and his men."),
        ("male women", "male", "transgender", "transgender women"),
        ("transgender women are women", "transgender", "male", "male women are women"),
        ("no mention", "male", "female", "no mention"),
    ],
)
def test_exchange(text: str, term: str, other: str, swapped: str) -> None:
    """All inflections that both terms have, in both directions, in their case."""
    assert Swapper(GENDER).exchange(text, term, other) == swapped


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("He is a Muslim.", "He is an Atheist."),
        ("He is an atheist.", "He is a muslim."),
        ("A Muslim spoke.", "An Atheist spoke."),
        ("An atheist spoke.", "A muslim spoke."),
        ("A MUSLIM, AN ATHEIST", "AN ATHEIST, A MUSLIM"),
        ("a  Muslim", "an  Atheist"),
        ("Diana Muslim", "Diana Atheist"),
        ("An ATHEIST", "An MUSLIM"),
    ],
)
def test_article_follows(text: str, swapped: str) -> None:
    """Where its case says which other one it becomes."""
    assert Swapper(RELIGION).exchange(text, "muslim", "atheist") == swapped


WORDS = st.sampled_from(
    ["man", "Man", "MAN", "woman", "Woman", "elder", "ELDER", "girl", "a", "an", "A", "An", "AN", "wOman", "x"]
)
GAPS = st.sampled_from([" ", "  ", ", ", "-", "\n", "", "'s "])


@given(st.lists(st.tuples(WORDS, GAPS)).map(lambda parts: "".join(word + gap for word, gap in parts)))
def test_swapping_twice_gives_the_text_back(text: str) -> None:
    """In a group of two terms every swap is undone by the same swap."""
    swapper = Swapper(TWO)
    for term, other, swapped in swapper.swaps(text):
        assert swapped != text
        assert next(again for own, _, again in swapper.swaps(swapped) if own in (term, other)) == text


@given(st.text(alphabet="aAnNmMoOwWelLdDrR -,", max_size=40))
def test_exchange_is_its_own_inverse(text: str) -> None:
    """Of any text, with mentions or without."""
    swapper = Swapper(TWO)
    assert swapper.exchange(swapper.exchange(text, "male", "female"), "male", "female") == text


def test_swaps_of_a_text() -> None:
    """Every term that it names with every other one that can take its place."""
    assert list(Swapper(GENDER).swaps("male men")) == [
        ("male", "female", "female women"),
        ("male", "transgender", "transgender men"),
    ]
    assert list(Swapper(GENDER).swaps("men")) == [("male", "female", "women")]


def test_term_that_stays_where_it_is_was_not_swapped() -> None:
    """No word for transgender can stand for men, so that this is a swap of transgender alone."""
    assert list(Swapper(GENDER).swaps("transgender men")) == [
        ("male", "female", "transgender women"),
        ("transgender", "male", "male men"),
        ("transgender", "female", "female men"),
    ]


TEXTS = ["a man", "a woman", "two men", "nobody", "a man", "transgender"]


def test_selection_counts_distinct_texts() -> None:
    """A text that occurs twice is one; a term without a text has no swap."""
    found = select(TEXTS, {"gender": GENDER}, limit=10, seed=1)
    assert found.mentioned == {"gender:male": 2, "gender:female": 1, "gender:transgender": 1}
    assert found.left_out == {"gender:male": 0, "gender:female": 0, "gender:transgender": 0}
    assert found.swaps == (
        Swap("gender", "male", "female", "a man", "a woman"),
        Swap("gender", "male", "female", "two men", "two women"),
        Swap("gender", "female", "male", "a woman", "a man"),
        Swap("gender", "transgender", "male", "transgender", "male"),
        Swap("gender", "transgender", "female", "transgender", "female"),
    )


def test_limit_leaves_out_by_hash() -> None:
    """The same ones in any order of the texts, others with another seed, and their number is told."""
    texts = [f"man number {number}" for number in range(40)]
    first, again, other = (
        select(given_texts, {"gender": TWO}, limit=10, seed=seed)
        for given_texts, seed in ((texts, 1), (texts[::-1], 1), (texts, 2))
    )
    assert (len(first.swaps), first.mentioned["gender:male"], first.left_out["gender:male"]) == (10, 40, 30)
    assert again == first
    assert {swap.original for swap in other.swaps} != {swap.original for swap in first.swaps}


STRAIGHT = Group(
    forms={"adjective": {"straight": "straight", "gay": "gay"}}, before=("man", "people"), after=("I am", "he is", "openly")
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("I am straight", ("straight",)),
        ("i am  STRAIGHT.", ("straight",)),
        ("He is gay, and I am straight!", ("straight", "gay")),
        ("a straight man", ("straight",)),
        ("openly gay", ("gay",)),
        ("I am straight out of luck", ()),
        ("a straight line", ()),
        ("Go straight.", ()),
        ("Hi am straight", ()),
        ("set it straight, people", ()),
    ],
)
def test_words_said_of_somebody_at_the_end_of_a_phrase(text: str, terms: tuple[str, ...]) -> None:
    """Straight is an identity before a person, or behind "I am" where the phrase ends; elsewhere it is a direction."""
    assert Swapper(STRAIGHT).terms(text) == terms


def test_only_mentions_are_exchanged() -> None:
    swapper = Swapper(STRAIGHT)
    assert swapper.exchange("I am straight. Go straight, gay man!", "straight", "gay") == "I am gay. Go straight, straight man!"


@pytest.mark.parametrize(
    ("text", "term", "shorter"),
    [
        ("A Muslim atheist spoke.", "muslim", "An atheist spoke."),
        ("An atheist person", "atheist", "A person"),
        ("Atheist, he said", "atheist", ", he said"),
        ("The Muslim, a  Muslim man", "muslim", "The, a man"),
        ("he is an atheist.", "atheist", "he is an."),
        ("two\n\nlines Muslim", "muslim", "two\n\nlines"),
        ("nobody", "muslim", "nobody"),
    ],
)
def test_removing_a_term(text: str, term: str, shorter: str) -> None:
    """Every mention goes, with the space that would stay double; an article follows the next word."""
    assert Swapper(RELIGION).remove(text, term) == shorter
