"""Loading images to predict on."""

import gzip
import io
import lzma
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from data.images.formats import DIGITS
from data.images.formats import FASHION_MNIST as FASHION
from data.images.loading import MAX_PIXELS, load_images
from fairgate.errors import InputError

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (28, 28), np.uint8)


def picture(pixels: NDArray[Any], kind: str = "PNG", **options: object) -> bytes:
    """The pixels as a picture file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def claimed_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose content is one small deflated block."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def idx(images: NDArray[Any]) -> bytes:
    """An IDX file of images."""
    return b"\0\0\x08\x03" + struct.pack(">3I", *images.shape) + images.tobytes()


def saved(folder: Path, name: str, content: bytes) -> Path:
    """The path of a file with the content."""
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_png_of_the_right_shape_is_taken_as_it_is(tmp_path: Path) -> None:
    """No resampling, no change of a pixel."""
    loaded = load_images(saved(tmp_path, "shoe.png", picture(IMAGE)), FASHION)
    assert loaded.dtype == np.uint8
    np.testing.assert_array_equal(loaded, IMAGE[None])


def test_a_jpeg_is_nearly_the_same(tmp_path: Path) -> None:
    """JPEG loses a little; the name does not matter."""
    smooth = np.linspace(0, 255, 784).reshape(28, 28).astype(np.uint8)
    loaded = load_images(saved(tmp_path, "shoe", picture(smooth, "JPEG", quality=95)), FASHION)
    assert np.abs(loaded[0].astype(int) - smooth).max() < 8


def test_colour_becomes_grey(tmp_path: Path) -> None:
    """By the luma of ITU-R 601: red counts 0.299, green 0.587, blue 0.114."""
    colours = np.zeros((28, 28, 3), np.uint8)
    colours[0, 0], colours[0, 1], colours[0, 2] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    loaded = load_images(saved(tmp_path, "a.png", picture(colours)), FASHION)
    assert loaded[0, 0, :4].tolist() == [76, 150, 29, 0]


def test_transparency_is_black(tmp_path: Path) -> None:
    """What is transparent belongs to the background, whatever colour it hides."""
    layers = np.full((28, 28, 4), 255, np.uint8)
    layers[0, 0, 3] = 0
    loaded = load_images(saved(tmp_path, "a.png", picture(layers)), FASHION)
    assert loaded[0, 0, :2].tolist() == [0, 255]


def test_sixteen_bits_keep_their_upper_half(tmp_path: Path) -> None:
    """65535 is as bright as 255; Pillow's own conversion would cut all above 255 off."""
    deep = np.full((28, 28), 0x80FF, np.uint16)
    loaded = load_images(saved(tmp_path, "a.png", picture(deep)), FASHION)
    assert set(loaded.ravel()) == {0x80}


def test_the_camera_was_turned(tmp_path: Path) -> None:
    """The orientation in EXIF is followed: 3 means upside down."""
    half = np.zeros((28, 28), np.uint8)
    half[14:] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    loaded = load_images(saved(tmp_path, "a.jpg", picture(half, "JPEG", exif=exif)), FASHION)
    assert loaded[0, :12].min() > 240
    assert loaded[0, 16:].max() < 15


def test_a_wide_picture_is_padded_with_black(tmp_path: Path) -> None:
    """Proportions stay: 280x140 fills the 14 middle rows of 28x28."""
    loaded = load_images(saved(tmp_path, "a.png", picture(np.full((140, 280), 255, np.uint8))), FASHION)
    assert (loaded[0, 7:21] == 255).all()
    assert (loaded[0, :7] == 0).all()
    assert (loaded[0, 21:] == 0).all()


def test_a_line_of_many_pixels_costs_little(tmp_path: Path) -> None:
    """The longest proportions do not become a square of the longer side."""
    loaded = load_images(saved(tmp_path, "a.png", picture(np.full((1, 100_000), 255, np.uint8))), FASHION)
    assert loaded.shape == (1, 28, 28)
    assert (loaded[0] == 255).sum() == 28


