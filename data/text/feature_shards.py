"""Sparse features of texts on disk, memory-mapped: what the feature step writes once and every trainer reads.

    features.json                     rows, groups, dimension, … : a `FeatureIndex`
    idf.npy                           float32[WORD_BUCKETS + CHARACTER_BUCKETS], of the training split; 0 for unseen buckets
    Split-train/00000-0000000.words.… the arrays of a shard, a few thousand rows
    Split-validation/…

Shards are named by the file and the block of rows that they come from, so that equal examples give equal shards, however Beam
distributes the work.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.text.ngrams import CHARACTER_BUCKETS, WORD_BUCKETS

INDEX = "features.json"
IDF = "idf.npy"
BLOCKS = {"words": WORD_BUCKETS, "characters": CHARACTER_BUCKETS}


@dataclass(frozen=True, eq=False)
class SparseBlock:
    """A block of sparse features of n rows, in the form of a CSR matrix; every row that is not empty has the L2 norm 1.

    Attributes:
        starts: int64[n + 1], where the features of each row begin.
        buckets: int32[k], rising within a row.
        values: float32[k].
    """

    starts: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FeatureShard:
    """The features of some examples.

    Attributes:
        words, characters: word 1–2-grams and character 4-grams, each with buckets from 0.
        labels: uint8[n], 0 or 1.
        groups: uint64[n]; bit i is set where the example belongs to group i of the index.
        keys: uint64[n], a fingerprint of the text.
        vectors: float32[n, d], of the text embedding; d is 0 without one.
    """

    words: SparseBlock
    characters: SparseBlock
    labels: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class FeatureIndex:
    """What the shards have in common.

    Attributes:
        rows: split -> examples.
        positives: split -> examples with label 1.
        truncated: split -> texts that were cut for their length.
        groups: names of the groups, "gender:male".
        dimension: d of the vectors, 0 without a text embedding.
        embedding: its handle; "" without one.
    """

    rows: dict[str, int]
    positives: dict[str, int]
    truncated: dict[str, int]
    groups: tuple[str, ...]
    dimension: int
    embedding: str

    def write(self, folder: Path) -> None:
        """Write `features.json`."""
        (folder / INDEX).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "FeatureIndex":
        """Read `features.json`."""
        fields = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        return cls(**{**fields, "groups": tuple(fields["groups"])})


def write_shard(folder: Path, split: str, name: str, shard: FeatureShard) -> None:
    """Write the arrays of a shard into the folder of its split."""
    raise NotImplementedError


def read_shards(folder: Path, split: str) -> Iterator[FeatureShard]:
    """Yield the shards of a split in the order of their names, memory-mapped; each is let go before the next is opened."""
    raise NotImplementedError
