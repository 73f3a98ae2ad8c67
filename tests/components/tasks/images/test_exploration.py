"""Exploration of the training images, against numpy on all images at once."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from components.tasks.images.exploration import Exploration, pixel_statistics
from data.images.formats import DIGITS, ImageFormat

Planted = tuple[NDArray[np.uint8], NDArray[np.int64]]

SMALL = ImageFormat(shape=(2, 3), pixel_max=255, classes=("cat", "dog", "owl"))


@pytest.fixture
def planted() -> Planted:
    """Images of 2 x 3 pixels: the first pixel is always 0, the second always 7, and the last is missing no value."""
    random = np.random.default_rng(3)
    images = random.integers(0, 256, (900, 6), np.uint8)
    images[:, 0], images[:, 1], images[:, 2] = 0, 7, images[:, 2] % 10
    return images, random.integers(0, 3, 900)


def explored(planted: Planted, batch: int = 100, incomplete: int = 0) -> Exploration:
    """Exploration of the images, batch by batch."""
    exploration = Exploration(SMALL)
    images, labels = planted
    for start in range(0, len(labels), batch):
        rows = slice(start, start + batch)
        exploration.add(images[rows], labels[rows], incomplete if start == 0 else 0)
    return exploration


def test_statistics_of_each_pixel_are_those_of_numpy(planted: Planted) -> None:
    """Place, count, mean, standard deviation, least and greatest value."""
    table = explored(planted).tables()["pixel_statistics"]
    images = planted[0].astype(np.float64)
    assert list(zip(table["row"], table["column"], strict=True)) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert table["count"].tolist() == [900] * 6
    np.testing.assert_allclose(table["mean"], images.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(table["std"], images.std(axis=0), rtol=1e-14)
    assert table["std"].tolist()[:2] == [0, 0]
    assert (table["min"].tolist(), table["max"].tolist()) == (images.min(axis=0).tolist(), images.max(axis=0).tolist())


def test_the_standard_deviation_of_many_bright_images_is_exact() -> None:
    """A hundred million images, half at 255 and half at 254: sums of squares of them would not fit into 64 bits."""
    counts = np.zeros((1, 256), np.int64)
    counts[0, [254, 255]] = 50_000_000
    table = pixel_statistics(counts, 0, (1, 1))
    assert (table["mean"].item(), table["std"].item()) == (254.5, 0.5)


def test_missing_values_are_counted(planted: Planted) -> None:
    """Images that lack a pixel are no part of the statistics and are reported at every pixel."""
    table = explored(planted, incomplete=4).tables()["pixel_statistics"]
    assert table["missing"].tolist() == [4] * 6
    assert table["count"].tolist() == [900] * 6


def test_pixels_of_no_image_have_no_statistics() -> None:
    tables = Exploration(SMALL).tables()
    assert tables["pixel_statistics"][["mean", "std", "min", "max"]].isna().all(axis=None)
    assert tables["pixel_maxima"]["count"].sum() == 0


def test_values_are_binned_without_zeros(planted: Planted) -> None:
    table = explored(planted).tables()["pixels"]
    expected, _ = np.histogram(planted[0][planted[0] > 0], bins=np.arange(1, 257, 5))
    assert table["count"].tolist() == expected.tolist()
    assert (table["low"].tolist(), table["high"].tolist()) == (list(range(1, 256, 5)), list(range(6, 261, 5)))


def test_maxima_of_the_pixels_are_binned(planted: Planted) -> None:
    """The pixel that is always dark has a bin of its own."""
    table = explored(planted).tables()["pixel_maxima"]
    expected, _ = np.histogram(planted[0].max(axis=0), bins=[0, *range(1, 257, 5)])
    assert table["count"].tolist() == expected.tolist()
    assert (table["low"].iloc[0], table["high"].iloc[0], table["count"].iloc[0]) == (0, 1, 1)


def test_images_of_each_class_are_counted(planted: Planted) -> None:
    counts = np.unique(planted[1], return_counts=True)[1].tolist()
    expected = pd.DataFrame({"label": SMALL.classes, "code": [0, 1, 2], "count": counts})
    pd.testing.assert_frame_equal(explored(planted).tables()["class_counts"], expected)


def test_a_hundred_examples_of_each_class_are_chosen(planted: Planted) -> None:
    """Images of their own class, in the order they came in; the size of the batches does not matter."""
    images, labels = planted
    chosen = explored(planted).examples()
    assert {name: len(examples) for name, examples in chosen.items()} == dict.fromkeys(SMALL.classes, 100)
    own = [row.tobytes() for row in images[labels == 1]]
    places = [own.index(example.tobytes()) for example in chosen["dog"]]
    assert places == sorted(set(places))
    for name, examples in explored(planted, batch=250).examples().items():
        np.testing.assert_array_equal(examples, chosen[name])


def test_examples_are_a_uniform_sample() -> None:
    """Each of a thousand images of a class is among the hundred in a tenth of two hundred choices, within five errors."""
    images = np.arange(1000)[:, None] // np.array([256, 1, 1, 1, 1, 1]) % 256
    times = np.zeros(1000)
    for seed in range(200):
        exploration = Exploration(SMALL, seed)
        exploration.add(images, np.zeros(1000, int))
        rows = exploration.examples()["cat"].reshape(-1, 6).astype(int)
        times[rows[:, 0] * 256 + rows[:, 1]] += 1
    assert times.sum() == 200 * 100
    for tenth in times.reshape(10, 100).sum(axis=1):
        assert abs(tenth - 2000) < 5 * (200 * 100 * 0.1 * 0.9) ** 0.5


def test_another_seed_chooses_other_examples(planted: Planted) -> None:
    other = Exploration(SMALL, seed=1)
    other.add(*planted)
    assert (other.examples()["cat"] != explored(planted).examples()["cat"]).any()


def test_few_images_are_all_chosen() -> None:
    exploration = Exploration(DIGITS)
    exploration.add(np.full((3, 64), 16), np.array([9, 9, 0]))
    assert [len(examples) for examples in exploration.examples().values()] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert exploration.examples()["9"].shape == (2, 8, 8)


def test_the_digest_is_that_of_the_images_in_any_order(planted: Planted) -> None:
    images, labels = planted
    order = np.random.default_rng(0).permutation(900)
    assert explored((images[order], labels[order])).digest() == explored(planted).digest()
    changed = images.copy()
    changed[5, 5] ^= 1
    assert explored((changed, labels)).digest() != explored(planted).digest()
    assert explored((images, (labels + 1) % 3)).digest() != explored(planted).digest()


@pytest.mark.parametrize(
    ("pixel", "label", "problem"),
    [
        (256, 0, r"a pixel is outside 0..255: from 256 to 256; convert the images again"),
        (-1, 0, r"a pixel is outside 0..255: from -1 to -1"),
        (0, 3, r"a label is outside 0..2: from 3 to 3"),
    ],
)
def test_values_that_no_image_has_are_errors(pixel: int, label: int, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Exploration(SMALL).add(np.full((1, 6), pixel), np.array([label]))
