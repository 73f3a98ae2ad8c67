"""IDX files: what is read, and the error for every kind of bad file."""

import contextlib
import gzip
import re
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from data.images.idx import MAX_BYTES, read_images, read_labelled_images, read_labels
from fairgate.errors import InputError

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([0, 9, 4], np.uint8)


def idx(values: NDArray[Any], *, magic: bytes | None = None, sizes: tuple[int, ...] | None = None) -> bytes:
    """An IDX file of the values; magic and sizes may lie."""
    sizes = values.shape if sizes is None else sizes
    return (magic or bytes((0, 0, 8, values.ndim))) + struct.pack(f">{len(sizes)}I", *sizes) + values.tobytes()


def flip(content: bytes, place: int) -> bytes:
    """The content with one bit inverted."""
    return content[:place] + bytes((content[place] ^ 0x10,)) + content[place + 1 :]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reads_plain_and_gzip(tmp_path: Path, pack: type[bytes]) -> None:
    """The first bytes say whether a file is gzip; the values come back as they were."""
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(pack(idx(IMAGES)))
    labels.write_bytes(pack(idx(LABELS)))
    pixels, targets = read_labelled_images(images, labels)
    assert pixels.dtype == targets.dtype == np.uint8
    np.testing.assert_array_equal(pixels, IMAGES)
    np.testing.assert_array_equal(targets, LABELS)


def test_reads_images_of_any_shape_when_none_is_wanted(tmp_path: Path) -> None:
    """Without a wanted shape the header's is taken."""
    path = tmp_path / "images"
    path.write_bytes(idx(IMAGES[:, :5, :7]))
    assert read_images(path).shape == (3, 5, 7)


BAD_IMAGES = {
    "empty": (b"", "0 bytes long, too short for an IDX header"),
    "three bytes": (b"\0\0\x08", "3 bytes long"),
    "cut off in the header": (idx(IMAGES)[:10], "cut off within its header, after 10 bytes"),
    "cut off by one byte": (idx(IMAGES)[:-1], "3 x 28 x 28 = 2,352 bytes, it has 2,351"),
    "one byte too many": (idx(IMAGES) + b"\0", "goes on after the 3 x 28 x 28 = 2,352 bytes"),
    "header claims more": (idx(IMAGES, sizes=(4, 28, 28)), "4 x 28 x 28 = 3,136 bytes, it has 2,352"),
    "header claims fewer": (idx(IMAGES, sizes=(2, 28, 28)), "goes on after the 2 x 28 x 28 = 1,568"),
    "header claims none": (idx(IMAGES, sizes=(0, 28, 28)), "announces 0 x 28 x 28 values, nothing"),
    "header claims terabytes": (idx(IMAGES, sizes=(0xFFFFFFFF, 28, 28)), f"more than the {MAX_BYTES:,} that are read"),
    "no IDX file": (b"PK\x03\x04" + bytes(2360), "starts with 50 4b 03 04, no IDX file"),
    "unknown type code": (idx(IMAGES, magic=b"\0\0\x07\x03"), "starts with 00 00 07 03, no IDX file"),
    "no dimension": (idx(IMAGES, magic=b"\0\0\x08\0"), "starts with 00 00 08 00, no IDX file"),
    "five dimensions": (idx(IMAGES, magic=b"\0\0\x08\x05"), "starts with 00 00 08 05, no IDX file"),
    "float32": (idx(IMAGES, magic=b"\0\0\x0d\x03"), "holds float32 (type code 0x0d); give uint8"),
    "int8": (idx(IMAGES, magic=b"\0\0\x09\x03"), "holds int8 (type code 0x09)"),
    "labels": (idx(LABELS), "has 1 dimensions; expected those of images"),
    "two dimensions": (idx(IMAGES[0]), "has 2 dimensions"),
    "27x28": (idx(IMAGES[:, 1:]), "images of 27x28; give images of 28x28"),
    "28x27": (idx(IMAGES[:, :, 1:]), "images of 28x27; give images of 28x28"),
    "gzip cut off": (gzip.compress(idx(IMAGES))[:-9], "damaged gzip file"),
    "gzip cut to its magic": (b"\x1f\x8b", "damaged gzip file"),
    "gzip bit flipped in the content": (flip(gzip.compress(idx(IMAGES)), 100), "damaged gzip file"),
    "gzip bit flipped in the checksum": (flip(gzip.compress(idx(IMAGES)), -7), "damaged gzip file"),
    "gzip bit flipped in the length": (flip(gzip.compress(idx(IMAGES)), -2), "damaged gzip file"),
    "gzip followed by junk": (gzip.compress(idx(IMAGES)) + b"junk", "damaged gzip file"),
    "gzip of a short file": (gzip.compress(idx(IMAGES)[:-1]), "2,352 bytes, it has 2,351"),
    "gzip of a gzip": (gzip.compress(gzip.compress(idx(IMAGES))), "starts with 1f 8b 08 00, no IDX file"),
}


