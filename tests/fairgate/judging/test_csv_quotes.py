"""Stray quotes in CSV files: rows that they join are refused, in whatever column they stand; other quotes are not."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairgate.errors import InputError
from fairgate.judging import reading
from fairgate.judging.roles import Roles

ROLES = Roles("y", {"candidate": "p"}, ["g"])
HEAD = "note,y,p,g,text\n"
SOUND: dict[str, tuple[str, int]] = {
    "no quotes": ("n,0,0.2,a,t\nn,1,0.8,b,t\n", 2),
    "every cell in quotes": ('"n","0","0.2","a","t"\r\n"n","1","0.8","b","t"\r\n', 2),
    "line breaks and separators in a text": ('n,0,0.2,a,"hello, you\nand, you"\nn,1,0.8,b,"one\n\ntwo"\n', 2),
    "doubled quotes": ('n,0,0.2,a,"he said ""yes,\nno"""\nn,1,0.8,b,""""\n', 2),
    "an inch": ('5" pipe,0,0.2,a,t\n7" pipe,1,0.8,b,"t"\n', 2),
    "an inch beside a text of two lines": ('5" pipe,0,0.2,a,t\nn,1,0.8,b,"one\ntwo"\n', 2),
    "an inch at the end, empty lines": ('n,0,0.2,a,5"\n\n\nn,1,0.8,b,t', 2),
    "spaces before quotes": ('n,0,0.2,a, "t"\nn,1,0.8,b, "t"\n', 2),
    "a quote in the last line that is never closed": ('n,0,0.2,a,t\nn,1,0.8,b,"t\n', 2),
    "a text whose lines have as many commas as a row": ('n,0,0.2,a,"a\nb,c,d,e,f"\n"b,b,b,b,b\nc",1,0.8,b,t\n', 2),
    "a text of numbers that no other row has": ('"n,2,0.2,a,t\nb",0,0.2,a,t\nn,1,0.8,b,t\n', 2),
    "a text of probabilities above 1": ('"n,1,1.2,a,t\nb",0,0.2,a,t\nn,1,0.8,b,t\n', 2),
    "text after a quote": ('"n"o,0,0.2,a,t\nn,1,0.8,b,t\n', 2),
}
JOINED: dict[str, tuple[str, str]] = {
    "a quote that is never closed": ('n,0,0.2,a,t\nn,1,0.8,b,"t\nn,0,0.2,a,t\n', "row 2 goes on"),
    "in the first column": ('"n,0,0.2,a,t\nn,1,0.8,b,t\n"n,1,0.8,b,t\n', "row 1 goes on"),
    "closed by that of another cell": ('n,0,0.2,a,"t\n\nn,1,0.8,b,t\nn,1,0.8,b,"text"\n', "row 1 goes on"),
    "after an empty line": ('n,0,0.2,a,t\n\nn,0,0.2,a,"t\nn,1,0.8,b,"text"\n', "row 2 goes on"),
    "of more text than a cell may have": ('n,0,0.2,a,t\nn,0,0.2,a,"t\n' + "n,1,0.8,b,t\n" * 20_000, "row 2 goes on"),
}
WHOLE_CELLS: dict[str, tuple[str, int]] = {
    "of two rows": ('"n,0,0.2,a,t\nm",1,0.8,b,t\nn,1,0.8,b,t\n', 1),
    "of many rows": ('n,1,0.8,b,t\n"n,0,0.2,a,t\n' + "n,1,0.8,b,t\n" * 50 + 'm",1,0.8,b,t\n', 2),
    "in the last column": ('n,1,0.8,b,t\n\nn,0,0.2,a,"t\nn,1,0.8,b,u"\nn,1,0.8,b,t\n', 2),
    "beside other quotes": ('n,1,0.8,b,"one\ntwo"\r\nn,0,0.2,"a, c","t\r\nn,1,0.9,b,u"\r\nn,1,0.8,b,t\r\n', 2),
}


def _rows(path: Path, content: str) -> int:
    path.write_bytes(content.encode())
    _, batches = reading.batches([path], ROLES)
    numbers = [[int(batch.num_rows) for _, batch in batches] for _ in range(2)]  # read twice, as some tables are
    assert numbers[0] == numbers[1]
    return sum(numbers[0])


@pytest.mark.parametrize("block", [1 << 24, 2, 7])
@pytest.mark.parametrize("case", SOUND)
def test_no_row_is_refused_for_quotes_that_join_none(
    case: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file is looked at in parts of a few bytes."""
    monkeypatch.setattr("fairgate.judging.csv_quotes.BLOCK", block)
    content, rows = SOUND[case]
    assert _rows(tmp_path / "a.csv", HEAD + content) == rows
    assert _rows(tmp_path / "b.csv", "\ufeff" + HEAD + content) == rows


