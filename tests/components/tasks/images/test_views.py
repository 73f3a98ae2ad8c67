"""Views of images."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from components.tasks.images.views import PixelBin, class_grid, thumbnail, value_bins


def opened(png: bytes) -> NDArray[Any]:
    """The grey pixels of a PNG file."""
    with Image.open(io.BytesIO(png)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        return np.asarray(picture)


def test_bins_leave_out_zeros() -> None:
    """Digits have one bin for each of their 16 intensities; what is brighter than the brightest is in none."""
    counts = np.bincount([0, 0, 1, 16, 16, 0, 2, 1, 200], minlength=256)
    bins = value_bins(counts, 16)
    assert [bins[0], bins[1], bins[15]] == [PixelBin(1, 2, 2), PixelBin(2, 3, 1), PixelBin(16, 17, 2)]
    assert len(bins) == 16
    assert sum(part.count for part in bins) == 5


def test_bins_are_equal_and_complete() -> None:
    """255 intensities make 51 bins of five; each intensity is counted once."""
    bins = value_bins(np.ones(256, int), 255)
    assert [(part.low, part.high, part.count) for part in bins] == [(low, low + 5, 5) for low in range(1, 256, 5)]


def test_grid_shows_a_hundred_images() -> None:
    """Ten rows of ten cells, each an image of 28x28 within grey lines, in order; those beyond are left out."""
    images = np.arange(150, dtype=np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2)
    picture = opened(class_grid(images, 255))
    assert picture.shape == (291, 291)
    cells = [
        picture[1 + 29 * row : 29 + 29 * row, 1 + 29 * column : 29 + 29 * column] for row in range(10) for column in range(10)
    ]
    assert all((cell == value).all() for value, cell in enumerate(cells))
    assert (picture[::29] == 64).all()
    assert (picture[:, ::29] == 64).all()


def test_grid_of_few_digits() -> None:
    """Small images are enlarged pixel by pixel, 16 is white; one row is enough, and the cells of absent images stay grey."""
    images = np.zeros((2, 8, 8), np.uint8)
    images[:, 0, 0] = 16
    picture = opened(class_grid(images, 16))
    assert picture.shape == (26, 251)
    assert (picture[1:4, 1:4] == 255).all()
    assert (picture[1:25, 4:25] == 0).all()
    assert (picture[:, 51:] == 64).all()


def test_thumbnail_enlarges_pixels() -> None:
    """Each pixel of an 8x8 digit becomes 7x7; 16 becomes white."""
    image = np.zeros((8, 8), np.uint8)
    image[0, 1], image[1, 0] = 16, 8
    picture = opened(thumbnail(image, 16))
    assert picture.shape == (56, 56)
    assert (picture[:7, 7:14] == 255).all()
    assert (picture[7:14, :7] == 127).all()
