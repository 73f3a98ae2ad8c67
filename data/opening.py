"""Open a file of examples, whatever it is: a regular file or a pipe, plain or compressed, of any text encoding.

In: a path as the user gave it. Out: uncompressed bytes, or characters. Content decides about compression and byte-order mark, not
the name. A pipe is read once, to a temporary file of this process. Imports nothing heavy.
"""

import atexit
import bz2
import codecs
import errno
import gzip
import io
import lzma
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

from fairgate.errors import InputError

UNDECODABLE = "\udcff"  # stands for bytes that are not of the encoding; surrogates mark unreadable text

_MAX_EXPANSION = 200  # of a compressed file beyond _FREE_BYTES; comments shrink to a third or a fifth, a bomb to a thousandth
_FREE_BYTES = 1 << 30
_BUFFER_BYTES = 1 << 17
_START_BYTES = 16
_MARKS = (  # of UTF-32 first: the one of UTF-16 begins like it
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPES = frozenset(("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"))  # text encodings for Python only


@dataclass(frozen=True)
class TextFormat:
    """How a text file is to be read.

    Attributes:
        delimiter: character between the cells of a table; "" to detect it.
        encoding: of the bytes; "" for UTF-8. A byte-order mark takes precedence.
    """

    delimiter: str = ""
    encoding: str = ""


DETECTED = TextFormat()


@dataclass(frozen=True)
class _Compression:
    name: str
    is_start: Callable[[bytes], bool]
    open: Callable[[IO[bytes]], IO[bytes]]


def _is_bzip2(start: bytes) -> bool:
    return start[:3] == b"BZh" and start[3:4].isdigit() and start[4:10] in (b"1AY&SY", b"\x17rE8P\x90")  # a block, or none


_COMPRESSIONS = (
    _Compression("gzip", lambda start: start.startswith(b"\x1f\x8b"), lambda raw: cast(IO[bytes], gzip.GzipFile(fileobj=raw))),
    _Compression("bzip2", _is_bzip2, lambda raw: cast(IO[bytes], bz2.BZ2File(raw))),
    _Compression("xz", lambda start: start.startswith(b"\xfd7zXZ\0"), lambda raw: cast(IO[bytes], lzma.LZMAFile(raw))),  # noqa: SIM115  # its opener closes it
)


def compression(start: bytes) -> str:
    """Return how a file with these first bytes is compressed: "gzip", "bzip2" or "xz"; "" if it is not."""
    return next((each.name for each in _COMPRESSIONS if each.is_start(start)), "")


def stored(path: Path) -> Path:
    """Return the path of a regular file with the content: the path itself, or of a pipe the copy made when it was first read.

    Copies lie in the folder for temporary files and are removed when the process ends.

    Raises:
        InputError: a device that may have no end.
        OSError: there is no such file, it is a folder, or it cannot be read.
    """
    found = path.stat()
    if stat.S_ISREG(found.st_mode):
        return path
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISBLK(found.st_mode) or (stat.S_ISCHR(found.st_mode) and not _ends(path)):
        raise InputError(f"{path}: a device, not a file; give a file or a pipe")
    return _copied(path, found.st_dev, found.st_ino)


def _ends(path: Path) -> bool:
    """Return whether the character device is a terminal or the one that is always empty."""
    with path.open("rb", buffering=0) as device:
        return device.isatty() or path.resolve() == Path(os.devnull)


@cache
def _copied(path: Path, device: int, inode: int) -> Path:  # device and inode: another pipe may come under the same path
    copy = _copies() / f"{device}-{inode}"
    with path.open("rb") as pipe, copy.open("wb") as file:
        shutil.copyfileobj(pipe, file)
    return copy


@cache
def _copies() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fairgate-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class _Expanded(io.RawIOBase):
    """The uncompressed bytes of a compressed file; refuses damage, and to expand without end (a bomb)."""

    def __init__(self, raw: IO[bytes], method: _Compression, named: object) -> None:
        self._file = method.open(raw)
        self._what = f"{named}: damaged {method.name} file"
        self._left = _FREE_BYTES + _MAX_EXPANSION * os.fstat(raw.fileno()).st_size

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # any writable buffer
        try:
            chunk = self._file.read(len(buffer))
        except (zlib.error, lzma.LZMAError, EOFError, MemoryError, OSError) as error:
            if isinstance(error, OSError) and error.errno:  # of the disk, not of the content
                raise
            raise self._damaged(error or type(error).__name__) from None
        self._left -= len(chunk)
        if self._left < 0:
            raise self._damaged(f"it expands to more than {_MAX_EXPANSION} times its size")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _damaged(self, reason: object) -> InputError:
        return InputError(f"{self._what} ({reason}); fetch or export it again")


@contextmanager
def open_content(path: Path, named: object = None) -> Iterator["io.BufferedReader[Any]"]:
    """Open the file's uncompressed bytes; its first bytes, not its name, show whether it is compressed with gzip, bzip2 or xz.

    Args:
        path: of the file or pipe.
        named: what messages call it, if that is not its path.

    Raises:
        InputError: the compressed stream is damaged, cut off or a bomb (while reading); or as `stored`.
        OSError: the file cannot be read.
    """
    with stored(path).open("rb") as raw:
        start = raw.read(_START_BYTES)
        raw.seek(0)
        method = next((each for each in _COMPRESSIONS if each.is_start(start)), None)
        if method is None:
            yield raw
            return
        with io.BufferedReader(_Expanded(raw, method, named or path), _BUFFER_BYTES) as file:
            yield file


@contextmanager
def open_text(path: Path, encoding: str = "", named: object = None) -> Iterator[io.TextIOWrapper]:
    r"""Open the file's characters; lines end at \n, \r\n or \r, and keep their ends.

    Bytes that are not of the encoding become lone surrogates: of UTF-8 those of `surrogateescape`, otherwise UNDECODABLE.

    Args:
        path: of the file or pipe, plain or compressed.
        encoding: as of `TextFormat`.
        named: what messages call the file, if that is not its path.

    Raises:
        InputError, OSError: as `open_content`.
    """
    codecs.register_error(_mark_undecodable.__name__, _mark_undecodable)
    with open_content(path, named) as file:
        chosen = marked_encoding(file.peek(4)) or _with_order(encoding) or "utf-8"
        is_utf8 = codecs.lookup(chosen).name.startswith("utf-8")
        errors = "surrogateescape" if is_utf8 else _mark_undecodable.__name__
        with io.TextIOWrapper(file, encoding=chosen, errors=errors, newline="") as text:
            yield text


def marked_encoding(start: bytes) -> str:
    """Return the encoding that the byte-order mark at the start of a file says; "" without one."""
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")


def _with_order(encoding: str) -> str:
    """Return the encoding of a file without a byte-order mark: where only a mark says the order of bytes, the usual one."""
    name = codecs.lookup(encoding).name if encoding else ""
    return f"{name}-le" if name in ("utf-16", "utf-32") else encoding


def check_encoding(encoding: str) -> None:
    """Raise InputError if there is no text encoding of that name; "" stands for UTF-8."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding or "utf-8")  # takes no encoding that makes anything but text of bytes
        known = codecs.lookup(encoding or "utf-8").name.replace("-", "_") not in _ESCAPES
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        known = False
    if not known:
        raise InputError(f"there is no encoding {encoding!r}; give for example --encoding cp1252, latin-1, utf-16 or shift_jis")


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE * (error.end - error.start), error.end
