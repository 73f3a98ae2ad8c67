"""Folders that appear whole or not at all."""

from pathlib import Path

import pytest

from data.folders import remove_partial, whole_folder


def fail(output: Path) -> None:
    """Begins a folder, and fails."""
    with whole_folder(output) as folder:
        (folder / "half").touch()
        raise KeyError


def test_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    """With everything in it, in the place of the old one."""
    output = tmp_path / "made"
    output.mkdir()
    (output / "old").touch()
    with whole_folder(output) as folder:
        (folder / "new").touch()
        assert [path.name for path in output.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert [path.name for path in output.iterdir()] == ["new"]


def test_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Not even a hidden folder."""
    with pytest.raises(KeyError):
        fail(tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """Hidden half-made folders go, everything else stays."""
    for name in (".made.x1.partial", ".1800000000.partial", "1800000000", ".other", "sample.partial"):
        (tmp_path / name / "below").mkdir(parents=True)
    remove_partial(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other", "1800000000", "sample.partial"]
    remove_partial(tmp_path / "absent")
