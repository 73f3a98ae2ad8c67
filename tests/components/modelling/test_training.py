"""What the trainers share: reading, order, curves."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from pydantic import ValidationError

from components.modelling import training
from components.modelling.training import (
    EVENTS,
    Point,
    TrainerConfig,
    fixed_order,
    history_points,
    transformed_batches,
    write_curves,
)
from data.records import encode_example, write_split

KEYS = np.random.default_rng(0).integers(0, 2**63, 50, dtype=np.uint64)


def test_order_is_a_permutation() -> None:
    """Every row once."""
    assert sorted(fixed_order(KEYS, 1).tolist()) == list(range(50))


def test_order_depends_on_the_content_alone() -> None:
    """However the rows came, they end in the same order."""
    shuffled = np.random.default_rng(1).permutation(50)
    np.testing.assert_array_equal(KEYS[fixed_order(KEYS, 3)], KEYS[shuffled][fixed_order(KEYS[shuffled], 3)])


def test_order_depends_on_the_seed() -> None:
    """And is shuffled, not sorted."""
    orders = {tuple(KEYS[fixed_order(KEYS, seed)].tolist()) for seed in range(5)} | {tuple(sorted(KEYS.tolist()))}
    assert len(orders) == 6


def test_ties_are_decided_by_further_columns() -> None:
    """Two comments of one text but of different labels are not the same."""
    keys, labels = np.repeat(KEYS, 2), np.tile([0.0, 1.0], 50)
    shuffled = np.random.default_rng(1).permutation(100)
    one, other = fixed_order(keys, 3, labels), fixed_order(keys[shuffled], 3, labels[shuffled])
    np.testing.assert_array_equal(keys[one], keys[shuffled][other])
    np.testing.assert_array_equal(labels[one], labels[shuffled][other])


def test_transformed_examples_are_read_from_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several patterns, in the order of the names, in batches."""
    monkeypatch.setattr(training, "PARSE_BATCH", 4)
    for split, numbers in (("b", range(3)), ("a", range(10, 13))):
        write_split(tmp_path, split, (encode_example({"number": [number], "other": [b"x"]}) for number in numbers))
    patterns = [str(tmp_path / f"Split-{split}" / "*") for split in ("b", "a")]
    batches = list(transformed_batches(patterns, {"number": tf.io.FixedLenFeature([], tf.int64)}))
    assert [batch["number"].numpy().tolist() for batch in batches] == [[10, 11, 12, 0], [1, 2]]
    assert batches[0].keys() == {"number"}


def test_curves_are_written_as_a_table(tmp_path: Path) -> None:
    """One row per point, in a folder that is made."""
    points = [Point(1, "train", "loss", 0.5), Point(2, "validation", "accuracy", 0.75)]
    write_curves(points, tmp_path / "run")
    assert pq.read_table(str(tmp_path / "run" / "curves.parquet")).to_pylist() == [
        {"step": 1, "epoch": 1.0, "split": "train", "metric": "loss", "value": 0.5},
        {"step": 2, "epoch": 2.0, "split": "validation", "metric": "accuracy", "value": 0.75},
    ]


def test_a_history_is_drawn_by_epochs_and_mean_loss() -> None:
    """The sum that a model minimises gives way to the mean; the last epoch may end early."""
    history = {"loss": [90.0, 60.0], "mean_loss": [0.9, 0.6], "val_loss": [80.0, 70.0], "val_mean_loss": [0.8, 0.7]}
    assert history_points(history, steps_per_epoch=10, most_steps=15) == [
        Point(10, "train", "loss", 0.9, 1.0),
        Point(15, "train", "loss", 0.6, 1.5),
        Point(10, "validation", "loss", 0.8, 1.0),
        Point(15, "validation", "loss", 0.7, 1.5),
    ]


def test_no_points_are_an_empty_table(tmp_path: Path) -> None:
    """With its columns."""
    write_curves([], tmp_path)
    table = pq.read_table(str(tmp_path / "curves.parquet"))
    assert (table.num_rows, table.column_names) == (0, ["step", "epoch", "split", "metric", "value"])


@pytest.mark.parametrize("change", [{"recipe": "fair"}, {"seed": None}, {"steps": 5}])
def test_trainers_get_what_they_expect(change: dict[str, object]) -> None:
    """The graph and the trainers agree on the keys."""
    good = {"recipe": "baseline", "training": {"steps": 3}, "seed": 1, "source_digest": "0"}
    assert TrainerConfig.model_validate(good).model_dump() == good
    with pytest.raises(ValidationError, match=next(iter(change))):
        TrainerConfig.model_validate({**good, **change})


def test_tensorflow_reads_the_curves_of_each_split(tmp_path: Path) -> None:
    """As the events that TensorBoard shows, which newer versions of TensorFlow do not bring along."""
    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    write_curves([Point(3, "train", "loss", 0.5), Point(6, "train", "loss", 0.25), Point(6, "validation", "auc", 0.75)], tmp_path)
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for split in ("train", "validation"):
        for record in tf.data.TFRecordDataset(str(tmp_path / split / EVENTS)).as_numpy_iterator():
            event = Event.FromString(record)
            for value in event.summary.value:
                found.setdefault(split, {}).setdefault(value.tag, []).append((event.step, value.simple_value))
    assert found == {"train": {"loss": [(3, 0.5), (6, 0.25)]}, "validation": {"auc": [(6, 0.75)]}}


def test_same_curves_give_the_same_logs(tmp_path: Path) -> None:
    """No time and no name of a machine is in them."""
    for folder in ("one", "two"):
        write_curves([Point(1, "train", "loss", 0.5)], tmp_path / folder)
    one, two = ((tmp_path / folder / "train" / EVENTS).read_bytes() for folder in ("one", "two"))
    assert one == two
