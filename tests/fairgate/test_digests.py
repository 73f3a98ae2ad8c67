"""Digests of files and folders."""

import hashlib
from pathlib import Path

import pytest

from fairgate.files import file_digest, folder_digest, hex_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files, one of them further down."""
    made = tmp_path / "model"
    (made / "variables").mkdir(parents=True)
    (made / "graph.pb").write_bytes(b"graph")
    (made / "variables" / "index").write_bytes(b"index")
    return made


@pytest.mark.parametrize("content", [b"", b"abc", bytes(3 << 20)])
def test_file_digest_is_the_sha_256_of_its_bytes(tmp_path: Path, content: bytes) -> None:
    """Of files larger than a block, too."""
    path = tmp_path / "file"
    path.write_bytes(content)
    assert hex_digest(path) == hashlib.sha256(content).hexdigest()
    assert file_digest(path) == "sha256:" + hex_digest(path)


def test_known_digest(tmp_path: Path) -> None:
    """FIPS 180-2, appendix B.1."""
    (tmp_path / "abc").write_text("abc")
    assert file_digest(tmp_path / "abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_folder_digest_covers_names_and_contents(folder: Path) -> None:
    """In the order of the names."""
    lines = [f"{name}\0{file_digest(folder / name)}\n" for name in ("graph.pb", "variables/index")]
    assert folder_digest(folder) == "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def test_copy_has_the_same_digest(folder: Path, tmp_path: Path) -> None:
    """Neither the folder's own name nor times count."""
    before = folder_digest(folder)
    assert folder_digest(folder.rename(tmp_path / "moved")) == before


@pytest.mark.parametrize("change", ["content", "name", "place", "more", "less"])
def test_any_change_changes_the_digest(folder: Path, change: str) -> None:
    """Of a byte, a name, a place, the number of files."""
    before = folder_digest(folder)
    graph = folder / "graph.pb"
    if change == "content":
        graph.write_bytes(b"Graph")
    elif change == "name":
        graph.rename(folder / "graph.pb2")
    elif change == "place":
        graph.rename(folder / "variables" / "graph.pb")
    elif change == "more":
        (folder / "empty").touch()
    else:
        graph.unlink()
    assert folder_digest(folder) != before


@pytest.mark.parametrize("digest", [file_digest, folder_digest])
def test_what_is_absent_has_no_digest(tmp_path: Path, digest: object) -> None:
    """A model that is gone must not look like an empty one."""
    assert callable(digest)
    with pytest.raises(FileNotFoundError):
        digest(tmp_path / "nothing")


def test_empty_folder_has_a_digest(tmp_path: Path) -> None:
    """It is the digest of no bytes."""
    assert folder_digest(tmp_path) == "sha256:" + hashlib.sha256(b"").hexdigest()
