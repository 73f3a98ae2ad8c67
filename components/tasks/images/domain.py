"""How an image differs from those of training: brightness, background, border, contrast, texture. Pure numpy.

In: uint8[height, width]. Out: statistics, the profile of many images, sentences on one image. A range is all that training had,
so that of n images like those of training about 2 in n + 1 lie outside of it, for each statistic.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgate.training_profile import TrainingProfile

Image = NDArray[np.uint8]

_DARK = 0.05  # of the brightest pixel: up to here a pixel is background
_LEAST_SPREAD = 0.05
_DIGITS = 4  # of mean and deviation: enough for pixels of 256 values
INVERTED = "its background is bright where that of training is dark: invert it"


DISTANCE = "distance from the mean image"


def statistics(image: Image, pixel_max: int) -> dict[str, float]:
    """Return name -> value, each in [0, 1]; brightness is relative to the brightest pixel that the format has."""
    scaled: NDArray[Any] = image.astype(np.float64) / pixel_max
    inner = np.zeros(image.shape, bool)
    inner[1:-1, 1:-1] = True
    steps = [np.abs(np.diff(scaled, axis=axis)).ravel() for axis in (0, 1)]
    return {
        "mean brightness": float(scaled.mean()),
        "share of background": float((scaled <= _DARK).mean()),
        "brightness of the border": float(scaled[~inner].mean()),
        "contrast": float(scaled.std()),
        "difference between neighbours": float(np.concatenate(steps).mean()),
    }


def distance(image: Image, pixel_max: int, mean: NDArray[Any], spread: NDArray[Any]) -> float:
    """Return the root of the mean squared distance from the mean image, in standard deviations of each pixel.

    Pixels that hardly vary in training count with a deviation of _LEAST_SPREAD: a bright one where all were dark is far off.
    """
    steps = (image.ravel() / pixel_max - mean) / np.maximum(spread, _LEAST_SPREAD)
    return float(np.sqrt(np.square(steps).mean()))


def profile(images: Sequence[Image], pixel_max: int) -> TrainingProfile:
    """Return the ranges of the statistics of images, at least one, with mean and standard deviation of every pixel."""
    pixels = np.stack([image.ravel() for image in images]) / pixel_max
    mean, spread = (np.round(part, _DIGITS) for part in (pixels.mean(axis=0), pixels.std(axis=0)))
    found = [{**statistics(image, pixel_max), DISTANCE: distance(image, pixel_max, mean, spread)} for image in images]
    ranges = {name: (min(each[name] for each in found), max(each[name] for each in found)) for name in found[0]}
    return TrainingProfile(
        rows=len(images), noun="images", ranges=ranges, mean=tuple(mean.tolist()), spread=tuple(spread.tolist())
    )


def differences(image: Image, pixel_max: int, known: TrainingProfile) -> Iterator[str]:
    """Yield how an image differs from those of training; and first what to do, where inverting it makes it like them."""
    own = list(known.outside(_against(image, pixel_max, known)))
    turned = list(known.outside(_against((pixel_max - image).astype(np.uint8), pixel_max, known)))
    if own and len(turned) < len(own) and "brightness of the border" in " ".join(own):
        yield INVERTED
    yield from own


def _against(image: Image, pixel_max: int, known: TrainingProfile) -> dict[str, float]:
    far = distance(image, pixel_max, np.array(known.mean), np.array(known.spread))
    return {**statistics(image, pixel_max), DISTANCE: far}