@pytest.mark.parametrize(("content", "message"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_are_named_with_their_numbers(tmp_path: Path, content: bytes, message: str) -> None:
    """Every damaged file of images is an InputError that names the file and what is wrong."""
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: .*{re.escape(message)}"):
        read_images(path, shape=(28, 28))


def test_content_decides_whether_a_file_is_compressed(tmp_path: Path) -> None:
    """A browser may have unpacked it and left the name."""
    path = tmp_path / "images.gz"
    path.write_bytes(idx(IMAGES))
    np.testing.assert_array_equal(read_images(path), IMAGES)


BAD_LABELS = {
    "label 10": (idx(np.array([1, 10, 255], np.uint8)), r"label 2 is 10 \(2 such labels\); labels must be 0 to 9"),
    "images": (idx(IMAGES), "has 3 dimensions; expected those of labels"),
    "none": (idx(LABELS[:0]), "announces 0 values, nothing"),
    "int32": (idx(LABELS, magic=b"\0\0\x0c\x01"), "holds int32"),
}


@pytest.mark.parametrize(("content", "message"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_bad_labels(tmp_path: Path, content: bytes, message: str) -> None:
    """Labels outside the classes are named by their place, counted from 1."""
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_labels(path)


def test_images_and_labels_of_unequal_length(tmp_path: Path) -> None:
    """Both files and both numbers are named."""
    (tmp_path / "images").write_bytes(idx(IMAGES))
    (tmp_path / "labels").write_bytes(idx(LABELS[:2]))
    with pytest.raises(InputError, match=r"labels: 2 labels, but .*images has 3 images"):
        read_labelled_images(tmp_path / "images", tmp_path / "labels")


@pytest.mark.parametrize("name", ["absent", "."], ids=["absent", "a folder"])
def test_unreadable_path(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are bad input, not crashes."""
    with pytest.raises(InputError, match="cannot be read"):
        read_images(tmp_path / name)


BOMBS = {
    "beyond its header": ((3, 28, 28), "goes on after"),
    "announced beyond the limit": ((1 << 20, 1 << 10, 2), "more than the"),
}


@pytest.mark.parametrize(("sizes", "message"), BOMBS.values(), ids=BOMBS)
def test_gzip_bombs_are_not_inflated(tmp_path: Path, sizes: tuple[int, ...], message: str) -> None:
    """200 MB of zeros in 200 KB: refused with less than 10 MB of memory."""
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx(np.zeros((0,), np.uint8), magic=b"\0\0\x08\x03", sizes=sizes) + bytes(200 << 20), 1))
    tracemalloc.start()
    with pytest.raises(InputError, match=message):
        read_images(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_a_lying_header_costs_no_memory(tmp_path: Path) -> None:
    """A header that claims 900 MB over a small file: no memory for what is not there."""
    path = tmp_path / "images"
    path.write_bytes(idx(IMAGES, sizes=(900, 1000, 1000)))
    tracemalloc.start()
    with pytest.raises(InputError, match="cut off"):
        read_images(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


@given(st.binary(max_size=64), st.sampled_from([b"", b"\x1f\x8b\x08", b"\0\0\x08\x03", b"\0\0\x08\x01"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, tail: bytes, start: bytes) -> None:
    """No content makes a reader fail in another way."""
    path = tmp_path_factory.mktemp("idx") / "any"
    path.write_bytes(start + tail)
    for read in (read_images, read_labels):
        with contextlib.suppress(InputError):
            assert read(path).size > 0


def test_official_files(shared_data: Path) -> None:
    """The official test files: 10,000 images, 1,000 of each class."""
    folder = shared_data / "fashion-mnist"
    images, labels = read_labelled_images(folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz")
    assert images.shape == (10_000, 28, 28)
    assert np.bincount(labels).tolist() == [1_000] * 10
