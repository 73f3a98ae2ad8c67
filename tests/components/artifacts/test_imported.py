"""Examples that an artifact names instead of holding them."""

from pathlib import Path

import pytest

from components.artifacts.imported import POINTER, resolved, split_names, write_pointer
from fairgate.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one file in each split."""
    for split in ("train", "eval"):
        (tmp_path / "examples" / f"Split-{split}").mkdir(parents=True)
        (tmp_path / "examples" / f"Split-{split}" / f"{split}-00000-of-00001.tfrecord.gz").touch()
    return tmp_path / "examples"


def test_named_folder_is_found(folder: Path, tmp_path: Path) -> None:
    """The artifact holds the name alone."""
    write_pointer(tmp_path / "artifact", folder)
    assert [path.name for path in (tmp_path / "artifact").iterdir()] == [POINTER]
    assert resolved(str(tmp_path / "artifact")) == str(folder)


def test_artifact_that_holds_its_content_is_itself(folder: Path) -> None:
    """As on one machine."""
    assert resolved(str(folder)) == str(folder)
    assert resolved("gs://bucket/model") == "gs://bucket/model"


@pytest.mark.parametrize("split", ["train", "eval"])
def test_folder_without_a_split_is_refused(folder: Path, tmp_path: Path, split: str) -> None:
    """Before anything reads it: the folder of an older conversion, or a mistyped one."""
    (folder / f"Split-{split}").rename(folder / split)
    with pytest.raises(InputError, match=rf"{folder}: no file Split-{split}/\*\.tfrecord\.gz; name a folder that"):
        write_pointer(tmp_path / "artifact", folder)
    assert not (tmp_path / "artifact").exists()


def test_splits_are_read_from_the_folder(folder: Path, tmp_path: Path) -> None:
    """In the order train, validation, eval; a validation split must have a file, too."""
    assert split_names(folder) == '["train", "eval"]'
    (folder / "Split-validation").mkdir()
    assert split_names(folder) == '["train", "validation", "eval"]'
    with pytest.raises(InputError, match=rf"{folder}: no file Split-validation/\*\.tfrecord\.gz; name a folder that"):
        write_pointer(tmp_path / "artifact", folder)
    (folder / "Split-validation" / "validation-00000-of-00001.tfrecord.gz").touch()
    write_pointer(tmp_path / "artifact", folder)
