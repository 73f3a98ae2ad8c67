"""Time the evaluation three ways on the same generated files and models: stock TFMA, ours, bare inference and counting.

Flow: `prepare` writes examples and two SavedModels once -> `stock`, `ours`, `bare` each evaluate them and return the seconds
without imports. Each call is one run, in a process of its own. Afterwards `largest_difference` compares the rates that stock TFMA
and ours wrote.
"""

import importlib
import itertools
import math
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import InputError

IDENTITIES = {
    "gender": ("male", "female", "transgender", "other_gender"),
    "sexual_orientation": ("heterosexual", "homosexual_gay_or_lesbian", "bisexual", "other_sexual_orientation"),
    "religion": ("christian", "jewish", "muslim", "hindu", "buddhist", "atheist", "other_religion"),
    "race": ("black", "white", "asian", "latino", "other_race_or_ethnicity"),
    "disability": (
        "physical_disability",
        "intellectual_or_learning_disability",
        "psychiatric_or_mental_illness",
        "other_disability",
    ),
}
LABELS = LabelSpec(key="toxicity", classes=("non-toxic", "toxic"), kind="binary")
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SHARDS = 2
VOCABULARY = 20_000
MODELS = ("candidate", "baseline")
BARE_BATCH = 4096
OURS, STOCK = "output-ours", "output-stock"
TOPICS = 216  # 24 identities and these are ten times 24 slices


@dataclass(frozen=True)
class EvaluationWorkload:
    """The files, models and configuration that are evaluated.

    Attributes:
        folder: holds `examples/` (gzipped TFRecords of canonical civil-comments examples) and one SavedModel per model.
        rows: number of examples.
        evaluation: thresholds and slices.
    """

    folder: Path
    rows: int
    evaluation: EvaluationConfig

    @property
    def pattern(self) -> str:
        """Return the glob of the example files."""
        return str(self.folder / f"examples-{self.rows}" / "*")


def prepare(folder: Path, rows: int, thresholds: Sequence[float] = THRESHOLDS, extra_slices: int = 0) -> EvaluationWorkload:
    """Write the files that `folder` does not hold yet.

    Args:
        folder: output folder, created if missing.
        rows: number of examples to generate.
        thresholds: decision thresholds of the evaluation.
        extra_slices: number of values of one more slice feature, beside the 24 identities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for at, model in enumerate(MODELS):
        if not (folder / model).is_dir():
            _save_model(folder / model, seed=at)
    examples = folder / f"examples-{rows}"
    if not examples.is_dir():
        _write_examples(examples, rows)
    features = (*IDENTITIES, "topic") if extra_slices else tuple(IDENTITIES)
    if extra_slices not in (0, TOPICS):
        raise InputError(
            f"extra_slices must be 0 or {TOPICS}, the number of topics in the generated examples, not {extra_slices}."
        )
    return EvaluationWorkload(folder, rows, EvaluationConfig(thresholds=tuple(thresholds), slice_features=features))


def ours(work: EvaluationWorkload) -> float:
    """Return the seconds of a whole evaluation by counting, including reading it back and writing metrics with intervals."""
    _import_packages()
    from components.evaluation.extractors import custom_extractors
    from components.evaluation.reading import read_evaluation
    from fairgate.table import write_table

    started = time.perf_counter()
    output = work.folder / OURS
    _tfma(work, output, custom_extractors, intervals=False)
    write_table(read_evaluation(output), output / "metrics.parquet", work.evaluation.confidence)
    return time.perf_counter() - started


def stock(work: EvaluationWorkload, intervals: bool = False) -> float:
    """Return the seconds of a whole evaluation by TFMA's own extractors, with jackknife if intervals are asked for."""
    _import_packages()
    started = time.perf_counter()
    _tfma(work, work.folder / STOCK, None, intervals)
    return time.perf_counter() - started


