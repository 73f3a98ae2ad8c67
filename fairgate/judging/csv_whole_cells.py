"""Find rows of a CSV file that two stray quotes join into one cell, in whatever column they stand.

Such a cell looks like a text of several lines, and the rows in it would be missing from every count. But each line of it is a
row: it has as many cells as the header, and in the columns of label, scores, decisions and weight what other rows have there.

In: the bytes of a file and the roles of its columns. Out: the first such row.
"""

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fairgate.judging.roles import Roles
from fairgate.judging.text_files import open_text

KNOWN_ROWS = 1000  # from which the values of a column are known
_QUOTE, _BREAKS = ord('"'), (ord("\n"), ord("\r"))

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


def joined_row(path: Path, delimiter: str, roles: Roles, blocks: Iterable[bytes]) -> tuple[int, str] | None:
    """Return the first row that two quotes join with others, and its first line; None where there is none.

    Args:
        path: of the file.
        delimiter: between its cells.
        roles: resolved.
        blocks: the bytes of the file, without a byte-order mark and with a line break at the end; every quote opens or closes a
            cell, or is one of two that stand for one.

    Returns:
        the number of the row, 0 for the header, and the text of its first line.
    """
    width, fits = _columns(path, delimiter, roles)
    number = 0
    for rows, quotes, breaks in _whole_rows(blocks):
        ends = breaks[~_inside(quotes, breaks)]
        opening, closing = _cells(quotes, breaks, ends, np.flatnonzero(rows == ord(delimiter)), width)
        for at, row in enumerate(np.searchsorted(ends, opening).tolist()):
            first, last = int(ends[row - 1]) if row else 0, int(ends[row])
            parts = rows[first : opening[at]], rows[opening[at] + 1 : closing[at]], rows[closing[at] + 1 : last]
            text = b"".join(part.tobytes() for part in parts).decode("utf-8", "replace").strip("\r\n")
            own = re.split(r"[\r\n]+", text)
            if all(map(fits, own)):
                return number + row, own[0]
        number += ends.size
    return None


def _cells(quotes: Places, breaks: Places, ends: Places, separators: Places, width: int) -> tuple[Places, Places]:
    """Return where cells begin and end whose lines have as many separators as rows of the width.

    Args:
        quotes: where they stand.
        breaks: where lines end.
        ends: the breaks at which rows end.
        separators: where they stand.
        width: cells of a row.
    """
    opening, closing = quotes[::2], quotes[1::2]
    first, last = np.searchsorted(breaks, opening), np.searchsorted(breaks, closing)
    several = last > first
    opening, closing, first, last = opening[several], closing[several], first[several], last[several]

    outside = separators[~_inside(quotes, separators)]
    starts = np.concatenate(([-1], ends))[np.searchsorted(ends, opening)]
    before = np.searchsorted(outside, opening) - np.searchsorted(outside, starts)
    at = np.searchsorted(separators, opening)
    of_first, of_all = np.searchsorted(separators, breaks[first]) - at, np.searchsorted(separators, closing) - at
    alike = (before + of_first == width - 1) & (of_all == (last - first) * (width - 1))
    return opening[alike], closing[alike]


def _columns(path: Path, delimiter: str, roles: Roles) -> tuple[int, Callable[[str], bool]]:
    """Return the number of columns, and what says of a line whether it is a row of them."""
    with io.TextIOWrapper(open_text(path), encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = filter(None, csv.reader(text, delimiter=delimiter))
        names, rows = next(reader), []
        with contextlib.suppress(csv.Error):  # a cell that is longer than Python takes
            for row in itertools.islice(reader, KNOWN_ROWS):
                rows.append(row)  # those before that cell are kept
    judged = [*([] if roles.label is None else [roles.label]), *roles.decisions.values(), *roles.numbers()]
    places = [names.index(name) for name in dict.fromkeys(judged)]
    known = {place: _values([row[place] for row in rows]) for place in places}

    def fits(line: str) -> bool:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return len(cells) == len(names) and all(is_known(cells[place]) for place, is_known in known.items())

    return len(names), fits


def _values(cells: Sequence[str]) -> Callable[[str], bool]:
    """Return what says of a cell whether such a value stands in others: the same, or a number between theirs, or 0 and 1."""
    known = {cell.strip() for cell in cells}
    numbers = [_number(cell) for cell in known if cell]
    low, high = (min([0.0, *numbers]), max([1.0, *numbers])) if all(map(np.isfinite, numbers)) else (np.inf, -np.inf)
    return lambda cell: cell.strip() in known or bool(low <= _number(cell) <= high)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _whole_rows(blocks: Iterable[bytes]) -> Iterator[tuple[Bytes, Places, Places]]:
    """Yield the bytes of the file in parts that end where a row does, and where their quotes stand and their lines end.

    A line that is empty has no end of its own.
    """
    rest = b""
    for block in blocks:
        signs = np.frombuffer(rest + block, np.uint8)
        is_break = (signs == _BREAKS[0]) | (signs == _BREAKS[1])
        breaks = np.flatnonzero(is_break & ~np.concatenate(([True], is_break[:-1])))  # the bytes begin with a line
        quotes = np.flatnonzero(signs == _QUOTE)
        last = np.flatnonzero(~_inside(quotes, breaks))[-1:]
        cut = int(breaks[last[0]]) + 1 if last.size else 0
        yield signs[:cut], quotes[quotes < cut], breaks[breaks < cut]
        rest = signs[cut:].tobytes()


def _inside(quotes: Places, places: Places) -> npt.NDArray[np.bool_]:
    """Return which places lie between a quote that opens and the one that closes."""
    inside: npt.NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 1
    return inside
