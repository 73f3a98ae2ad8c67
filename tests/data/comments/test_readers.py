import gzip
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import delimited, text_lines
from data.comments import column_mapping
from data.comments.civil_comments import Cell, MalformedRowError, parse_comment
from data.comments.column_mapping import read_mapping
from data.comments.kinds import CSV, TFRECORD
from data.comments.readers import SourceRow, inspect, read_rows
from data.opening import TextFormat
from data.records import Values, encode_example, write_records
from fairgate.errors import InputError
from tests.framing import frame

HEADER = b"comment_text,target\n"


def zipped(content: bytes) -> bytes:
    """The same bytes whenever it is called: a gzip file holds a time, and a test's name must not change."""
    return gzip.compress(content, mtime=0)


def rows_of(path: Path) -> list[SourceRow]:
    """The file's rows."""
    return list(read_rows(inspect(path)))


def write(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (HEADER + b"a,0.5\n", {"comment_text": "a", "target": "0.5"}),
        (HEADER + b"a,0.5", {"comment_text": "a", "target": "0.5"}),
        (b"\xef\xbb\xbf" + HEADER + b"a,0.5\n", {"comment_text": "a", "target": "0.5"}),
        (b"\r\n" + HEADER.replace(b"\n", b"\r\n") + b"\r\na,0.5\r\n", {"comment_text": "a", "target": "0.5"}),
        (HEADER + b'"two\r\nlines, ""quoted""",0.5\n', {"comment_text": 'two\r\nlines, "quoted"', "target": "0.5"}),
        (HEADER + 'é "x" \u2028y,0.5\n'.encode(), {"comment_text": 'é "x" \u2028y', "target": "0.5"}),
        (b"id,comment_text,male,rating,toxicity\n7,a,,x,1\n", {"comment_text": "a", "male": "", "toxicity": "1"}),
        (zipped(HEADER + b"a,0.5\n"), {"comment_text": "a", "target": "0.5"}),
        (HEADER + b"a" * 1_000_000 + b",0.5\n", {"comment_text": "a" * 1_000_000, "target": "0.5"}),
    ],
)
def test_csv_rows(tmp_path: Path, content: bytes, cells: Mapping[str, Cell]) -> None:
    """BOM, either line end, no last line end, blank lines, several lines, unknown columns, compression and a long text."""
    path = write(tmp_path, content)
    source = inspect(path)
    assert (source.path, source.kind, source.columns) == (path, CSV, frozenset(cells))
    assert rows_of(path) == [SourceRow(1, cells)]


def test_bytes_that_are_no_text_become_lone_surrogates(tmp_path: Path) -> None:
    """They spoil their row only, on every Python alike (the csv module of 3.10 refuses NUL)."""
    path = write(tmp_path, HEADER + b"caf\xe9,0\na\0b,0\nfine,0\n")
    assert [row.cells["comment_text"] for row in rows_of(path)] == ["caf\udce9", "a\udc00b", "fine"]