def test_pictures_are_scaled_to_digits(tmp_path: Path) -> None:
    """255 becomes 16, the brightest pixel of the digits, and 8x8 their shape."""
    loaded = load_images(saved(tmp_path, "a.png", picture(np.full((50, 50), 255, np.uint8))), DIGITS)
    assert loaded.shape == (1, 8, 8)
    assert set(loaded.ravel()) == {16}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_idx_of_the_right_shape(tmp_path: Path, pack: type[bytes]) -> None:
    """All images of the file."""
    images = RANDOM.integers(0, 256, (3, 28, 28), np.uint8)
    np.testing.assert_array_equal(load_images(saved(tmp_path, "i", pack(idx(images))), FASHION), images)


def test_idx_of_another_shape_is_resized(tmp_path: Path) -> None:
    """MNIST's 28x28 of 0..255 become digits of 8x8 of 0..16."""
    loaded = load_images(saved(tmp_path, "i", idx(np.full((2, 28, 28), 255, np.uint8))), DIGITS)
    assert loaded.shape == (2, 8, 8)
    assert set(loaded.ravel()) == {16}


CSVS = {
    "bare": "{row}\n",
    "header": "{names}\n{row}\n",
    "Kaggle, with labels": "label,{names}\n9,{row}\n",
    "byte order mark and blank lines": "\ufefflabel,{names}\r\n\r\n9,{row}\r\n\r\n",
    "quoted and spaced": '"label",{names}\n"9", {row}\n',
}


@pytest.mark.parametrize("layout", CSVS.values(), ids=CSVS)
def test_csv(tmp_path: Path, layout: str) -> None:
    """Pixels row by row, with or without header and labels."""
    names = ",".join(f"pixel{number}" for number in range(1, 785))
    text = layout.format(names=names, row=",".join(map(str, IMAGE.ravel())))
    np.testing.assert_array_equal(load_images(saved(tmp_path, "a.csv", text.encode()), FASHION), IMAGE[None])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encode", [str.encode, lambda text: lzma.compress(text.encode("utf-16"))], ids=["plain", "UTF-16 in xz"])
def test_csv_of_any_separator_and_compression(tmp_path: Path, delimiter: str, encode: Callable[[str], bytes]) -> None:
    """Whatever the file is called."""
    text = delimiter.join(map(str, IMAGE.ravel())) + "\n"
    np.testing.assert_array_equal(load_images(saved(tmp_path, "a.png", encode(text)), FASHION), IMAGE[None])


def test_csv_of_another_square_is_resized(tmp_path: Path) -> None:
    """Sixteen columns are images of 4x4."""
    loaded = load_images(saved(tmp_path, "a.csv", (",".join(["255"] * 16) + "\n").encode() * 2), FASHION)
    assert loaded.shape == (2, 28, 28)
    assert set(loaded.ravel()) == {255}


