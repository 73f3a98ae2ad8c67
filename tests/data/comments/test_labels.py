import pytest

from data.comments.cells import Cell, MalformedRowError
from data.comments.labels import read_labels, read_scales
from fairgate.errors import InputError


@pytest.mark.parametrize(
    ("cell", "positive", "word"),
    [
        ("1", True, "1"),
        ("0", False, "0"),
        (1.0, True, "1"),
        ("1.0", True, "1"),
        ("TRUE", True, "true"),
        ("False", False, "false"),
        (" Yes ", True, "yes"),
        ("no", False, "no"),
        ("0.5", True, "reached"),
        (0.25, False, "below"),
        ("T", True, "t"),
        ("f", False, "f"),
        ("Y", True, "y"),
        ("n", False, "n"),
        ("0,7", True, "reached"),
        (",25", False, "below"),
        ("1,0", True, "1"),
        ("70%", True, "reached"),
        ("12,5 %", False, "below"),
        ("100 %", True, "1"),
    ],
)
def test_ways_to_write_a_label(cell: Cell, positive: bool, word: str) -> None:
    assert read_labels({"label:x": cell}, {}) == (positive, {"x": word})


def test_any_label_that_reaches_its_threshold_is_positive() -> None:
    thresholds = {"b": 0.8}
    assert read_labels({"label:a": "0.4", "label:b": "0.7"}, thresholds) == (False, {"a": "below", "b": "below"})
    assert read_labels({"label:a": "0.4", "label:b": "0.8"}, thresholds) == (True, {"a": "below", "b": "reached"})


def test_named_labels_go_before_known_ones() -> None:
    assert read_labels({"toxicity": "1", "label:a": "0"}, {}) == (False, {"a": "0"})


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "a is empty"),
        ("maybe", "a is 'maybe', not a number, true or false, or yes or no"),
        ("NA", "a is 'NA', which says nothing; leave the row out, or write its label"),
        (float("nan"), "a is nan, which says nothing; leave the row out, or write its label"),
        ("1,000", "a is '1,000', not a number, true or false, or yes or no; the comma may stand before thousands: "),
        (
            ' "0"',
            "a is ' \"0\"', not a number, true or false, or yes or no; a quote behind a space does not quote: remove the space",
        ),
        ("0_1", "a is '0_1', not a number, true or false, or yes or no"),
    ],
)
def test_other_cells_are_malformed(cell: Cell, reason: str) -> None:
    with pytest.raises(MalformedRowError) as malformed:
        read_labels({"label:a": cell}, {})
    assert str(malformed.value).startswith(reason)


@pytest.mark.parametrize(
    ("cell", "ends"), [("-1", "-1,1"), ("5", "1,5"), ("3,5", "1,5"), (7.0, "1,10"), ("70", "0,100"), ("150%", "1,5")]
)
def test_the_option_that_reads_ratings_is_named(cell: Cell, ends: str) -> None:
    with pytest.raises(MalformedRowError) as malformed:
        read_labels({"label:a b": cell}, {})
    option = f"--set 'input.label_scales.a b=[{ends}]'"
    assert str(malformed.value).endswith(f"; if these are ratings, name the least and the most toxic: {option}")


def test_no_scale_is_proposed_for_numbers_of_none() -> None:
    with pytest.raises(MalformedRowError, match=r"a is '1e9', not a fraction from 0 to 1$"):
        read_labels({"label:a": "1e9"}, {})


@pytest.mark.parametrize(
    ("cell", "ends", "positive"),
    [
        ("1", (1, 5), False),
        ("2.9", (1, 5), False),
        ("3", (1, 5), True),
        ("-1", (-1, 1), False),
        ("1", (-1, 1), True),
        ("2", (5, 1), True),
        ("49", (0, 100), False),
        ("49 %", (0, 100), False),
    ],
)
def test_ratings_are_positive_from_the_middle_of_their_scale(cell: str, ends: tuple[float, float], positive: bool) -> None:
    assert read_labels({"label:a": cell}, {}, read_scales({"a": ends})) == (positive, {"a": "reached" if positive else "below"})


def test_a_threshold_is_a_share_of_the_scale() -> None:
    assert [read_labels({"label:a": cell}, {"a": 0.75}, read_scales({"a": (1, 5)}))[0] for cell in ("3.9", "4")] == [False, True]


def test_a_rating_outside_of_its_scale_is_malformed() -> None:
    with pytest.raises(MalformedRowError, match="a is '6', outside of its scale from 1 to 5"):
        read_labels({"label:a": "6"}, {}, read_scales({"a": (1, 5)}))


def test_a_scale_has_two_ends() -> None:
    with pytest.raises(InputError, match=r"the scale of 'a.b' starts and ends at 1; .* 'input.label_scales={\"a.b\": \[1,5\]}'"):
        read_scales({"a.b": (1, 1)})
