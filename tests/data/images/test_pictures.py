"""What is lost when a picture is made to fit."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.images.pictures import picture_notes


def noted(path: Path, picture: Image.Image) -> list[str]:
    picture.save(path)
    return [note.removeprefix(f"{path}: ").partition(";")[0] for note in picture_notes(path, (28, 28))]


def test_grey_picture_of_the_right_size_loses_nothing(tmp_path: Path) -> None:
    assert noted(tmp_path / "a.png", Image.new("L", (28, 28), 90)) == []


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_grey_picture_with_three_channels_is_grey(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    assert noted(tmp_path / name, Image.fromarray(noise).convert("RGB")) == []


def test_colour_is_named(tmp_path: Path) -> None:
    assert noted(tmp_path / "a.png", Image.new("RGB", (28, 28), (200, 30, 30))) == ["a colour picture"]


def test_other_size_is_named_as_it_is_seen(tmp_path: Path) -> None:
    """Turned as EXIF says."""
    turned = Image.new("L", (40, 30), 90)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "a.jpg", exif=exif)
    (note,) = picture_notes(tmp_path / "a.jpg", (28, 28))
    assert note.endswith("a.jpg: 30x40 pixels; it was made to fit 28x28")


def test_raw_pixels_have_no_colour(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n")
    assert list(picture_notes(tmp_path / "a.csv", (28, 28))) == []
    assert list(picture_notes(tmp_path / "absent.png", (28, 28))) == []
