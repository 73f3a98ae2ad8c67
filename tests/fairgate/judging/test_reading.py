"""Files of predictions in every format, and those that are none."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest

from fairgate.errors import InputError
from fairgate.judging import memory, reading
from fairgate.judging.roles import Roles
from fairgate.judging.where import taken
from tests.exploit import write_exploit

ROLES = Roles("y", {"candidate": "p"}, ["g"])
TABLE = pa.table({"x": [1, 2, 3], "y": [0, 1, 1], "p": [0.25, None, 1.0], "g": ["a", None, "NA"]})
CSV = "x,y,p,g\n1,0,0.25,a\n2,1,,\n3,1,1.0,NA\n"


def _json(path: Path) -> None:
    path.write_text('{"y": 0, "p": 0.25, "g": "a"}\n\n{"y": 1, "p": null, "g": null}\n{"y": 1, "p": 1.0, "g": "NA", "x": 3}\n')


FORMATS: dict[str, Callable[[Path], Any]] = {
    "parquet": lambda path: pq.write_table(TABLE, path),
    "parquet, row groups": lambda path: pq.write_table(TABLE, path, row_group_size=1),
    "feather": lambda path: pf.write_feather(TABLE, str(path)),
    "csv": lambda path: path.write_text(CSV),
    "csv, byte-order mark": lambda path: path.write_text("\ufeff" + CSV, encoding="utf-8"),
    "csv, semicolons": lambda path: path.write_text(CSV.replace(",", ";")),
    "csv, tabs": lambda path: path.write_text(CSV.replace(",", "\t")),
    "csv, bars": lambda path: path.write_text(CSV.replace(",", "|")),
    "csv, Windows": lambda path: path.write_bytes(CSV.replace("\n", "\r\n").encode()),
    "csv, quoted": lambda path: path.write_text(CSV.replace("a\n", '"a"\n').replace("x,y", '"x","y"')),
    "csv, gzip": lambda path: path.write_bytes(gzip.compress(CSV.encode())),
    "json lines": _json,
}


def _read(paths: list[Path], roles: Roles = ROLES) -> list[tuple[int, list[dict[str, Any]]]]:
    resolved, batches = reading.batches(paths, roles)
    assert resolved.columns() == roles.columns()
    return [(first, batch.to_pylist()) for first, batch in batches]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_read_by_what_is_in_it(name: str, tmp_path: Path) -> None:
    """Whatever it is called; an empty cell is none, and NA is a value."""
    path = tmp_path / "some [file].txt"
    FORMATS[name](path)
    found = [row for _, rows in _read(reading.expand([str(path)])) for row in rows]
    assert [row["p"] for row in found] == [0.25, None, 1.0]
    assert [row["g"] for row in found] == ["a", None, "NA"]
    assert [str(row["y"]) for row in found] == ["0", "1", "1"]


def test_rows_are_numbered_through_all_files(tmp_path: Path) -> None:
    """In the order of their names, of different formats."""
    pq.write_table(TABLE, tmp_path / "part-1")
    (tmp_path / "part-2").write_text(CSV)
    roles = Roles("y", {"candidate": "p"})
    first = [number for number, _ in _read(reading.expand([str(tmp_path / "part-*")]), roles)]
    assert first == [1, 4]


def _damaged() -> bytes:
    """A Parquet file whose footer is whole, and whose pages are not."""
    written = io.BytesIO()
    pq.write_table(TABLE, written, compression="gzip")
    content = bytearray(written.getvalue())
    content[230:800] = bytes(570)
    return bytes(content)


WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty; name a file of predictions"),
    "a workbook": (b"PK\x03\x04rest", "is a ZIP file, such as a workbook of Excel; give Parquet"),
    "a PDF": (b"%PDF-1.7", "is a PDF"),
    "bytes": (b"\x93NUMPY\x00\x00", "is neither Parquet, Arrow, CSV nor JSON lines"),
    "one JSON array": (b'[{"y": 1}]', "is one JSON array; write one object per line"),
    "broken JSON": (b'{"y": 1, "p": \n', "line 1 is not one JSON object"),
    "JSON with a comma between objects": (
        b'{"y": 1, "p": 0.5, "g": "a"}\n,\n{"y": 0, "p": 0.9, "g": "a"}\n',
        "line 2 is not one JSON object \\(','\\); write one object a line",
    ),
    "JSON with an end of an array": (b'{"y": 1, "p": 0.5, "g": "a"}\n]\n', "line 2 is not one JSON object"),
    "two JSON objects in a line": (
        b'{"y": 1, "p": 0.5, "g": "a"}{"y": 1, "p": 0.5, "g": "a"}\n',
        "line 1 is not one JSON object",
    ),
    "JSON of two kinds": (
        b'{"y": 1, "p": 0.5, "g": "a"}\n{"y": 1, "p": "high", "g": "a"}\n',
        "the key p is 'high' in line 2, and 0.5 in line 1",
    ),
    "JSON with a key twice": (
        b'{"y": 1, "p": 0.5, "g": "a"}\n{"y": 1, "p": 0.5, "g": "a", "y": 0}\n',
        "line 2 has the key y twice; write it once",
    ),
    "JSON with half of a character": (
        b'{"y": 1, "p": 0.5, "g": "\\ud800"}\n',
        r"line 1 holds '\\ud800', half of a character; remove it",
    ),
    "cut Parquet": (b"PAR1 and no more", "it is not a Parquet file"),
    "cut Feather": (b"ARROW1\0\0 and no more", "it is not a Parquet file"),
    "an empty line": (b"\n1,0.5,a\n", "its first line is no header of a CSV file"),
    "UTF-16": ("y,p,g\n1,0.5,a\n".encode("utf-16"), "is text in UTF-16; write the file in UTF-8, such as by `iconv -f utf-16"),
    "UTF-16 without a mark": ("y,p,g\n1,0.5,a\n".encode("utf-16-be"), "is text in UTF-16; write the file in UTF-8"),
    "a comment": (
        b"# made, by hand\n#\ny,p,g\n1,0.5,a\n",
        r"its first line \('# made, by hand'\) is a comment, and the names of the columns must stand there; remove what",
    ),
    "a column that begins like a comment": (b"#y,p,g\n1,0.5,a\n", "there is no column 'y'; (did you|known)"),
    "Excel's separator": (b'"sep=;"\r\ny;p;g\r\n1;0.5;a\r\n', "its first line .* tells Excel the separator, and the names"),
    "thousands": (b'y,p,g\n1,"1,000",a\n', "row 1 holds '1,000' in the column p, .* nothing between thousands"),
    "Parquet with damaged pages": (_damaged(), "it is not a Parquet file that can be read"),
    "another column": (b"y,q,g\n1,0.5,a\n", "there is no column 'p'; did you mean|there is no column 'p'; known: y, q, g"),
    "a column twice": (b"y,p,p,g\n1,0.5,0.5,a\n", "Two columns are called 'p'"),
    "text for a score": (b"y,p,g\n1,0.5,a\n1,high,a\n", "row 2 holds 'high' in the column p, which is no number"),
    "a decimal comma": (b"y;p;g\n1;0,5;a\n", "row 1 holds '0,5' in the column p, .*write a point for the decimals"),
    "a number as Python writes it": (b"y,p,g\n1,0_5,a\n", "row 1 holds '0_5' in the column p"),
    "digits that Python alone reads": (
        "y,p,g\n1,\u0660.\u0665,a\n".encode(),
        "row 1 holds '\u0660.\u0665' in the column p",
    ),
    "a number with a power of ten before what is none": (b"y,p,g\n1,5e-1,a\n1,high,a\n", "row 2 holds 'high' in the column p"),
    "a plus": (b"y,p,g\n1,0.5,a\n1,+0x5,a\n", "row 2 holds '\\+0x5' in the column p, .* and no plus"),
    "a space that Python alone leaves out": (
        "y,p,g\n1,1,a\n1,0.5\xa0,a\n".encode(),
        r"row 2 holds '0\.5\\xa0' in the column p, which",
    ),
    "zstd": (b"\x28\xb5\x2f\xfdrest", "is compressed by zstd; unpack it by `zstd -d`, or compress it by gzip"),
    "a stream of Arrow": (b"\xff\xff\xff\xffrest", "is a stream of Arrow; write an Arrow file"),
    "a row that is too long": (
        b"y,p,g\n1,0.5,a\n1,0.5,a,b\n",
        "row 2 below the header has 4 cells, the header 3; quote the cells",
    ),
    "separators at the end of each row": (
        b"y,p,g\n1,0.5,a,\n1,0.5,a,\n",
        "row 1 below the header has 4 cells, the header 3; remove the separators at its end, or write them in the header",
    ),
    "a row that is too short": (
        b"y,p,g\n1,0.5,a\n1,0.5\n",
        "row 2 below the header has 2 cells, the header 3; add the cells that",
    ),
    "text that is not UTF-8": (
        b"y,p,g\n1,0.5,\xff\n",
        "row 1 holds .* in the column g, which is not UTF-8; write the file in UTF-8",
    ),
    "gzip that is cut off": (gzip.compress(("y,p,g\n" + "1,0.5,a\n" * 999).encode())[:-30], "damaged|Truncated"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_is_no_table_is_named(case: str, tmp_path: Path) -> None:
    """With the remedy; one message."""
    content, message = WRONG[case]
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        _read([path])
    assert "odd.csv" in str(caught.value)


def test_a_cell_that_python_takes_for_too_long(tmp_path: Path) -> None:
    """Then the message is Arrow's own; the limit is one of the process, which others may have raised."""
    path = tmp_path / "long.csv"
    path.write_bytes(b"y,p,g\n1," + b"5" * 200_000 + b"x,a\n")
    before = csv.field_size_limit(1 << 17)
    try:
        with pytest.raises(InputError, match=r"long\.csv: .*invalid value"):
            _read([path])
    finally:
        csv.field_size_limit(before)


