"""Parts of the rows: the same rows as pandas takes, and expressions that are refused with the place."""

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fairgate.errors import InputError
from fairgate.judging.expressions import columns_of, with_quotes
from fairgate.judging.where import UNTYPED, Taken, taken

FRAME = pd.DataFrame(
    {
        "split": ["test", "train", "test", None, "dev ", "test"],
        "age": [18.0, 40.0, np.nan, 17.0, 65.0, 30.0],
        "n": [1, 2, 3, 4, 5, 6],
        "hired": [True, False, True, True, False, False],
        "text": ["3", "10", None, "7", "2", "10"],
        "flag": ["True", "false", "TRUE", None, "true", "False"],
        "on": [date(2026, 1, day) for day in range(1, 7)],
        "age group": ["a", "b", "a", "b", "a", "b"],
        "empty": [None] * 6,
    }
)
BATCH = pa.RecordBatch.from_pandas(FRAME, preserve_index=False)
known = FRAME["age"].notna()

CASES: dict[str, Any] = {
    "split == 'test'": FRAME["split"] == "test",
    "split == 'dev'": FRAME["split"].str.strip() == "dev",
    "split != 'test'": FRAME["split"].notna() & (FRAME["split"] != "test"),
    "split == 'test' and age >= 18": (FRAME["split"] == "test") & (FRAME["age"] >= 18),
    "split == 'train' or n > 4": (FRAME["split"] == "train") | (FRAME["n"] > 4),
    "not age > 30": known & ~(FRAME["age"] > 30),
    "18 <= age < 65": (FRAME["age"] >= 18) & (FRAME["age"] < 65),
    "18 < age": FRAME["age"] > 18,
    "split in ['train', 'dev']": FRAME["split"].str.strip().isin(["train", "dev"]),
    "n not in (1, 2, -3)": ~FRAME["n"].isin([1, 2]),
    "age is null": ~known,
    "age is not null and n < 4": known & (FRAME["n"] < 4),
    "split is None": FRAME["split"].isna(),
    r"split == 'a\d'": pd.Series([False] * 6),
    r"split == 'it\'s is null'": pd.Series([False] * 6),
    "split == 'it''s' or split == '' or n == 2": FRAME["n"] == 2,
    'split == "a ""b""" or split == \'dev\'': FRAME["split"].str.strip() == "dev",
    "split == 'is null'": pd.Series([False] * 6),
    "hired": FRAME["hired"],
    "not hired": ~FRAME["hired"],
    "hired == True and n > 1": FRAME["hired"] & (FRAME["n"] > 1),
    "hired == 1": FRAME["hired"],
    "hired == 'true'": FRAME["hired"],
    "text >= 7": pd.to_numeric(FRAME["text"]) >= 7,
    "text == '10'": FRAME["text"] == "10",
    "text > n": pd.to_numeric(FRAME["text"]) > FRAME["n"],
    "n < text": FRAME["n"] < pd.to_numeric(FRAME["text"]),
    "flag": FRAME["flag"].str.lower() == "true",
    "flag == false": FRAME["flag"].str.lower() == "false",
    "on >= '2026-01-04'": pd.Series([False] * 3 + [True] * 3),
    "column('age group') == 'a'": FRAME["age group"] == "a",
    "n != -1 and true": pd.Series([True] * 6),
    "empty": pd.Series([False] * 6),
    "empty is null and n == n": pd.Series([True] * 6),
    "1 is null or n == 2": FRAME["n"] == 2,
    "1 < 2 and n == 2": FRAME["n"] == 2,
}


@pytest.mark.parametrize("expression", CASES)
def test_it_takes_the_rows_of_pandas(expression: str) -> None:
    """An empty cell is neither true nor false."""
    columns_of(expression)
    assert taken(expression, BATCH).to_pylist() == CASES[expression].tolist()


def test_columns_are_named_once() -> None:
    """Also those whose names are no words; constants are none."""
    assert columns_of("a == 1 and (b < a or column('c d') is null) and d == true") == ["a", "b", "c d", "d"]
    assert columns_of("") == []


WRONG = {
    "split = 'test'": "is no expression",
    "split ==": "is no expression",
    "__import__('os').system('x')": "calls a function",
    "split.upper() == 'A'": "calls a function",
    "column(split) == 'A'": "calls a function",
    "n + 1 > 2": r"has what it may not have \(BinOp\)",
    "-n < 2": r"has what it may not have \(UnaryOp\)",
    "n in split": "has an `in` without a list",
    "n in []": "has an `in` without a list",
    "n in [n]": "has a list of more than texts and numbers",
    "n is 1": "has an `is` without null",
    "n == b'a'": "neither text nor number",
    "[x for x in n]": r"has what it may not have \(ListComp\)",
    "lambda: n": r"has what it may not have \(Lambda\)",
    "1 == 1": "names no column",
    "-'a' == split": r"has what it may not have \(UnaryOp\)",
    "n in [-'a']": "has a list of more than texts and numbers",
    "split == null": "compares with null; write `is null`",
    "null != split": "compares with null; write `is null`",
    "class == 'a'": r"is no expression(.|\n)*write column\('name'\) where the name of a column is no word",
    "(" * 300 + "n" + ")" * 300: "is no expression",
    "n is null == true": "chains `is` or `in` with another comparison; use parentheses",
    "n in [1, 2] == true": "chains `is` or `in`",
    "not " * 150 + "n == 1": "has more than 100 parts in one another",
}


