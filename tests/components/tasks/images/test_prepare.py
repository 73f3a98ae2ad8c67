"""Preparation of the image tasks: what is converted where, and when it is converted again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.tasks.base import Preparation, Prepared, TaskModel
from components.tasks.images.config import DigitsInput, DigitsTraining, FashionInput, ImagesTraining
from components.tasks.images.prepare import prepare_digits, prepare_fashion_mnist
from data.conversion_report import REPORT_NAME, ConversionReport
from data.images import digits as digits_module
from data.images import fashion_mnist as fashion_module

Prepare = Callable[..., Prepared]


class Conversions:
    """Replaces a conversion: writes a folder with a report and remembers its name."""

    def __init__(self) -> None:
        """Nothing was converted."""
        self.folders: list[Path] = []

    def convert(self, *arguments: Any, **_: Any) -> ConversionReport:
        """Take the last argument for the folder."""
        folder = arguments[-1]
        folder.mkdir(parents=True)
        self.folders.append(folder)
        report = ConversionReport((), 0, 0, 0, 0, 0, {}, ())
        (folder / REPORT_NAME).write_text(report.to_json())
        return report


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> Conversions:
    """Return what was converted; no image is read."""
    made = Conversions()
    monkeypatch.setattr(digits_module, "convert", made.convert)
    monkeypatch.setattr(fashion_module, "convert", made.convert)
    return made


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with one file by an official name."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t10k-labels-idx1-ubyte").write_bytes(b"one")
    return tmp_path / "files"


def digits(root: Path, source: str = "one", seed: int = 1) -> Path:
    """Prepare the digits and return the folder of the examples."""
    return prepare_digits(Preparation(DigitsInput(), DigitsTraining(), root, source, seed)).examples


def fashion_mnist(root: Path, files: Path, source: str = "one", **values: Any) -> Path:
    """Prepare the articles of clothing and return the folder of the examples."""
    chosen = FashionInput(data_dir=str(files), **values)
    return prepare_fashion_mnist(Preparation(chosen, ImagesTraining(), root, source, 1)).examples


def test_images_are_converted_once(conversions: Conversions, tmp_path: Path, files: Path) -> None:
    """The second preparation reads the report of the first."""
    first = digits(tmp_path), fashion_mnist(tmp_path, files)
    assert (digits(tmp_path), fashion_mnist(tmp_path, files)) == first
    assert conversions.folders == list(first)


def test_changed_source_converts_the_images_again(conversions: Conversions, tmp_path: Path, files: Path) -> None:
    """A reader of IDX files that was corrected must not leave the examples of the faulty one."""
    made = [digits(tmp_path), fashion_mnist(tmp_path, files), digits(tmp_path, "two"), fashion_mnist(tmp_path, files, "two")]
    assert conversions.folders == made
    assert len(set(made)) == 4


def test_another_seed_divides_the_digits_again(conversions: Conversions, tmp_path: Path) -> None:
    """It decides which are held out."""
    assert [digits(tmp_path), digits(tmp_path, seed=2)] == conversions.folders


def test_changed_file_or_another_limit_is_converted_again(conversions: Conversions, tmp_path: Path, files: Path) -> None:
    """A file by its size and time of change."""
    made = [fashion_mnist(tmp_path, files), fashion_mnist(tmp_path, files, train_rows=100)]
    (files / "t10k-labels-idx1-ubyte").write_bytes(b"other")
    assert [*made, fashion_mnist(tmp_path, files)] == conversions.folders


def test_configuration_of_another_task_is_a_defect(tmp_path: Path) -> None:
    """No user can repair it."""
    request = Preparation(TaskModel(), DigitsTraining(), tmp_path, "", 1)
    for prepare in (prepare_digits, prepare_fashion_mnist):
        with pytest.raises(TypeError, match="not of this task: TaskModel"):
            prepare(request)
