"""Folders that appear whole or not at all."""

import os
from pathlib import Path

import pytest

from data.conversion_report import REPORT_NAME
from data.folders import check_apart, check_replaceable, copy_folder, remove_partial, whole_folder
from fairgate.errors import InputError


def conversion(folder: Path) -> Path:
    """An earlier conversion."""
    (folder / "Split-train").mkdir(parents=True)
    for name in ("quarantine.jsonl", "Split-train/train-00000-of-00001.tfrecord.gz"):
        (folder / name).touch()
    (folder / REPORT_NAME).write_text('{"schema_version": 1, "sources": [], "splits": {}}', encoding="utf-8")
    return folder


def fill(output: Path) -> None:
    """Makes a folder with one file."""
    with whole_folder(output) as folder:
        (folder / "new").touch()


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def fail(output: Path) -> None:
    """Begins a folder, and fails."""
    with whole_folder(output) as folder:
        (folder / "half").touch()
        raise KeyError


def test_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    """With everything in it, in the place of the old one."""
    output = conversion(tmp_path / "made")
    with whole_folder(output) as folder:
        (folder / "new").touch()
        assert REPORT_NAME in names(output)
    assert names(tmp_path) == ["made"]
    assert names(output) == ["new"]


def test_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Not even a hidden folder."""
    with pytest.raises(KeyError):
        fail(tmp_path / "made")
    assert names(tmp_path) == []


@pytest.mark.parametrize("before", ["a conversion", "an empty folder", "nothing"])
def test_link_is_filled_and_stays(tmp_path: Path, before: str) -> None:
    """The folder that it leads to may be on another disk, where there is room."""
    target, link = tmp_path / "disk" / "converted", tmp_path / "link"
    if before == "a conversion":
        conversion(target)
    elif before == "an empty folder":
        target.mkdir(parents=True)
    link.symlink_to(target)
    fill(link)
    assert (link.is_symlink(), names(link), names(target.parent)) == (True, ["new"], ["converted"])


@pytest.mark.parametrize("name", ["we[ir]d *?", "a b", "'quoted\"", "#1 50%", "ünï×", "-dash", "line\n", "back\\slash"])
def test_name_is_a_name(tmp_path: Path, name: str) -> None:
    """Never a pattern."""
    output = conversion(tmp_path / name)
    fill(output)
    assert (names(tmp_path), names(output)) == ([name], ["new"])


def test_file_is_not_replaced(tmp_path: Path) -> None:
    """Nor a link to one."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with pytest.raises(InputError, match=rf"{name}: a file; name a folder"):
            fill(tmp_path / name)


def test_folder_with_other_content_is_not_replaced(tmp_path: Path) -> None:
    """Only what a conversion has written."""
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match="a folder with other content; name a new folder"):
        check_replaceable(tmp_path)


def test_conversion_with_a_file_of_the_users_is_not_replaced(tmp_path: Path) -> None:
    """The file would be lost; it is named."""
    (conversion(tmp_path / "made") / "notes.txt").touch()
    with pytest.raises(
        InputError, match=r"made: an earlier conversion, but notes\.txt is not of it and would be lost; move it away"
    ):
        check_replaceable(tmp_path / "made")


def fill_late(output: Path) -> None:
    """Makes a folder while somebody else makes one of the same name."""
    with whole_folder(output):
        output.mkdir()
        (output / "thesis.tex").touch()


def test_what_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """A conversion takes minutes."""
    with pytest.raises(InputError, match="a folder with other content"):
        fill_late(tmp_path / "made")
    assert names(tmp_path / "made") == ["thesis.tex"]


def test_root_of_a_disk_is_not_replaced() -> None:
    """It cannot be renamed; the message names a folder in it."""
    with pytest.raises(InputError, match=r"^/proc: the root of a disk, .* name a new folder in it, /proc/converted$"):
        check_replaceable(Path("/proc"))


def test_folder_of_another_user_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the rights would allow it, as to the superuser."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(InputError, match="another user's folder; name a new folder in it"):
        check_replaceable(tmp_path)


