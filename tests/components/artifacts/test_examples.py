"""Reading raw examples of an artifact."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.artifacts.examples import fingerprints, parsed_batches, serialized_batches, split_files
from data.records import encode_example, even_sizes, write_split


@pytest.fixture
def artifact(tmp_path: Path) -> str:
    """Seven numbered examples in two files of the split eval, as TFX lays them out."""
    examples = (encode_example({"number": [number]}) for number in range(7))
    write_split(tmp_path, "eval", examples, even_sizes(7, 2))
    (tmp_path / "Split-eval" / "folder").mkdir()
    return str(tmp_path)


def test_files_of_a_split_are_in_order(artifact: str) -> None:
    """Without folders."""
    names = [Path(file).name for file in split_files(artifact, "eval")]
    assert names == [f"eval-{shard:05d}-of-00002.tfrecord.gz" for shard in range(2)]


def test_absent_split_has_no_files(artifact: str) -> None:
    """An artifact need not have every split."""
    assert split_files(artifact, "train") == []


def test_batches_hold_all_examples_in_file_order(artifact: str) -> None:
    """Up to the asked size; a batch may end in the next file."""
    batches = list(serialized_batches(artifact, "eval", batch=3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    numbers = [
        tf.train.Example.FromString(row).features.feature["number"].int64_list.value[0]
        for batch in batches
        for row in batch.numpy()
    ]
    assert numbers == list(range(7))


def test_batches_are_parsed(artifact: str) -> None:
    """By the features that are asked for."""
    (batch,) = parsed_batches(artifact, "eval", {"number": tf.io.FixedLenFeature([1], tf.int64)})
    assert batch["number"].numpy().ravel().tolist() == list(range(7))


@pytest.mark.parametrize(
    "rows",
    [
        tf.constant([["a"], ["b"], ["a"], [""]]),
        tf.constant([[1, 2], [2, 1], [1, 2], [0, 0]], tf.int64),
        tf.constant([[0.5], [0.25], [0.5], [0.0]], tf.float32),
    ],
    ids=["texts", "images", "numbers"],
)
def test_equal_rows_have_equal_fingerprints_and_others_do_not(rows: tf.Tensor) -> None:
    """One 64-bit number per row."""
    found = fingerprints(rows)
    assert found.shape == (4,)
    assert found.dtype == np.uint64
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
