from pathlib import Path

import numpy as np
import pytest

from components.modelling.linear.matrices import MAX_RUNS, csr, runs
from data.text.feature_shards import read_shards, write_shard
from tests.components.modelling.linear.made import examples

SHARD = next(examples(50).shards()())


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([], []),
        ([0, 0], []),
        ([1, 2, 3], [(0, 3)]),
        ([0, 1, 0, 0, 2, 3], [(1, 2), (4, 6)]),
        ([0, 1, 0] * MAX_RUNS, [(3 * run + 1, 3 * run + 2) for run in range(MAX_RUNS)]),
        ([0, 1, 0] * (MAX_RUNS + 1), [(1, 3 * MAX_RUNS + 2)]),
    ],
)
def test_few_runs_of_weight_are_exact_and_many_are_one(weights: list[float], expected: list[tuple[int, int]]) -> None:
    assert [(run.start, run.stop) for run in runs(np.array(weights, np.float32))] == expected


def test_rows_of_a_block_are_those_of_the_whole() -> None:
    whole = csr(SHARD, "characters").toarray()
    assert csr(SHARD, "characters", slice(10, 30)).toarray().tolist() == whole[10:30].tolist()


def test_a_power_is_that_of_the_values() -> None:
    matrix, squares = csr(SHARD, "words"), csr(SHARD, "words", power=2)
    assert squares.data.tolist() == (matrix.data**2).tolist()
    assert squares.indices.tolist() == matrix.indices.tolist()


def test_a_memory_mapped_block_is_not_copied(tmp_path: Path) -> None:
    write_shard(tmp_path, "train", "00000-0000000", SHARD)
    shard = next(read_shards(tmp_path, "train"))
    matrix = csr(shard, "words")
    assert np.shares_memory(matrix.data, shard.words.values)
    assert np.shares_memory(matrix.indices, shard.words.buckets)
    assert matrix.toarray().tolist() == csr(SHARD, "words").toarray().tolist()
