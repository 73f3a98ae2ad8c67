"""Images unlike those of training."""

from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_digits

from components.tasks.images.domain import DISTANCE, INVERTED, differences, distance, profile, statistics
from data.images import formats
from data.images.loading import load_images

DIGITS = np.random.default_rng(0).permutation(load_digits().images.astype(np.uint8))  # one writer after the other
KNOWN = profile(list(DIGITS[:1000]), 16)


def test_statistics_of_a_small_image() -> None:
    """A bright square of one pixel in the middle of nine."""
    image = np.zeros((3, 3), np.uint8)
    image[1, 1] = 16
    found = statistics(image, 16)
    assert found["mean brightness"] == pytest.approx(1 / 9)
    assert found["share of background"] == pytest.approx(8 / 9)
    assert found["brightness of the border"] == 0.0
    assert found["difference between neighbours"] == pytest.approx(4 / 12)
    assert found["contrast"] == pytest.approx(np.std([1] + [0] * 8))


def test_photograph_is_unlike_digits() -> None:
    """Of 8 x 8 pixels, and grey: bright where no digit is."""
    photo = Path(sklearn.__file__).parent / "datasets" / "images" / "china.jpg"
    (found,) = load_images(photo, formats.DIGITS)
    assert any(each.startswith(DISTANCE) for each in differences(found, 16, KNOWN))


def test_distance_is_in_deviations_of_each_pixel() -> None:
    """One pixel of two is two deviations off: the root of 4 / 2."""
    mean, spread = np.array([0.5, 0.25]), np.array([0.125, 0.2])
    assert distance(np.array([[12, 4]], np.uint8), 16, mean, spread) == pytest.approx(np.sqrt(2))
    assert distance(np.array([[8, 5]], np.uint8), 16, mean, np.zeros(2)) == pytest.approx(0.0625 / 0.05 / np.sqrt(2))


def test_images_like_those_of_training_pass() -> None:
    """Each statistic lets about 2 in 1,001 fail; of 797 others, here less than one in 50 has any."""
    warned = sum(bool(list(differences(image, 16, KNOWN))) for image in DIGITS[1000:])
    assert warned < len(DIGITS[1000:]) / 50


def test_inverted_image_is_called_so() -> None:
    found = [list(differences(16 - image, 16, KNOWN)) for image in DIGITS[1000:1050]]
    assert all(own and own[0] == INVERTED for own in found)


@pytest.mark.parametrize("value", [0, 16])
def test_empty_image_is_unlike_all(value: int) -> None:
    assert list(differences(np.full((8, 8), value, np.uint8), 16, KNOWN))


def test_noise_is_unlike_all() -> None:
    noise = np.random.default_rng(0).integers(0, 17, (20, 8, 8)).astype(np.uint8)
    assert all(list(differences(image, 16, KNOWN)) for image in noise)


def test_photograph_is_unlike_clothing() -> None:
    """Of a photograph, made to fit: it has no dark background."""
    random = np.random.default_rng(0)
    clothes = np.zeros((200, 28, 28), np.uint8)
    for image in clothes:
        high, wide = random.integers(8, 20, 2)
        image[4 : 4 + high, 4 : 4 + wide] = random.integers(60, 255, (high, wide))
    photo = (np.add.outer(np.linspace(90, 200, 28), np.linspace(0, 40, 28)) + random.normal(0, 10, (28, 28))).astype(np.uint8)
    assert list(differences(photo, 255, profile(list(clothes), 255)))
