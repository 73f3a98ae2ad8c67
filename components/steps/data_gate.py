"""The DataGate step: stops the run before training when the data cannot support an honest model.

In: examples, schema and the anomalies that ExampleValidator found. Out: `data_blessing`, a folder with `facts.json`. Raises
InputError with every finding; the decision itself is `components.validation.decision.judge`.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts.examples import fingerprints, parsed_batches, split_files
from components.validation.decision import DataFacts, SplitFacts, judge
from components.validation.rules import DataRules
from fairgate.errors import InputError
from fairgate.names import SPLITS

FACTS = "facts.json"
_DTYPES = {schema_pb2.BYTES: tf.string, schema_pb2.INT: tf.int64, schema_pb2.FLOAT: tf.float32}


@component
def DataGate(  # noqa: N802  # a TFX component is named like a class
    examples: InputArtifact[standard_artifacts.Examples],
    schema: InputArtifact[standard_artifacts.Schema],
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    data_blessing: OutputArtifact[standard_artifacts.ModelEvaluation],
    rules: Parameter[str],
    labels: Parameter[str],
    source_digest: Parameter[str],  # noqa: ARG001  # part of the cache key
) -> None:
    """Judges the splits.

    Args:
        examples: raw examples, splits train and eval.
        schema: the curated schema; it tells the features' types.
        anomalies: of both splits.
        data_blessing: receives `facts.json`.
        rules: DataRules as JSON.
        labels: JSON of {"key", "classes" (values), "slices" (feature -> known values)}.
        source_digest: of the step's source.
    """
    limits = DataRules.model_validate_json(rules)
    names = json.loads(labels)
    features = ragged_features(schema.uri, (names["key"], *names["slices"], limits.text_feature))
    facts = gather(examples.uri, anomalies.uri, features, DataNames(names["key"], tuple(names["slices"]), limits.text_feature))
    findings = judge(facts, limits, tuple(names["classes"]), names["slices"])
    if findings:
        raise InputError("The DataGate stopped the run before training:\n" + "\n".join(f"  - {finding}" for finding in findings))
    Path(data_blessing.uri).mkdir(parents=True, exist_ok=True)
    Path(data_blessing.uri, FACTS).write_text(json.dumps(asdict(facts), indent=1), encoding="utf-8")


@dataclass(frozen=True)
class DataNames:
    """The features that the gate looks at; `content` is what train and eval must not share, "" for nothing."""

    label: str
    slices: tuple[str, ...]
    content: str


def ragged_features(schema_uri: str, names: tuple[str, ...]) -> dict[str, Any]:
    """tf.io features of any length for those of `names` that the schema has: a missing one is a finding, not a parsing error."""
    schema = tfdv.load_schema_text(str(Path(schema_uri, "schema.pbtxt")))
    types = {feature.name: _DTYPES[feature.type] for feature in schema.feature}
    return {name: tf.io.VarLenFeature(types[name]) for name in names if name in types}


def gather(examples_uri: str, anomalies_uri: str, features: dict[str, Any], names: DataNames) -> DataFacts:
    """Reads the facts that `judge` needs; memory holds one 8-byte fingerprint per row, not the rows."""
    splits, seen = {}, {}
    for split in SPLITS:
        splits[split], seen[split] = _facts_of(examples_uri, split, features, names)
    shared = int(np.isin(seen["eval"], seen["train"]).sum()) if names.content else 0
    found = tuple(anomaly for split in SPLITS for anomaly in read_anomalies(anomalies_uri, split))
    return DataFacts(splits, found, shared)


def read_anomalies(uri: str, split: str) -> list[tuple[str, str, str]]:
    """(split, feature, description) of each anomaly; none when the artifact has no such split."""
    file = Path(uri, f"Split-{split}", "SchemaDiff.pb")
    if not file.exists():
        return []
    proto = anomalies_pb2.Anomalies.FromString(file.read_bytes())
    return [(split, feature, info.description) for feature, info in sorted(proto.anomaly_info.items())]


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
    return SplitFacts(rows, dict(labels), {feature: dict(counts) for feature, counts in values.items()}), np.concatenate(seen)


def _rows_with_value(column: tf.SparseTensor) -> dict[str, int]:
    """Value -> rows that have it; a value named twice in one row counts once."""
    pairs = {(row, value) for (row, _), value in zip(column.indices.numpy().tolist(), column.values.numpy(), strict=True)}
    return Counter(value.decode() for _, value in pairs)
