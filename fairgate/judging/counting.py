"""Count a table of predictions, batch by batch, into an evaluation.

In: batches and roles. Out: `CountedTable`. Whether rows are copies is seen in the same pass; a hash of each is kept.

A table of predictions alone cannot tell copies from honest rows: 10,000 rows of a two-decimal score, a label and a feature of
three values are 552 distinct ones. So it counts as duplicated only where the multiplicities of all rows share a divisor above 1,
or where rows with a score of five or more significant digits are equal, and such a score comes with one row alone: a decision
tree gives many rows the same score too, but their labels and groups differ. Where a table is duplicated, equal rows are one
cluster.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate.counting.cells import Predictions
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import BUCKETS
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError
from fairgate.judging import groups, values
from fairgate.judging.decisions import DecisionReader, read_classes
from fairgate.judging.labels import LabelReader
from fairgate.judging.plain import plain
from fairgate.judging.roles import LABEL, WEIGHT, Roles
from fairgate.measurement import Evaluation
from fairgate.metrics.registry import Need
from fairgate.predictions import PredictionCounter

LEAST_DISTINCT = 0.95  # below this share of distinct rows the intervals take copies into account
FEW = 20  # distinct rows: the multiplicities of fewer may share a divisor by chance, in about 1 of 2^n tables
HONEST = 1.1  # rows per score of many digits: above it, the score repeats because the model has few
_ODD = np.uint64(0x9E3779B97F4A7C15)


Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class CountedTable:
    """What was counted of a table.

    Attributes:
        evaluation: every metric of every slice of every model.
        detail: the counts behind those of candidate and baseline.
        rows: of the table.
        lacking: what there was none of: "labels", or "scores" where there were decisions alone.
    """

    evaluation: Evaluation
    detail: EvaluationCounts
    rows: int
    lacking: frozenset[Need] = frozenset()


def count(
    batches: Iterable[tuple[int, pa.RecordBatch]],
    roles: Roles,
    settings: CountSettings,
    intersections: Sequence[tuple[str, str]] = (),
    cuts: Mapping[str, float] = MappingProxyType({}),
) -> CountedTable:
    """Count all batches.

    Args:
        batches: the number of the first row, and the columns of the roles.
        roles: resolved.
        settings: with thresholds and patterns of slices.
        intersections: pairs of features whose combined values are slices too.
        cuts: model -> what its score is compared with; each score is then a decision, 1 above it and 0 else. Empty for none.

    Raises:
        InputError: a column cannot be read as what it is named for, or there are no rows.
    """
    counter = PredictionCounter(settings, list(roles.models), roles.features, intersections)
    readers = _Readers(roles, settings)
    copies = _Copies(keyed=roles.content is not None)
    rows = 0
    for first_row, batch in batches:
        read = _Batch(batch, roles, settings, first_row, readers)
        hashes = _hashes(read) if roles.content is None else _keys(batch, roles.content)
        clusters = hashes if roles.cluster is None else _clusters(batch, roles.cluster)
        copies.add(hashes, np.where(read.fine, _mixed(_bits(read)), np.uint64(0)))
        scores = {model: _above(of_model, cuts[model]) if cuts else of_model for model, of_model in read.scores.items()}
        counter.add(read.columns, scores, (clusters % np.uint64(BUCKETS)).astype(np.int64))
        rows += batch.num_rows
    if not rows:
        raise InputError("The table has no rows, so nothing can be judged; give at least one prediction.")
    readers.finish()
    distinct = copies.distinct()
    clustered = roles.cluster is not None or (distinct is not None and distinct < LEAST_DISTINCT * rows)
    return CountedTable(counter.evaluation(clustered, distinct), counter.counts(clustered, distinct), rows, lacking(roles))


def lacking(roles: Roles) -> frozenset[Need]:
    """Return what a table has none of: "labels", or "scores" where it has decisions alone."""
    none: dict[Need, bool] = {"labels": roles.label is None, "scores": not roles.scores}
    return frozenset(need for need, absent in none.items() if absent)


def _above(scores: Predictions, cut: float) -> Predictions:
    return np.where(np.isfinite(scores), (scores > cut).astype(np.float64), np.nan)


class _Readers:
    """What reads the label, and decisions of two kinds, of all batches."""

    def __init__(self, roles: Roles, settings: CountSettings) -> None:
        self.label = None if roles.label is None else LabelReader(roles.label, settings.classes, roles.positive)
        binary = settings.kind == "binary"
        self.decisions = {name: DecisionReader(name, roles.positive) for name in roles.decisions.values() if binary}

    def finish(self) -> None:
        """Check what only all rows together show."""
        if self.label is not None:
            self.label.finish()
        for reader in self.decisions.values():
            reader.finish()


class _Batch:
    """The columns of a batch, read.

    Attributes:
        columns: list columns of label, weight and features.
        scores: model -> float64[N] or float64[N, C].
        fine: bool[N], whether a score of the row has five or more significant digits.
    """

    def __init__(self, batch: pa.RecordBatch, roles: Roles, settings: CountSettings, first_row: int, readers: _Readers) -> None:
        def column(name: str) -> pa.Array:
            return batch.column(batch.schema.get_field_index(name))

        labels = np.zeros(batch.num_rows, np.int64)  # where there are none, nothing is said that rests on them
        if readers.label is not None and roles.label is not None:
            labels = readers.label.read(column(roles.label), first_row)
        parts = {LABEL: values.singles(labels)}
        if roles.weight is not None:
            parts[WEIGHT] = values.singles(values.read_weights(column(roles.weight), roles.weight))
        parts |= {name: groups.read_slice(column(name), name) for name in roles.slices}
        for feature, names in roles.groups.items():
            parts[feature] = groups.read_groups([column(name) for name in names], names, first_row)
        self.columns = pa.RecordBatch.from_arrays(list(parts.values()), list(parts))
        self.scores: dict[str, Predictions] = {}
        for model, of_model in roles.scores.items():
            named = [of_model] if isinstance(of_model, str) else list(of_model)
            self.scores[model] = values.read_scores([column(name) for name in named], named, settings.thresholds, first_row)
        for model, name in roles.decisions.items():
            if settings.kind == "binary":
                self.scores[model] = readers.decisions[name].read(column(name), first_row)
            else:
                self.scores[model] = read_classes(column(name), name, settings.classes, first_row)
        self.fine = np.zeros(batch.num_rows, bool)
        for scores in self.scores.values():
            self.fine |= _is_fine(scores if scores.ndim == 1 else scores[:, 0])


class _Copies:
    """Finds whether rows are copies, from hashes of all of them.

    Args:
        keyed: whether the hashes are keys of content, so that equal ones are copies for certain.
    """

    def __init__(self, keyed: bool) -> None:
        self._keyed = keyed
        self._rows: list[Hashes] = []
        self._scores: list[Hashes] = []

    def add(self, rows: Hashes, scores: Hashes) -> None:
        """Add a hash of every row, and of its scores; 0 where these have few digits."""
        self._rows.append(rows)
        self._scores.append(scores)

    def distinct(self) -> int | None:
        """Return how many rows differ; None where equal rows may well be honest."""
        rows, scores = np.concatenate(self._rows), np.concatenate(self._scores)
        found, multiplicities = np.unique(rows, return_counts=True)
        if self._keyed:
            return int(found.size)
        divisor = math.gcd(*np.unique(multiplicities).tolist())
        if found.size == rows.size or (divisor > 1 and found.size >= FEW):
            return int(found.size)
        fine = scores != 0
        of_fine, of_scores = np.unique(rows[fine]).size, np.unique(scores[fine]).size
        return int(found.size) if of_fine < fine.sum() and of_fine <= HONEST * of_scores else None


def _keys(batch: pa.RecordBatch, name: str) -> Hashes:
    """Return the key of every row's content: a whole number as it is, so that its remainder is the bucket; a hash of text.

    Raises:
        InputError: the column holds what cannot be a key, or an empty cell.
    """
    column = batch.column(batch.schema.get_field_index(name))
    if column.null_count:
        raise InputError(f"{column.null_count:,} rows have no key in the column {name}; fill them, or leave out --content.")
    if not pa.types.is_integer(column.type):
        return _clusters(batch, name)
    keys: Hashes = column.to_numpy(zero_copy_only=False).astype(np.uint64)
    return keys


def _clusters(batch: pa.RecordBatch, name: str) -> Hashes:
    """Return a hash of the cluster of every row; an empty cell is a cluster too.

    Raises:
        InputError: the column holds what cannot name a cluster.
    """
    found = plain(batch.column(batch.schema.get_field_index(name)), name)
    kind = found.type
    simple = (pa.types.is_string, pa.types.is_integer, pa.types.is_boolean, pa.types.is_null, pa.types.is_floating)
    if not any(is_of(kind) for is_of in simple) or pa.types.is_float16(kind):
        raise InputError(f"The column {name} holds {kind}; a cluster is named by text or a number.")
    return _hash(found)


def _hashes(batch: _Batch) -> Hashes:
    """Return a hash of everything that is read of a row."""
    return _mixed([*(_hash(batch.columns.column(place)) for place in range(batch.columns.num_columns)), *_bits(batch)])


def _bits(batch: _Batch) -> list[Hashes]:
    """Return the bits of all scores."""
    tables = [scores.reshape(len(scores), -1).astype(np.float64) for scores in batch.scores.values()]
    return [np.ascontiguousarray(table[:, at]).view(np.uint64) for table in tables for at in range(table.shape[1])]


def _mixed(parts: Sequence[Hashes]) -> Hashes:
    mixed = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        mixed = (mixed ^ part) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _hash(column: pa.Array) -> Hashes:
    """Return a hash of each value; that of a list depends on the order of its items."""
    if pa.types.is_list(column.type):
        inner = _hash(column.flatten())
        lengths = np.diff(column.offsets.to_numpy())
        mixed: Hashes = lengths.astype(np.uint64) * _ODD
        rows = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(inner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        np.add.at(mixed, rows, _mixed([inner, place.astype(np.uint64)]))
        return mixed
    encoded = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    table = [_stable(value) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
    hashes: Hashes = np.array([*table, 0], np.uint64)[codes]
    return hashes


def _stable(value: object) -> int:
    """Return a hash that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _is_fine(scores: Predictions) -> groups.Bools:
    """Return whether each score has five or more significant digits."""
    known = np.isfinite(scores) & (scores != 0)
    size = np.floor(np.log10(np.abs(np.where(known, scores, 1.0))))
    scaled = np.where(known, scores, 1.0) * 10.0 ** (3 - size)  # four digits before the point
    fine: groups.Bools = known & (np.abs(scaled - np.rint(scaled)) > 1e-6 * np.abs(scaled))
    return fine
