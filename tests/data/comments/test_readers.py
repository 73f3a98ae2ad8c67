import gzip
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import delimited, text_lines
from data.comments.civil_comments import Cell, MalformedRowError, parse_comment
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
            b"comment_text^target\n",
            r"one column \(another .* --delimiter '\^'\): no column comment_text and .*; columns found: 'comment_text\^target'",
        ),
        ("a.csv", b"text,target\n", "no column comment_text; columns found: 'text', 'target'"),
        ("a.csv", b"comment_text,label\n", "no column toxicity or target; columns found: 'comment_text', 'label'"),
        ("a.csv", b"comment_text,target,comment_text\n", "the column comment_text appears 2 times"),
        ("a.csv", b"comment_text,target,male,male,male\n", "the column male appears 3 times"),
        ("a.csv", b'comment_text,"target\n', "wrong quoting in the row that starts in line 1"),
        ("a.gz", zipped(HEADER)[:12], "damaged gzip file"),
        ("a.gz", b"\x1f\x8b" + b"x" * 50, "damaged gzip file"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither text nor a TFRecord file"),
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
