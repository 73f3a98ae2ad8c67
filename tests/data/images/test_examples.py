"""Canonical examples of images."""

import numpy as np
import pytest

from data.images.examples import LabelledImages, encode_images
from data.images.formats import IMAGE, LABEL
from data.records import encode_example


def labelled(count: int, side: int, seed: int = 0) -> LabelledImages:
    """Random images and labels over the whole range of uint8."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, side, side), np.uint8)
    return LabelledImages(images, random.integers(0, 256, count, np.uint8))


@pytest.mark.parametrize("side", [1, 8, 28, 150])
def test_same_bytes_as_the_general_encoder(side: int) -> None:
    """Two ways, one answer: whole arrays and value by value."""
    images = labelled(20, side)
    slow = [
        encode_example({IMAGE: image.ravel().tolist(), LABEL: [int(label)]})
        for image, label in zip(images.images, images.labels, strict=True)
    ]
    assert list(encode_images(images)) == slow


def test_no_images_no_examples() -> None:
    """An empty array has no example."""
    assert list(encode_images(labelled(0, 8))) == []
