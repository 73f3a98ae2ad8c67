"""Explore the training images: statistics of every pixel, histograms, class counts, examples of each class.

In: the training split, batch by batch. Out: the tables and pictures of a report's section "The training images". What is kept
does not grow with the number of images: how often each pixel has each value, images per class, a hundred images of each class.
Pure numpy and pandas.

    exploration = Exploration(formats.DIGITS)
    for images, labels in batches:
        exploration.add(images, labels)
    exploration.tables()
"""

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from components.tasks.images.views import GRID_SIDE, PixelBin, value_bins
from data.images.formats import ImageFormat

Pixels = NDArray[np.integer[Any]]
Images = NDArray[np.uint8]
Labels = NDArray[np.integer[Any]]

VALUES = 256  # of an 8-bit pixel


class Exploration:
    """What is counted over all batches of one split."""

    def __init__(self, image_format: ImageFormat, seed: int = 0) -> None:
        """Start with nothing counted.

        Args:
            image_format: of the images.
            seed: of the choice of each class's examples.
        """
        self._format = image_format
        self._counts = np.zeros((image_format.pixels, VALUES), np.int64)
        self._classes = np.zeros(len(image_format.classes), np.int64)
        self._samples = [ClassSample(image_format.pixels) for _ in image_format.classes]
        self._random = np.random.default_rng(seed)
        self._incomplete = 0

    def add(self, images: Pixels, labels: Labels, incomplete: int = 0) -> None:
        """Count a batch.

        Args:
            images: integers[N, pixels], 0 to 255.
            labels: integers[N].
            incomplete: examples of the batch that lack a pixel or the label, and are not among those N.

        Raises:
            ValueError: a pixel is outside 0..255, or a label is that of no class.
        """
        for name, values, limit in (("pixel", images, VALUES), ("label", labels, len(self._classes))):
            if values.size and not 0 <= values.min() <= values.max() < limit:
                raise ValueError(
                    f"a {name} is outside 0..{limit - 1}: from {values.min()} to {values.max()}; convert the images again"
                )
        cells = images.astype(np.int64) + VALUES * np.arange(self._format.pixels)
        self._counts += np.bincount(cells.ravel(), minlength=self._counts.size).reshape(self._counts.shape)
        self._classes += np.bincount(labels, minlength=len(self._classes))
        self._incomplete += incomplete
        keys = self._random.random(len(labels))
        for label in np.unique(labels):
            rows = labels == label
            self._samples[label].add(images[rows].astype(np.uint8), keys[rows])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the parts of `ReportContent` by name: pixel_statistics, pixels, pixel_maxima, class_counts."""
        statistics = pixel_statistics(self._counts, self._incomplete, self._format.shape)
        brightest = self._format.pixel_max
        values = self._counts.sum(axis=0)
        maxima = np.bincount(statistics["max"].dropna().astype(int), minlength=VALUES)
        never_lit = [PixelBin(0, 1, int(maxima[0]))] if maxima[0] else []
        return {
            "pixel_statistics": statistics,
            "pixels": _bins_table(value_bins(values, brightest)),
            "pixel_maxima": _bins_table([*never_lit, *value_bins(maxima, brightest)]),
            "class_counts": pd.DataFrame(
                {"label": self._format.classes, "code": np.arange(len(self._classes)), "count": self._classes}
            ),
        }

    def examples(self) -> dict[str, Images]:
        """Return up to a hundred images uint8[n, height, width] of each class, chosen by the seed, in the order they came in."""
        pairs = zip(self._format.classes, self._samples, strict=True)
        return {name: sample.images.reshape(-1, *self._format.shape) for name, sample in pairs}

    def digest(self) -> str:
        """Return the SHA-256 of all that was counted; equal images and class counts give equal digests, in any order."""
        counted = np.concatenate([self._counts.ravel(), self._classes])
        return hashlib.sha256(counted.astype("<i8").tobytes()).hexdigest()


class ClassSample:
    """The images of one class with the least keys: with random keys, a uniform sample of all that were added."""

    def __init__(self, pixels: int, size: int = GRID_SIDE**2) -> None:
        """Start empty; `size` is the greatest number of images."""
        self.images: Images = np.zeros((0, pixels), np.uint8)
        self._keys = np.zeros(0)
        self._size = size

    def add(self, images: Images, keys: NDArray[np.float64]) -> None:
        """Take images uint8[n, pixels] with keys float64[n] into the choice."""
        candidates, all_keys = np.concatenate([self.images, images]), np.concatenate([self._keys, keys])
        kept = np.sort(np.argsort(all_keys, kind="stable")[: self._size])
        self.images, self._keys = candidates[kept], all_keys[kept]


def pixel_statistics(counts: NDArray[np.int64], incomplete: int, shape: tuple[int, int]) -> pd.DataFrame:
    """Return the statistics of every pixel from the number of images in which it has each value.

    Args:
        counts: int64[pixels, values].
        incomplete: images that have not all their pixels.
        shape: height and width of the images.

    Returns:
        columns row, column (from 0), count (images), missing (images without it), mean, std (of all images: divided by their
        number, not by one less), min, max; those four are NaN without images. Sums are exact, in whole numbers.
    """
    values = np.arange(counts.shape[1])
    count = counts.sum(axis=1)
    sums, squares = (counts @ values).astype(object), (counts @ values**2).astype(object)  # products exceed 64 bits
    spread = np.sqrt((count.astype(object) * squares - sums**2).astype(np.float64))
    size = np.where(count, count, np.nan)
    height, width = shape
    return pd.DataFrame(
        {
            "row": np.repeat(np.arange(height), width),
            "column": np.tile(np.arange(width), height),
            "count": count,
            "missing": incomplete,
            "mean": sums.astype(np.float64) / size,
            "std": spread / size,
            "min": np.where(count, (counts > 0).argmax(axis=1), np.nan),
            "max": np.where(count, values[-1] - (counts[:, ::-1] > 0).argmax(axis=1), np.nan),
        }
    )


def _bins_table(bins: list[PixelBin]) -> pd.DataFrame:
    return pd.DataFrame([asdict(part) for part in bins])