@pytest.mark.parametrize("expression", WRONG)
def test_a_wrong_expression_is_refused(expression: str) -> None:
    """Before any row is read."""
    with pytest.raises(InputError, match=WRONG[expression]):
        columns_of(expression)


def test_the_place_is_shown() -> None:
    """Below the expression."""
    with pytest.raises(InputError, match=re.escape("  n > 2 and n + 1\n            ^\n")):
        columns_of("n > 2 and n + 1")


def test_what_is_missing_is_shown_at_the_end() -> None:
    """Behind the last word."""
    with pytest.raises(InputError, match=re.escape("  n > 2 and\n           ^\n")):
        columns_of("n > 2 and")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("n == 'a'", "compares what cannot be compared"),
        ("n == 99999999999999999999", "compares what cannot be compared"),
        ("split > 3", "compares what cannot be compared"),
        ("n", "a part that is neither true nor false"),
        ("split and n > 1", "a part that is neither true nor false"),
    ],
)
def test_what_cannot_be_compared_is_refused(expression: str, message: str) -> None:
    """With the reason."""
    with pytest.raises(InputError, match=message):
        taken(expression, BATCH)


def test_rows_are_numbered_among_those_that_are_taken() -> None:
    """And counted, each time."""
    rows = Taken([(1, BATCH), (7, BATCH)], "n > 4")
    for _ in range(2):
        assert [(first, batch.num_rows) for first, batch in rows] == [(1, 2), (3, 2)]
        assert (rows.rows, rows.left_out) == (4, 8)
    whole = Taken([(1, BATCH), (7, BATCH)], "")
    assert [first for first, _ in whole] == [1, 7]
    assert whole.left_out == 0


@pytest.mark.parametrize(
    ("expression", "quoted"),
    [
        ("split == test", "split == 'test'"),
        ("test == split and age > 3", "'test' == split and age > 3"),
        ("column('a b') != x or age is null", "column('a b') != 'x' or age is None"),
        ("a < b < age", "'a' < 'b' < age"),
        ("splt == 'test'", "splt == 'test'"),
        ("splt == test", "splt == test"),
        ("split == age", "split == age"),
        ("split == true", "split == true"),
        ("flag", "flag"),
        ("", ""),
    ],
)
def test_what_is_no_column_beside_one_gets_quotes(expression: str, quoted: str) -> None:
    """In a message that tells how it is typed; what reads as a column of another name is left alone."""
    assert with_quotes(expression, ["split", "age"]) == quoted


def _untyped(**columns: list[str | None]) -> pa.RecordBatch:
    """A batch of a CSV file."""
    arrays = [pa.array(cells, pa.string()) for cells in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, list(columns)).replace_schema_metadata({UNTYPED: b""})


def test_two_columns_of_a_csv_file_are_compared_as_numbers() -> None:
    """As text, 9 is above 10."""
    batch = _untyped(age=["9", "11", None, " 2.5"], limit=["10", "10", "10", "1e0"])
    assert taken("age > limit", batch).to_pylist() == [False, True, False, True]


def test_two_columns_of_words_are_compared_as_words() -> None:
    batch = _untyped(one=["a", "b"], other=["a", "a"])
    assert taken("one == other", batch).to_pylist() == [True, False]


def test_words_of_a_csv_file_are_ordered_as_words() -> None:
    """Days are such words too."""
    batch = _untyped(on=["2026-01-04", "2026-02-01", None])
    assert taken("on < '2026-01-31'", batch).to_pylist() == [True, False, False]


def test_two_columns_of_numbers_and_words_are_refused() -> None:
    with pytest.raises(InputError, match="compares two columns that hold numbers and other text; write the table as Parquet"):
        taken("one < other", _untyped(one=["9", "x"], other=["10", "10"]))


def test_a_quote_in_a_text_is_doubled() -> None:
    """As in SQL; Python would join two texts."""
    batch = pa.table({"name": ["it's", "its"]}).to_batches()[0]
    assert taken("name == 'it''s'", batch).to_pylist() == [True, False]
    with pytest.raises(InputError, match="has two texts side by side"):
        columns_of("name == 'it' 's'")


def _rows(expression: str, **columns: pa.Array) -> list[int]:
    """Return the numbers of the rows, from 0, of which an expression is true."""
    inside = taken(expression, pa.RecordBatch.from_pydict(columns)).to_numpy(zero_copy_only=False)
    return [int(row) for row in np.flatnonzero(inside)]


