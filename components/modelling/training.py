"""What both tasks' trainers share: reading transformed examples, a fixed order, training curves.

In: gzipped TFRecords of transformed tf.Examples, written by TFX Transform. Out: numpy arrays, and beside the model
`curves.parquet` and a folder of TensorBoard logs per split.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow as tf
from pydantic import BaseModel, ConfigDict

from components.tasks.base import Recipe
from fairgate.names import TRAIN, VALIDATION

CURVES = "curves.parquet"
EVENTS = "events.out.tfevents.0.curves"  # TensorBoard looks for the first part of the name
MEAN_LOSS = "mean_loss"
"""Name of a metric that is the mean loss per example, of a model whose loss is another: a sum, weighted, or of another kind."""
PARSE_BATCH = 4096

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Point:
    """One point of a training curve.

    Attributes:
        step: updates of the weights until then.
        split: on which it was measured.
        metric: name; "loss" is the mean per example, so that the models of a report stand on one scale.
        value: of the metric.
        epoch: passes over the training examples until then; None where a step is one, as for a solver that passes over all.
    """

    step: int
    split: str
    metric: str
    value: float
    epoch: float | None = None


def history_points(history: Mapping[str, Sequence[float]], steps_per_epoch: int, most_steps: int | None = None) -> list[Point]:
    """Return the points of a Keras history: one per epoch, split and metric; a metric of the held-out split begins with "val_".

    Args:
        history: metric -> its value after each epoch. Where there is a metric `MEAN_LOSS`, it takes the place of the loss.
        steps_per_epoch: batches.
        most_steps: at which training ended within an epoch; None where it did not.
    """
    hidden = {"loss", "val_loss"} if MEAN_LOSS in history else set()
    points = []
    for name in (name for name in history if name not in hidden):
        metric, split = name.removeprefix("val_"), VALIDATION if name.startswith("val_") else TRAIN
        for number, value in enumerate(history[name], start=1):
            step = min(number * steps_per_epoch, most_steps or number * steps_per_epoch)
            points.append(Point(step, split, "loss" if metric == MEAN_LOSS else metric, float(value), step / steps_per_epoch))
    return points


def transformed_batches(patterns: Sequence[str], features: Mapping[str, Any]) -> Iterator[dict[str, tf.Tensor]]:
    """Parse transformed examples, thousands in one call: per-example parsing takes three times as long.

    Args:
        patterns: file patterns of gzipped TFRecords, as in `FnArgs.train_files`.
        features: transformed feature name -> its tf.io feature, a part of `TFTransformOutput.transformed_feature_spec()`.

    Yields:
        feature -> tensor [n, …] for up to PARSE_BATCH rows.
    """
    files = sorted(name for pattern in patterns for name in tf.io.gfile.glob(pattern))
    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(PARSE_BATCH)
    dataset = dataset.map(lambda rows: tf.io.parse_example(rows, features), num_parallel_calls=tf.data.AUTOTUNE)
    yield from dataset.prefetch(2)


def fixed_order(keys: npt.NDArray[np.uint64], seed: int, *ties: Array) -> npt.NDArray[np.int64]:
    """Return a permutation that depends on the rows' content and the seed, not on the order in which Beam wrote them.

    Args:
        keys: uint64[N], a fingerprint of each row.
        seed: of the shuffle.
        ties: [N] each, what else distinguishes rows with equal fingerprints, the first of them first.

    Returns:
        int64[N] indices.
    """
    by_content = np.lexsort((*reversed(ties), keys))  # the last key is the first to sort by
    order: npt.NDArray[np.int64] = by_content[np.random.default_rng(seed).permutation(len(keys))]
    return order


def write_curves(points: Sequence[Point], folder: str | Path) -> None:
    """Write the curves as `curves.parquet` (step, epoch, split, metric, value), and as logs that TensorBoard reads."""
    columns = {
        "step": pa.array([point.step for point in points], pa.int64()),
        "epoch": pa.array([point.step if point.epoch is None else point.epoch for point in points], pa.float64()),
        "split": pa.array([point.split for point in points], pa.string()),
        "metric": pa.array([point.metric for point in points], pa.string()),
        "value": pa.array([point.value for point in points], pa.float64()),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), str(Path(folder) / CURVES))
    for split in dict.fromkeys(point.split for point in points):
        _write_events([point for point in points if point.split == split], Path(folder) / split / EVENTS)


def _write_events(points: Sequence[Point], path: Path) -> None:
    """Write scalars as a TensorBoard log of their steps.

    `tf.summary` would put the time and the name of the machine into the file; here the same curves give the same bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(tf.compat.v1.Event(file_version="brain.Event:2").SerializeToString())
        for point in points:
            value = tf.compat.v1.Summary.Value(tag=point.metric, simple_value=point.value)
            event = tf.compat.v1.Event(step=point.step, summary=tf.compat.v1.Summary(value=[value]))
            writer.write(event.SerializeToString())


class TrainerConfig(BaseModel):
    """What the graph hands to every trainer as `custom_config`.

    Attributes:
        recipe: which of the task's two recipes to train.
        training: the task's training configuration, as a mapping.
        seed: of initial weights, order and batches.
        source_digest: of the trainer's source; there so that the cache sees a change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe
    training: dict[str, Any]
    seed: int
    source_digest: str
