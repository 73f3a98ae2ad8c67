"""Columns in memory that Arrow does not take as they are: sparse, of another byte order, too wide, of two dimensions."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairgate.errors import InputError
from fairgate.judging import memory

masked: Any = np.ma.masked_array  # which has no types
COLUMNS: dict[str, tuple[Any, list[Any]]] = {
    "sparse, of pandas": (pd.Series(pd.arrays.SparseArray(np.array([0.5, 0.0, 0.0]))), [0.5, 0.0, 0.0]),
    "a sparse array of text": (pd.arrays.SparseArray(np.array(["a", "b", "a"], object)), ["a", "b", "a"]),
    "sparse, with a gap": (pd.arrays.SparseArray(np.array([1.0, np.nan])), [1.0, None]),
    "of another byte order": (np.array([1, 2], ">i8"), [1, 2]),
    "of another byte order, of pandas": (pd.Series(np.array([0.5, np.nan], ">f8")), [0.5, None]),
    "of another byte order, masked": (masked(np.array([1.0, 2.0], ">f8"), [False, True]), [1.0, None]),
    "of more than 64 bits": (np.array([0.1, 0.25], np.longdouble), [0.1, 0.25]),
    "of two dimensions and one column": (np.array([[1], [2]]), [1, 2]),
    "masked, of one column": (masked([[1], [2]], [[True], [False]]), [None, 2]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_what_arrow_does_not_take_is_read(case: str) -> None:
    column, expected = COLUMNS[case]
    assert memory.as_table({"a": column}, ["a"]).column("a").to_pylist() == expected


def test_a_column_of_several_values_for_a_row_is_refused() -> None:
    with pytest.raises(InputError, match=r"The column p has the shape \(3, 2\); give one value for every row, such as p\[:, 1\]"):
        memory.as_table({"p": np.zeros((3, 2))}, ["p"])


def test_whole_numbers_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError, match=r"^The column g holds whole numbers of more than 63 bits; give them as text, or as "):
        memory.as_table({"g": [2**63, 5]}, ["g"])
