"""What both tasks' trainers share: reading transformed examples, a fixed order, training curves.

In: gzipped TFRecords of transformed tf.Examples, written by TFX Transform. Out: numpy arrays, and `curves.parquet` beside the
model.
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

CURVES = "curves.parquet"
PARSE_BATCH = 4096

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Point:
    """One point of a training curve: what `metric` was on `split` after `step` steps or epochs."""

    step: int
    split: str
    metric: str
    value: float


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
    """Write the curves as `curves.parquet` (step, split, metric, value)."""
    columns = {
        "step": pa.array([point.step for point in points], pa.int64()),
        "split": pa.array([point.split for point in points], pa.string()),
        "metric": pa.array([point.metric for point in points], pa.string()),
        "value": pa.array([point.value for point in points], pa.float64()),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), str(Path(folder) / CURVES))


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
