"""Files of pictures that are written strangely and must be read right, as `fairgate predict digits` is given them."""

import bz2
import gzip
import io
import lzma
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.files.strange import StrangePicture

SHADES = np.minimum(np.arange(64), 16).astype(np.uint8)  # of the model: 0 to 16
OTHER = SHADES[::-1]
GREY = np.array([255 if shade == 16 else 0 for shade in SHADES], np.uint8).reshape(8, 8)  # of a picture: 0 or 255
BLACK_AND_WHITE = tuple(16 if shade == 16 else 0 for shade in SHADES)


def picture(kind: str = "PNG", image: Image.Image | None = None, **options: object) -> bytes:
    """Return a picture in a file format of Pillow."""
    buffer = io.BytesIO()
    (image or Image.fromarray(GREY)).save(buffer, kind, **options)
    return buffer.getvalue()


def idx(*images: NDArray[np.uint8]) -> bytes:
    """Return an IDX file of images of 8 x 8."""
    return b"\0\0\x08\x03" + struct.pack(">3I", len(images), 8, 8) + b"".join(image.tobytes() for image in images)


def csv(*images: NDArray[np.uint8], header: str = "", label: str = "", end: str = "\n") -> str:
    """Return a table of pixels, one image a row."""
    return header + "".join(label + ",".join(map(str, image.tolist())) + end for image in images)


def _translucent() -> Image.Image:
    """The picture with the dark half transparent instead of black."""
    return Image.fromarray(np.dstack([np.full((8, 8, 3), 255, np.uint8), GREY]), "RGBA")


ONE, TWO = (SHADES.tolist(),), (SHADES.tolist(), OTHER.tolist())
SEEN = (BLACK_AND_WHITE,)
COLUMNS = ",".join(f"pixel{place}" for place in range(64))
PICTURES = {
    "PNG": StrangePicture(picture(), SEEN),
    "PNG, named JPEG": StrangePicture(picture(), SEEN, "a.jpg"),
    "PNG, named CSV": StrangePicture(picture(), SEEN, "a.csv"),
    "PNG without an ending": StrangePicture(picture(), SEEN, "picture"),
    "PNG in colours": StrangePicture(picture(image=Image.fromarray(GREY).convert("RGB")), SEEN),
    "PNG of a palette": StrangePicture(picture(image=Image.fromarray(GREY).convert("P")), SEEN),
    "PNG of one bit": StrangePicture(picture(image=Image.fromarray(GREY).convert("1")), SEEN),
    "PNG of 16 bits": StrangePicture(picture(image=Image.fromarray(GREY.astype(np.uint16) * 257)), SEEN),
    "PNG that is transparent": StrangePicture(picture(image=_translucent()), SEEN),
    "PNG of twice the size": StrangePicture(picture(image=Image.fromarray(np.full((16, 16), 255, np.uint8))), ((16,) * 64,)),
    "JPEG, named PNG": StrangePicture(picture("JPEG", Image.new("L", (8, 8), 255)), ((16,) * 64,)),
    "JPEG of another size": StrangePicture(picture("JPEG", Image.new("RGB", (300, 300), "white")), ((16,) * 64,), "a.jpeg"),
    "a name with brackets and a space": StrangePicture(picture(), SEEN, "a [1] *.png"),
    "IDX": StrangePicture(idx(SHADES, OTHER), TWO, "a-idx3-ubyte"),
    "IDX of one image": StrangePicture(idx(SHADES), ONE, "a.idx"),
    "IDX in gzip": StrangePicture(gzip.compress(idx(SHADES, OTHER)), TWO, "a-idx3-ubyte.gz"),
    "IDX in gzip, named IDX": StrangePicture(gzip.compress(idx(SHADES)), ONE, "a-idx3-ubyte"),
    "IDX, named gzip": StrangePicture(idx(SHADES), ONE, "a-idx3-ubyte.gz"),
    "IDX, named CSV": StrangePicture(idx(SHADES), ONE, "a.csv"),
    "IDX in bzip2": StrangePicture(bz2.compress(idx(SHADES)), ONE, "a.bz2"),
    "IDX in xz, named PNG": StrangePicture(lzma.compress(idx(SHADES)), ONE),
    "CSV": StrangePicture(csv(SHADES, OTHER).encode(), TWO, "a.csv"),
    "CSV, named text": StrangePicture(csv(SHADES).encode(), ONE, "a.txt"),
    "CSV with a header and labels": StrangePicture(
        csv(SHADES, OTHER, header=f"label,{COLUMNS}\n", label="7,").encode(), TWO, "a.csv"
    ),
    "CSV with \\r\\n and a byte-order mark": StrangePicture(csv(SHADES, end="\r\n").encode("utf-8-sig"), ONE, "a.csv"),
    "CSV with blank lines and no last line end": StrangePicture(
        csv(SHADES, OTHER, end="\n\n").rstrip("\n").encode(), TWO, "a.csv"
    ),
    "CSV with quotes": StrangePicture(csv(SHADES).replace("16", '"16"').encode(), ONE, "a.csv"),
    "CSV in gzip": StrangePicture(gzip.compress(csv(SHADES).encode()), ONE, "a.csv.gz"),
    "CSV in UTF-16": StrangePicture(csv(SHADES).encode("utf-16"), ONE, "a.csv"),
}