def test_rows_of_another_length_have_a_fault(tmp_path: Path) -> None:
    """Rows keep their numbers."""
    faults = [(row.number, row.fault) for row in rows_of(write(tmp_path, HEADER + b"a,0\nb\n\nc,0,1\nd,1\n"))]
    assert faults == [
        (1, ""),
        (2, "1 cell, but the header has 2 columns"),
        (3, "3 cells, but the header has 2 columns"),
        (4, ""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER + b'a,0\n"never closed,0\nb,1\n', "wrong quoting in the row that starts in line 3 .unexpected end of data"),
        (HEADER + b'a,0\n\n"closed" too early,0\n', "wrong quoting in the row that starts in line 4"),
        (HEADER + b'"' + b"x\n" * 2000, "the row that starts in line 2 has a cell of more than 1,000 characters; shorten it"),
        (HEADER + b"a" * 2000, "line 2 is longer than 1,000 characters"),
        (zipped(HEADER + b"a,0\n" * 9_999)[:-20], "damaged gzip file"),
    ],
)
def test_csv_files_with_unknown_row_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str) -> None:
    """Where rows end is unknown behind a wrong quote or damage, so the file is refused, and so is a field without end."""
    monkeypatch.setattr(text_lines, "MAX_CHARACTERS", 1000)
    monkeypatch.setattr(delimited, "MAX_CHARACTERS", 1000)
    with pytest.raises(InputError, match=f"a.csv: {message}"):
        rows_of(write(tmp_path, content))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv.gz", zipped(b""), "the file is empty"),
        ("a.csv", b"PK\x03\x04rest", "a zip archive; unpack it first"),
        ("a.csv", b"PAR1rest", "a Parquet file; export it as CSV"),
        ("a.csv", b"\x28\xb5\x2f\xfdrest", "compressed with Zstandard; unpack it first"),
        ("a.csv", b"a.csv" + bytes(252) + b"ustar", "a tar archive; unpack it first"),
        ("a.csv", zipped(zipped(HEADER)), "compressed twice, within with gzip; unpack it once"),
        ("a.csv", HEADER.decode().encode("utf-16-le"), "UTF-16 text without .* mark; name its encoding: --encoding utf-16-le"),
        ("a.csv", HEADER.decode().encode("utf-16-be"), "UTF-16 text without .* mark; name its encoding: --encoding utf-16-be"),
        ("a.tfrecord", b"\0" * 100, "neither text nor a TFRecord file, or its first record is damaged"),
        ("a.csv", b"\n\n", ".*no column comment_text and none called toxicity or target; columns found: none"),
        (
            "a.csv",
            b"text;target\n",
            "this looks separated by semicolons: no column comment_text; columns found: 'text', ",
        ),
        (
            "a.csv",
            b"comment_text target\n",
            r"one column \(another .* --delimiter '\^'\): no column comment_text and .*; columns found: 'comment_text target'",
        ),
        ("a.csv", b"text,target\n", "no column comment_text; columns found: 'text', 'target'"),
        ("a.csv", b"comment_text,label\n", "no column toxicity or target; columns found: 'comment_text', 'label'"),
        ("a.csv", b"comment_text,target,comment_text\n", "the column comment_text appears 2 times"),
        ("a.csv", b"comment_text,target,male,male,male\n", "the column male appears 3 times"),
        ("a.csv", b'comment_text,"target\n', "wrong quoting in the row that starts in line 1"),
        ("a.gz", zipped(HEADER)[:12], "damaged gzip file"),
        ("a.gz", b"\x1f\x8b" + b"x" * 50, "damaged gzip file"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture; name a file of comments"),
        ("a.csv", b"made by X\n\nid,comment_text,target\n1,a,0\n", "line 3 looks like the header; remove the lines above it"),
        ("a.csv", b"'comment_text','target'\n'a','0'\n", "its cells are quoted with ', which CSV does not know"),
        ("a.csv", b"comment_text,ratng\na,0\n", "no column toxicity or target"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """One message with the file, what is wrong, and the remedy."""
    with pytest.raises(InputError, match=f"{name}: {message}"):
        inspect(write(tmp_path, content, name))


def test_repeated_columns_that_nobody_reads_do_not_matter(tmp_path: Path) -> None:
    """Only known columns must be unique."""
    assert rows_of(write(tmp_path, b"x,x,comment_text,target\n1,2,a,0\n")) == [SourceRow(1, {"comment_text": "a", "target": "0"})]


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """The remedy is a name or a glob."""
    with pytest.raises(InputError, match=r"none.csv: no such file; give an existing file or a glob"):
        inspect(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"a folder, not a file; name its files, for example .*/\*.csv"):
        inspect(tmp_path)


def test_the_digest_is_of_the_file_as_it_is(tmp_path: Path) -> None:
    """Known answer of sha256sum."""
    digest = "27f1c0cc348dc78680036a70dd739be7eeff3cae30e4b8b83191bf8b846a0cde"
    assert inspect(write(tmp_path, HEADER)).sha256 == digest


@pytest.mark.parametrize(
    ("features", "cells"),
    [
        (
            {"comment_text": [b"caf\xc3\xa9"], "toxicity": [0.5], "male": [1.0], "female": [], "id": [b"x"]},
            {"comment_text": "café", "toxicity": 0.5, "male": 1.0},
        ),
        (
            {"comment_text": [b"\xff"], "toxicity": [1], "gender": [b"male", b"female"], "race": [b"black"]},
            {"comment_text": "\udcff", "toxicity": 1.0, "gender": ("male", "female"), "race": ("black",)},
        ),
        (
            {"comment_text": [b"a", b"b"], "toxicity": [0.5, 0.75]},
            {"comment_text": ("a", "b"), "toxicity": ("0.5", "0.75")},
        ),
        ({"comment_text": [b"a"], "toxicity": [b"0.5"]}, {"comment_text": "a", "toxicity": "0.5"}),
    ],
)
def test_tfrecord_rows(tmp_path: Path, features: Mapping[str, Values], cells: Mapping[str, Cell]) -> None:
    """Raw floats are numbers, the lists of processed rows tuples, several values a tuple that the row rule refuses."""
    path = tmp_path / "a.bin"
    write_records(path, [encode_example(features)])
    assert inspect(path).kind == TFRECORD
    assert rows_of(path) == [SourceRow(1, cells)]


def test_a_tfrecord_that_holds_something_else_somewhere(tmp_path: Path) -> None:
    """A record that is no example is a fault of its row."""
    path = tmp_path / "a.tfrecord"
    good = encode_example({"comment_text": [b"a"], "toxicity": [0.5]})
    write_records(path, [b"\xff\xff", good])
    assert [row.fault for row in rows_of(path)] == ["not a tf.train.Example", ""]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"image": [1], "label": [1]}, "none called toxicity or target; columns found: 'image', 'label'"),
        ({"comment_text": [b"a"], "label": [1]}, "no column toxicity or target; columns found: 'comment_text', 'label'"),
    ],
)
def test_tfrecords_of_another_schema(tmp_path: Path, features: Mapping[str, Values], message: str) -> None:
    """Text and label must be in one of the first records."""
    path = tmp_path / "a.tfrecord"
    write_records(path, [encode_example(features)] * 200)
    with pytest.raises(InputError, match=message):
        inspect(path)


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """The content with some stretch replaced by other bytes."""
    places = st.integers(0, len(content))
    return st.builds(lambda start, end, new: content[:start] + new + content[end:], places, places, st.binary(max_size=20))


