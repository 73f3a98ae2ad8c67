"""The root folder of a run, before the run."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from fairgate.errors import InputError
from pipeline import roots
from pipeline.roots import check_root, locked


def test_new_and_used_roots_are_taken(tmp_path: Path) -> None:
    """Also a folder in which something else lies; it stays."""
    root = tmp_path / "new" / "root"
    check_root(root)
    (root / "notes.txt").touch()
    (root / "reports" / "1").mkdir(parents=True)
    (root / "latest").symlink_to("reports/1")
    check_root(root)
    assert sorted(path.name for path in root.iterdir()) == [".lock", "latest", "notes.txt", "reports"]


def test_root_of_another_run_is_refused(tmp_path: Path) -> None:
    """Before the import that takes ten seconds."""
    with locked(tmp_path), pytest.raises(InputError, match="Another run is using"):
        check_root(tmp_path)


@pytest.mark.parametrize("name", ["artifacts", "examples", "serving", "reports"])
def test_file_in_the_place_of_a_folder_is_named(tmp_path: Path, name: str) -> None:
    """And stays."""
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=f"{name}: not a folder, as a run needs here; move it away, or name another --root"):
        check_root(tmp_path)
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_called_latest_is_not_replaced(tmp_path: Path, is_folder: bool) -> None:
    """Only a link is a run's."""
    (tmp_path / "latest").mkdir() if is_folder else (tmp_path / "latest").touch()
    with pytest.raises(InputError, match=r"latest: not the link of an earlier run; move it away, or name another folder"):
        check_root(tmp_path)


def test_root_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file cannot be written \(File exists\); name another folder with --root"):
        check_root(tmp_path / "file")


def test_damaged_metadata_are_named(tmp_path: Path) -> None:
    (tmp_path / "metadata.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match=r"metadata\.sqlite: damaged"):
        check_root(tmp_path)


def test_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fits into what is left may still fill it; that ends with its own message."""
    usage = namedtuple("usage", "total used free")
    message = r"63 MB left on the disk, a run needs 64 MB or more\. Free some, or name a folder"
    for free, refused in ((roots.LEAST_FREE, False), (roots.LEAST_FREE - 1, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(1 << 40, 0, free))
        if refused:
            with pytest.raises(InputError, match=message):
                check_root(tmp_path)
        else:
            check_root(tmp_path)


def test_lock_leaves_the_file_behind_a_link(tmp_path: Path) -> None:
    """The root may be somebody else's, and the link lead to a file of the user's."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".lock").symlink_to("mine")
    with locked(tmp_path):
        assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is writable for the superuser")
def test_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot be written \(Permission denied\); name another folder with --root"):
        check_root(tmp_path)
