"""Sparse features of texts on disk, memory-mapped: what the feature step writes once and every trainer reads.

    features.json                     rows, groups, dimension, … : a `FeatureIndex`
    idf.npy                           float32[WORD_BUCKETS + CHARACTER_BUCKETS], of the training split; 0 for unseen buckets
    Split-train/000000000000.words.starts.npy, … .labels.npy      the arrays of a shard, a few thousand rows
    Split-validation/…

Shards are named by their first row in the split, so that equal examples give equal shards, however they are divided into files
and Beam distributes the work. A value is (1 + log count) × idf of its bucket, divided by the L2 norm of its row in its block.

    for shard in read_shards(folder, "train"):
        scores = shard.words.matrix(WORD_BUCKETS) @ weights
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from data.text.ngrams import CHARACTER_BUCKETS, WORD_BUCKETS
from fairgate.errors import InputError
from fairgate.files import removal

INDEX = "features.json"
IDF = "idf.npy"
BLOCKS = {"words": WORD_BUCKETS, "characters": CHARACTER_BUCKETS}
STARTS, BUCKETS, VALUES = "starts", "buckets", "values"  # the arrays of a block, "words.starts"
COLUMNS = ("labels", "groups", "keys")
VECTORS = "vectors"  # only with a text embedding

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SparseBlock:
    """A block of sparse features of n rows, in the form of a CSR matrix.

    The L2 norm of a row is 1, or 0 where it has no bucket that the training split knows.

    Attributes:
        starts: int64[n + 1], where the features of each row begin.
        buckets: int32[k], rising within a row.
        values: float32[k].
    """

    starts: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def matrix(self, width: int) -> csr_array:
        """Return the block as a matrix float32[n, width] on the same buckets and values, not on copies of them."""
        starts = self.starts.astype(np.int32)  # of another type than the buckets, scipy would copy these
        return csr_array((self.values, self.buckets, starts), shape=(len(starts) - 1, width))


@dataclass(frozen=True, eq=False)
class FeatureShard:
    """The features of some examples.

    Attributes:
        words, characters: word 1–2-grams and character 4-grams, each with buckets from 0.
        labels: uint8[n], 0 or 1.
        groups: uint64[n]; bit i is set where the example belongs to group i of the index.
        keys: uint64[n], a fingerprint of the text.
        vectors: float32[n, d], of the text embedding, each divided by its norm; d is 0 without one.
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
        """Read `features.json`.

        Raises:
            InputError: it is missing or damaged.
        """
        try:
            fields = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _damaged(folder / INDEX, folder, error) from error
        return cls(**{**fields, "groups": tuple(fields["groups"])})


@dataclass(frozen=True, eq=False)
class ExampleColumns:
    """What a split's examples have beside their features, in the order of its shards.

    Attributes:
        labels: uint8[n], 0 or 1.
        groups: uint64[n], as in `FeatureShard`.
        keys: uint64[n], a fingerprint of the text.
    """

    labels: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]


def shard_name(first_row: int) -> str:
    """Return the name of the shard that begins at a row of its split; names sort in the order of the examples."""
    return f"{first_row:012d}"


def write_shard(folder: Path, split: str, name: str, shard: FeatureShard) -> None:
    """Write the arrays of a shard into the folder of its split."""
    blocks = {block: getattr(shard, block) for block in BLOCKS}
    arrays = {f"{block}.{part}": getattr(blocks[block], part) for block in BLOCKS for part in (STARTS, BUCKETS, VALUES)}
    arrays |= {column: getattr(shard, column) for column in COLUMNS}
    write_arrays(folder, split, name, arrays | ({VECTORS: shard.vectors} if shard.vectors.shape[1] else {}))


def write_arrays(folder: Path, split: str, name: str, arrays: Mapping[str, Array]) -> None:
    """Write some of the arrays of a shard. Each appears whole, so that two workers may write the same shard at once."""
    target = folder / f"Split-{split}"
    target.mkdir(parents=True, exist_ok=True)
    for part, array in arrays.items():
        partial = target / f".{uuid.uuid4().hex}.partial"
        with partial.open("wb") as file:
            np.save(file, array)
        partial.replace(_path(folder, split, name, part))


def shard_names(folder: Path, split: str) -> list[str]:
    """Return the names of a split's shards in the order of the examples.

    Raises:
        InputError: the folder holds no such split.
    """
    place = folder / f"Split-{split}"
    if not place.is_dir():
        raise InputError(f"{place}: no features of a split {split}; remove {folder} ({removal(folder)}) and run again.")
    ending = f".{COLUMNS[0]}.npy"
    return sorted(path.name.removesuffix(ending) for path in place.glob(f"*{ending}"))


def read_shards(folder: Path, split: str) -> Iterator[FeatureShard]:
    """Yield the shards of a split in the order of their names, memory-mapped; each is let go before the next is opened.

    Raises:
        InputError: the folder holds no such split.
    """
    for name in shard_names(folder, split):
        yield _read_shard(folder, split, name)


def read_columns(folder: Path, split: str) -> ExampleColumns:
    """Read labels, groups and keys of a whole split, 17 bytes an example, and none of its features.

    Raises:
        InputError: the folder holds no such split.
    """
    names = shard_names(folder, split)
    columns = {column: [np.array(read_array(folder, split, name, column)) for name in names] for column in COLUMNS}
    empty = {"labels": np.zeros(0, np.uint8), "groups": np.zeros(0, np.uint64), "keys": np.zeros(0, np.uint64)}
    return ExampleColumns(**{column: np.concatenate([empty[column], *columns[column]]) for column in COLUMNS})


def read_array(folder: Path, split: str, name: str, part: str) -> Array:
    """Return an array of a shard, memory-mapped."""
    path = _path(folder, split, name, part)
    try:
        return np.asarray(np.load(path, mmap_mode="r"))
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, folder, error) from error


def write_idf(folder: Path, idf: npt.NDArray[np.float32]) -> None:
    """Write float32[WORD_BUCKETS + CHARACTER_BUCKETS], the words' part first."""
    np.save(folder / IDF, idf)


def read_idf(folder: Path) -> npt.NDArray[np.float32]:
    """Read float32[WORD_BUCKETS + CHARACTER_BUCKETS], the words' part first.

    Raises:
        InputError: the file is missing, or damaged.
    """
    path = folder / IDF
    try:
        idf: npt.NDArray[np.float32] = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, folder, error) from error
    return idf


def _damaged(path: Path, folder: Path, error: Exception) -> InputError:
    return InputError(f"{path}: cannot be read ({type(error).__name__}); remove {folder} ({removal(folder)}) and run again.")


def _path(folder: Path, split: str, name: str, part: str) -> Path:
    return folder / f"Split-{split}" / f"{name}.{part}.npy"


def _read_shard(folder: Path, split: str, name: str) -> FeatureShard:
    def block(of: str) -> SparseBlock:
        return SparseBlock(*(read_array(folder, split, name, f"{of}.{part}") for part in (STARTS, BUCKETS, VALUES)))

    labels, groups, keys = (read_array(folder, split, name, column) for column in COLUMNS)
    embedded = _path(folder, split, name, VECTORS).is_file()
    vectors = read_array(folder, split, name, VECTORS) if embedded else np.zeros((len(labels), 0), np.float32)
    return FeatureShard(block("words"), block("characters"), labels, groups, keys, vectors)
