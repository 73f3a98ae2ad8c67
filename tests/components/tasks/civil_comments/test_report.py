"""The words of the toxicity task in a report."""

from dataclasses import asdict

from components.tasks.civil_comments.report import CARD
from components.tasks.civil_comments.statements import CIVIL_COMMENTS, GENERATED


def test_card_says_nothing_that_generated_comments_are_not() -> None:
    """It is the same of all comments; raters and the licence of Civil Comments are said of these files alone."""
    words = f"{asdict(CARD)} {GENERATED}"
    assert [
        word for word in ("rater", "Civil Comments", "CC0", "half of the annotators", "never annotated") if word in words
    ] == []
    assert "Many comments were never annotated for identities." in CIVIL_COMMENTS["disagreement"]


def test_removing_comments_without_a_human_is_out_of_scope() -> None:
    assert CARD.out_of_scope == ("Deciding about people.", "Removing comments without a human.")