def largest_difference(folder: Path) -> float:
    """Return the largest difference between stock TFMA's numbers and ours, over all slices, models and metrics.

    Raises:
        InputError: stock TFMA wrote a metric that ours did not.
    """
    theirs, own = _written(folder / STOCK), _written(folder / OURS)
    if absent := sorted(set(theirs) - set(own)):
        raise InputError(f"{len(absent)} metrics of stock TFMA are absent from our artifact, the first is {absent[0]}.")
    return max(_difference(value, own[key]) for key, value in theirs.items())


def bare(work: EvaluationWorkload) -> float:
    """Return the seconds of only batched inference by both models and counting in numpy."""
    import tensorflow as tf

    started = time.perf_counter()
    signatures = [tf.saved_model.load(str(work.folder / model)).signatures["serving_default"] for model in MODELS]
    spec = {name: tf.io.RaggedFeature(tf.string) for name in work.evaluation.slice_features} | {
        LABELS.key: tf.io.FixedLenFeature([], tf.float32)
    }
    files = sorted(tf.io.gfile.glob(work.pattern))
    tables: dict[tuple[str, int], npt.NDArray[np.float64]] = {}
    for batch in tf.data.TFRecordDataset(files, "GZIP").batch(BARE_BATCH).prefetch(2):
        features = tf.io.parse_example(batch, spec)
        scores = [signature(batch)["score"].numpy()[:, 0].astype(np.float64) for signature in signatures]
        _count(features, scores, work.evaluation, tables)
    return time.perf_counter() - started


def _count(features: Any, scores: Sequence[Any], evaluation: EvaluationConfig, tables: dict[tuple[str, int], Any]) -> None:
    label = features[LABELS.key].numpy().astype(np.int64)
    width = len(evaluation.thresholds) + 1
    groups = {"": np.arange(label.size)}
    for name in evaluation.slice_features:
        values, rows = features[name].flat_values.numpy().astype("S40"), features[name].value_rowids().numpy()
        groups |= {f"{name}:{value.decode()}": rows[values == value] for value in np.unique(values)}
    for at, score in enumerate(scores):
        cell = label * width + np.searchsorted(evaluation.thresholds, score, side="left")
        for name, rows in groups.items():
            tables[name, at] = tables.get((name, at), 0) + np.bincount(cell[rows], minlength=2 * width)


def _tfma(work: EvaluationWorkload, output: Path, extractors_of: Any, intervals: bool) -> None:
    import apache_beam as beam
    import tensorflow_model_analysis as tfma
    from apache_beam.options.pipeline_options import PipelineOptions
    from tensorflow_model_analysis import constants
    from tensorflow_model_analysis.proto import config_pb2
    from tfx_bsl.public import tfxio

    from components.evaluation.eval_config import eval_config

    shutil.rmtree(output, ignore_errors=True)
    config = eval_config(LABELS, work.evaluation)
    if extractors_of is None:
        _keep_stock_metrics(config)
    if intervals:
        config.options.compute_confidence_intervals.value = True
        config.options.confidence_intervals.method = config_pb2.ConfidenceIntervalOptions.JACKKNIFE
    models = [tfma.default_eval_shared_model(str(work.folder / name), model_name=name, eval_config=config) for name in MODELS]
    source = tfxio.TFExampleRecord(work.pattern, schema=_schema(), raw_record_column_name=constants.ARROW_INPUT_COLUMN)
    extractors = extractors_of(models, config, None) if extractors_of else None
    with beam.Pipeline(options=PipelineOptions(["--direct_running_mode=in_memory", "--direct_num_workers=1"])) as root:
        _ = (
            [root | "Read" >> source.BeamSource()]
            | beam.Flatten()
            | tfma.ExtractEvaluateAndWriteResults(
                eval_shared_model=models, eval_config=config, extractors=extractors, output_path=str(output)
            )
        )


def _import_packages() -> None:
    """Import what stock TFMA and ours share, so that neither is timed with it."""
    for name in (
        "tensorflow_model_analysis",
        "tfx_bsl.public.tfxio",
        "components.evaluation.eval_config",
        "components.evaluation.extractors",
    ):
        importlib.import_module(name)


def _difference(one: float, other: float) -> float:
    """Return the absolute difference: 0 for two NaN, infinite for one."""
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    return abs(one - other)


