"""Read the label of a row, from one column or from several, each with its own threshold.

In: cells by column; a column that the user names as a label is called `LABEL_OF` and its own name. Out: whether the row is
positive, and how each column writes it. A row is positive where any of its labels reaches its threshold.
"""

from collections.abc import Mapping
from functools import lru_cache

from data.comments.cells import WORDS, Cell, MalformedRowError, fraction, word_of
from data.comments.names import LABEL
from data.label_report import BELOW, REACHED

KAGGLE_LABEL = "target"
LABEL_COLUMNS = (LABEL, KAGGLE_LABEL)  # the label is the first of these columns that a source has, if the user names none
LABEL_OF = "label:"
THRESHOLD = 0.5  # of the raters


def is_label(cell_name: str) -> bool:
    """Return whether the cell is of a column that the user names as a label."""
    return cell_name.startswith(LABEL_OF)


def read_labels(row: Mapping[str, Cell], thresholds: Mapping[str, float]) -> tuple[bool, dict[str, str]]:
    """Return whether a row is positive, and label column -> the way in which it is written, as `LabelReport.rows` has it.

    Args:
        row: cells by column.
        thresholds: label column -> the least fraction that is positive; THRESHOLD where it has none.

    Raises:
        MalformedRowError: there is no label, or a cell is no label.
    """
    named = {name.removeprefix(LABEL_OF): cell for name, cell in row.items() if is_label(name)}
    if not named:
        named = next(({name: row[name]} for name in LABEL_COLUMNS if name in row), {})
    if not named:
        raise MalformedRowError(f"{LABEL} is missing")
    read = {column: _read(column, cell, thresholds.get(column, THRESHOLD)) for column, cell in named.items()}
    return any(positive for positive, _ in read.values()), {column: word for column, (_, word) in read.items()}


@lru_cache(maxsize=1 << 12)  # few fractions make up most rows
def _read(column: str, cell: Cell, threshold: float) -> tuple[bool, str]:
    if cell == "":
        raise MalformedRowError(f"{column} is empty")
    number = fraction(column, cell)
    if isinstance(cell, str) and (word := word_of(cell)) in WORDS:
        return number >= threshold, word
    if number in (0, 1):
        return number >= threshold, f"{number:g}"
    return number >= threshold, REACHED if number >= threshold else BELOW
