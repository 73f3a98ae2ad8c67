"""Turn Arrow record batches into what is counted: the columns that the evaluation needs, as arrays."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.counting.cells import Floats, Ints
from fairgate.counting.joint import BUCKETS
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError

LEAST_WEIGHT, GREATEST_WEIGHT = 1e-50, 1e50  # sums of squares and their products stay finite


class Columns:
    """The chosen columns of several record batches, joined.

    A column that a batch lacks, or has without any value (tfx-bsl then gives it the null type), counts as empty in that batch.
    """

    def __init__(self, batches: Sequence[pa.RecordBatch], names: Iterable[str]) -> None:
        """Join the columns `names` of `batches`."""
        self.rows = sum(batch.num_rows for batch in batches)
        self._columns = {name: _joined([_column(batch, name) for batch in batches], name) for name in names}

    def __call__(self, name: str) -> pa.Array:
        """Return the list column of that name, `rows` long."""
        return self._columns[name]

    def labels(self, settings: CountSettings) -> Ints:
        """Return int64[rows], 0 … C - 1.

        Raises:
            InputError: a row without exactly one label, or another value.
        """
        values = self._one_per_row(settings.label_key, "label").astype(np.float64)
        known = np.isin(values, np.arange(len(settings.classes)))
        if not known.all():
            raise InputError(
                f"Label {settings.label_key} has the value {values[~known][0]:g}, not one of 0 to {len(settings.classes) - 1} "
                f"({', '.join(settings.classes)}). Convert the labels first."
            )
        return values.astype(np.int64)

    def weights(self, settings: CountSettings) -> Floats:
        """Return float64[rows], 1 where the task has no example weights.

        Raises:
            InputError: a row without exactly one weight, a negative, infinite or undefined one, or one whose square is hardly a
                number.
        """
        if settings.weight_key is None:
            return np.ones(self.rows)
        weights = self._one_per_row(settings.weight_key, "example weight").astype(np.float64)
        return checked_weights(weights, settings.weight_key)

    def buckets(self, names: Iterable[str]) -> Ints:
        """Return int64[rows], the bucket of every row by a hash of its values of these features, 0 … BUCKETS - 1."""
        hashes = [0] * self.rows
        for name in names:
            hashes = list(map(zlib.crc32, self._contents(name), hashes))
        return np.array(hashes, np.int64) % BUCKETS

    def strings(self, name: str) -> list[bytes]:
        """Return the one value of every row."""
        return self(name).flatten().to_pylist()  # type: ignore[no-any-return]

    def _contents(self, name: str) -> Iterable[bytes]:
        """Return the values of every row as bytes; differing rows may only rarely have the same."""
        column = self(name)
        if pa.types.is_null(column.type):
            return [b""] * self.rows
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        if (lengths == 1).all() and column.type.value_type in (pa.binary(), pa.large_binary()):
            return self.strings(name)
        return [repr(values).encode() for values in column.to_pylist()]

    def _one_per_row(self, name: str, role: str) -> npt.NDArray[Any]:
        column = self(name)
        if pa.types.is_null(column.type):
            raise InputError(f"The examples have no feature {name}, which should hold the {role}.")
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        if not (lengths == 1).all():
            wrong = int((lengths != 1).sum())
            raise InputError(
                f"{wrong} of {self.rows} examples do not have exactly one value of {name}, the {role}. Drop or fix them."
            )
        return column.flatten().to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def checked_weights(weights: Floats, key: str) -> Floats:
    """Return float64[N] weights as they are.

    Raises:
        InputError: a negative, infinite or undefined one, or one whose square is hardly a number.
    """
    if not (np.isfinite(weights) & (weights >= 0)).all():
        bad = weights[~(np.isfinite(weights) & (weights >= 0))][0]
        raise InputError(f"Example weight {key} has the value {bad:g}; weights must be finite and not negative.")
    extreme = (weights > 0) & ((weights < LEAST_WEIGHT) | (weights > GREATEST_WEIGHT))
    if extreme.any():
        raise InputError(
            f"Example weight {key} has the value {weights[extreme][0]:g}; weights must be 0 or between "
            f"{LEAST_WEIGHT:g} and {GREATEST_WEIGHT:g}. Only their ratios count: multiply all by one number."
        )
    return weights


def needed(settings: CountSettings, specs: Iterable[SliceSpec]) -> tuple[str, ...]:
    """Return the names of the features that counting reads."""
    names = {settings.label_key, *settings.content_keys, *((settings.weight_key,) if settings.weight_key else ())}
    for spec in specs:
        names |= {*spec.features, *(name for name, _ in spec.values)}
    return tuple(sorted(names))


def select(batch: pa.RecordBatch, names: Iterable[str]) -> pa.RecordBatch:
    """Return the batch with only those columns that it has of `names`; the rest of its memory can be freed."""
    kept = [name for name in names if batch.schema.get_field_index(name) >= 0]
    return pa.RecordBatch.from_arrays([batch.column(batch.schema.get_field_index(name)) for name in kept], kept)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    at = batch.schema.get_field_index(name)
    return pa.nulls(batch.num_rows) if at < 0 else batch.column(at)


def _joined(parts: Sequence[pa.Array], name: str) -> pa.Array:
    typed = [part.type for part in parts if not pa.types.is_null(part.type) and not pa.types.is_null(part.type.value_type)]
    if not typed:
        return pa.nulls(sum(len(part) for part in parts))
    if any(other != typed[0] for other in typed):
        raise InputError(
            f"Feature {name} has several types in the same files: {', '.join(sorted({str(found) for found in typed}))}."
        )
    return pa.concat_arrays([part if part.type == typed[0] else pa.nulls(len(part), typed[0]) for part in parts])
