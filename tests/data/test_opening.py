"""Opening files of examples: compression, encodings, pipes and devices."""

import bz2
import gzip
import lzma
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data import opening
from data.opening import check_encoding, open_content, open_text, stored
from fairgate.errors import InputError

Compress = Callable[[bytes], bytes]
COMPRESSIONS: dict[str, Compress] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
CONTENT = b"comment_text\nfine\n" * 1000


def write(folder: Path, content: bytes) -> Path:
    """A file whose name says nothing."""
    path = folder / "a"
    path.write_bytes(content)
    return path


def read(path: Path) -> bytes:
    with open_content(path) as file:
        return file.read()


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_content_decides_about_the_compression(tmp_path: Path, compress: Compress) -> None:
    """Several streams in a row are one content, and an empty one is empty."""
    assert read(write(tmp_path, compress(CONTENT) + compress(b"more"))) == CONTENT + b"more"
    assert read(write(tmp_path, compress(b""))) == b""


def test_what_only_begins_like_bzip2_is_plain(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"BZh9 is a flight\n")) == b"BZh9 is a flight\n"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_compressed_file_that_is_cut_off_is_damaged(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, COMPRESSIONS[name](os.urandom(5000))[:-20])
    with pytest.raises(InputError, match=f"{path}: damaged {name} file .*; fetch or export it again"):
        read(path)


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_compressed_file_with_other_bytes_within_is_damaged(tmp_path: Path, name: str) -> None:
    content = COMPRESSIONS[name](os.urandom(5000))
    path = write(tmp_path, content[:2000] + b"\xff" * 20 + content[2020:])
    with pytest.raises(InputError, match=f"{path}: damaged {name} file"):
        read(path)


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Beyond a free amount, a file may not expand more than 200 times."""
    monkeypatch.setattr(opening, "_FREE_BYTES", 1000)
    with pytest.raises(InputError, match=f"damaged {name} file .it expands to more than 200 times its size"):
        read(write(tmp_path, COMPRESSIONS[name](bytes(3_000_000))))


def test_an_error_of_the_disk_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(gzip.GzipFile, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        read(write(tmp_path, gzip.compress(CONTENT)))


def test_messages_name_the_file_as_it_was_given(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(CONTENT)[:-9])
    with pytest.raises(InputError, match=r"^the pipe: damaged gzip file"), open_content(path, "the pipe") as file:
        file.read()


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        (b"caf\xc3\xa9", "", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "cp1252", "café"),
        ("café".encode("utf-16"), "", "café"),
        (b"\xfe\xff" + "café".encode("utf-16-be"), "", "café"),
        ("café".encode("utf-32"), "", "café"),
        ("café".encode("utf-16-le"), "utf-16-le", "café"),
        (b"caf\xe9 \x80", "cp1252", "café €"),
        ("猫".encode("shift_jis"), "shift_jis", "猫"),
        (b"caf\xe9", "", "caf\udce9"),
        (b"a\x81b", "cp1252", "a\udcffb"),
        (b"a\0b\0c", "utf-16-le", "ab\udcff"),
        (b"a\0\x00\xd8b\0", "utf-16-le", "a\udcff\udcffb"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str, text: str) -> None:
    """A byte-order mark precedes the named encoding; what is not of it becomes lone surrogates."""
    with open_text(write(tmp_path, content), encoding) as file:
        assert file.read() == text


@pytest.mark.parametrize("encoding", ["", "utf-8", "latin-1", "CP1252", "utf-16"])
def test_known_encodings(encoding: str) -> None:
    check_encoding(encoding)


@pytest.mark.parametrize("encoding", ["windows", "rot13", "base64", "idna", "unicode-escape", "a\0"])
def test_unknown_encodings_are_refused(encoding: str) -> None:
    """And those that are none of text files."""
    with pytest.raises(InputError, match=r"there is no encoding .*; give for example --encoding cp1252, latin-1"):
        check_encoding(encoding)


def fifo(path: Path, content: bytes) -> Path:
    """A named pipe into which a thread writes once."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(content,), daemon=True).start()
    return path


def test_a_pipe_is_read_once_and_kept(tmp_path: Path) -> None:
    pipe = fifo(tmp_path / "pipe", gzip.compress(CONTENT))
    kept = stored(pipe)
    assert kept.is_file()
    assert (read(pipe), read(pipe), stored(pipe)) == (CONTENT, CONTENT, kept)


def test_a_regular_file_is_read_where_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, CONTENT)
    assert stored(path) == path


def test_devices_without_end_are_refused() -> None:
    """The one that is always empty is read."""
    with pytest.raises(InputError, match="/dev/zero: a device, not a file; give a file or a pipe"):
        stored(Path("/dev/zero"))
    assert read(Path(os.devnull)) == b""


def test_a_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    """So that each reader may say what it wants instead."""
    with pytest.raises(IsADirectoryError):
        stored(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "UTF-16"])
def test_without_a_mark_the_usual_order_of_bytes_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("Grüße".encode(f"{encoding.lower()}-le"))
    with open_text(tmp_path / "a.csv", encoding) as text:
        assert text.read() == "Grüße"
