"""Reading the true classes of images."""

import gzip
import struct
from pathlib import Path

import pytest

from data.images.labels import load_labels
from fairgate.errors import InputError

CLASSES = ("T-shirt/top", "Trouser", "Bag")

FILES = {
    "numbers": b"2\n0\n1\n",
    "names in any case": b"bag\nT-SHIRT/TOP\nTrouser",
    "a table with a header": b"label,p1,p2\r\n2,0,255\r\n0,1,1\r\n1,2,2\r\n",
    "blank lines, a mark and quotes": b'\xef\xbb\xbf"Bag"\n\n 0 \n\n1\n',
    "compressed": gzip.compress(b"2\n0\n1\n"),
    "IDX": struct.pack(">HBBI", 0, 8, 1, 3) + bytes([2, 0, 1]),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_labels_of_every_kind_of_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "labels").write_bytes(content)
    labels = load_labels(tmp_path / "labels", CLASSES, 3)
    assert labels.dtype == "int64"
    assert labels.tolist() == [2, 0, 1]


def test_a_class_named_like_a_number_is_meant_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("1\n0\n")
    assert load_labels(tmp_path / "labels", ("1", "0"), 2).tolist() == [0, 1]


MISTAKES = {
    "another class": (b"0\nShoe\n", "labels: line 2 is 'Shoe', no class; give a number from 0 to 2, or one of T-shirt/top, Trou"),
    "a number too high": (b"3\n", "line 1 is '3', no class"),
    "a header in the middle": (b"1\nlabel\n", "line 2 is 'label', no class"),
    "control characters": (b"\x1b[2J\n", "line 1 is '\ufffd\\[2J', no class"),
    "a NUL": (b"1\n\0\n", "line 2 holds a NUL"),
    "too few": (b"1\n", "labels: 1 labels for 2 images; give one label for each image, in their order"),
    "an IDX label too high": (struct.pack(">HBBI", 0, 8, 1, 2) + bytes([0, 3]), "label 2 is 3"),
    "absent": (None, "cannot be read .*; name a file with one label a line"),
}


@pytest.mark.parametrize(("content", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "labels").write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_labels(tmp_path / "labels", CLASSES, 2)
