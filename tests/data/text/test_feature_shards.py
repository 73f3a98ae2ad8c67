from pathlib import Path

import numpy as np
import pytest

from data.text.feature_shards import (
    IDF,
    FeatureIndex,
    FeatureShard,
    SparseBlock,
    read_columns,
    read_idf,
    read_shards,
    shard_name,
    write_idf,
    write_shard,
)
from fairgate.errors import InputError


def block(*rows: dict[int, float]) -> SparseBlock:
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    buckets = np.array([bucket for row in rows for bucket in row], np.int32)
    return SparseBlock(starts, buckets, np.array([value for row in rows for value in row.values()], np.float32))


def shard(label: int, dimension: int = 0) -> FeatureShard:
    """Two rows, the second of which is empty."""
    return FeatureShard(
        words=block({1: 0.6, 3: 0.8}, {}),
        characters=block({2: 1.0}, {}),
        labels=np.array([label, 0], np.uint8),
        groups=np.array([1 << 63, 0], np.uint64),
        keys=np.array([7, 1 << 63], np.uint64),
        vectors=np.arange(2 * dimension, dtype=np.float32).reshape(2, dimension),
    )


@pytest.mark.parametrize("dimension", [0, 3])
def test_shard_is_read_as_it_was_written(tmp_path: Path, dimension: int) -> None:
    written = shard(1, dimension)
    write_shard(tmp_path, "train", shard_name(0), written)
    (read,) = read_shards(tmp_path, "train")
    for name in ("labels", "groups", "keys", "vectors"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    for name in ("words", "characters"):
        for part in ("starts", "buckets", "values"):
            np.testing.assert_array_equal(getattr(getattr(read, name), part), getattr(getattr(written, name), part), strict=True)


def test_shards_are_read_in_the_order_of_rows(tmp_path: Path) -> None:
    for label, first_row in enumerate([8192 * 130, 8192, 0]):
        write_shard(tmp_path, "train", shard_name(first_row), shard(label))
    assert [int(read.labels[0]) for read in read_shards(tmp_path, "train")] == [2, 1, 0]


def test_columns_are_those_of_all_shards(tmp_path: Path) -> None:
    for label in (0, 1):
        write_shard(tmp_path, "validation", shard_name(label), shard(label))
    columns = read_columns(tmp_path, "validation")
    np.testing.assert_array_equal(columns.labels, np.array([0, 0, 1, 0], np.uint8), strict=True)
    np.testing.assert_array_equal(columns.groups, np.array([1 << 63, 0, 1 << 63, 0], np.uint64), strict=True)
    np.testing.assert_array_equal(columns.keys, np.array([7, 1 << 63, 7, 1 << 63], np.uint64), strict=True)


def test_arrays_are_memory_mapped(tmp_path: Path) -> None:
    write_shard(tmp_path, "train", shard_name(0), shard(0))
    (read,) = read_shards(tmp_path, "train")
    assert isinstance(read.words.values.base, np.memmap)
    assert not read.words.values.flags.writeable


def test_matrix_is_made_without_a_copy() -> None:
    words = shard(0).words
    matrix = words.matrix(5)
    np.testing.assert_array_equal(matrix.toarray(), np.array([[0, 0.6, 0, 0.8, 0], [0, 0, 0, 0, 0]], np.float32), strict=True)
    assert np.shares_memory(matrix.data, words.values)
    assert np.shares_memory(matrix.indices, words.buckets)


def test_split_that_was_not_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Split-validation: no features of a split validation; remove .* and run again"):
        list(read_shards(tmp_path, "validation"))


def test_index_is_read_as_it_was_written(tmp_path: Path) -> None:
    index = FeatureIndex({"train": 2}, {"train": 1}, {"train": 0}, ("gender:male",), 3, "folder")
    index.write(tmp_path)
    assert FeatureIndex.read(tmp_path) == index


def test_idf_is_read_as_it_was_written(tmp_path: Path) -> None:
    idf = np.array([0, 1.5], np.float32)
    write_idf(tmp_path, idf)
    np.testing.assert_array_equal(read_idf(tmp_path), idf, strict=True)


@pytest.mark.parametrize("content", [None, b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_damaged_idf_names_the_remedy(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / IDF).write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read .*; remove .* and run again") as refused:
        read_idf(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / IDF}: ")


def test_nothing_but_the_arrays_is_left(tmp_path: Path) -> None:
    write_shard(tmp_path, "train", shard_name(0), shard(0))
    assert {path.name.partition(".")[0] for path in (tmp_path / "Split-train").iterdir()} == {"000000000000"}