def valid_tfrecord() -> bytes:
    """Two records."""
    features: dict[str, Values] = {"comment_text": [b"a"], "toxicity": [0.5], "male": [1.0]}
    return frame(encode_example(features)) * 2


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.binary(max_size=200)
    | damaged(HEADER + b'a,0.5\n"b ""c"" \n d",1\n')
    | damaged(valid_tfrecord())
    | damaged(zipped(HEADER + b"a,0.5\n"))
    | damaged(zipped(valid_tfrecord())),
    name=st.sampled_from(["a.csv", "a.tfrecord"]),
)
def test_any_content_gives_rows_or_one_error(tmp_path: Path, content: bytes, name: str) -> None:
    """And each row is a comment, empty, or malformed."""
    path = write(tmp_path, content, name)
    with suppress(InputError):
        for row in read_rows(inspect(path)):
            with suppress(MalformedRowError):
                parse_comment(row.cells)


@pytest.mark.parametrize(("delimiter", "written"), [(";", "';'"), ("\t", "tab")])
def test_a_wrong_separator_that_was_named_is_named_in_the_message(tmp_path: Path, delimiter: str, written: str) -> None:
    path = write(tmp_path, HEADER + b"a,0\n")
    with pytest.raises(InputError, match=f"with --delimiter {written} .leave it out .*: no column comment_text"):
        inspect(path, text_format=TextFormat(delimiter))


def test_the_separator_that_was_detected_is_noted(tmp_path: Path) -> None:
    """None for commas, nor for one that was named."""
    path = write(tmp_path, HEADER.replace(b",", b"\t"))
    assert inspect(path).notes == (f"{path}: this looks separated by tabs, and is read so",)
    assert inspect(path, text_format=TextFormat("\t")).notes == ()
    assert inspect(write(tmp_path, HEADER)).notes == ()


LINES = "; to read one comment a line, whatever the lines look like: --delimiter none"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'{"comment_text": "a", "id": 1}\n{"comment_text": "b", "id": 2}\n',
            "JSON lines; export it as CSV, for example python -c ",
        ),
        (b'[{"comment_text": "a"}]', "a JSON file; export it as CSV, for example python -c "),
        (b'\xef\xbb\xbf["a", "b"]', "a JSON file; export it as CSV"),
        (b"\n<!DOCTYPE html>\n<html></html>", "an HTML page; save its table as CSV"),
        (b"<?xml version='1.0'?>\n<a/>", "an XML file; export it as CSV"),
        (b"-- MySQL dump\n\nINSERT INTO a VALUES (1);", "an SQL dump; export the table as CSV"),
        ('[{"comment_text": "a"}]'.encode("utf-16"), "a JSON file"),
        (b"about\nthis\nid,comment_text\n1,a\n", "line 3 looks like the header; remove the lines above it, for example tail -n"),
        (b"'id','comment_text'\n'1','a'\n", "its cells are quoted with ', which CSV does not know; quote them with"),
        ("“id”;“comment_text”\n“1”;“a”\n".encode(), "its cells are quoted with “, which CSV does not know; quote them with"),
    ],
)
def test_a_text_of_another_format_is_no_list_of_comments_until_the_user_says_so(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError) as refused:
        inspect(path, needs_label=False)
    assert str(refused.value).startswith(f"{path}: {message}")
    assert str(refused.value).endswith(LINES)
    assert inspect(path, needs_label=False, text_format=TextFormat("none")).kind == "text"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7 rest", "a PDF document; save its table as CSV"),
        (b"PK\x03\x04....[Content_Types].xml", "a spreadsheet (.xlsx, .ods); save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "an old Office document (.xls, .doc); save it as CSV UTF-8"),
        (b"{\\rtf1 rest", "an RTF document; save it as plain text"),
    ],
)
def test_a_binary_format_is_refused_however_it_is_to_be_read(tmp_path: Path, content: bytes, name: str) -> None:
    path = write(tmp_path, content)
    for delimiter in ("", "none"):
        with pytest.raises(InputError) as refused:
            inspect(path, needs_label=False, text_format=TextFormat(delimiter))
        assert str(refused.value) == f"{path}: {name}"


