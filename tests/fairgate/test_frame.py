"""Tables without pandas."""

import numpy as np
import pandas as pd
import pytest

from fairgate.frame import Frame, joined

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "b"),
        ([1, 2], "i"),
        ([1, 0.5], "f"),
        (["a", None], "O"),
        ([["a"], ["b"]], "O"),
        ([], "O"),
        (np.array(["a", "b"]), "O"),
    ],
)
def test_columns_have_few_kinds(values: list[object], kind: str) -> None:
    """Numbers, truth values, and objects for all else; lists of equal length stay lists."""
    column = Frame({"a": values})["a"]
    assert column.dtype.kind == kind
    assert column.shape == (len(values),)


def test_columns_of_different_length_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"\{'a': 1, 'b': 2\}"):
        Frame({"a": [1], "b": [1, 2]})


def test_a_table_of_pandas_comes_back_as_it_was() -> None:
    table = pd.DataFrame({"n": [1, 2], "x": [0.5, NAN], "flag": [True, False], "name": ["a", "b"], "names": [["a"], []]})
    frame = Frame.of(table)
    assert Frame.of(frame) is frame
    pd.testing.assert_frame_equal(frame.pandas(), table, check_dtype=False)
    assert frame.rows()[0] == {"n": 1, "x": 0.5, "flag": True, "name": "a", "names": ["a"]}


def test_rows_are_picked_and_put_in_order() -> None:
    frame = Frame({"name": ["a", "b", "c"], "x": [1.0, 2.0, 3.0]})
    assert frame.where(frame["x"] > 1)["name"].tolist() == ["b", "c"]
    assert frame.take(np.array([2, 0])).rows() == [{"name": "c", "x": 3.0}, {"name": "a", "x": 1.0}]
    assert frame.select(["x"]).rows()[0] == {"x": 1.0}
    assert ("x" in frame, "y" in frame, len(frame), len(Frame({}))) == (True, False, 3, 0)


def test_a_text_or_number_is_assigned_to_every_row() -> None:
    assert Frame({"x": [1.0, 2.0]}).assign(model="candidate", low=0.5, y=[3, 4]).rows() == [
        {"x": 1.0, "model": "candidate", "low": 0.5, "y": 3},
        {"x": 2.0, "model": "candidate", "low": 0.5, "y": 4},
    ]


def test_parts_are_stacked() -> None:
    parts = [Frame({"a": ["x"], "b": [1.0]}), Frame({"b": [2.0], "a": ["y"]})]
    assert Frame.stacked(parts, ["a", "b"]).rows() == [{"a": "x", "b": 1.0}, {"a": "y", "b": 2.0}]
    assert (len(Frame.stacked([], ["a"])), "a" in Frame.stacked([], ["a"])) == (0, True)


def test_rows_become_columns() -> None:
    assert Frame.of_rows([("x", 1.0), ("y", 2.0)], ["a", "b"]).rows() == [{"a": "x", "b": 1.0}, {"a": "y", "b": 2.0}]
    assert list(Frame.of_rows([], ["a", "b"]).columns) == ["a", "b"]


def test_values_are_listed_once_as_they_come() -> None:
    assert Frame({"a": ["y", "x", "y"]}).distinct("a") == ["y", "x"]


def test_joined_numbers_are_those_of_the_same_keys() -> None:
    """NaN is a key like any other; the first of equal keys counts; a row without a match has NaN."""
    left = Frame({"slice": ["a", "a", "b"], "threshold": [NAN, 0.5, 0.5]})
    right = Frame({"slice": ["a", "a", "a"], "threshold": [0.5, NAN, NAN], "value": [1, 2, 3]})
    found = joined(left, right, ["slice", "threshold"], {"value": "own"})
    np.testing.assert_array_equal(found["own"], [2.0, 1.0, NAN])


def test_joined_numbers_are_those_of_a_left_merge() -> None:
    draws = np.random.default_rng(1)
    left, right = (
        pd.DataFrame({"a": draws.permutation(60)[:40].astype(str), "b": draws.choice([0.1, NAN], 40), "x": draws.random(40)})
        for _ in range(2)
    )
    expected = left.merge(right.rename(columns={"x": "y"}), on=["a", "b"], how="left")
    found = joined(Frame.of(left), Frame.of(right), ["a", "b"], {"x": "y"})
    np.testing.assert_array_equal(found["y"], expected["y"])
    assert found["a"].tolist() == expected["a"].tolist()
