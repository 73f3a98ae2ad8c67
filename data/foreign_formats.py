"""Recognise files of other programs by their first bytes, and say how their rows become CSV.

In: the first bytes of a file, uncompressed. Out: what the file is and what to type. Imports nothing heavy.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from data.opening import marked_encoding

_READ = "pandas.read_"


@dataclass(frozen=True)
class ForeignFormat:
    """A format that is not read.

    Attributes:
        name: with its article, "a Parquet file".
        remedy: what to do, "export it as CSV".
        call: of pandas, that reads it, with {} for the path; "" if there is none.
        imports: what that call needs.
    """

    name: str
    remedy: str = "export it as CSV"
    call: str = ""
    imports: str = "pandas"

    def advice(self, path: Path) -> str:
        """Return what the file is and the remedy, with the command that converts it where there is one."""
        said = f"{self.name}; {self.remedy}"
        return f"{said}, for example {pandas_command(path, self.call, self.imports)}" if self.call and path.is_file() else said


def pandas_command(path: Path, call: str, imports: str = "pandas") -> str:
    """Return the command line that reads a file with pandas and writes it as CSV beside it.

    Args:
        path: of the file.
        call: of pandas, with {} for the path.
        imports: the modules that the call needs.
    """
    target = path.with_suffix(".csv")
    if target == path:
        target = path.with_name(f"{path.stem}-converted.csv")
    read = call.format(json.dumps(str(path), ensure_ascii=False))
    code = f"import {imports}; {read}.to_csv({json.dumps(str(target), ensure_ascii=False)}, index=False)"
    return f"python -c {quote(code)}"


_PICTURE = ForeignFormat("a picture", "name a file of comments")
_UNPACKED = "unpack it first"
_BINARY: Mapping[bytes, ForeignFormat] = MappingProxyType(
    {
        b"PK\x03\x04": ForeignFormat("a zip archive", _UNPACKED),
        b"PK\x05\x06": ForeignFormat("an empty zip archive", "fetch or export it again"),
        b"PAR1": ForeignFormat("a Parquet file", call=f"{_READ}parquet({{}})", imports="pandas, pyarrow_hotfix"),
        b"ARROW1\0\0": ForeignFormat("an Arrow file", call=f"{_READ}feather({{}})", imports="pandas, pyarrow_hotfix"),
        b"FEA1": ForeignFormat("a Feather file", call=f"{_READ}feather({{}})", imports="pandas, pyarrow_hotfix"),
        b"Obj\x01": ForeignFormat("an Avro file"),
        b"\x89HDF\r\n\x1a\n": ForeignFormat("an HDF5 file"),
        b"\x93NUMPY": ForeignFormat("a NumPy array"),
        b"$FL2": ForeignFormat("an SPSS file"),
        b"SQLite format 3\0": ForeignFormat("an SQLite database", "export the table as CSV"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ForeignFormat("an old Office document (.xls, .doc)", "save it as CSV UTF-8"),
        b"%PDF-": ForeignFormat("a PDF document", "save its table as CSV"),
        b"{\\rtf": ForeignFormat("an RTF document", "save it as plain text"),
        b"\x89PNG\r\n\x1a\n": _PICTURE,
        b"\xff\xd8\xff": _PICTURE,
        b"GIF87a": _PICTURE,
        b"GIF89a": _PICTURE,
        b"\x28\xb5\x2f\xfd": ForeignFormat("compressed with Zstandard", _UNPACKED),
        b"\x04\x22\x4d\x18": ForeignFormat("compressed with LZ4", _UNPACKED),
        b"7z\xbc\xaf\x27\x1c": ForeignFormat("a 7z archive", _UNPACKED),
        b"Rar!\x1a\x07": ForeignFormat("a RAR archive", _UNPACKED),
    }
)
_TAR_MARK = slice(257, 262)
_WORKBOOK = re.compile(rb"\[Content_Types\]\.xml|xl/|_rels/|mimetypeapplication/vnd")  # names of parts within a zip archive

# By how a text begins, in any case; a comment that begins so can still be read by `--delimiter none`.
_WRITTEN: tuple[tuple[str, ForeignFormat], ...] = (
    (
        r"\{\s*\"[^\"\n]*\"\s*:.*\}\s*\n\s*\{|\{\"[^\"\n]*\"\s*:",
        ForeignFormat("JSON lines", call=f"{_READ}json({{}}, lines=True)"),
    ),
    (r"\{\s*\"[^\"\n]*\"\s*:", ForeignFormat("a JSON file", call=f"{_READ}json({{}})")),
    (r"\[\s*(?:[\[{]|\"(?:[^\"\\]|\\.)*\"\s*[,\]])", ForeignFormat("a JSON file", call=f"{_READ}json({{}})")),
    (r"<!doctype html|<html\b|<head\b|<body\b|<table\b", ForeignFormat("an HTML page", "save its table as CSV")),
    (r"<\?xml\b", ForeignFormat("an XML file")),
    (r"(?:--[^\n]*\n|\s)*(?:insert into|create table) ", ForeignFormat("an SQL dump", "export the table as CSV")),
    (r"@relation\s", ForeignFormat("an ARFF file")),
)


def foreign_binary(start: bytes) -> ForeignFormat | None:
    """Return the binary format of a file that starts with these bytes, at least 512 if it has as many; None if none is known."""
    if start[_TAR_MARK] == b"ustar":
        return ForeignFormat("a tar archive", _UNPACKED)
    known = next((known for magic, known in _BINARY.items() if start.startswith(magic)), None)
    if known and start.startswith(b"PK") and _WORKBOOK.search(start):
        return ForeignFormat("a spreadsheet (.xlsx, .ods)", "save it as CSV UTF-8")
    return known


def foreign_text(start: bytes, encoding: str) -> ForeignFormat | None:
    """Return the format of a text that begins with these bytes and is no table; None if none is known.

    Args:
        start: of the file, some hundred bytes.
        encoding: as of `TextFormat`.
    """
    text = start.decode(marked_encoding(start) or encoding or "utf-8", "replace").lstrip("\ufeff \t\r\n")
    return next((known for pattern, known in _WRITTEN if re.match(pattern, text, re.IGNORECASE | re.DOTALL)), None)
