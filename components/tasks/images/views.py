"""Views of images: intensities, a grid of one class, single images.

In: images uint8 [N, height, width]. Out: plain rows for tables and charts, and PNG files as bytes.
Pure numpy and Pillow.
"""

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Images = NDArray[np.uint8]

MAX_BINS = 51  # of 255 intensities: five in each
GRID_SIDE = 10  # images in a row and in a column
_CELL_PIXELS = 28  # at least, so that 8x8 digits can be seen
_THUMBNAIL_PIXELS = 56
_GAP_PIXELS = 1
_GAP_GREY = 64


@dataclass(frozen=True)
class PixelBin:
    """The number of pixels with an intensity from `low` to below `high`."""

    low: int
    high: int
    count: int


def value_bins(counts: NDArray[np.integer[Any]], pixel_max: int) -> list[PixelBin]:
    """Sum counts of the values 1..pixel_max in at most MAX_BINS bins of equal width; zeros, the background, are left out.

    Args:
        counts: integers[values], of each value from 0 on; those above pixel_max are left out.
        pixel_max: the brightest pixel.
    """
    width = -(-pixel_max // MAX_BINS)
    return [
        PixelBin(low, low + width, int(counts[low : min(low + width, pixel_max + 1)].sum()))
        for low in range(1, pixel_max + 1, width)
    ]


def class_grid(images: Images, pixel_max: int) -> bytes:
    """Return a PNG of up to 10x10 images [N, height, width] of a class, row by row; empty places are grey."""
    chosen = images[: GRID_SIDE**2]
    height, width = images.shape[1:]
    enlarged = _enlargement(height, _CELL_PIXELS)
    step_down, step_right = height * enlarged + _GAP_PIXELS, width * enlarged + _GAP_PIXELS
    down = max(1, math.ceil(len(chosen) / GRID_SIDE))
    canvas = np.full((down * step_down + _GAP_PIXELS, GRID_SIDE * step_right + _GAP_PIXELS), _GAP_GREY, np.uint8)
    for place, image in enumerate(chosen):
        cell = _enlarge(_brighten(image, pixel_max), enlarged)
        top, left = (place // GRID_SIDE) * step_down + _GAP_PIXELS, (place % GRID_SIDE) * step_right + _GAP_PIXELS
        canvas[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return _png(canvas)


def thumbnail(image: Images, pixel_max: int) -> bytes:
    """Return a PNG of one image [height, width], each pixel enlarged to a square so that it is about 56 pixels high."""
    return _png(_enlarge(_brighten(image, pixel_max), _enlargement(image.shape[0], _THUMBNAIL_PIXELS)))


def _enlargement(side: int, wanted: int) -> int:
    return max(1, wanted // side)


def _brighten(image: Images, pixel_max: int) -> Images:
    """Return the image with 0..pixel_max scaled to 0..255."""
    return (image.astype(np.uint16) * 255 // pixel_max).clip(max=255).astype(np.uint8)


def _enlarge(image: Images, times: int) -> Images:
    return image.repeat(times, axis=0).repeat(times, axis=1)


def _png(pixels: Images) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()
