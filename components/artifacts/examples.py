"""Reading raw tf.Examples of an artifact, thousands at a time, as tensors.

Shared by the steps that look at the data itself: the DataGate, the gate's serving check, the Reporter.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

READ_BATCH = 4096


def split_files(uri: str, split: str) -> list[str]:
    """Return the TFRecord files of one split of an Examples artifact, in order; empty when it has no such split."""
    return sorted(str(path) for path in Path(uri, f"Split-{split}").glob("*") if path.is_file())


def serialized_batches(uri: str, split: str, batch: int = READ_BATCH) -> Iterator[tf.Tensor]:
    """Read serialized tf.Examples str[n], n up to `batch`, in file order."""
    yield from tf.data.TFRecordDataset(split_files(uri, split), compression_type="GZIP").batch(batch).prefetch(2)


def parsed_batches(uri: str, split: str, features: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read parsed batches, feature -> tensor [n, …] (or SparseTensor); `features` as for tf.io.parse_example."""
    for serialized in serialized_batches(uri, split):
        yield tf.io.parse_example(serialized, features)


def fingerprints(column: tf.Tensor) -> npt.NDArray[np.uint64]:
    """Return a fingerprint of each row of a dense tensor [N, …] of any dtype, uint64[N]."""
    return np.asarray(tf.fingerprint(column)).view(np.uint64).ravel()
