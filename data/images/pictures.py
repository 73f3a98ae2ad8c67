"""Say what is lost when a picture is made to fit a model: its colour, its size.

In: a file that `data.images.loading` can read. Out: sentences; none about IDX and CSV, which hold raw pixels.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from data.opening import stored

_SIDE = 64  # pixels of the copy that is looked at
_GREY = 8  # difference between the channels of a grey picture, out of 255: JPEG colours grey a little


def picture_notes(path: Path, shape: tuple[int, int]) -> Iterator[str]:
    """Yield a sentence if the picture has colours, and one if it has another size than the model's images.

    Args:
        path: of the file, which was read before.
        shape: height and width of the model's images.
    """
    try:
        with Image.open(stored(path), formats=("PNG", "JPEG")) as opened:
            turned = ImageOps.exif_transpose(opened)
            size, small = turned.size, turned.convert("RGB").resize((_SIDE, _SIDE))
    except (UnidentifiedImageError, OSError):
        return
    height, width = shape
    channels = np.asarray(small, np.int16)
    if (channels.max(axis=2) - channels.min(axis=2)).max() > _GREY:
        yield f"{path}: a colour picture; it was made grey, as the images of training are"
    if size != (width, height):
        yield f"{path}: {size[0]}x{size[1]} pixels; it was made to fit {width}x{height}"
