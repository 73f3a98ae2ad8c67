"""Gather what the DataGate judges: counts of the splits, anomalies, rows that two splits share.

In: raw examples, schema and anomalies, as TFX wrote them. Out: `DataFacts`, kept as `facts.json`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2

from components.artifacts.anomalies import read_anomalies
from components.artifacts.examples import fingerprints, parsed_batches, split_files
from components.artifacts.facts import FACTS, conversion_of
from components.artifacts.splits import splits_in
from components.validation.decision import DataFacts, SplitFacts
from data.conversion_report import ConversionReport
from fairgate.names import EVAL, SPLITS, TRAIN, VALIDATION, place

_DTYPES = {schema_pb2.BYTES: tf.string, schema_pb2.INT: tf.int64, schema_pb2.FLOAT: tf.float32}


@dataclass(frozen=True)
class DataNames:
    """Features that the DataGate looks at.

    Attributes:
        label: the label.
        slices: features whose values are slices.
        content: what no two splits must share; "" for nothing.
        expected: slice feature that is evaluated -> the values that the task knows.
    """

    label: str
    slices: tuple[str, ...]
    content: str
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def gather(examples_uri: str, schema_uri: str, anomalies_uri: str, names: DataNames) -> DataFacts:
    """Read the facts; memory holds one 8-byte fingerprint per row, not the rows."""
    features = ragged_features(schema_uri, (names.label, *names.slices, names.content))
    splits, seen = {}, {}
    for split in dict.fromkeys((*splits_in(examples_uri), *SPLITS)):
        splits[split], seen[split] = _facts_of(examples_uri, split, features, names)
    anomalies = tuple(anomaly for split in splits for anomaly in read_anomalies(anomalies_uri, split))
    report = conversion_of(Path(examples_uri))
    absent = _absent(splits, names.expected) if report is None else report.absent_columns
    tagged = report.tagged_features if report else ()
    return DataFacts(
        _annotated(splits, report), anomalies, _shared(seen) if names.content else {}, names.expected, absent, tagged
    )


def _shared(seen: Mapping[str, Any]) -> dict[str, int]:
    """Count the rows of each split whose content also stands in a split that chose or trained what is measured on it."""
    earlier = {VALIDATION: (TRAIN,), EVAL: (TRAIN, VALIDATION)}
    return {
        split: int(np.isin(seen[split], np.concatenate([seen[other] for other in others if other in seen])).sum())
        for split, others in earlier.items()
        if split in seen
    }


def _annotated(splits: Mapping[str, SplitFacts], report: ConversionReport | None) -> dict[str, SplitFacts]:
    """Return the facts with what only the conversion saw: whether a row without a group is about none, or not annotated."""
    known = report.splits if report else {}
    return {
        split: replace(facts, unannotated=dict(known[split].unannotated)) if split in known else facts
        for split, facts in splits.items()
    }


def _absent(splits: Mapping[str, SplitFacts], expected: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return all groups of each feature that no row has: examples that nobody converted, and that lack the whole feature."""
    seen = {feature for facts in splits.values() for feature, values in facts.values.items() if values}
    return tuple(place(feature, value) for feature, values in expected.items() if feature not in seen for value in values)


def write(facts: DataFacts, folder: Path) -> None:
    """Write `facts.json` into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=1), encoding="utf-8")


def ragged_features(schema_uri: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return features of any length for those of `names` that the schema has: a missing one is a finding, not a parsing error."""
    schema = tfdv.load_schema_text(str(Path(schema_uri, "schema.pbtxt")))
    types = {feature.name: _DTYPES[feature.type] for feature in schema.feature}
    return {name: tf.io.VarLenFeature(types[name]) for name in names if name in types}


def _facts_of(uri: str, split: str, features: dict[str, Any], names: DataNames) -> tuple[SplitFacts, Any]:
    labels: Counter[float] = Counter()
    values: dict[str, Counter[str]] = {feature: Counter() for feature in names.slices}
    seen = [np.empty(0, np.uint64)]
    rows = 0
    for batch in parsed_batches(uri, split, features) if split_files(uri, split) else ():
        found, counts = np.unique(np.asarray(batch[names.label].values, dtype=np.float64), return_counts=True)
        labels.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        for feature in names.slices:
            values[feature].update(_rows_with_value(batch[feature]))
        rows += int(batch[names.label].dense_shape[0])
        if names.content:
            seen.append(fingerprints(tf.sparse.to_dense(batch[names.content])))
    fingerprints_of_all = np.concatenate(seen)
    distinct = int(np.unique(fingerprints_of_all).size) if names.content else None
    by_value = {feature: dict(counts) for feature, counts in values.items()}
    return SplitFacts(rows, dict(labels), by_value, distinct), fingerprints_of_all


def _rows_with_value(column: tf.SparseTensor) -> dict[str, int]:
    """Count the rows that have each value; a value named twice in one row counts once."""
    pairs = {(row, value) for (row, _), value in zip(column.indices.numpy().tolist(), column.values.numpy(), strict=True)}
    return Counter(value.decode() for _, value in pairs)
