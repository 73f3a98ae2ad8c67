"""Conversion of images through Beam."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.conversion_report import ConversionReport, SourceReport
from data.images import conversion, digits, fashion_mnist, formats
from data.images.conversion import convert_images
from data.images.examples import LabelledImages, encode_images
from data.images.formats import IMAGE, LABEL
from data.records import decode_example, read_records
from fairgate.errors import InputError

SOURCE = SourceReport("somewhere", "idx", "train", "0" * 64, 1)


def random_splits(train: int = 300, held_out: int = 70) -> dict[str, LabelledImages]:
    """Random digits in both splits."""
    random = np.random.default_rng(1)
    return {
        split: LabelledImages(random.integers(0, 17, (count, 8, 8), np.uint8), random.integers(0, 10, count, np.uint8))
        for split, count in (("train", train), ("eval", held_out))
    }


def stored(folder: Path, split: str) -> list[bytes]:
    """The records of a split, in the order of its files."""
    return [record for path in sorted((folder / f"Split-{split}").iterdir()) for record in read_records(path)]


def test_every_image_arrives_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ways, one answer: blocks through Beam, and the plain encoder; the order survives the blocks."""
    monkeypatch.setattr("data.images.conversion._BLOCK_ROWS", 64)
    splits = random_splits()
    convert_images(splits, formats.DIGITS, [SOURCE], tmp_path / "out")
    for split, labelled in splits.items():
        assert stored(tmp_path / "out", split) == list(encode_images(labelled))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["Split-eval", "Split-train", "conversion.json"]


def test_images_are_cut_into_so_many_files_in_their_order(tmp_path: Path) -> None:
    splits = random_splits()
    convert_images(splits, formats.DIGITS, [SOURCE], tmp_path / "out", shards=3)
    assert stored(tmp_path / "out", "train") == list(encode_images(splits["train"]))
    names = [path.name for path in sorted((tmp_path / "out" / "Split-train").iterdir())]
    assert names == [f"train-0000{shard}-of-00003.tfrecord.gz" for shard in range(3)]


def test_the_report_counts(tmp_path: Path) -> None:
    """Rows, classes, duplicates and images in both splits are counted and kept beside the files."""
    splits = random_splits()
    splits["train"].images[1] = splits["train"].images[0]
    splits["eval"].images[:2] = splits["train"].images[:2]
    report = convert_images(splits, formats.DIGITS, [SOURCE], tmp_path / "out")
    assert report == ConversionReport.read(tmp_path / "out")
    assert (report.rows_read, report.rows_kept, report.shared_rows) == (370, 370, 2)
    assert report.warnings == ("2 images of eval are also in train",)
    train = report.splits["train"]
    assert (train.rows, train.duplicates) == (300, 1)
    assert list(train.identities["class"].values()) == np.bincount(splits["train"].labels, minlength=10).tolist()


def test_training_images_as_eval_are_refused(tmp_path: Path) -> None:
    """Measuring on the images that were trained on would prove nothing."""
    splits = random_splits()
    splits["eval"] = LabelledImages(splits["train"].images[:50], splits["train"].labels[:50])
    with pytest.raises(InputError, match="50 of the 50 images for eval are in train too"):
        convert_images(splits, formats.DIGITS, [SOURCE], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_conversion_leaves_the_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all, also when something breaks half-way."""
    convert_images(random_splits(), formats.DIGITS, [SOURCE], tmp_path / "out")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fail(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr("data.images.conversion.write_split", fail)
    with pytest.raises(OSError, match="disk full"):
        convert_images(random_splits(200), formats.DIGITS, [SOURCE], tmp_path / "out")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_folder_with_other_content_is_not_replaced(tmp_path: Path) -> None:
    """A slip in the output's name must not cost a folder."""
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(InputError, match="a folder with other content"):
        convert_images(random_splits(), formats.DIGITS, [SOURCE], tmp_path)


@pytest.mark.parametrize(("kept", "found"), [(None, 0), (63, 63)])
def test_images_that_a_worker_does_not_bring_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int | None, found: int
) -> None:
    """A worker wrote elsewhere, or saw less than the run."""

    def write(block: conversion.ImageBlock, folder: Path) -> int:
        if block.start != 64:
            return conversion_write(block, folder)
        return 0 if kept is None else conversion_write(replace(block, stop=block.start + kept), folder)

    conversion_write = conversion.write_portion
    monkeypatch.setattr(conversion, "_BLOCK_ROWS", 64)
    monkeypatch.setattr(conversion, "write_portion", write)
    message = rf"^somewhere: images 65 to 128 of train are 64, and {found} came back from the workers; run again, with a --root"
    with pytest.raises(InputError, match=message):
        convert_images(random_splits(), formats.DIGITS, [SOURCE], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_digits_are_split_by_class(tmp_path: Path) -> None:
    """1,797 digits; every class gives a tenth to eval; the same seed gives the same bytes."""
    report = digits.convert(tmp_path / "a")
    digits.convert(tmp_path / "b")
    digits.convert(tmp_path / "c", seed=1)
    assert {split: part.rows for split, part in report.splits.items()} == {"train": 1617, "eval": 180}
    assert set(report.splits["eval"].identities["class"].values()) == {18}
    assert stored(tmp_path / "a", "eval") == stored(tmp_path / "b", "eval")
    assert set(stored(tmp_path / "a", "eval")) != set(stored(tmp_path / "c", "eval"))


def test_digits_keep_their_pixels() -> None:
    """The brightest digit pixel is 16, and both splits together are all digits."""
    splits = digits.read_splits()
    assert max(labelled.images.max() for labelled in splits.values()) == formats.DIGITS.pixel_max
    assert sum(map(len, splits.values())) == 1797


@pytest.mark.slow
def test_the_official_files(shared_data: Path, tmp_path: Path) -> None:
    """All 70,000 images arrive, 7,000 of each class, none in both splits."""
    report = fashion_mnist.convert(shared_data / "fashion-mnist", tmp_path / "out")
    assert {split: part.rows for split, part in report.splits.items()} == {"train": 60_000, "eval": 10_000}
    assert set(report.splits["train"].identities["class"].values()) == {6_000}
    assert report.shared_rows == 0
    first = decode_example(stored(tmp_path / "out", "eval")[0])
    assert len(first[IMAGE]) == formats.FASHION_MNIST.pixels
    assert formats.FASHION_MNIST.classes[int(first[LABEL][0])] == "Ankle boot"