@pytest.mark.parametrize(
    ("expression", "rows"),
    [("p == 0.3", [1]), ("p > 0.3", [2]), ("p <= 0.3", [0, 1]), ("p in [0.3, 0.2]", [0, 1]), ("0.2 < p < 0.4", [1])],
)
def test_a_decimal_of_32_bits_is_the_one_that_is_typed(expression: str, rows: list[int]) -> None:
    """As the same table is read from CSV, where .3 is .3."""
    written = ["0.2", "0.3", "0.4"]
    assert _rows(expression, p=pa.array(map(float, written), pa.float32())) == _rows(expression, p=pa.array(written)) == rows


def test_numbers_of_users_beyond_2_to_the_53_are_told_apart() -> None:
    """In text too, as CSV files hold them."""
    numbers = [2**53, 2**53 + 1, 2**53 + 2]
    for column in (pa.array(numbers), pa.array([f" {number}" for number in numbers])):
        assert _rows(f"user == {2**53 + 1}", user=column) == [1]
        assert _rows(f"user in [{2**53 + 1}, {2**53}]", user=column) == [0, 1]
        assert _rows("user > 1.5", user=column) == [0, 1, 2]
    assert _rows(f"p < {2**53 + 1}", p=pa.array([0.5, 1e17])) == [0]


def test_two_columns_of_a_csv_file_are_compared_exactly_where_both_are_whole_numbers() -> None:
    columns = [pa.array([str(2**53), "1", "2.5"]), pa.array([str(2**53 + 1), "01", "2.50"])]
    for rows, expected in ((2, [False, True]), (3, [True, True, True])):  # with a decimal both are of 64 bits
        batch = pa.record_batch([each[:rows] for each in columns], ["a", "b"]).replace_schema_metadata({UNTYPED: b""})
        assert taken("a == b", batch).to_pylist() == expected


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("key > 5", [1, 2]),
        ("key >= -1", [0, 1, 2]),
        (f"key == {2**63}", [1]),
        (f"key in [{2**64 - 1}, 5]", [0, 2]),
        ("key < 5.5", [0]),
        ("key > n", [1, 2]),
        ("n == key", [0]),
        (f"key < '{2**63}'", [0]),
    ],
)
def test_hashes_of_64_bits_are_compared(expression: str, rows: list[int]) -> None:
    keys = pa.array([5, 2**63, 2**64 - 1], pa.uint64())
    assert _rows(expression, key=keys, n=pa.array([5, 6, 7])) == rows


OF_ANY_FILE: dict[str, list[int]] = {
    "n == '2'": [1],
    "n != '2'": [0, 3],
    "n in ['2', '10']": [1, 3],
    "n > '9'": [3],
    "'9' < n": [3],
    "hired == 'true'": [0, 3],
    "hired != 'True'": [1],
    "hired in ['TRUE']": [0, 3],
    "zip == '007'": [0],
    "zip == '7'": [1],
    "word > '5'": [0, 1, 3],
    "word != 'a'": [1, 3],
    "word is null": [2],
    "word == ''": [],
    f"big == {2**63 + 1}": [1],
    "empty == 'a' or n == 2": [1],
    "empty != word or n == 2": [1],
    "empty in ['a', 3] or n == 2": [1],
}


@pytest.mark.parametrize("expression", OF_ANY_FILE)
@pytest.mark.parametrize("kind", ["csv", "typed"])
def test_the_same_rows_are_taken_of_a_csv_file_and_of_one_with_types(kind: str, expression: str) -> None:
    """Numbers and flags beside text in quotes, blank texts, a column of empty cells, whole numbers of 64 bits."""
    cells: dict[str, list[str | None]] = {
        "n": ["1.0", "2.0", None, "10.0"],
        "hired": ["True", "False", None, "True"],
        "zip": ["007", "7", "04", "90210"],
        "word": ["a", "b", " ", "c"],
        "big": [str(2**63 + row) for row in range(4)],
        "empty": [None] * 4,
    }
    batch = _untyped(**cells)
    if kind == "typed":
        typed = {
            "n": pa.array([1.0, 2.0, None, 10.0]),
            "hired": pa.array([True, False, None, True]),
            "zip": pa.array(cells["zip"]),
            "word": pa.array(cells["word"]),
            "big": pa.array([2**63 + row for row in range(4)], pa.uint64()),
            "empty": pa.nulls(4),
        }
        batch = pa.RecordBatch.from_arrays(list(typed.values()), list(typed))
    assert np.flatnonzero(taken(expression, batch).to_numpy(zero_copy_only=False)).tolist() == OF_ANY_FILE[expression]


def test_an_order_of_numbers_and_words_is_refused() -> None:
    with pytest.raises(InputError, match="compares a column that holds numbers and other text; write the table as Parquet"):
        taken("n > '5'", _untyped(n=["1", "a"]))
