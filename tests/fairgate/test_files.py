"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from fairgate.files import replace_file, replace_text


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """UTF-8 with plain line feeds, readable for others, and nothing beside it."""
    path = tmp_path / "verdict.md"
    path.write_text("old")
    replace_text(path, "gender × race\nline\n")
    assert path.read_bytes() == "gender × race\nline\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


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
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o644)
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
