"""Delimited tables and what separates their cells."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.delimited import Header, choose_header, delimiter_of, read_cells, read_headers
from data.opening import DETECTED, TextFormat
from fairgate.errors import InputError


def headers(folder: Path, content: bytes, text_format: TextFormat = DETECTED) -> list[Header]:
    """The headers of a file with this content."""
    path = folder / "a"
    path.write_bytes(content)
    return read_headers(path, text_format, "a.csv")


def has_text(names: Sequence[str]) -> bool:
    return "text" in names


@pytest.mark.parametrize(
    ("content", "chosen"),
    [
        (b"id,text\n", Header(",", ("id", "text"))),
        (b"id;text\n", Header(";", ("id", "text"))),
        (b"id\ttext\n", Header("\t", ("id", "text"))),
        (b"id|text\r", Header("|", ("id", "text"))),
        (b"text\n", Header(",", ("text",))),
        (b"\n\r\n id ; text \n", Header(";", ("id", "text"))),
        (b'"a,b";"text"\n', Header(";", ("a,b", "text"))),
        (b"\xef\xbb\xbfsep=;\r\nid;text\n", Header(";", ("id", "text"))),
        (b"sep=^\nid^text\n", Header("^", ("id", "text"))),
        (b"a;b,text\n", Header(",", ("a;b", "text"))),
        (b"id^text\n", Header("^", ("id", "text"))),
        (b"id#text#x\n", Header("#", ("id", "text", "x"))),
        (b"\n\nid\x1ftext\n", Header("\x1f", ("id", "text"))),
        (b'id, "text",  "a,b"\n', Header(",", ("id", "text", "a,b"))),
        (b"\xef\xbb\xbf\xef\xbb\xbfid;text\n", Header(";", ("id", "text"))),
        ("te\u0301xt,text\n".encode(), Header(",", ("t\xe9xt", "text"))),
        ("id;text\n".encode("utf-16"), Header(";", ("id", "text"))),
    ],
)
def test_the_separator_is_the_one_that_shows_the_needed_columns(tmp_path: Path, content: bytes, chosen: Header) -> None:
    assert choose_header(headers(tmp_path, content), has_text) == (chosen, True)


@pytest.mark.parametrize(
    ("content", "likeliest"),
    [
        (b"id,body,x;y\n", Header(",", ("id", "body", "x;y"))),
        (b"id;body;x,y\n", Header(";", ("id", "body", "x,y"))),
        (b"body\n", Header(",", ("body",))),
        (b"Hello! How are you?\n", Header(",", ("Hello! How are you?",))),
        (b"# text\n", Header(",", ("# text",))),
        (b"", Header(",", ())),
    ],
)
def test_without_the_needed_columns_the_likeliest_separator_makes_most_columns(
    tmp_path: Path, content: bytes, likeliest: Header
) -> None:
    assert choose_header(headers(tmp_path, content), has_text) == (likeliest, False)


def test_the_header_that_suits_best_is_chosen_before_the_first(tmp_path: Path) -> None:
    """So that a table is read in the same way, whether a label is needed or not."""
    known = headers(tmp_path, b"text,x;text;label\n")
    assert choose_header(known, lambda names: len({"text", "label"}.intersection(names)))[0].delimiter == ";"
    assert choose_header(known, has_text)[0].delimiter == ","


def test_a_space_before_quotes_is_of_the_cell_unless_the_header_has_it() -> None:
    rows = ['a, "b"\n', 'c, "d, e"\n']
    assert list(read_cells("a.csv", io.StringIO("".join(rows), newline=""))) == [["a", "b"], ["c", "d, e"]]
    assert list(read_cells("a.csv", io.StringIO("a,b\n" + rows[1], newline=""))) == [["a", "b"], ["c", ' "d', ' e"']]


def test_a_named_separator_is_the_only_one(tmp_path: Path) -> None:
    assert headers(tmp_path, b"id;text\n", TextFormat(",")) == [Header(",", ("id;text",))]


def test_a_header_whose_quote_is_never_closed_has_a_fault(tmp_path: Path) -> None:
    """Rather than one column under a separator that it does not have."""
    header, suits = choose_header(headers(tmp_path, b'text,"label\n1,2\n'), has_text)
    assert (header.delimiter, header.names, suits) == (",", (), False)
    assert header.fault.startswith("a.csv: wrong quoting in the row that starts in line 1 ")


def test_separators_in_words() -> None:
    words = ["commas", "semicolons", "tabs", "vertical bars", "carets", "tildes", "'#'"]
    assert [Header(delimiter, ()).words for delimiter in ",;\t|^~#"] == words


@pytest.mark.parametrize(
    ("written", "delimiter"), [("", ""), (",", ","), ("tab", "\t"), ("TAB", "\t"), (r"\t", "\t"), ("none", "none"), ("^", "^")]
)
def test_separators_as_they_are_typed(written: str, delimiter: str) -> None:
    assert delimiter_of(written) == delimiter


@pytest.mark.parametrize("written", ["semicolon", ";;", '"', "\n", "\0", " "])
def test_what_cannot_separate_is_refused(written: str) -> None:
    with pytest.raises(InputError, match=r"delimiter is .*; give one of .* for example --delimiter ';' or --delimiter tab"):
        delimiter_of(written)


def test_cells_of_each_record() -> None:
    """A record may span lines, a blank line has no cells, and a declared separator is no record."""
    text = io.StringIO('sep=;\na;"b\n""c"""\n\nd\x0c;e\x85\r\n', newline="")
    assert list(read_cells("a.csv", text, ";")) == [["a", 'b\n"c"'], [], ["d\x0c", "e\x85"]]


@pytest.mark.parametrize("start", ["", "sep=,\n"])
def test_a_quote_that_is_never_closed_names_its_line(start: str) -> None:
    text = io.StringIO(f'{start}a,b\n"c\nd",e\n\n"never closed,f\ng,h\n', newline="")
    line = 6 if start else 5
    with pytest.raises(InputError, match=rf"^a.csv: wrong quoting in the row that starts in line {line} .*; close every quoted"):
        list(read_cells("a.csv", text))
