"""Files are written whole or not at all."""

import os
import subprocess
from pathlib import Path

import pytest

from fairgate.files import destination, removal, replace_file, replace_text


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """UTF-8 with plain line feeds, and nothing beside it."""
    path = tmp_path / "verdict.md"
    path.write_text("old")
    replace_text(path, "gender × race\nline\n")
    assert path.read_bytes() == "gender × race\nline\n".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600), (0o027, 0o640)])
def test_mode_of_a_file_is_that_of_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    """As of every other file that a program of the user's writes, whatever the mode of the file before was."""
    path = tmp_path / "verdict.md"
    path.touch(0o600)
    before = os.umask(umask)
    try:
        replace_text(path, "new")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode


def test_text_that_is_no_utf_8_is_replaced(tmp_path: Path) -> None:
    """A file name of another encoding in a message must not lose the verdict."""
    replace_text(tmp_path / "verdict.md", "caf\udce9.csv")
    assert (tmp_path / "verdict.md").read_text(encoding="utf-8") == "caf?.csv"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old content and no temporary file."""
    path = tmp_path / "verdict.md"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_text(path, "new")
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("verdict.md", "old")]


def test_any_file_can_be_replaced(tmp_path: Path) -> None:
    """What is written goes to an empty file beside it, which then takes its name."""
    path = tmp_path / "metrics.parquet"
    path.write_bytes(b"old")

    def write(temporary: Path) -> None:
        assert (temporary.parent, temporary.read_bytes(), path.read_bytes()) == (tmp_path, b"", b"old")
        temporary.write_bytes(b"new")

    replace_file(path, write)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    """Also an interrupt from the keyboard; its error is raised."""
    path = tmp_path / "metrics.parquet"
    path.write_bytes(b"old")

    def write(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_file(path, write)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("metrics.parquet", b"old")]


def test_link_in_a_run_folder_is_replaced(tmp_path: Path) -> None:
    """The folder may be somebody else's, and the link lead to a file of the user's."""
    mine, link = tmp_path / "mine", tmp_path / "report.html"
    mine.write_text("mine")
    link.symlink_to(mine)
    replace_text(link, "page")
    assert (mine.read_text(), link.read_text(), link.is_symlink()) == ("mine", "page", False)


@pytest.mark.parametrize("exists", [True, False])
def test_link_that_the_user_names_is_filled(tmp_path: Path, exists: bool) -> None:
    """Also where its target does not exist yet."""
    target, link = tmp_path / "results" / "verdict.xml", tmp_path / "verdict.xml"
    target.parent.mkdir()
    if exists:
        target.touch()
    link.symlink_to(target)
    replace_text(destination(link), "new")
    assert (target.read_text(), link.is_symlink()) == ("new", True)


def test_device_or_pipe_is_not_replaced(tmp_path: Path) -> None:
    """A file renamed over /dev/null would break the machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "loop").symlink_to("loop")
    for path in (pipe, Path("/dev/null"), tmp_path, tmp_path / "loop"):
        with pytest.raises(OSError, match="not a regular file; name another"):
            destination(path)


@pytest.mark.parametrize("name", ["plain", "a b", "it's", "we[ir]d *?", "$(touch hacked)", "-rf", "line\n"])
def test_removal_can_be_typed(tmp_path: Path, name: str) -> None:
    """The shell removes the folder that is meant, and nothing else."""
    for folder in (name, "a", "b", "weird x"):
        (tmp_path / folder).mkdir(exist_ok=True)
    subprocess.run(["/bin/sh", "-c", removal(name).strip("`")], cwd=tmp_path, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "weird x"}