@pytest.mark.parametrize("block", [1 << 24, 11])
@pytest.mark.parametrize("case", JOINED)
def test_rows_that_a_stray_quote_joins_are_refused(
    case: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a column that is not even read, for the rows would be missing from every count."""
    monkeypatch.setattr("fairgate.judging.csv_quotes.BLOCK", block)
    content, message = JOINED[case]
    with pytest.raises(InputError, match=rf"a\.csv: {message} over several lines.*; remove the quote, or double it"):
        _rows(tmp_path / "a.csv", HEAD + content)


@pytest.mark.parametrize("block", [1 << 24, 11])
@pytest.mark.parametrize("case", WHOLE_CELLS)
def test_rows_that_two_stray_quotes_make_one_cell_of_are_refused(
    case: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a column that is not read: each line of the cell is a row like the others."""
    monkeypatch.setattr("fairgate.judging.csv_quotes.BLOCK", block)
    content, row = WHOLE_CELLS[case]
    message = rf"a\.csv: row {row} goes on over several lines \('n,0,0.2,.*'\), and each of them is a row: two stray quotes"
    with pytest.raises(InputError, match=message):
        _rows(tmp_path / "a.csv", HEAD + content)


def test_two_stray_quotes_are_found_by_decisions_too(tmp_path: Path) -> None:
    """Where no column holds numbers; a text that is no decision is one."""
    roles = Roles(None, {}, ["g"], decisions={"candidate": "d"})
    for line, joined in (("a", True), ("maybe", False)):
        (tmp_path / "a.csv").write_text(f'd,g,text\nyes,a,"t\n{"no" if joined else line},a,u"\nno,a,t\n')
        batches = reading.batches([tmp_path / "a.csv"], roles)[1]
        if joined:
            with pytest.raises(InputError, match="row 1 goes on over several lines"):
                list(batches)
        else:
            assert sum(batch.num_rows for _, batch in batches) == 2


def test_a_compressed_file_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(gzip.compress((HEAD + JOINED["in the first column"][0]).encode()))
    with pytest.raises(InputError, match="row 1 goes on over several lines"):
        list(reading.batches([tmp_path / "a.csv"], ROLES)[1])


@pytest.fixture
def usual_cells() -> Iterator[None]:
    """The longest cell that Python's reader takes, as in a process that has not changed it."""
    before = csv.field_size_limit(1 << 17)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_cells")
def test_a_quote_in_the_header_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    """It takes the whole file for one name; a long one is no header at all."""
    for rows, message in ((1, "there is no column 'y'"), (20_000, "its first line is no header of a CSV file")):
        with pytest.raises(InputError, match=message):
            _rows(tmp_path / "a.csv", '"' + HEAD + "n,1,0.8,b,t\n" * rows)


@pytest.mark.usefixtures("usual_cells")
def test_a_quote_that_takes_more_rows_than_a_cell_may_hold_is_refused(tmp_path: Path) -> None:
    """Python's reader gives up within that row."""
    content = 'n,1,0.8,b,t\nn,1,0.8,b,"stray\n' + "n,1,0.8,b,t\n" * 20_000 + 'n,1,0.8,b,t"x\n'
    with pytest.raises(InputError, match="row 2 goes on over several lines"):
        _rows(tmp_path / "a.csv", HEAD + content)
