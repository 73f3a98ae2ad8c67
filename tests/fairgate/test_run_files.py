"""Files of a run folder that somebody else may have written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fairgate import run_files
from fairgate.errors import InputError
from fairgate.run_files import inside, is_there, read_bytes, read_json, read_text


def test_a_file_is_read(tmp_path: Path) -> None:
    """As bytes, as text, as values."""
    path = tmp_path / "a.json"
    path.write_bytes('{"é": [1, -2.5, null, true, "\\u00e9"]}'.encode())
    assert read_bytes(path) == path.read_bytes()
    assert read_text(path) == '{"é": [1, -2.5, null, true, "\\u00e9"]}'
    assert read_json(path) == {"é": [1, -2.5, None, True, "é"]}


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda _: None, "No such file or directory"),
    "a FIFO": (os.mkfifo, "it is not a regular file"),
    "a folder": (Path.mkdir, "it is not a regular file"),
    "a link to a file": (link_to("other"), "it is a symbolic link, not a file"),
    "a link to a device": (link_to("/dev/zero"), "it is a symbolic link, not a file"),
    "a link to itself": (link_to("a.json"), "it is a symbolic link, not a file"),
    "five bytes": (lambda path: path.write_bytes(b"12345"), "it has 5 bytes, more than the 4 that are read"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_named_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    """With the remedy."""
    make, message = NO_FILES[kind]
    (tmp_path / "other").write_text("{}")
    make(tmp_path / "a.json")
    with pytest.raises(InputError) as error:
        read_bytes(tmp_path / "a.json", limit=4)
    remedy = "Restore the file, run the pipeline again, or name another report."
    assert str(error.value) == f"Cannot read {tmp_path / 'a.json'}: {message}. {remedy}"


def test_a_name_that_no_file_has_is_refused() -> None:
    """A NUL ends names."""
    with pytest.raises(InputError, match="no file can have this name"):
        read_bytes(Path("a\0b"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "it is not UTF-8 text"),
        (b"", "Expecting value"),
        (b"{} {}", "Extra data"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice in one object"),
        (b'[{"b": {"a": 1, "a": 2}}]', "the key 'a' stands twice in one object"),
        (b"NaN", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"1e999", "the number 1e999 is too large"),
        (b"-1e999", "the number -1e999 is too large"),
        (b"9" * 5000, "has more than 18 digits"),
        (b"-1234567890123456789", "the number -1234567890123456789 has more than 18 digits"),
        (b'"\\ud800"', "surrogates not allowed"),
        (b'"\x01"', "Invalid control character"),
        (b"[" * 41 + b"]" * 41, "it nests deeper than 40 levels"),
        (b'{"a":' * 41 + b"1" + b"}" * 41, "it nests deeper than 40 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "it nests deeper than 40 levels"),
    ],
)
def test_json_is_read_strictly(content: bytes, message: str, tmp_path: Path) -> None:
    """What other readers would guess, or choke on, is refused."""
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json") as error:
        read_json(tmp_path / "a.json")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "value"),
    [(b'"\\ud83d\\ude00"', "\U0001f600"), (b"-123456789012345678", -123456789012345678), (b"[" * 40 + b"]" * 40, None)],
)
def test_what_lies_within_the_limits_is_read(content: bytes, value: object, tmp_path: Path) -> None:
    """A whole pair of surrogates, 18 digits, 40 levels."""
    (tmp_path / "a.json").write_bytes(content)
    found = read_json(tmp_path / "a.json")
    assert found == value or value is None


def test_a_path_inside_is_resolved(tmp_path: Path) -> None:
    """Links within the root are followed; the root itself may be one."""
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "root" / "b").symlink_to("a")
    (tmp_path / "link").symlink_to("root")
    assert inside(tmp_path / "link", tmp_path / "link" / "b" / "new") == tmp_path / "root" / "a" / "new"


@pytest.mark.parametrize("entry", ["../elsewhere", "out", "/etc"])
def test_a_path_outside_is_refused(entry: str, tmp_path: Path) -> None:
    """By the name that leads there, and where it leads."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to("..")
    with pytest.raises(InputError, match=rf"{entry} leads to .*, outside of .*root\. Remove the link"):
        inside(tmp_path / "root", tmp_path / "root" / entry)


def test_a_loop_of_links_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python before 3.13 raises for one."""
    monkeypatch.setattr(Path, "resolve", lambda _: (_ for _ in ()).throw(RuntimeError("Symlink loop")))
    with pytest.raises(InputError, match="Symlink loop"):
        inside(tmp_path, tmp_path / "a")


def test_a_link_that_leads_nowhere_is_there(tmp_path: Path) -> None:
    """It is not taken for a part that was not measured."""
    (tmp_path / "a").symlink_to("nowhere")
    assert (is_there(tmp_path / "a"), is_there(tmp_path / "b")) == (True, False)


def test_the_limit_is_named_in_one_place() -> None:
    """A verdict of millions of slices would still be read."""
    assert run_files.MAX_BYTES == 256 * 2**20
