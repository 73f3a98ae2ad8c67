"""The image tasks' part of a report."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.tasks.images.exploration import Exploration
from components.tasks.images.published import OFFICIAL_TRAIN
from components.tasks.images.report import explore
from data.images import fashion_mnist
from data.images.formats import DIGITS, FASHION_MNIST, IMAGE, LABEL
from data.records import encode_example, even_sizes, write_split


def image(value: int, label: int | None, pixels: int = 64) -> dict[str, Any]:
    """An example of one brightness, complete or not."""
    return {IMAGE: [value] * pixels} | ({} if label is None else {LABEL: [label]})


def test_the_training_split_is_explored(tmp_path: Path) -> None:
    """Both files of it; examples without label or without all pixels are counted as incomplete; eval is not looked at."""
    whole = [image(value, label) for value, label in ((0, 3), (16, 3), (8, 9))]
    broken = [image(5, None), image(5, 4, pixels=63), image(5, 4, pixels=0)]
    write_split(tmp_path, "train", map(encode_example, whole + broken), even_sizes(len(whole + broken), 2))
    write_split(tmp_path, "eval", map(encode_example, [image(1, 1)] * 5))
    explored = explore(str(tmp_path), DIGITS)
    tables = explored.tables()
    statistics = tables["pixel_statistics"]
    assert (statistics["count"].unique().tolist(), statistics["missing"].unique().tolist()) == ([3], [3])
    assert (statistics["mean"].unique().tolist(), statistics["max"].unique().tolist()) == ([8.0], [16.0])
    assert tables["class_counts"]["count"].tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 1]
    assert explored.examples()["9"].tolist() == np.full((1, 8, 8), 8).tolist()


@pytest.mark.slow
def test_the_official_training_images_are_recognised(shared_data: Path) -> None:
    """By the digest of what is counted, in any order; all statistics are those of numpy."""
    labelled = fashion_mnist.read_splits(shared_data / "fashion-mnist")["train"]
    exploration = Exploration(FASHION_MNIST)
    for start in range(55_000, -1, -5_000):
        rows = slice(start, start + 5_000)
        exploration.add(labelled.images[rows].reshape(-1, 784), labelled.labels[rows])
    assert exploration.digest() == OFFICIAL_TRAIN
    statistics = exploration.tables()["pixel_statistics"]
    np.testing.assert_allclose(statistics["mean"], labelled.images.mean(axis=0).ravel(), rtol=1e-12)
    np.testing.assert_allclose(statistics["std"], labelled.images.std(axis=0).ravel(), rtol=1e-9)
    assert sorted(statistics["max"].unique())[:3] == [16, 36, 83]
