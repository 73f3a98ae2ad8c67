"""Extract the features of raw examples with Beam, once for all models that train on them.

In: gzipped TFRecords of canonical examples. Out: a folder of shards, see `data.text.feature_shards`. The flow:

1. A worker reads a file in order, counts the n-grams of its rows, and writes a shard for every SHARD_ROWS of them; their
   counts go to a folder of their own, which is removed at the end.
2. The document frequencies of the training split are added up and become the idf.
3. Every shard is weighed.

Beam moves names of shards and sums alone, so memory does not grow with the rows; the workers must share a disk. Equal files
give equal bytes. Imports no TFX.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from apache_beam.metrics import Metrics

from components.artifacts.examples import split_files
from components.modelling.feature_settings import FeatureSettings
from components.modelling.row_features import COUNTS, TRUNCATED, RowExtractor, joined
from data.text.feature_shards import (
    BLOCKS,
    BUCKETS,
    STARTS,
    VALUES,
    VECTORS,
    Array,
    FeatureIndex,
    read_array,
    shard_name,
    write_arrays,
    write_idf,
)
from data.text.tf_idf import DocumentFrequencies, smooth_idf, weigh
from fairgate.errors import InputError
from fairgate.names import TRAIN, VALIDATION

SHARD_ROWS = 8192
BATCH_ROWS = 1024  # rows that are counted at once
_FREQUENCIES, _SHARDS = "frequencies", "shards"  # outputs of WriteCounts


@dataclass(frozen=True)
class ExampleFile:
    """A file of examples; `number` is its place among those of its split."""

    split: str
    number: int
    path: str


@dataclass(frozen=True)
class ShardSummary:
    """What the index needs to know of a shard."""

    split: str
    name: str
    rows: int
    positives: int
    truncated: int
    dimension: int


def extract_features(root: beam.Pipeline, examples: str, settings: FeatureSettings, folder: Path) -> tuple[str, ...]:
    """Write the features of the splits train and, where there is one, validation.

    Args:
        root: is run.
        examples: folder of canonical examples, with `Split-train/`.
        settings: what the features are made from.
        folder: receives the features.

    Returns:
        The names of the splits.

    Raises:
        InputError: there are no training examples.
    """
    files = [
        ExampleFile(split, number, path)
        for split in (TRAIN, VALIDATION)
        for number, path in enumerate(split_files(examples, split))
    ]
    splits = tuple(dict.fromkeys(file.split for file in files))
    if TRAIN not in splits:
        raise InputError(f"{examples}: no file Split-{TRAIN}/*; name a folder that `fairgate data convert` or a local run wrote.")
    folder.mkdir(parents=True, exist_ok=True)
    with root:
        _ = root | "Name files" >> beam.Create(files) | "Extract features" >> ExtractFeatures(settings, folder, splits)
    shutil.rmtree(folder / COUNTS)
    for partial in folder.glob("*/.*.partial"):  # of a worker that was lost
        partial.unlink()
    return splits


@dataclass
class ExtractFeatures(beam.PTransform):
    """Write shards, idf and index, ExampleFile -> the FeatureIndex; leaves the folder `counts`.

    Attributes:
        settings: what the features are made from.
        folder: of the features.
        splits: names of all splits.
    """

    settings: FeatureSettings
    folder: Path
    splits: tuple[str, ...]

    def expand(self, files: beam.PCollection) -> beam.PCollection:
        """Count, add up, weigh."""
        counted = (
            files
            | "Spread files" >> beam.Reshuffle()
            | "Write counts" >> beam.ParDo(WriteCounts(self.settings, self.folder)).with_outputs(_FREQUENCIES, main=_SHARDS)
        )
        idf = (
            counted[_FREQUENCIES]
            | "Add frequencies" >> beam.CombineGlobally(add_frequencies)
            | "Compute idf" >> beam.Map(smooth_idf)
            | "Write idf" >> beam.Map(write_and_pass_idf, self.folder)
        )
        return (
            counted[_SHARDS]
            | "Spread shards" >> beam.Reshuffle()
            | "Weigh shards" >> beam.Map(weigh_shard, self.folder, beam.pvalue.AsSingleton(idf))
            | "Gather summaries" >> beam.combiners.ToList()
            | "Write index" >> beam.Map(write_index, self.settings, self.splits, self.folder)
        )


class WriteCounts(beam.DoFn):
    """Write shards without values, and their counts; yields ShardSummary, and DocumentFrequencies of the training split."""

    def __init__(self, settings: FeatureSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    def setup(self) -> None:
        """Trace the TensorFlow functions, once per worker."""
        self._extractor = RowExtractor(self._settings)

    def process(self, source: ExampleFile) -> Iterator[Any]:
        """Write the shards of a file."""
        batches = iter(tf.data.TFRecordDataset(source.path, compression_type="GZIP").batch(BATCH_ROWS).prefetch(1))
        first_row = 0
        while extracted := [self._extractor(batch) for batch in islice(batches, SHARD_ROWS // BATCH_ROWS)]:
            arrays = joined(extracted)
            shard = _summary(source.split, shard_name(source.number, first_row), arrays)
            first_row += shard.rows
            self._write(shard, arrays)
            yield shard
            if shard.split == TRAIN:
                yield beam.pvalue.TaggedOutput(_FREQUENCIES, frequencies(shard.rows, arrays))

    def _write(self, shard: ShardSummary, arrays: dict[str, Array]) -> None:
        counts = {name: array for name, array in arrays.items() if name.endswith(f".{COUNTS}")}
        write_arrays(self._folder / COUNTS, shard.split, shard.name, counts)
        write_arrays(self._folder, shard.split, shard.name, {name: arrays[name] for name in arrays.keys() - counts - {TRUNCATED}})
        Metrics.counter("features", "rows").inc(shard.rows)
        Metrics.counter("features", "truncated").inc(shard.truncated)


def frequencies(rows: int, arrays: dict[str, Array]) -> DocumentFrequencies:
    """Count in how many rows each bucket of both blocks occurs."""
    counted = [np.bincount(arrays[f"{name}.{BUCKETS}"], minlength=width) for name, width in BLOCKS.items()]
    return DocumentFrequencies(rows, np.concatenate(counted))


def add_frequencies(parts: Iterable[DocumentFrequencies]) -> DocumentFrequencies:
    """Add document frequencies, of no text at first."""
    return sum(parts, DocumentFrequencies(0, np.zeros(sum(BLOCKS.values()), np.int64)))


def write_and_pass_idf(idf: npt.NDArray[np.float32], folder: Path) -> npt.NDArray[np.float32]:
    """Write the idf and return it."""
    write_idf(folder, idf)
    return idf


def weigh_shard(shard: ShardSummary, folder: Path, idf: npt.NDArray[np.float32]) -> ShardSummary:
    """Write the values of a shard whose counts are written, and return its summary."""
    first = 0
    for name, width in BLOCKS.items():
        starts, buckets = (read_array(folder, shard.split, shard.name, f"{name}.{part}") for part in (STARTS, BUCKETS))
        counts = read_array(folder / COUNTS, shard.split, shard.name, f"{name}.{COUNTS}")
        values = weigh(starts, buckets, counts, idf[first : first + width])
        write_arrays(folder, shard.split, shard.name, {f"{name}.{VALUES}": values})
        first += width
    return shard


def write_index(shards: list[ShardSummary], settings: FeatureSettings, splits: tuple[str, ...], folder: Path) -> FeatureIndex:
    """Add up the summaries of all shards, write the index and return it."""

    def total(field: str) -> dict[str, int]:
        return {split: sum(getattr(shard, field) for shard in shards if shard.split == split) for split in splits}

    index = FeatureIndex(
        rows=total("rows"),
        positives=total("positives"),
        truncated=total("truncated"),
        groups=settings.group_names(),
        dimension=max((shard.dimension for shard in shards), default=0),
        embedding=settings.embedding,
    )
    index.write(folder)
    return index


def _summary(split: str, name: str, arrays: dict[str, Array]) -> ShardSummary:
    labels = arrays["labels"]
    dimension = arrays[VECTORS].shape[1] if VECTORS in arrays else 0
    return ShardSummary(split, name, len(labels), int(labels.sum()), int(arrays[TRUNCATED].sum()), dimension)
