"""Compares what a cluster wrote with what a local run wrote: every number, and nothing that names a place or a time."""

import math
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq


def numbers(value: Any, where: str = "") -> Iterator[tuple[str, float | None]]:
    """Yield each number of a JSON value with its path, as in "rules[0].value"; null, which is an undefined number, as None."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from numbers(value[key], f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers(inner, f"{where}[{index}]")
    elif value is None or isinstance(value, int | float):  # true and false too
        yield where, value


def differences(found: Any, expected: Any, tolerance: float) -> list[str]:
    """Return a sentence for each number that only one of two JSON values has, or that differs by more than `tolerance`."""
    ours, theirs = dict(numbers(found)), dict(numbers(expected))
    lines = [f"{path}: only in one of the two" for path in sorted(ours.keys() ^ theirs.keys())]
    for path in sorted(ours.keys() & theirs.keys()):
        if not _same(ours[path], theirs[path], tolerance):
            lines.append(f"{path}: {ours[path]} in the cluster, {theirs[path]} here")
    return lines


def rows(parquet: bytes) -> list[dict[str, Any]]:
    """Return the rows of metrics.parquet as JSON values, NaN as None."""
    table = pq.read_table(BytesIO(parquet)).to_pylist()
    return [{key: None if isinstance(cell, float) and math.isnan(cell) else cell for key, cell in row.items()} for row in table]


def _same(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return abs(one - other) <= tolerance or one == other