BAD = {
    "empty": ("a.png", b"", "neither PNG, JPEG, IDX nor CSV (it starts with nothing)"),
    "a text": ("a.txt", b"hello world", "it starts with 68 65 6c 6c"),
    "a GIF": ("a.png", picture(IMAGE, "GIF"), "neither PNG, JPEG, IDX nor CSV"),
    "PNG cut off": ("a.png", picture(IMAGE)[:200], "damaged picture"),
    "PNG cut to its signature": ("a.png", picture(IMAGE)[:8], "damaged picture"),
    "JPEG cut off": ("a.jpg", picture(IMAGE, "JPEG")[:300], "damaged picture"),
    "JPEG cut to its start": ("a.jpg", picture(IMAGE, "JPEG")[:3], "damaged picture"),
    "PNG of too many pixels": ("a.png", claimed_png(10_000, 10_000), f"10,000x10,000 pixels, more than {MAX_PIXELS:,}"),
    "PNG bomb": ("a.png", claimed_png(100_000, 100_000), "too many pixels"),
    "PNG of no pixel": ("a.png", claimed_png(0, 5), "damaged picture"),
    "PNG that claims more": ("a.png", claimed_png(800, 800), "damaged picture"),
    "IDX cut off": ("a.idx", idx(IMAGE[None])[:-1], "cut off"),
    "gzip of a text": ("a.gz", gzip.compress(b"hello world"), "neither PNG, JPEG, IDX nor CSV (it starts with 68 65 6c 6c"),
    "CSV empty": ("a.csv", b"", "it starts with nothing"),
    "CSV of a header": ("a.csv", b"label,pixel1\n", "no row"),
    "CSV no square": ("a.csv", b"1,2,3\n", "3 columns of pixels, no square; give 784"),
    "CSV with a label but no header": ("a.csv", b",".join([b"1"] * 785), "785 columns of pixels, no square"),
    "CSV ragged": ("a.csv", b"1,2,3,4\n1,2,3\n", "line 2 has 3 values, not 4"),
    "CSV word": ("a.csv", b"1,2,3,4\n1,2,x,4\n", "line 2, column 3 is 'x', no whole number from 0 to 255"),
    "CSV 256": ("a.csv", b"1,2,3,256\n", "column 4 is '256'"),
    "CSV negative": ("a.csv", b"1,2,3,-4\n", "column 4 is '-4'"),
    "CSV fraction": ("a.csv", b"1,2,3,0.5\n", "column 4 is '0.5'"),
    "CSV superscript": ("a.csv", "1,2,3,²\n".encode(), "column 4 is '²'"),
    "CSV NaN": ("a.csv", b"1,nan,3,4\n", "column 2 is 'nan'"),
    "CSV gap": ("a.csv", b"1,,3,4\n", "column 2 is ''"),
    "CSV huge number": ("a.csv", b"1,2,3," + b"9" * 5000, "column 4 is '99999999999999999999'"),
    "CSV huge field": ("a.csv", b"1,2,3," + b"9" * 200_000, "column 4 is"),
    "CSV open quote": ("a.csv", b'1,2,3,"4\n', "wrong quoting in the row that starts in line 1"),
    "CSV in Latin-1": ("a.csv", b"\xe9,1\n", ""),
    "CSV with NUL": ("a.csv", b"1,2,3,\0\n", ""),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD)
def test_bad_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Every bad file is an InputError that names the file and what is wrong."""
    path = saved(tmp_path, name, content)
    with pytest.raises(InputError, match=rf"^{re.escape(str(path))}.*{re.escape(message)}"):
        load_images(path, FASHION)


def test_a_pixel_brighter_than_the_format_allows(tmp_path: Path) -> None:
    """Digits of 0..255 in the shape of digits of 0..16 would be misread; the image and the number are named."""
    images = np.zeros((3, 8, 8), np.uint8)
    images[1, 0, 0], images[2, 0, 0] = 17, 255
    with pytest.raises(InputError, match=r"image 2 has a pixel above 16 \(the brightest in the file is 255\)"):
        load_images(saved(tmp_path, "i", idx(images)), DIGITS)


def test_a_missing_file(tmp_path: Path) -> None:
    """Its name and what would do."""
    with pytest.raises(InputError, match=r"cannot be read .*; name a PNG, JPEG, IDX or CSV file"):
        load_images(tmp_path / "absent.png", FASHION)


@given(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["PNG", "JPEG"]))
def test_a_changed_byte_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, place: int, value: int, kind: str) -> None:
    """Whatever byte of a picture is changed, the result is an image or an InputError."""
    content = bytearray(picture(IMAGE, kind))
    content[place % len(content)] = value
    try:
        loaded = load_images(saved(tmp_path_factory.mktemp("picture"), "a", bytes(content)), FASHION)
    except InputError:
        return
    assert loaded.shape == (1, 28, 28)
