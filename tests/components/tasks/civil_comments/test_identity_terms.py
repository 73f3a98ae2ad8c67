"""The identity terms of the toxicity task."""

import pytest

from components.counterfactual.swap import Swapper
from components.tasks.civil_comments.identity_terms import FIRST_NAMES, GROUPS


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("I am straight", "I am gay"),
        ("They're straight!", "They're gay!"),
        ("She was straight, he was not", "She was gay, he was not"),
        ("a straight couple", "a gay couple"),
        ("a straight line, straight away", "a straight line, straight away"),
        ("he went straight.", "he went straight."),
        ("let me be straight with you", "let me be straight with you"),
        ("I am straight forward", "I am straight forward"),
    ],
)
def test_straight_is_swapped_of_persons_only(text: str, swapped: str) -> None:
    assert Swapper(GROUPS["straight_or_gay"]).exchange(text, "straight", "gay") == swapped


def test_first_names_take_the_place_of_their_own_number() -> None:
    """Each term has as many names; the first ones are those of the study's title."""
    swapper = Swapper(GROUPS["first_name"])
    assert {len(names.split()) for names in FIRST_NAMES.values()} == {7}
    assert swapper.exchange("Emily met Todd", "white_female", "black_female") == "Lakisha met Todd"
    assert swapper.exchange("Greg met Aisha.", "white_male", "black_male") == "Jamal met Aisha."