def test_paths_that_name_nothing_are_refused(tmp_path: Path) -> None:
    """A path, a pattern, a folder."""
    for pattern, message in (("none.csv", "no such file"), ("*.none", "no such file"), ("", "is a folder")):
        with pytest.raises(InputError, match=message):
            reading.expand([f"{tmp_path}/{pattern}"])


def test_files_of_different_tables_are_refused(tmp_path: Path) -> None:
    """A pattern names other columns in the second."""
    pq.write_table(pa.table({"y": ["a"], "p_a": [1.0], "p_b": [0.0], "p_c": [0.0]}), tmp_path / "1")
    pq.write_table(pa.table({"y": ["a"], "p_a": [1.0], "p_b": [0.0], "p_d": [0.0]}), tmp_path / "2")
    with pytest.raises(InputError, match="2 has other score columns than"):
        reading.batches([tmp_path / "1", tmp_path / "2"], Roles("y", {"candidate": "p_*"}))


def test_files_whose_accents_are_composed_otherwise_are_one_table(tmp_path: Path) -> None:
    """The second was written by macOS; a condition and a group name the column of both."""
    (tmp_path / "a.csv").write_text("y,r\u00e9gion\n1,a\n0,b\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("y,re\u0301gion\n0,a\n", encoding="utf-8")
    asked = Roles(None, slices=["r\u00e9gion"], decisions={"candidate": "y"}, where="r\u00e9gion == 'a'")
    roles, batches = reading.batches([tmp_path / "a.csv", tmp_path / "b.csv"], asked)
    found = [(row, batch.column("r\u00e9gion").to_pylist(), taken(roles.where, batch).to_pylist()) for row, batch in batches]
    assert found == [(1, ["a", "b"], [True, False]), (3, ["a"], [True])]


def test_json_of_many_lines_and_late_columns_is_read_whole(tmp_path: Path) -> None:
    """More lines than Arrow's reader takes at once; a column that only the last ones have."""
    lines = ['{"y": 1, "p": 0.25}'] * 120_000 + ['{"y": 0, "p": 0.5, "g": "late"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = [row for _, rows in _read([tmp_path / "a.jsonl"]) for row in rows]
    assert len(found) == 120_001
    assert [row["g"] for row in found[-2:]] == [None, "late"]


def test_a_pipe_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """It cannot be read twice."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"pipe is a pipe or a device, which cannot be read twice; write it to a file"):
        reading.expand([str(tmp_path / "pipe")])


def test_a_file_that_is_cut_off_late_is_named(tmp_path: Path) -> None:
    """With the rows that could be read; nothing is judged of them."""
    rows = "".join(f"1,0.{number},a\n" for number in range(3_000_000))
    whole = gzip.compress(f"y,p,g\n{rows}".encode(), 1)
    (tmp_path / "a.csv.gz").write_bytes(whole[:-30])
    with pytest.raises(InputError, match=r"a\.csv\.gz is damaged after row [1-9][0-9,]+ \(.*\); write it again"):
        _read([tmp_path / "a.csv.gz"])


def test_no_file_runs_code(tmp_path: Path) -> None:
    """A Parquet file with a pickle in its schema is refused, and nothing has happened."""
    touched = tmp_path / "touched"
    write_exploit(tmp_path / "a.parquet", touched, TABLE)
    with pytest.raises(InputError, match=r"a\.parquet"):
        _read([tmp_path / "a.parquet"])
    assert not touched.exists()


def test_an_arrow_file_whose_offsets_point_elsewhere_is_refused(tmp_path: Path) -> None:
    """The end of the first of two texts, after the end of all of them."""
    file = tmp_path / "a.arrow"
    pf.write_feather(
        pa.table({"y": [0, 1], "p": [0.1, 0.2], "g": ["a" * 2571, "b" * 515]}), str(file), compression="uncompressed"
    )
    ends = [number.to_bytes(4, "little") for number in (0, 2571, 3086)]
    whole = file.read_bytes()
    assert whole.count(b"".join(ends)) == 1
    ends[1] = (1 << 30).to_bytes(4, "little")
    file.write_bytes(whole.replace((0).to_bytes(4, "little") + (2571).to_bytes(4, "little") + ends[2], b"".join(ends)))
    with pytest.raises(InputError, match=r"a\.arrow: .*write the table again"):
        _read([file])


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(InputError, match=r"a.csv cannot be read \(Permission denied\)"):
        _read([tmp_path / "a.csv"])


class _Polars:
    """What has the columns and the two methods of a table of Polars."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.columns = table.column_names

    def select(self, names: list[str]) -> "_Polars":
        return _Polars(self._table.select(names))

    def to_arrow(self) -> pa.Table:
        return self._table


TABLES: dict[str, Any] = {
    "arrow": TABLE,
    "batch": TABLE.to_batches()[0],
    "pandas": TABLE.to_pandas(),
    "dict": {"x": [1, 2, 3], "y": [0, 1, 1], "p": pd.Series([0.25, None, 1.0]), "g": TABLE.column("g")},
    "polars": _Polars(TABLE),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_in_memory_are_read(kind: str) -> None:
    """Of the libraries that people hold tables in."""
    assert memory.column_names(TABLES[kind]) == TABLE.column_names
    found = memory.as_table(TABLES[kind], ["p", "g"])
    assert sorted(found.column_names) == ["g", "p"]
    assert found.column("p").to_pylist() == [0.25, None, 1.0]
    assert found.column("g").to_pylist() == ["a", None, "NA"]


NO_TABLES: dict[str, tuple[Any, str]] = {
    "a list": ([1, 2], "A table of Arrow, pandas or Polars.*got list"),
    "a column": (pd.Series([1, 2]), "A table of Arrow, pandas or Polars.*got Series"),
    "columns of two lengths": ({"a": [1], "b": [1, 2]}, "The columns of the table differ in length"),
    "values of two kinds": ({"a": [1, "x"], "b": [1, 2]}, "The column a cannot be read .*; give it values of one kind"),
    "mixed objects of pandas": (pd.DataFrame({"a": [b"x", 1], "b": [1, 2]}), "The column a cannot be read"),
}


@pytest.mark.parametrize("case", NO_TABLES)
def test_what_is_no_table_is_refused(case: str) -> None:
    """Each with a reason and the column."""
    table, message = NO_TABLES[case]
    with pytest.raises(InputError, match=message):
        memory.as_table(table, ["a", "b"])


def test_columns_that_are_not_needed_are_not_looked_at() -> None:
    """Of mixed kinds, or of one name twice."""
    frame = pd.DataFrame([[1, b"x", 1, 2], [2, 3, 4, 5]], columns=["a", "odd", "twice", "twice"])
    assert memory.as_table(frame, ["a"]).column("a").to_pylist() == [1, 2]


def test_ranges_of_pandas_are_text() -> None:
    """As `pd.cut` makes them; a value outside of all is none."""
    frame = pd.DataFrame({"age": pd.cut([5, 15, 25], [0, 10, 20])})
    assert memory.as_table(frame, ["age"]).column("age").to_pylist() == ["(0, 10]", "(10, 20]", None]


def test_a_path_that_is_too_long_is_named() -> None:
    """With the system's reason."""
    with pytest.raises(InputError, match=r"^'a{80}' is no path \(File name too long\)"):
        reading.expand(["a" * 300])


@pytest.mark.parametrize(("date", "other"), [("2026-01-01", "none"), (["2026-01-01"], ["none"])])
def test_dates_in_json_are_text_in_every_block(date: Any, other: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in CSV, whether or not all of a block are dates."""
    monkeypatch.setattr("fairgate.judging.json_files.JSON_LINES", 1)
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps({"y": 0, "p": 0.5, "g": group}) + "\n" for group in (date, other)))
    assert [row["g"] for _, rows in _read([path]) for row in rows] == [date, other]


def test_whole_numbers_of_64_bits_are_read_from_json_as_they_are(tmp_path: Path) -> None:
    """Ids beyond 2^63, which Arrow takes for floats; those with a fraction among them stay floats."""
    ids, path = [2**63 + 1, 2**63 + 2, 5], tmp_path / "t.json"
    path.write_text("\n".join(json.dumps({"y": 1, "p": 0.5, "g": each, "x": each + 0.5}) for each in ids), encoding="utf-8")
    rows = [row for _, rows in _read([path], Roles("y", {"candidate": "p"}, ["g", "x"])) for row in rows]
    assert [row["g"] for row in rows] == ids
    assert [row["x"] for row in rows] == [2.0**63, 2.0**63, 5.5]
