"""Extract the features of raw examples with Beam, once for all models that train on them.

In: gzipped TFRecords of canonical examples. Out: a folder of shards, see `data.text.feature_shards`. The flow:

1. The rows of every file are counted.
2. A worker counts the n-grams of the shards that begin in a file, and writes them. A shard holds SHARD_ROWS rows of its split in
   the order of the files, and may end in a later file, so that the shards do not depend on how the examples are divided into
   files. Their counts go to a folder of their own, which is removed at the end.
3. The document frequencies of the training split are added up and become the idf.
4. Every shard is weighed.

Beam moves names of shards and sums alone, so memory does not grow with the rows; the workers must share a disk. Equal examples
in the same order give equal bytes, in any number of files. Imports no TFX.
"""

import math
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        spread = files | "Spread files" >> beam.Reshuffle()
        rows = beam.pvalue.AsDict(spread | "Count rows" >> beam.Map(count_rows))
        counted = spread | "Write counts" >> beam.ParDo(WriteCounts(self.settings, self.folder), rows).with_outputs(
            _FREQUENCIES, main=_SHARDS
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


def count_rows(file: ExampleFile) -> tuple[ExampleFile, int]:
    """Count the examples of a file, without parsing them."""
    return file, sum(len(batch) for batch in records([file.path]).batch(SHARD_ROWS))


def records(paths: Sequence[str]) -> tf.data.Dataset:
    """Return the serialized examples of files, one after the other."""
    return tf.data.TFRecordDataset(paths, compression_type="GZIP")


@dataclass(frozen=True)
class Reading:
    """What is read for the shards that begin in a file.

    Attributes:
        paths: the file and those that follow it in its split, of which the last shard may need some rows.
        skipped: first rows of the file, of a shard that begins before it.
        rows: places in the split of the rows that are read.
    """

    paths: tuple[str, ...]
    skipped: int
    rows: range

    @classmethod
    def of(cls, source: ExampleFile, rows: Mapping[ExampleFile, int]) -> "Reading":
        """Return what is read for the shards of `source`; `rows` has the number of rows of every file."""
        files = sorted((file for file in rows if file.split == source.split), key=lambda file: file.number)
        place = files.index(source)
        begin, total = sum(rows[file] for file in files[:place]), sum(rows[file] for file in files)
        first, last = (math.ceil(row / SHARD_ROWS) * SHARD_ROWS for row in (begin, begin + rows[source]))
        return cls(tuple(file.path for file in files[place:]), first - begin, range(first, min(last, total)))


class WriteCounts(beam.DoFn):
    """Write shards without values, and their counts; yields ShardSummary, and DocumentFrequencies of the training split."""

    def __init__(self, settings: FeatureSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    def setup(self) -> None:
        """Trace the TensorFlow functions, once per worker."""
        self._extractor = RowExtractor(self._settings)

    def process(self, source: ExampleFile, rows: Mapping[ExampleFile, int]) -> Iterator[Any]:
        """Write the shards that begin in a file; `rows` has the number of rows of every file."""
        reading = Reading.of(source, rows)
        wanted = records(reading.paths).skip(reading.skipped).take(len(reading.rows))
        batches = iter(wanted.batch(BATCH_ROWS).prefetch(1))
        for first_row in reading.rows[::SHARD_ROWS]:
            arrays = joined([self._extractor(batch) for batch in islice(batches, SHARD_ROWS // BATCH_ROWS)])
            shard = _summary(source.split, shard_name(first_row), arrays)
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
