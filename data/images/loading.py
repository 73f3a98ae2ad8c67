"""Read images to predict on, from files of any size and common kind: PNG, JPEG, IDX, CSV.

In: a path and the format that the model was trained on. Out: uint8 [N, height, width] in that format: grey, resized, brightest
pixel `pixel_max`. The first bytes determine the kind of a file, never its name; IDX and CSV may be compressed.

Pictures (PNG, JPEG) are rotated according to EXIF, put on black where transparent, converted to grey, resized to fit, and padded
with black. IDX and CSV hold raw pixels: in the model's shape they are used unchanged; in another shape they count as 0..255 and
are resized.
"""

import math
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from data.delimited import choose_header, read_cells, read_headers
from data.images.formats import ImageFormat
from data.images.idx import read_images
from data.opening import DETECTED, open_content, open_text, stored
from fairgate.errors import InputError, os_reason

Images = NDArray[np.uint8]

MAX_PIXELS = 1 << 26  # of a picture: 8192 x 8192
_PICTURES = ("PNG", "JPEG")
_PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_IDX_START = b"\0\0"
_DELIMITED = re.compile(rb"\A[^\x00-\x08\x0e-\x1f]*?[\d\w\"][ ]*[,;\t|]")
_START_BYTES = 512
_LABEL_COLUMN = "label"
_BRIGHTEST = 255


def load_images(path: Path, image_format: ImageFormat) -> Images:
    """Return the images uint8 [N, height, width] of a file; a picture is one image.

    Raises:
        InputError: the file is missing, empty, of no known kind, damaged, or larger than MAX_PIXELS; or a value is no pixel.
    """
    start = _start(path)
    if start.startswith(_PICTURE_STARTS):
        return _fit(_read_picture(path)[None], image_format)
    if start.startswith(_IDX_START):
        return _take(path, read_images(path), image_format)
    if _DELIMITED.search(start.replace(b"\0", b"")):  # of UTF-16 every other byte is NUL
        return _take(path, _read_csv(path, image_format), image_format)
    raise InputError(f"{path}: neither PNG, JPEG, IDX nor CSV (it starts with {start[:8].hex(' ') or 'nothing'})")


def _start(path: Path) -> bytes:
    try:
        with open_content(path) as file:
            return file.read(_START_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({os_reason(error)}); name a PNG, JPEG, IDX or CSV file") from None


def _read_picture(path: Path) -> Images:
    """Return the picture as grey uint8 [height, width]; its size is checked before it is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is the stricter limit
            with Image.open(stored(path), formats=_PICTURES) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise InputError(f"{path}: {width:,}x{height:,} pixels, more than {MAX_PIXELS:,}; make it smaller")
                return _grey(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: too many pixels ({error}); make it smaller") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, zlib.error, struct.error) as error:
        raise InputError(f"{path}: damaged picture ({error}); export it again") from None


def _grey(picture: Image.Image) -> Images:
    """Convert any mode to grey; 16-bit greys keep their upper 8 bits, transparency becomes black."""
    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.int64).clip(0, 0xFFFF)
        return (deep >> 8).astype(np.uint8)
    if "A" in picture.mode or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, (0, 0, 0, 255)), layer)
    grey: Images = np.asarray(picture.convert("L"))
    return grey


def _take(path: Path, images: Images, image_format: ImageFormat) -> Images:
    """Return raw pixels of the model's shape unchanged, others taken as 0..255 and resized."""
    if images.shape[1:] != image_format.shape:
        return _fit(images, image_format)
    most = int(images.max())
    if most > image_format.pixel_max:
        row = int(np.argmax(images.reshape(len(images), -1).max(axis=1) > image_format.pixel_max))
        raise InputError(
            f"{path}: image {row + 1:,} has a pixel above {image_format.pixel_max} (the brightest in the file is {most}); "
            f"scale the pixels to 0..{image_format.pixel_max}"
        )
    return images


def _fit(images: Images, image_format: ImageFormat) -> Images:
    """Convert images of 0..255 to the model's shape and range."""
    height, width = image_format.shape
    resized = np.stack([_resize(image, height, width) for image in images])
    scaled: Images = np.rint(resized * (image_format.pixel_max / _BRIGHTEST)).astype(np.uint8)
    return scaled


def _resize(image: Images, height: int, width: int) -> Images:
    """Resize the image to fit into height x width and pad it with black, equally on both sides."""
    if image.shape == (height, width):
        return image
    scale = min(height / image.shape[0], width / image.shape[1])
    down, right = (max(1, round(side * scale)) for side in image.shape)
    resized = np.asarray(Image.fromarray(image).resize((right, down), Image.Resampling.BILINEAR))
    return np.pad(resized, [(lack // 2, lack - lack // 2) for lack in (height - down, width - right)])


def _read_csv(path: Path, image_format: ImageFormat) -> Images:
    """Read one image per row, pixels 0..255 row by row, below an optional header; a first column named label is skipped."""
    rows = list(_csv_rows(path))
    if not rows:
        raise InputError(f"{path}: no row; give one image a row")
    columns = len(rows[0])
    side = math.isqrt(columns)
    if columns == image_format.pixels:
        shape = image_format.shape
    elif side * side == columns:
        shape = (side, side)
    else:
        remedy = (
            f"give {image_format.pixels}, those of a square, or name a first column that is none {_LABEL_COLUMN!r} in a header"
        )
        raise InputError(f"{path}: {columns:,} columns of pixels, no square; {remedy}")
    return np.stack(rows).reshape(-1, *shape)


def _csv_rows(path: Path) -> Iterator[Images]:
    header, _ = choose_header(read_headers(path, DETECTED), lambda _: False)
    if header.fault:
        raise InputError(header.fault)
    with open_text(path) as text:
        skipped, columns = 0, None
        for line, row in enumerate(read_cells(path, text, header.delimiter), start=1):
            if row and columns is None and not _is_number(row[0]):
                columns, skipped = len(row), int(row[0].strip().lower() == _LABEL_COLUMN)
            elif row:
                columns = columns or len(row)
                yield _parse_row(f"{path}: line {line}", row, columns, skipped)


def _parse_row(place: str, row: Sequence[str], columns: int, skipped: int) -> Images:
    if len(row) != columns:
        raise InputError(f"{place} has {len(row):,} values, not {columns:,} like the first; correct the row")
    for column, value in enumerate(row[skipped:], start=skipped + 1):
        if not (value.strip().isdecimal() and len(value) < 10 and int(value) <= _BRIGHTEST):
            raise InputError(f"{place}, column {column:,} is {value[:20]!r}, no whole number from 0 to {_BRIGHTEST}; correct it")
    return np.array(row[skipped:], dtype=np.int64).astype(np.uint8)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
