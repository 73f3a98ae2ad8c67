import subprocess
import sys
from itertools import chain

import pytest

from data.comments.civil_comments import IDENTITY_COLUMNS, Cell, CellRules, Comment, MalformedRowError, parse_comment
from data.comments.names import IDENTITIES

NONE: dict[str, tuple[str, ...]] = dict.fromkeys(IDENTITIES, ())


def test_the_names_import_nothing_heavy() -> None:
    """The configuration check reads the names and must stay fast."""
    code = "import sys, data.comments.civil_comments; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tensorflow", "apache_beam", "pandas", "numpy", "google.protobuf"}.intersection(modules)


def test_twenty_four_identities_in_five_features() -> None:
    """Each identity belongs to one feature."""
    assert list(IDENTITIES) == ["gender", "sexual_orientation", "religion", "race", "disability"]
    assert [len(names) for names in IDENTITIES.values()] == [4, 4, 7, 5, 4]
    assert len(set(IDENTITY_COLUMNS)) == len(list(chain.from_iterable(IDENTITIES.values()))) == 24


@pytest.mark.parametrize(
    ("cell", "toxic"),
    [("0", False), ("0.4999999", False), ("0.5", True), (" 0.5 ", True), ("1.0", True), ("5e-1", True), (0.25, False), (1, True)],
)
def test_toxic_from_half_of_the_raters(cell: Cell, toxic: bool) -> None:
    """The label is 1 from 0.5 on, whether the cell is text or a number."""
    assert parse_comment({"comment_text": "a", "toxicity": cell}) == Comment("a", toxic, NONE)


def test_kaggles_label_column() -> None:
    """`target` is the label where there is no `toxicity`; with both, `toxicity` is."""
    assert parse_comment({"comment_text": "a", "target": "0.7"}) == Comment("a", True, NONE)
    assert parse_comment({"comment_text": "a", "target": "0.7", "toxicity": "0.1"}) == Comment("a", False, NONE)


def test_identities_from_half_of_the_annotators() -> None:
    """Fractions below 0.5, empty and missing cells are not listed; the order is that of IDENTITIES."""
    row: dict[str, Cell] = {"comment_text": "a", "toxicity": "0", "female": "1.0", "male": "0.5", "black": "0.49", "white": ""}
    comment = parse_comment(row)
    assert comment == Comment("a", False, {**NONE, "gender": ("male", "female")})


def test_processed_row() -> None:
    """A feature's list is taken as it is, in the order of IDENTITIES, and goes before its columns."""
    row: dict[str, Cell] = {"comment_text": "a", "toxicity": 1.0, "race": ("white", "black"), "gender": (), "male": 1.0}
    assert parse_comment(row) == Comment("a", True, {**NONE, "race": ("black", "white")})


@pytest.mark.parametrize("row", [{"comment_text": "", "toxicity": "x"}, {"toxicity": "0.1"}])
def test_empty_text_is_no_comment(row: dict[str, Cell]) -> None:
    """A row without text is dropped whatever else is in it."""
    assert parse_comment(row) is None


@pytest.mark.parametrize("text", [" ", "NA", "nan", "null", "é\n", "x" * 1_000_000])
def test_any_other_text_is_kept(text: str) -> None:
    """Text is not interpreted, trimmed or shortened."""
    comment = parse_comment({"comment_text": text, "toxicity": "0"})
    assert comment is not None
    assert comment.text == text


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"toxicity": ""}, "toxicity is empty"),
        ({"toxicity": "toxic"}, "toxicity is 'toxic', not a number"),
        ({"toxicity": "0_1"}, "toxicity is '0_1', not a number"),
        ({"toxicity": "1.5"}, "toxicity is '1.5', not a fraction from 0 to 1"),
        ({"toxicity": "-0.1"}, "toxicity is '-0.1', not a fraction from 0 to 1"),
        ({"toxicity": "nan"}, "toxicity is 'nan', which says nothing"),
        ({"toxicity": float("inf")}, "toxicity is inf, not a fraction from 0 to 1"),
        ({"target": "x" * 100}, f"target is '{'x' * 39}…, not a number"),
        ({"toxicity": ("0.1", "0.2")}, "toxicity has 2 values, not one number"),
        ({"toxicity": "0", "male": "2"}, "male is '2', not a fraction from 0 to 1"),
        ({"toxicity": "0", "black": "maybe"}, "black is 'maybe', not a number, true or false, or yes or no"),
        ({}, "toxicity is missing"),
        ({"comment_text": "a\udcff", "toxicity": "0"}, "comment_text holds bytes that are not UTF-8, or NUL"),
        ({"comment_text": "a\0", "toxicity": "0"}, "comment_text holds bytes that are not UTF-8, or NUL"),
        ({"comment_text": ("a", "b"), "toxicity": "0"}, "comment_text has 2 values, not one text"),
        ({"comment_text": 1.5, "toxicity": "0"}, "comment_text is 1.5, not a text"),
    ],
)
def test_malformed_rows(cells: dict[str, Cell], reason: str) -> None:
    """The reason names column and value."""
    with pytest.raises(MalformedRowError) as caught:
        parse_comment({"comment_text": "some text", **cells})
    assert str(caught.value).startswith(reason)
    assert "some text" not in str(caught.value)


@pytest.mark.parametrize("cell", ["NA", " ", "null", "None", "nan", "n/a", "-", "?", float("nan")])
def test_a_cell_that_says_nothing_is_not_annotated(cell: Cell) -> None:
    """Alone in its feature; beside an annotation, as an empty cell."""
    row: dict[str, Cell] = {"comment_text": "a", "toxicity": "0", "male": cell, "black": cell, "white": "1"}
    comment = parse_comment(row)
    assert comment is not None
    assert (comment.identities["gender"], comment.identities["race"]) == ((), ("white",))
    assert ("gender" in comment.unannotated, "race" in comment.unannotated) == (True, False)
    assert comment.missing == {"male": str(cell), "black": str(cell)}


def test_a_cell_of_groups_that_says_nothing_is_not_annotated() -> None:
    comment = parse_comment({"comment_text": "a", "toxicity": "0", "gender": "NA", "race": "none", "religion": ""})
    assert comment is not None
    assert ("gender" in comment.unannotated, "race" in comment.unannotated) == (True, False)
    assert (comment.missing, comment.unknown) == ({"gender": "NA"}, {})


def test_tagged_features_take_what_people_left_empty() -> None:
    """An annotation stays, also one that sees nobody; a feature that is not named stays unannotated."""
    row: dict[str, Cell] = {"comment_text": "Black women", "toxicity": "0", "female": "0.2", "gender": ()}
    comment = parse_comment(row, CellRules(tagged=("race",)))
    assert comment is not None
    assert (comment.identities["gender"], comment.identities["race"]) == ((), ("black",))
    assert comment.unannotated == ("gender", "sexual_orientation", "religion", "disability")
    annotated = parse_comment(
        {"comment_text": "Black women", "toxicity": "0", "female": "0.2"}, CellRules(tagged=("gender", "race"))
    )
    assert annotated is not None
    assert (annotated.identities["gender"], annotated.identities["race"]) == ((), ("black",))
