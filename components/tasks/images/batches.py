"""Training batches: what is held out, shuffling, augmentation. Everything random comes from a seed.

In: scaled square images float32[N, pixels] and labels int64[N]. Out: batches for Keras.
"""

import math
from typing import cast

import keras
import numpy as np
from numpy.typing import NDArray

from components.tasks.images.model_config import ImageModelConfig

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


def hold_out(labels: Labels, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to fit and rows to hold out, `share` of each class (rounded); both in rising order."""
    random = np.random.default_rng(seed)
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held_out[rows[: round(share * len(rows))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


class TrainingBatches(keras.utils.PyDataset):
    """Batches of training images, in a new order and with new augmentation in each epoch."""

    def __init__(self, images: Images, labels: Labels, config: ImageModelConfig, seed: int) -> None:
        super().__init__()
        self._images, self._labels, self._config = images, labels, config
        self._random = np.random.default_rng(seed)
        self._order = self._random.permutation(len(labels))

    def __len__(self) -> int:
        return math.ceil(len(self._labels) / self._config.batch_size)

    def __getitem__(self, index: int) -> tuple[Images, Labels]:
        size = self._config.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        return self._augment(self._images[chosen]), self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Shuffles anew."""
        self._order = self._random.permutation(len(self._labels))

    def _augment(self, flat: Images) -> Images:
        if not (self._config.mirror or self._config.shift):
            return flat
        side = math.isqrt(flat.shape[1])
        images = flat.reshape(-1, side, side)
        if self._config.mirror:
            images = mirrored(images, self._random)
        if self._config.shift:
            images = shifted(images, self._random, self._config.shift)
        return images.reshape(flat.shape)


def mirrored(images: Images, random: np.random.Generator) -> Images:
    """Images [N, height, width], each mirrored left to right with probability 1/2."""
    chosen = random.random(len(images)) < 0.5
    return np.where(chosen[:, None, None], images[:, :, ::-1], images)


def shifted(images: Images, random: np.random.Generator, most: int) -> Images:
    """Images [N, height, width], each moved by -most..most pixels in each direction; what moves in is 0."""
    count, height, width = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    top, left = random.integers(0, 2 * most + 1, (2, count, 1, 1))
    return cast(Images, padded[np.arange(count)[:, None, None], top + np.arange(height)[:, None], left + np.arange(width)])
