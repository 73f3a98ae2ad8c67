"""Read and check IDX files, the format of MNIST and Fashion-MNIST, into numpy arrays.

In: a plain or compressed file, as its first bytes show. Out: uint8 images [N, height, width] or labels [N].
Layout (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type code (8 is uint8), the number of dimensions, each of them as
a big-endian uint32, then the values, last dimension fastest.

No more is read or inflated than the header states, and nothing at all if it states more than `MAX_BYTES`.
"""

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from data.opening import open_content
from fairgate.errors import InputError, os_reason

UnsignedBytes = NDArray[np.uint8]

MAX_BYTES = 1 << 30
_CHUNK_BYTES = 1 << 20
_TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_UINT8 = 0x08
_MAX_DIMENSIONS = 4
_AGAIN = "fetch or export it again"


def read_labelled_images(
    images: Path, labels: Path, *, shape: tuple[int, int] = (28, 28), classes: int = 10
) -> tuple[UnsignedBytes, UnsignedBytes]:
    """Return the images [N, *shape] of one file and the labels [N] of another.

    Raises:
        InputError: as `read_images` and `read_labels`, or the files differ in length.
    """
    pixels, targets = read_images(images, shape=shape), read_labels(labels, classes=classes)
    if len(pixels) != len(targets):
        raise InputError(
            f"{labels}: {len(targets):,} labels, but {images} has {len(pixels):,} images; give two files of the same split"
        )
    return pixels, targets


def read_images(path: Path, *, shape: tuple[int, int] | None = None) -> UnsignedBytes:
    """Return the images uint8 [N, height, width] of an IDX file.

    Args:
        path: plain or compressed.
        shape: the height and width that the images must have; None takes any.

    Raises:
        InputError: the file is missing, damaged, cut off, too long, of another type, empty, or its images have another shape.
    """
    images = _read(path, dimensions=3)
    if shape is not None and images.shape[1:] != shape:
        height, width = images.shape[1:]
        raise InputError(f"{path}: images of {height}x{width}; give images of {shape[0]}x{shape[1]}")
    return images


def read_labels(path: Path, *, classes: int = 10) -> UnsignedBytes:
    """Return the labels uint8 [N] of an IDX file, each below `classes`.

    Raises:
        InputError: as `read_images`, or a label is `classes` or more.
    """
    labels = _read(path, dimensions=1)
    if wrong := np.flatnonzero(labels >= classes).tolist():
        first = wrong[0]
        raise InputError(
            f"{path}: label {first + 1:,} is {labels[first]} ({len(wrong):,} such labels); labels must be 0 to {classes - 1}"
        )
    return labels


def _read(path: Path, dimensions: int) -> UnsignedBytes:
    try:
        with open_content(path) as file:
            shape = _read_header(path, file, dimensions)
            return np.frombuffer(_read_values(path, file, shape), np.uint8).reshape(shape)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({os_reason(error)}); give a readable IDX file") from None


def _read_values(path: Path, file: IO[bytes], shape: tuple[int, ...]) -> bytes:
    announced = math.prod(shape)
    content = b"".join(_chunks(file, announced))
    if len(content) < announced:
        raise InputError(
            f"{path}: cut off: its header announces {_times(shape)} = {announced:,} bytes, it has {len(content):,}; {_AGAIN}"
        )
    if file.read(1):
        raise InputError(f"{path}: goes on after the {_times(shape)} = {announced:,} bytes that its header announces; {_AGAIN}")
    return content


def _read_header(path: Path, file: IO[bytes], dimensions: int) -> tuple[int, ...]:
    """Return the shape that the header states, checked before any memory is allocated for it."""
    magic = file.read(4)
    if len(magic) < 4:
        raise InputError(f"{path}: {len(magic)} bytes long, too short for an IDX header; {_AGAIN}")
    code, found = magic[2], magic[3]
    if magic[:2] != b"\0\0" or code not in _TYPES or not 1 <= found <= _MAX_DIMENSIONS:
        raise InputError(f"{path}: starts with {magic.hex(' ')}, no IDX file; one of uint8 starts with 00 00 08 0{dimensions}")
    if code != _UINT8:
        raise InputError(f"{path}: holds {_TYPES[code]} (type code {code:#04x}); give uint8 (0x08)")
    if found != dimensions:
        wanted = "images, three: number, height, width" if dimensions == 3 else "labels, one"
        raise InputError(f"{path}: has {found} dimensions; expected those of {wanted} (images and labels swapped?)")
    sizes = file.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise InputError(f"{path}: cut off within its header, after {4 + len(sizes)} bytes; {_AGAIN}")
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", sizes)
    if 0 in shape:
        raise InputError(f"{path}: its header announces {_times(shape)} values, nothing; {_AGAIN}")
    if math.prod(shape) > MAX_BYTES:
        raise InputError(
            f"{path}: its header announces {_times(shape)} bytes, more than the {MAX_BYTES:,} that are read; split it"
        )
    return shape


def _chunks(file: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield up to `most` bytes in pieces, so that a short file costs no memory for bytes that its header only claims."""
    while most and (chunk := file.read(min(most, _CHUNK_BYTES))):
        most -= len(chunk)
        yield chunk


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)
