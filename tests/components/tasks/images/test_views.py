"""Views of images."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from components.tasks.images.views import PixelBin, class_grid, pixel_histogram, thumbnail


def opened(png: bytes) -> NDArray[Any]:
    """The grey pixels of a PNG file."""
    with Image.open(io.BytesIO(png)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        return np.asarray(picture)


def test_histogram_leaves_out_zeros() -> None:
    """Digits have one bin for each of their 16 intensities."""
    images = np.array([[[0, 0], [1, 16]], [[16, 0], [2, 1]]], np.uint8)
    histogram = pixel_histogram(images, 16)
    assert histogram[0] == PixelBin(1, 2, 2)
    assert histogram[1] == PixelBin(2, 3, 1)
    assert histogram[15] == PixelBin(16, 17, 2)
    assert len(histogram) == 16
    assert sum(row.count for row in histogram) == 5


def test_histogram_bins_are_equal_and_complete() -> None:
    """255 intensities make 51 bins of five; each intensity is counted once."""
    histogram = pixel_histogram(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), 255)
    assert [(row.low, row.high, row.count) for row in histogram] == [(low, low + 5, 5) for low in range(1, 256, 5)]


def test_grid_shows_a_hundred_images_of_the_class() -> None:
    """Ten rows of ten cells, each the image of 28x28 within grey lines."""
    labels = np.repeat([3, 5], 150)
    images = np.where(labels == 3, 200, 90)[:, None, None].astype(np.uint8).repeat(28, 1).repeat(28, 2)
    picture = opened(class_grid(images, labels, 3, pixel_max=255))
    assert picture.shape == (291, 291)
    cells = [
        picture[1 + 29 * row : 29 + 29 * row, 1 + 29 * column : 29 + 29 * column] for row in range(10) for column in range(10)
    ]
    assert all((cell == 200).all() for cell in cells)
    assert (picture[::29] == 64).all()
    assert (picture[:, ::29] == 64).all()


def test_grid_of_few_digits() -> None:
    """Small images are enlarged pixel by pixel, 16 is white; one row is enough, and the cells of absent images stay grey."""
    images = np.zeros((3, 8, 8), np.uint8)
    images[:, 0, 0] = 16
    picture = opened(class_grid(images, np.array([1, 1, 0]), 1, pixel_max=16))
    assert picture.shape == (26, 251)
    assert (picture[1:4, 1:4] == 255).all()
    assert (picture[1:25, 4:25] == 0).all()
    assert (picture[:, 51:] == 64).all()


def test_grid_is_drawn_by_the_seed() -> None:
    """The same seed shows the same images, another seed others."""
    images = np.random.default_rng(0).integers(0, 256, (500, 8, 8), np.uint8)
    labels = np.zeros(500, int)
    first, again, other = (class_grid(images, labels, 0, pixel_max=255, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_thumbnail_enlarges_pixels() -> None:
    """Each pixel of an 8x8 digit becomes 7x7; 16 becomes white."""
    image = np.zeros((8, 8), np.uint8)
    image[0, 1], image[1, 0] = 16, 8
    picture = opened(thumbnail(image, 16))
    assert picture.shape == (56, 56)
    assert (picture[:7, 7:14] == 255).all()
    assert (picture[7:14, :7] == 127).all()
