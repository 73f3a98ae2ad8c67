"""What says which rows belong together: one cluster, whatever kind of file holds its name."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fairgate.errors import InputError
from fairgate.judging.keys import cluster_names, content_keys

SAME: dict[str, tuple[Any, list[str | None]]] = {
    "whole numbers": (pa.array([7, 12], pa.int64()), ["7", "12"]),
    "text": (pa.array(["7", "12"]), ["7", "12"]),
    "a dictionary": (pa.array(["7", "12"]).dictionary_encode(), ["7", "12"]),
    "text of floats": (pa.array(["7.0", "12.00"]), ["7", "12"]),
    "text with spaces around it": (pa.array([" 7", "12 "]), ["7", "12"]),
    "float64": (pa.array([7.0, 12.0]), ["7", "12"]),
    "float32": (pa.array([7.0, 12.0], pa.float32()), ["7", "12"]),
    "decimals of a database": (pa.array([Decimal(7), Decimal(12)], pa.decimal128(38, 0)), ["7", "12"]),
    "decimals with places": (pa.array([Decimal(7), Decimal("12.5")], pa.decimal128(38, 2)), ["7", "12.50"]),
    "days": (pa.array([date(2024, 1, 7), date(2024, 1, 12)]), ["2024-01-07", "2024-01-12"]),
    "true and false": (pa.array([True, False]), ["true", "false"]),
    "true and false as pandas writes them": (pa.array(["True", "False"]), ["true", "false"]),
    "leading zeros": (pa.array(["007", "7"]), ["007", "7"]),
    "zero": (pa.array([-0.0, 12.5]), ["0", "12.5"]),
    "large floats": (pa.array([1e16, 3e17]), ["10000000000000000", "300000000000000000"]),
    "large floats as pandas writes them": (
        pa.array(["1e+16", "1.0000000000000002e+16"]),
        ["10000000000000000", "10000000000000002"],
    ),
    "what only looks like a power": (pa.array(["1e16", "1e+16x", "1.5e+0", None]), ["1e16", "1e+16x", "1.5", None]),
    "large whole numbers": (pa.array([10**16, 2**63], pa.uint64()), ["10000000000000000", "9223372036854775808"]),
    "empty cells": (pa.array([None, "", "  "]), [None, None, None]),
    "a column without type": (pa.nulls(2), [None, None]),
    "not a number": (pa.array([float("nan"), None, 7.0]), [None, None, "7"]),
}


def _batch(column: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column], ["user"])


@pytest.mark.parametrize("case", SAME)
def test_a_cluster_has_one_name_in_every_kind_of_file(case: str) -> None:
    """So the same table as CSV and as Parquet has the same intervals."""
    column, expected = SAME[case]
    names = cluster_names(_batch(column), "user")
    assert names.type == pa.string()
    assert names.to_pylist() == expected


@pytest.mark.parametrize("users", [pa.array([{"a": 1}] * 6), pa.array([[1]] * 6), pa.array(np.zeros(6, np.float16))])
def test_what_names_no_cluster_is_refused(users: pa.Array) -> None:
    """A user is text or a number."""
    with pytest.raises(InputError, match=r"The column user holds .*; a cluster is named by text or a number"):
        cluster_names(_batch(users), "user")


@pytest.mark.parametrize("keys", [pa.array(["a", ""]), pa.array([1.0, float("nan")]), pa.array([1, None])])
def test_an_empty_key_of_content_is_refused(keys: pa.Array) -> None:
    with pytest.raises(InputError, match=r"^1 row without a key in the column user; fill them, or leave out content"):
        content_keys(_batch(keys), "user")


def test_keys_of_64_bits_without_sign_are_taken_as_they_are() -> None:
    assert content_keys(_batch(pa.array([5, 2**63], pa.uint64())), "user").tolist() == [5, 2**63]