def test_the_commands_of_the_messages_make_tables_that_are_read(tmp_path: Path) -> None:
    """Of JSON, Parquet, other quotes, and lines above the header."""
    rows = pd.DataFrame({"comment_text": ['it\'s "a"', "b, c"], "target": [0, 1]})
    rows.to_json(tmp_path / "1.csv", orient="records", lines=True)
    rows.to_json(tmp_path / "2 [x].json", orient="records")
    rows.to_parquet(tmp_path / "3.parquet")
    write(tmp_path, b"'comment_text';'target'\n'it''s \"a\"';'0'\n'b, c';'1'\n", "4.txt")
    write(tmp_path, b"made by X\n" + rows.to_csv(index=False).encode(), "5'.csv")
    made = ["1-converted.csv", "2 [x].csv", "3.csv", "4.csv", "FILE"]
    for path, name in zip(sorted(tmp_path.iterdir()), made, strict=True):
        with pytest.raises(InputError) as refused:
            inspect(path)
        command = str(refused.value).partition("for example ")[2].replace("python -c", f"{sys.executable} -c")
        # As the message has it. Arrow's threads may abort the process at its end, after the table is written.
        subprocess.run(command, shell=True, check=False, cwd=tmp_path)  # noqa: S602
        assert [row.cells for row in rows_of(tmp_path / name)] == [
            {"comment_text": 'it\'s "a"', "target": "0"},
            {"comment_text": "b, c", "target": "1"},
        ]


def test_lines_that_a_separator_divides_evenly_are_noted(tmp_path: Path) -> None:
    """They may be a table whose columns have other names."""
    path = write(tmp_path, b"well, no!\nwell, yes!\n")
    source = inspect(path, needs_label=False)
    assert (source.kind, len(source.notes)) == ("text", 1)
    assert source.notes[0].startswith(f"{path}: read as one comment a line, although commas divide its lines evenly; ")
    assert source.notes[0].endswith("--columns text=NAME")
    assert inspect(write(tmp_path, b"well, no!\nyes!\n"), needs_label=False).notes == ()


def test_a_table_of_other_columns_says_how_it_is_read_as_lines(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no column comment_text; .* if the file has one comment a line: --delimiter none$"):
        inspect(write(tmp_path, b"Hi Bob, how are you\nfine, thanks\n"), needs_label=False)


@pytest.mark.parametrize("needs_label", [True, False])
def test_the_separator_is_the_same_whether_a_label_is_needed(tmp_path: Path, needs_label: bool) -> None:
    path = write(tmp_path, b"comment_text,x;comment_text;target\n")
    assert inspect(path, needs_label=needs_label).text_format.delimiter == ";"


def test_a_column_that_the_user_names_is_said_to_be_missing(tmp_path: Path) -> None:
    path = write(tmp_path, b"comment,rating\na,0\n")
    with pytest.raises(InputError) as refused:
        inspect(path, read_mapping({"text": "comment", "label": "ratng"}))
    assert str(refused.value) == (
        f"{path}: lacks the column 'ratng', which is to be read as label; did you mean --columns label=rating? "
        "columns found: 'comment', 'rating'"
    )


def test_names_of_columns_are_compared_in_the_composed_form(tmp_path: Path) -> None:
    path = write(tmp_path, "Komme\u0301,target\na,0\n".encode())
    assert inspect(path, read_mapping({"text": "Komm\xe9"})).columns == frozenset({"comment_text", "target"})
    assert inspect(path, read_mapping({"text": "Komme\u0301"})).columns == frozenset({"comment_text", "target"})


def test_twenty_thousand_columns_are_compared_in_time_that_is_no_matter(tmp_path: Path) -> None:
    """Only the few that share their letters with a known one are compared letter by letter."""
    names = [f"col{number}" for number in range(20_000)]
    with pytest.MonkeyPatch.context() as patch:
        compared: set[str] = set()

        def distance(first: str, *_: object) -> int:
            compared.add(first)
            return 9

        patch.setattr(column_mapping, "distance", distance)
        inspect(write(tmp_path, (",".join(["comment_text", "target", "femal", *names]) + "\n").encode()))
    assert compared == {"femal"}
