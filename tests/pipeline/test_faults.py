"""Faults of the machine: their messages, and that nothing else is mistaken for one."""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from fairgate.errors import InputError
from pipeline import faults
from pipeline.faults import check_metadata, explain


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with something in it."""
    path = tmp_path / "metadata.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE Type (name TEXT)")
        connection.executemany("INSERT INTO Type VALUES (?)", [(f"name {number}",) for number in range(5000)])
        connection.commit()
    return path


def test_database_that_is_in_order(database: Path) -> None:
    """Looking does not change it; where there is none, a run makes one."""
    before = database.read_bytes()
    check_metadata(database)
    assert database.read_bytes() == before
    check_metadata(database.with_name("absent.sqlite"))
    assert not database.with_name("absent.sqlite").exists()


def cut_off(content: bytes) -> bytes:
    """Half of it."""
    return content[: len(content) // 2]


def garbled(content: bytes) -> bytes:
    """Other bytes behind the header."""
    return content[:100] + bytes(byte ^ 0x5A for byte in content[100:])


def foreign(content: bytes) -> bytes:
    """Something else altogether."""
    return b"no database " * (len(content) // 12)


@pytest.mark.parametrize("damage", [cut_off, garbled, foreign])
def test_damaged_database(database: Path, damage: Callable[[bytes], bytes]) -> None:
    """The message says what to move away, and what stays."""
    database.write_bytes(damage(database.read_bytes()))
    with pytest.raises(InputError, match=r"metadata\.sqlite: damaged \(.*move it and the folder artifacts/ away and run again"):
        check_metadata(database)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_PATIENCE", 0.01)


@pytest.mark.usefixtures("_impatient")
def test_database_that_another_program_holds(database: Path) -> None:
    """As a browser of databases does."""
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError, match=r"metadata\.sqlite: locked by another program; close it and run again"):
            check_metadata(database)
    check_metadata(database)


def test_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    """It cannot be opened."""
    (tmp_path / "metadata.sqlite").mkdir()
    with pytest.raises(InputError, match=r"metadata\.sqlite: cannot be written"):
        check_metadata(tmp_path / "metadata.sqlite")


def wrapped(error: Exception, *, explicitly: bool) -> Exception:
    """The error as the cause or the context of another."""
    try:
        try:
            raise error
        except Exception as inner:
            if explicitly:
                raise ValueError("a step failed") from inner
            raise KeyError("while tidying up")  # noqa: B904  # that is the case
    except Exception as outer:
        return outer


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
ROOT = Path("runs/digits")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FULL, "no space left on the disk"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "no space left on the disk"),
        (RuntimeError("OSError: [Errno 28] No space left on device [while running 'Write']"), "no space left on the disk"),
        (RuntimeError("Error when executing query: database or disk is full query: INSERT"), "no space left on the disk"),
        (wrapped(FULL, explicitly=True), "no space left on the disk"),
        (wrapped(FULL, explicitly=False), "no space left on the disk"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "the disk is read-only"),
        (RuntimeError("attempt to write a readonly database"), "the disk is read-only"),
        (RuntimeError("Error when executing query: database is locked"), "another program locked the metadata"),
    ],
)
def test_fault_is_told_with_its_remedy(error: Exception, message: str) -> None:
    """However a library has wrapped it; and that the same command goes on."""
    found = explain(error, ROOT)
    assert str(found).startswith(f"{ROOT}: ")
    assert message in str(found)
    assert str(found).endswith("the same command continues from there.")


@pytest.mark.parametrize("error", [ValueError("shapes differ"), KeyError("x"), OSError(errno.ENOENT, "No such file", "a")])
def test_other_errors_are_left_alone(error: Exception) -> None:
    """A crash is a crash."""
    assert explain(error, ROOT) is None


def test_error_that_is_its_own_context() -> None:
    """No endless walk."""
    error = ValueError("a")
    error.__context__ = error
    assert explain(error, ROOT) is None


MISTAKE = InputError("runs/a/9: changed; remove it and run again.")


@pytest.mark.parametrize(
    "error",
    [
        MISTAKE,
        wrapped(MISTAKE, explicitly=True),
        wrapped(MISTAKE, explicitly=False),
        RuntimeError(f"Traceback (most recent call last):\n  File ...\nfairgate.errors.InputError: {MISTAKE}\n"),
        RuntimeError(f"Traceback:\nfairgate.errors.InputError: {MISTAKE} [while running 'Score']\n\nTraceback: again"),
    ],
    ids=["as raised", "as the cause", "as the context", "as text", "as text of Beam"],
)
def test_mistake_inside_a_step_keeps_its_words(error: Exception) -> None:
    assert str(explain(error, ROOT)) == str(MISTAKE)


def test_mistake_that_beam_raises_again_loses_the_name_of_the_transform() -> None:
    again = InputError(f"{MISTAKE} [while running 'Score']")
    again.__cause__ = MISTAKE
    assert explain(again, ROOT) is MISTAKE
