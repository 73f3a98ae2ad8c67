"""Open files of text, compressed by gzip or not."""

import io
from pathlib import Path
from typing import IO

import pyarrow as pa

ROWS = 1 << 16  # at once
LONG = 80  # characters of a path or a line that messages show
_GZIP = b"\x1f\x8b"


def open_text(path: Path) -> IO[bytes]:
    """Open a file of text for Python; see `_stream`."""
    return io.BufferedReader(stream(path))


def stream(path: Path) -> pa.NativeFile:
    """Open a file for Arrow, unpacked if it is compressed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return pa.CompressedInputStream(pa.OSFile(str(path)), "gzip") if packed else pa.OSFile(str(path))


def told(error: Exception) -> str:
    """Return the first line of what Arrow says."""
    return str(error).strip().partition("\n")[0][:300]
