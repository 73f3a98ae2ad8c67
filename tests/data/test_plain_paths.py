"""Plain names for what TensorFlow would take for patterns."""

import os
import tempfile
from pathlib import Path

import pytest

from data import plain_paths
from data.plain_paths import PlainName, is_plain, kept_name, plain, real_name
from fairgate.errors import InputError

ODD = ("we[ir]d", "a*b", "what?", "back\\slash", os.fsdecode(b"latin\xe9"))
PLAIN = ("a b", "it's", '"quoted"', "#1 100%", "ünï ×", "-dash", "line\n", "a{b}c", "comma,at@2", "$HOME", "]")


@pytest.mark.parametrize("name", ODD)
def test_odd_name_has_a_plain_link(tmp_path: Path, name: str) -> None:
    """It leads to the folder, for as long as the block lasts."""
    (tmp_path / name).mkdir()
    with plain(tmp_path / name) as path:
        assert is_plain(path)
        assert path.samefile(tmp_path / name)
    assert not path.parent.exists()


@pytest.mark.parametrize("name", PLAIN)
def test_plain_name_stays(tmp_path: Path, name: str) -> None:
    """Spaces, quotes, signs of other programs: TensorFlow, Beam and TFX take them for what they are."""
    with plain(tmp_path / name) as path:
        assert path == tmp_path / name
    assert kept_name(tmp_path / name) == PlainName(tmp_path / name, tmp_path / name)


def test_kept_name_is_the_same_in_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the link was removed in between, or the session has temporary files elsewhere."""
    folder = tmp_path / "we[ir]d"
    first = kept_name(folder)
    assert (is_plain(first.path), first.path.readlink()) == (True, folder)
    first.path.unlink()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert kept_name(folder) == first
    assert kept_name(tmp_path / "other?").path != first.path
    for made in (first, kept_name(tmp_path / "other?")):
        made.path.unlink()


def test_the_real_name_of_what_lies_below_a_kept_name(tmp_path: Path) -> None:
    named = kept_name(tmp_path / "we[ir]d")
    assert real_name(named.path / "artifacts" / "1") == tmp_path / "we[ir]d" / "artifacts" / "1"
    assert real_name(tmp_path / "1") == tmp_path / "1"
    named.path.unlink()
    named.path.symlink_to(tmp_path)  # not the link that would stand in for that folder
    assert real_name(named.path / "1") == named.path / "1"
    named.path.unlink()


def test_paths_and_messages_have_the_real_name() -> None:
    named = PlainName(Path("/data/we[ir]d"), Path("/links/ab"))
    assert named.place(Path("/links/ab/reports/1")) == Path("/data/we[ir]d/reports/1")
    assert named.place(Path("/elsewhere")) == Path("/elsewhere")
    assert named.words("/links/ab/latest: damaged") == "/data/we[ir]d/latest: damaged"
    assert PlainName(Path("/a"), Path("/a")).words("/a") == "/a"


def private(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets `folder` be the one for temporary files; its private folder."""
    monkeypatch.setattr(plain_paths, "_TEMPORARY", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder / f"fairgate-{os.geteuid()}"


@pytest.mark.parametrize("made", ["for all", "a link", "a file"])
def test_folder_that_others_can_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str) -> None:
    """Somebody else could lead the run elsewhere. The message names the character, the folder and the remedy."""
    place = private(tmp_path, monkeypatch)
    if made == "for all":
        place.mkdir(mode=0o755)
    elif made == "a link":
        (tmp_path / "other").mkdir(mode=0o700)
        place.symlink_to("other")
    else:
        place.touch()
    for use in (kept_name, lambda path: plain(path).__enter__()):
        with pytest.raises(
            InputError, match=rf"what\?: TensorFlow takes \? for a pattern, .*{place.name}: .*; name another folder"
        ):
            use(Path("/data/what?"))


def test_temporary_folder_with_an_odd_name_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private(tmp_path / "*", monkeypatch)
    with pytest.raises(
        InputError,
        match=r"TensorFlow takes a character that is no UTF-8 for a pattern, and no link can stand in .no temporary folder",
    ):
        kept_name(Path(os.fsdecode(b"/data/latin\xe9")))


def test_link_that_leads_elsewhere_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor replaced."""
    private(tmp_path, monkeypatch)
    link = kept_name(tmp_path / "a*").path
    link.unlink()
    link.symlink_to(tmp_path)
    with pytest.raises(InputError, match="it leads elsewhere"):
        kept_name(tmp_path / "a*")
