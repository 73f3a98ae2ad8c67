"""The blessing, as file and as property."""

from pathlib import Path

import pytest

from components.artifacts.blessing import read, write
from fairgate.errors import InputError
from fairgate.files import folder_digest


@pytest.mark.parametrize(("blessed", "file"), [(True, "BLESSED"), (False, "NOT_BLESSED")])
def test_blessing_reads_back(tmp_path: Path, blessed: bool, file: str) -> None:
    write(str(tmp_path / "7"), blessed)
    assert [path.name for path in (tmp_path / "7").iterdir()] == [file]
    assert read(str(tmp_path / "7"), folder_digest(tmp_path / "7"), blessed) is blessed


@pytest.mark.parametrize("blessed", [True, False])
def test_file_and_property_that_disagree_are_an_error(tmp_path: Path, blessed: bool) -> None:
    write(str(tmp_path), blessed)
    with pytest.raises(InputError, match="its metadata say"):
        read(str(tmp_path), folder_digest(tmp_path), not blessed)


def test_two_answers_are_an_error(tmp_path: Path) -> None:
    write(str(tmp_path), True)
    write(str(tmp_path), False)
    with pytest.raises(InputError, match="holds BLESSED, NOT_BLESSED, its metadata say blessed"):
        read(str(tmp_path), folder_digest(tmp_path), True)