def test_working_folder_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell would be left in a folder that is gone."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    for path in (Path(), Path("..")):
        with pytest.raises(
            InputError, match=f"the folder that you are in cannot be replaced; name a new folder in it, {tmp_path}"
        ):
            check_replaceable(path)


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """Hidden half-made folders go, everything else stays."""
    for name in (".made.x1.partial", ".1800000000.partial", "1800000000", ".other", "sample.partial"):
        (tmp_path / name / "below").mkdir(parents=True)
    (tmp_path / ".file.partial").touch()
    (tmp_path / ".link.partial").symlink_to(".other")
    remove_partial(tmp_path)
    assert names(tmp_path) == [".file.partial", ".link.partial", ".other", "1800000000", "sample.partial"]
    remove_partial(tmp_path / "absent")


@pytest.mark.parametrize(("umask", "folder_mode", "file_mode"), [(0o002, 0o775, 0o664), (0o077, 0o700, 0o600)])
def test_modes_are_those_of_the_umask(tmp_path: Path, umask: int, folder_mode: int, file_mode: int) -> None:
    """Of a new folder, and of the copy of one whose modes are others."""
    source = tmp_path / "source"
    (source / "variables").mkdir(parents=True, mode=0o755)
    (source / "variables" / "index").touch(0o640)
    before = os.umask(umask)
    try:
        fill(tmp_path / "made")
        copy_folder(source, tmp_path / "copy")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "made", *(tmp_path / "copy").rglob("*"))}
    assert modes == {"made": folder_mode, "variables": folder_mode, "index": file_mode}


@pytest.mark.parametrize(("umask", "mode"), [(0o002, 0o2775), (0o022, 0o2755), (0o077, 0o2700)])
def test_folder_that_is_being_filled_has_those_modes_too(tmp_path: Path, umask: int, mode: int) -> None:
    """Workers of another user write in it, who have the group of the folder above."""
    tmp_path.chmod(0o2775)
    before = os.umask(umask)
    try:
        with whole_folder(tmp_path / "made") as draft:
            modes = [path.stat().st_mode & 0o7777 for path in (draft.parent, draft)]
    finally:
        os.umask(before)
    assert modes == [mode, mode]


@pytest.mark.parametrize(
    "name", ["my_labels.jsonl", "Split-notes/thesis.txt", "Split-train/mine.txt", "Split-train/train-00000-of-00001.csv"]
)
def test_a_file_that_looks_like_a_conversion_s_is_kept(tmp_path: Path, name: str) -> None:
    """Names are compared with those that a conversion writes, also inside of its splits."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    (tmp_path / REPORT_NAME).write_text('{"schema_version": 1, "sources": [], "splits": {}}', encoding="utf-8")
    with pytest.raises(InputError, match=f"{name} is not of it and would be lost"):
        check_replaceable(tmp_path)


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"made by": "another tool"}'])
def test_a_report_of_another_tool_makes_no_conversion(tmp_path: Path, text: str) -> None:
    (tmp_path / REPORT_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="a folder with other content"):
        check_replaceable(tmp_path)


def test_a_source_in_the_folder_that_is_replaced_is_refused(tmp_path: Path) -> None:
    """Also behind a link."""
    (tmp_path / "c" / "Split-train").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "c")
    with pytest.raises(InputError, match="which would be replaced; name another folder"):
        check_apart(tmp_path / "link", [tmp_path / "c" / "Split-train" / "a.gz"])
    check_apart(tmp_path / "d", [tmp_path / "c" / "Split-train" / "a.gz"])


@pytest.mark.parametrize("place", ["file/new", "file/deep/er/new"])
def test_a_folder_in_a_file_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as refused:
        check_replaceable(tmp_path / place)
    above = tmp_path / "file"
    assert str(refused.value) == f"{tmp_path / place}: {above} is a file, so no folder can be in it; name another folder"


@pytest.mark.parametrize("place", ["loop", "loop/new"])
def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=r"a link that leads back to itself; remove it, or name another folder$"):
        check_replaceable(tmp_path / place)


def test_a_folder_behind_a_link_that_leads_nowhere_yet_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "made")
    check_replaceable(tmp_path / "link" / "new")
