"""Cells as strangers write them: labels, scores, groups, each with its right value or its message."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.slices import Flags
from fairgate.errors import InputError
from fairgate.judging.copies import hashes
from fairgate.judging.groups import FEW_VALUES, read_feature, read_groups, read_slice
from fairgate.judging.labels import LabelReader
from fairgate.judging.values import read_scores, read_weights

TWO = ("0", "1")

LABELS: dict[str, tuple[Any, str | None, list[int]]] = {
    "true and false": ([True, False], None, [1, 0]),
    "0 and 1": ([0, 1], None, [0, 1]),
    "fractions": ([0.49, 0.5, 1.0], None, [0, 1, 1]),
    "words": (["Yes", " no", "TRUE", "f"], None, [1, 0, 1, 0]),
    "digits as text": (["0.2", "0.5", "1"], None, [0, 1, 1]),
    "a named word": (["bad", "good", "BAD"], "bad", [1, 0, 1]),
    "a named number": ([1, 2, 2], "2", [0, 1, 1]),
    "a named negative number": ([-1, 1], "1", [0, 1]),
    "a named number among floats": ([1.0, 2.0], "2", [0, 1]),
    "a named word beside one in several spellings": (["No", "no ", "yes"], "yes", [0, 0, 1]),
    "a named word with space around it": (["bad", "good"], " bad ", [1, 0]),
    "a named number that float64 rounds to another": ([2**60, 2**60 + 1], str(2**60), [1, 0]),
    "a named number written with an exponent": ([10**18, 1], "1e18", [1, 0]),
    "fractions without a zero before the point": ([".5", ".25", "1.", "0."], None, [1, 0, 1, 0]),
    "a named number without a zero before the point": ([".5", "0.50", "0.25"], ".5", [1, 1, 0]),
    "false as the positive value": ([True, False], "false", [0, 1]),
    "a named number among those of 16 bits": (np.array([0.0, 1.0], np.float16), "1", [0, 1]),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_are_read_as_they_are_meant(case: str) -> None:
    """The class of every row."""
    cells, positive, expected = LABELS[case]
    reader = LabelReader("y", TWO, positive)
    assert reader.read(pa.array(cells), 1).tolist() == expected
    reader.finish()


def test_labels_in_a_dictionary_are_read() -> None:
    """As pandas writes categories."""
    assert LabelReader("y", TWO, None).read(pa.array(["yes", "no", "yes"]).dictionary_encode(), 1).tolist() == [1, 0, 1]


CLASSES: dict[str, tuple[tuple[str, ...], Any, list[int]]] = {
    "names": (("cat", "dog", "fox"), ["fox", "cat"], [2, 0]),
    "numbers of named classes": (("cat", "dog", "fox"), [2, 0], [2, 0]),
    "numbers that are names": (("3", "5", "7"), [7, 3], [2, 0]),
    "numbers that are names, written otherwise": (("1.0", "2.0", "3.0"), [1, 3], [0, 2]),
    "names that differ in case": (("a", "A", "b"), ["A", "a", "B"], [1, 0, 2]),
    "names that are written like numbers": (("01", "1", "0_4"), ["1", "01", "0_4"], [1, 0, 2]),
}


@pytest.mark.parametrize("case", CLASSES)
def test_classes_are_found_by_name_or_number(case: str) -> None:
    """A number that is the name of a class is that class."""
    classes, cells, expected = CLASSES[case]
    assert LabelReader("y", classes, None, numbered=True).read(pa.array(cells), 1).tolist() == expected


WRONG_LABELS: dict[str, tuple[tuple[str, ...], Any, str | None, str]] = {
    "an empty cell": (TWO, [1, None, 0, None], None, "2 rows without a label in the column y, first row 12"),
    "a number above 1": (TWO, [5, -1], None, 'Row 11 has the label 5 in the column y.*Type positive="5"'),
    "a number that is none": (TWO, [0.5, float("nan")], None, "1 row without a label in the column y, first row 12"),
    "a number that is none, beside the positive one": (TWO, [1.0, float("nan")], "1", "1 row without a label"),
    "text of nothing beside the positive one": (
        TWO,
        ["bad", " ", ""],
        "bad",
        "2 rows without a label in the column y, first row 12",
    ),
    "text of nothing among classes": (("a", "b", "c"), ["a", ""], None, "1 row without a label in the column y, first row 12"),
    "lists": (TWO, [[1]], None, "The column y holds list<item: int64>; a label is text, a number, or true or false"),
    "an unknown word": (TWO, ["yes", "good"], None, 'Row 12 has the label \'good\'.*Type positive="good" or positive="yes"\\.$'),
    "two words": (TWO, ["negative", "positive"], None, 'Type positive="negative" or positive="positive"\\.$'),
    "three words": (TWO, ["bad", "good", "so"], None, 'Type positive="bad", or another one; if 0 and 1 are meant'),
    "a word among flags": (
        TWO,
        ["1", "0", "Total"],
        None,
        "Row 13 .* correct it, or leave out such rows: where=.y != 'Total'",
    ),
    "a positive value that does not occur": (TWO, ["a", "b"], "c", "No row has the label 'c'.*holds 'a', 'b'"),
    "three values": (TWO, ["a", "b", "c"], "a", "holds 'b', 'c' beside 'a', so it has more than two labels"),
    "an unknown class": (
        ("cat", "dog", "fox"),
        ["cat", "cow"],
        None,
        "Row 12 has the label 'cow'.*the classes are 'cat', 'dog', 'fox'",
    ),
    "a number beside classes that are numbers": (("1.0", "2.0", "3.0"), [0], None, "Row 11 has the label '0'"),
    "a word of another case, of two classes": (("a", "A", "b"), ["c"], None, "Row 11 has the label 'c'"),
    "a number of no class": (("cat", "dog", "fox"), [0, 3], None, "Row 12 has the label '3'"),
}


@pytest.mark.parametrize("case", WRONG_LABELS)
def test_a_label_that_is_none_is_named(case: str) -> None:
    """With its row in the whole table."""
    classes, cells, positive, message = WRONG_LABELS[case]
    reader = LabelReader("y", classes, positive, numbered=True)
    with pytest.raises(InputError, match=message):  # noqa: PT012  # the first names what one batch shows, the second what all do
        reader.read(pa.array(cells), 11)
        reader.finish()


def test_a_missing_score_is_not_a_number() -> None:
    """It is counted as invalid; a column without any value too."""
    assert np.isnan(read_scores([pa.array([0.5, None])], ["p"], [], 1)).tolist() == [False, True]
    assert np.isnan(read_scores([pa.nulls(2)], ["p"], [], 1)).all()


def test_decisions_are_scores() -> None:
    """True and false are 1 and 0."""
    assert read_scores([pa.array([True, False])], ["p"], [], 1).tolist() == [1.0, 0.0]


def test_numbers_of_every_width_are_read() -> None:
    """Those of 16 bits, and integers that float64 only comes near to."""
    assert read_scores([pa.array(np.array([0.5, 0.25], np.float16))], ["p"], [0.25], 1).tolist() == [0.5, 0.25]
    assert read_scores([pa.array([2**53 + 1])], ["p"], [], 1).tolist() == [2.0**53]
    assert LabelReader("y", TWO, None).read(pa.array(np.array([0.0, 1.0], np.float16)), 1).tolist() == [0, 1]


def test_a_score_of_32_bits_at_a_threshold_is_the_threshold() -> None:
    """So that .3 from Parquet is not above .3; its neighbours stay where they are."""
    narrow = np.float32(0.3)
    cells = pa.array(np.array([narrow, np.nextafter(narrow, np.float32(1)), np.nextafter(narrow, np.float32(0))]))
    assert (read_scores([cells], ["p"], [0.3], 1) > 0.3).tolist() == [False, True, False]


@pytest.mark.parametrize("threshold", [0.1, 0.3, 1 / 3, 0.7])
def test_a_score_of_32_bits_that_was_widened_or_written_as_text_is_the_threshold(threshold: float) -> None:
    """`.tolist()`, a cast to float64 and Polars keep all digits of float32, .3333333432674408; pandas writes .33333334."""
    narrow = np.float32(threshold)
    cells = pa.array([float(narrow), float(str(narrow)), np.nextafter(float(narrow), 1), threshold + 1e-9])
    read = read_scores([cells], ["p"], [0.2, threshold, 0.9], 1)
    assert (read > threshold).tolist() == [False, False, float(narrow) > threshold, True]


def test_probabilities_have_a_column_for_each_class() -> None:
    """In the order of the columns."""
    table = read_scores([pa.array([0.2, 1.0]), pa.array([0.3, 0.0]), pa.array([0.5, 0.0])], ["a", "b", "c"], [], 1)
    assert table.tolist() == [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]


def test_probabilities_that_do_not_sum_to_one_are_refused() -> None:
    """The first such row is named with its sum."""
    columns = [pa.array([0.2, 0.2]), pa.array([0.3, 0.3]), pa.array([0.5, 0.6])]
    with pytest.raises(InputError, match=r"of row 8 sum to 1\.1, not to 1"):
        read_scores(columns, ["a", "b", "c"], [], 7)


def test_text_is_no_score() -> None:
    """The column is named with its type."""
    with pytest.raises(InputError, match="The column p holds string, not numbers"):
        read_scores([pa.array(["high"])], ["p"], [], 1)


def test_scores_in_a_dictionary_are_read() -> None:
    """As pandas writes categories."""
    assert read_scores([pa.array([0.5, 0.25, 0.5]).dictionary_encode()], ["p"], [], 1).tolist() == [0.5, 0.25, 0.5]


def test_a_weight_must_be_there() -> None:
    """A missing one is not 1."""
    assert read_weights(pa.array([1, 2]), "w").tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="1 row without a weight in the column w"):
        read_weights(pa.array([1.0, None]), "w")


SLICES: dict[str, tuple[Any, list[list[str]]]] = {
    "text": (pa.array(["a", None, "b"]), [["a"], [], ["b"]]),
    "large text": (pa.array(["a", None], pa.large_string()), [["a"], []]),
    "a dictionary": (pa.array(["a", None, "a"]).dictionary_encode(), [["a"], [], ["a"]]),
    "true and false": (pa.array([True, None, False]), [["true"], [], ["false"]]),
    "whole numbers": (pa.array([3, None]), [["3"], []]),
    "whole numbers with gaps, as pandas has them": (pa.array([3.0, float("nan"), 4.0]), [["3"], [], ["4"]]),
    "zeros with a minus, as floats have them": (pa.array([-0.0, 0.0]), [["0"], ["0"]]),
    "zeros with a minus in a CSV file": (pa.array(["-0.0", "0.0", "-0", "-1.0", "-10"]), [["0"], ["0"], ["0"], ["-1"], ["-10"]]),
    "whole numbers however they are written": (pa.array(["1", "1.0", "1.00", "-2.000"]), [["1"], ["1"], ["1"], ["-2"]]),
    "other numbers in text": (pa.array(["1.5", "1.50", "01", "1e0"]), [["1.5"], ["1.50"], ["01"], ["1e0"]]),
    "days": (pa.array([date(2026, 1, 2), None]), [["2026-01-02"], []]),
    "decimals": (pa.array([Decimal("1.00"), None, Decimal("1.50")]), [["1"], [], ["1.50"]]),
    "small decimals": (pa.array([Decimal("0.0000001"), Decimal("-0.0000000")]), [["0.0000001"], ["0"]]),
    "text with space around it": (pa.array(["a", " a ", "a b"]), [["a"], ["a"], ["a b"]]),
    "lists of one length": (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), [["a", "b"]]),
    "large lists": (pa.array([["a"], None], pa.large_list(pa.string())), [["a"], []]),
    "true and false as text": (pa.array(["True", "FALSE", "Truely"]), [["true"], ["false"], ["Truely"]]),
    "lists": (pa.array([["a", "b"], [], None, ["b"]]), [["a", "b"], [], [], ["b"]]),
    "nothing": (pa.nulls(2), [[], []]),
    "text of nothing, as an empty cell": (pa.array(["", " ", "a"]), [[], [], ["a"]]),
}


@pytest.mark.parametrize("case", SLICES)
def test_groups_are_read_from_columns_of_any_kind(case: str) -> None:
    """The values of every row; none where the cell is empty."""
    column, expected = SLICES[case]
    assert read_slice(column, "g").to_pylist() == expected
    assert groups_of(read_feature(column, "g")) == expected


def groups_of(column: pa.Array | Flags) -> list[list[str]]:
    """The groups of every row, of a list column or of flags."""
    if not isinstance(column, Flags):
        return column.to_pylist()  # type: ignore[no-any-return]
    rows = zip(*column.inside, strict=True)
    return [[name for name, own in zip(column.names, row, strict=True) if own] for row in rows]


@pytest.mark.parametrize(("values", "flags"), [(FEW_VALUES, True), (FEW_VALUES + 1, False)])
def test_few_values_of_a_column_are_flags(values: int, flags: bool) -> None:
    """Whose hash, and so whose bucket, is that of the list."""
    names = [f"g{at}" for at in range(values)]
    column = pa.array([*names, None, names[0]])
    found, listed = read_feature(column, "g"), read_slice(column, "g")
    assert isinstance(found, Flags) == flags
    assert groups_of(found) == listed.to_pylist()
    labels = np.zeros(len(column), np.int64)
    assert hashes(labels, [found], []).tolist() == hashes(labels, [listed], []).tolist()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([0.25]), 'The column g holds numbers such as 0.25, of which each would be a group.*groups={"FEATURE": ..g'),
        (pa.array([{"a": 1}]), "The column g holds struct"),
        (pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([{"a": 1}])), "The column g holds"),
        (pa.array([1e20, 2e20]), "The column g holds numbers such as 1e\\+20"),
        (pa.array([1.0, float("inf")]), "The column g holds numbers such as inf"),
        (pa.array([[1.5]]), "The column g holds numbers such as 1.5"),
    ],
)
def test_what_names_no_group_is_refused(column: pa.Array, message: str) -> None:
    """Each with what to do."""
    for read in (read_slice, read_feature):
        with pytest.raises(InputError, match=message):
            read(column, "g")


def test_columns_say_who_belongs_to_a_group() -> None:
    """True, 1, a fraction of at least a half; an empty cell is no member, and a row may be in several groups."""
    columns = [pa.array([True, False, None]), pa.array([0.5, 0.49, 1.0]), pa.array(["yes", "no", None]), pa.nulls(3)]
    flags = read_groups(columns, ["a", "b", "c", "d"], 1)
    assert list(flags.names) == ["a", "b", "c", "d"]
    assert np.array(flags.inside).T.tolist() == [[True, True, True, False], [False] * 4, [False, True, False, False]]


def test_a_cell_without_membership_is_no_member_and_counts_as_a_row() -> None:
    """Text of nothing, NaN and empty decimals; the row that a message names is that of the table."""
    columns = [
        pa.array(["yes", "", " ", None]),
        pa.array([1.0, float("nan"), None, 0.5]),
        pa.array([None, Decimal("0.5"), None, None]),
    ]
    flags = read_groups(columns, ["a", "b", "c"], 1)
    assert np.array(flags.inside).T.tolist() == [[True, True, False], [False, False, True], [False] * 3, [False, True, False]]
    for cells, value in (([None, "", "maybe"], "'maybe'"), ([None, float("nan"), 3.0], "3"), ([None, 0, 3], "3")):
        with pytest.raises(InputError, match=f"^Row 13 has the label {value} in the column a"):
            read_groups([pa.array(cells)], ["a"], 11)


@pytest.mark.parametrize("rows", [slice(0, 20), slice(3, 17), slice(9, 9)])
def test_true_and_false_are_read_from_any_part_of_a_column(rows: slice) -> None:
    """As they lie in memory, eight in a byte; an empty cell is no member."""
    cells = [True, False, None, True, True, None, False, True, True, False] * 2
    flags = read_groups([pa.array(cells)[rows], pa.array([cell or False for cell in cells])[rows]], ["a", "b"], 1)
    assert [own.tolist() for own in flags.inside] == [[bool(cell) for cell in cells[rows]]] * 2


def test_columns_whose_names_look_alike_are_one_group() -> None:
    flags = read_groups([pa.array([True, False, False]), pa.array([False, True, False])], ["\u00e9", "e\u0301"], 1)
    assert (list(flags.names), [own.tolist() for own in flags.inside]) == (["\u00e9"], [[True, True, False]])


def test_a_column_of_a_group_holds_no_names() -> None:
    """The message says what must stand there, and asks for no positive value."""
    with pytest.raises(InputError, match=r"^Row 5 has the label 'x' in the column a\. A column of groups says who belongs"):
        read_groups([pa.array(["x"])], ["a"], 5)


def test_a_whole_number_is_one_group_however_it_is_written() -> None:
    """1.0 is how a column of whole numbers is often written that has empty cells."""
    texts = read_slice(pa.array(["1", "1.0", "-2.0", "1.05", "v1.0", None]), "g")
    numbers = [read_slice(pa.array(cells), "g") for cells in ([1, -2], [1.0, -2.0])]
    assert texts.to_pylist() == [["1"], ["1"], ["-2"], ["1.05"], ["v1.0"], []]
    assert [each.to_pylist() for each in numbers] == [[["1"], ["-2"]]] * 2
