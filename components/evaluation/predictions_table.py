"""Score the examples of a finished run again, as a table of predictions that `fairgate evaluate` reads.

In: raw examples, the SavedModels that were judged, and how they were counted. Out: Arrow batches: the label, the scores of every
model as float64, a list column for each slice feature, the weight, and `content`, which is equal where examples are copies. The
Evaluator keeps counts alone, so the models are asked again; memory does not grow with the number of examples.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.counting.cells import Ints
from fairgate.counting.columns import Columns, needed
from fairgate.counting.joint import BUCKETS
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError
from fairgate.names import EVAL

LABEL, WEIGHT, CONTENT = "label", "weight", "content"
BATCH = 1024
_TEXTS = pa.list_(pa.string())
_WHOLE = "serialized example"  # the name of a column beside the features
_HASH = 7  # bytes: with the bucket, a key stays below 2^62


def score_columns(model: str, classes: Sequence[str]) -> list[str]:
    """Return the names of a model's columns: `score_candidate`, or `p_candidate_CLASS` of each of three or more classes."""
    return [f"score_{model}"] if len(classes) == 2 else [f"p_{model}_{name}" for name in classes]


def scored_table(
    uri: str | Path, models: Mapping[str, Path], settings: CountSettings, features: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Score the eval split, in the order of its files.

    Args:
        uri: artifact of raw examples.
        models: model -> folder of the SavedModel, under a name that TensorFlow takes for no pattern.
        settings: of the run's evaluation.
        features: whose values are slices.

    Yields:
        Batches of at most BATCH rows and one schema: label int64 (two classes) or string, float64 scores, list<string> for each
        feature (null where an example has no value), weight float64 where there is one, content int64.

    Raises:
        InputError: a feature whose values cannot be exported, or one that has the name of another column.
        KeyError, OSError, ValueError: a model that cannot be loaded.
    """
    from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

    from components.artifacts.examples import serialized_batches
    from components.modelling.signature import Served

    _check_names(features, models, settings)
    names = needed(settings, [SliceSpec((name,)) for name in features])
    decoder, loaded = ExamplesToRecordBatchDecoder(), {name: Served(folder) for name, folder in models.items()}
    for serialized in serialized_batches(str(uri), EVAL, BATCH):
        examples: list[bytes] = serialized.numpy().tolist()
        whole = pa.array([[example] for example in examples], pa.list_(pa.binary()))
        read = decoder.DecodeBatch(examples)
        batch = pa.RecordBatch.from_arrays([*read.columns, whole], [*read.schema.names, _WHOLE])
        columns = Columns([batch], (*names, _WHOLE))
        labels = columns.labels(settings)
        parts = {LABEL: pa.array(labels if settings.kind == "binary" else np.array(settings.classes, object)[labels])}
        for model, serve in loaded.items():
            answers = serve(serialized).astype(np.float64).reshape(len(examples), -1)
            parts |= dict(zip(score_columns(model, settings.classes), map(pa.array, answers.T), strict=True))
        parts |= {name: _texts(columns(name), name) for name in features}
        if settings.weight_key is not None:
            parts[WEIGHT] = pa.array(columns.weights(settings))
        parts[CONTENT] = pa.array(_contents(columns, settings.content_keys or (_WHOLE,)).astype(np.uint64))
        yield pa.RecordBatch.from_arrays(list(parts.values()), list(parts))


def _check_names(features: Sequence[str], models: Mapping[str, Path], settings: CountSettings) -> None:
    taken = {LABEL, WEIGHT, CONTENT, *(column for model in models for column in score_columns(model, settings.classes))}
    if wrong := [name for name in features if name in taken]:
        raise InputError(f"The slice feature {wrong[0]!r} has the name of another column of the table; rename the feature.")


def _texts(column: pa.Array, feature: str) -> pa.Array:
    """Return the column of a feature as lists of text, null where an example has no value."""
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), _TEXTS)
    if pa.types.is_floating(column.type.value_type):
        raise InputError(f"The slice feature {feature} holds numbers with a fraction; put them into ranges, and run again.")
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32), mask=np.append(lengths == 0, False))
    return pa.ListArray.from_arrays(offsets, column.flatten().cast(pa.string()))


def _contents(columns: Columns, features: Sequence[str]) -> Ints:
    """Return int64[N], a key of the content of every row: its values of these features.

    `fairgate evaluate` puts a number of 64 bits without sign into the bucket of its remainder: the key ends with the
    Evaluator's bucket.
    """
    rows = zip(*(columns(name).to_pylist() for name in features), strict=True)
    hashes = [int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=_HASH).digest(), "little") for values in rows]
    return np.array(hashes, np.int64) * BUCKETS + columns.buckets(features)
