import pytest

from data.text.same_text import normal_form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Thank  you\n", "thank you"),
        ("thank\u00a0you", "thank you"),
        ("Stra\u00dfe", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("\uff28\uff49", "hi"),
        ("\ufb01ne", "fine"),
        (" ", ""),
        ("a b", "a b"),
    ],
)
def test_normal_form(text: str, form: str) -> None:
    assert normal_form(text) == form
    assert normal_form(form) == form


def test_punctuation_makes_a_difference() -> None:
    assert normal_form("no!") != normal_form("no")
