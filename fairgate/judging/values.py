"""Read the scores and the weights of a table.

In: Arrow arrays of a batch. Out: numpy arrays.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate.counting.cells import Floats, Predictions
from fairgate.errors import InputError
from fairgate.judging.plain import numbers
from fairgate.text import plural

SUM = 1e-3  # by which probabilities may miss a sum of 1


def read_scores(columns: Sequence[pa.Array], names: Sequence[str], thresholds: Sequence[float], first_row: int) -> Predictions:
    """Return float64[N] scores, or float64[N, C] probabilities of several columns; NaN where a cell is empty.

    A score that is a threshold, as float32 has it, becomes that threshold: .3 from Parquet and .3 from CSV must be equal. That
    holds for columns of float64 and text too, for many a writer makes .30000001192092896 of a float32 score of .3.

    Args:
        columns: of numbers, one for each class; a single one for two classes.
        names: theirs, for messages.
        thresholds: at which scores are compared.
        first_row: number of the first row, from 1.

    Raises:
        InputError: a column holds no numbers, or the probabilities of a row do not sum to 1.
    """
    read = [numbers(column, name) for column, name in zip(columns, names, strict=True)]
    if len(read) == 1:
        return _at_thresholds(columns[0], read[0], thresholds)
    table = np.stack(read, axis=1)
    sums = table.sum(axis=1)
    wrong = np.isfinite(sums) & (np.abs(sums - 1) > SUM)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"The probabilities {', '.join(names[:3])}, … of row {first_row + at:,} sum to {sums[at]:g}, not to 1; give "
            "probabilities of all classes (the softmax of logits)."
        )
    return table


def read_weights(column: pa.Array, name: str) -> Floats:
    """Return float64[N]; which values may be weights is checked where they are counted. An empty cell is an error.

    Raises:
        InputError: the column holds no numbers, or an empty cell.
    """
    values = numbers(column, name)
    if column.null_count:
        raise InputError(
            f"{plural(column.null_count, 'row')} without a weight in the column {name}; fill them, or leave them out."
        )
    return values


def singles(values: npt.NDArray[Any]) -> pa.Array:
    """Return a list column with one value in every row."""
    return pa.ListArray.from_arrays(np.arange(len(values) + 1, dtype=np.int32), pa.array(values))


def _at_thresholds(column: pa.Array, values: Floats, thresholds: Sequence[float]) -> Floats:
    narrow = np.float16 if pa.types.is_float16(column.type) else np.float32
    for threshold in thresholds:
        rounded = narrow(threshold)
        for written in {float(rounded), float(str(rounded))} - {threshold}:  # 1/3 as .3333333432674408, and .33333334
            at = values == written
            if at.any():
                values = np.where(at, threshold, values)
    return values
