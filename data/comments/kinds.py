"""Determine by content what a file of comments is: a delimited table, a TFRecord file or plain text; refuse anything else."""

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from data.delimited import Header, read_cells
from data.opening import compression, marked_encoding, open_text
from data.records import is_record_header
from fairgate.errors import InputError

CSV = "csv"
TFRECORD = "tfrecord"
TEXT_LINES = "text"

_FOREIGN: Mapping[bytes, str] = MappingProxyType(
    {
        b"PK\x03\x04": "a zip archive; unpack it first (an Excel workbook: save it as CSV)",
        b"PAR1": "a Parquet file; export it as CSV",
        b"\x28\xb5\x2f\xfd": "compressed with Zstandard; unpack it first",
        b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
        b"SQLite format 3\0": "an SQLite database; export the table as CSV",
    }
)
_TAR_MARK = slice(257, 262)
_BINARY_BYTES = 16  # among which no text of comments has three NULs
_NAME = re.compile(r"[^\W\d][\w .-]{0,39}")
_COMPARED_ROWS = 5


def check_kind(path: Path, start: bytes, encoding: str) -> None:
    """Raise InputError if a file that starts so, uncompressed, is neither table, TFRecord file nor text.

    Args:
        path: for the message.
        start: the first 512 bytes, fewer if there are no more.
        encoding: the one that the user named; "" if none.
    """
    if not start:
        raise InputError(f"{path}: the file is empty; export or fetch it again")
    if is_record_header(start):
        return
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{path}: {what}")
    if start[_TAR_MARK] == b"ustar":
        raise InputError(f"{path}: a tar archive; unpack it first")
    if twice := compression(start):
        raise InputError(f"{path}: compressed twice, within with {twice}; unpack it once")
    if not (encoding or marked_encoding(start)):
        _check_nuls(path, start[:_BINARY_BYTES])


def _check_nuls(path: Path, start: bytes) -> None:
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) >= 4 and not any(start[first::2]) and all(start[1 - first :: 2]):
            raise InputError(f"{path}: UTF-16 text without a byte-order mark; name its encoding: --encoding {encoding}")
    if start.count(0) >= 3:
        raise InputError(f"{path}: neither text nor a TFRecord file, or its first record is damaged; fetch or export it again")


def is_table(content: Path, header: Header, encoding: str) -> bool:
    """Return whether a file looks like a table: names of columns in its header, and as many cells in each of its first rows."""
    if len(header.names) < 2 or not all(map(_NAME.fullmatch, header.names)):
        return False
    with open_text(content, encoding) as text:
        try:
            rows = list(islice(filter(None, read_cells(content, text, header.delimiter)), _COMPARED_ROWS + 1))[1:]
        except InputError:
            return False
    return bool(rows) and all(len(cells) == len(header.names) for cells in rows)