def _written(output: Path) -> dict[tuple[Any, str, str], float]:
    """Return (slice key, model, metric) -> value, as TFMA wrote it."""
    import tensorflow_model_analysis as tfma
    from tensorflow_model_analysis.slicer import slicer_lib

    return {
        (slicer_lib.deserialize_slice_key(one.slice_key), item.key.model_name, item.key.name): item.value.double_value.value
        for one in tfma.load_metrics(str(output))
        for item in one.metric_keys_and_values
        if item.value.HasField("double_value") and not item.key.is_diff
    }


def _keep_stock_metrics(config: Any) -> None:
    for spec in config.metrics_specs:
        kept = [metric for metric in spec.metrics if not metric.module.startswith("components.")]
        del spec.metrics[:]
        spec.metrics.extend(kept)


def _schema() -> Any:
    from tensorflow_metadata.proto.v0 import schema_pb2

    schema = schema_pb2.Schema()
    for name in ("comment_text", *IDENTITIES, "topic"):
        schema.feature.add(name=name, type=schema_pb2.BYTES)
    schema.feature.add(name=LABELS.key, type=schema_pb2.FLOAT)
    return schema


def _write_examples(folder: Path, rows: int) -> None:
    import tensorflow as tf

    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    written = _examples(rows)
    for shard in range(SHARDS):
        name = f"eval-{shard:05d}-of-{SHARDS:05d}.tfrecord.gz"
        with tf.io.TFRecordWriter(str(partial / name), "GZIP") as writer:
            for example in itertools.islice(written, -(-rows // SHARDS)):
                writer.write(example)
    partial.rename(folder)


def _examples(rows: int) -> Iterator[bytes]:
    """Yield comments of 5 to 95 words; toxic ones take a tenth from the first hundred words. Identities are random."""
    import tensorflow as tf

    generator = np.random.default_rng(0)
    words = [f"word{number}" for number in range(VOCABULARY)]
    for _ in range(rows):
        label = float(generator.random() < 0.1)
        drawn = generator.integers(0, VOCABULARY, generator.integers(5, 96))
        if label:
            drawn[::10] %= 100
        feature = {
            "comment_text": _strings([" ".join(words[word] for word in drawn)]),
            "topic": _strings([f"topic{generator.integers(TOPICS)}"]),
            LABELS.key: tf.train.Feature(float_list=tf.train.FloatList(value=[label])),
        }
        chances = iter(generator.random(sum(map(len, IDENTITIES.values()))))
        feature |= {name: _strings([value for value in values if next(chances) < 0.03]) for name, values in IDENTITIES.items()}
        yield tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def _strings(values: Sequence[str]) -> Any:
    import tensorflow as tf

    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))


def _save_model(folder: Path, seed: int) -> None:
    """Save a random text model of the task's shape: 128-d embedding, dense 500, dense 100, sigmoid."""
    import tensorflow as tf

    generator = np.random.default_rng(seed)

    def weights(*shape: int) -> Any:
        return tf.Variable((generator.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32))

    table = generator.normal(size=(VOCABULARY, 128)).astype(np.float32) * 0.3

    class Model(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = tf.Variable(table)
            self.dense = [weights(128, 500), weights(500, 100), weights(100, 1)]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples: Any) -> Any:
            text = tf.io.parse_example(examples, {"comment_text": tf.io.FixedLenFeature([], tf.string)})["comment_text"]
            tokens = tf.strings.split(tf.strings.regex_replace(tf.strings.lower(text), r"[^a-z0-9 ]", ""))
            ids = tf.strings.to_hash_bucket_fast(tokens, VOCABULARY)
            layer = tf.nn.safe_embedding_lookup_sparse(self.table, ids.to_sparse(), combiner="sqrtn")
            for kernel in self.dense[:-1]:
                layer = tf.nn.relu(layer @ kernel)
            return {"score": tf.sigmoid(layer @ self.dense[-1])}

    model = Model()
    tf.saved_model.save(model, str(folder), signatures={"serving_default": model.serve})
