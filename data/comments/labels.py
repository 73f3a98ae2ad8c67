"""Read the label of a row, from one column or from several, each with its own threshold.

In: cells by column; a column that the user names as a label is called `LABEL_OF` and its own name. Out: whether the row is
positive, and how each column writes it. A row is positive where any of its labels reaches its threshold.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from data.comments.cells import WORDS, Cell, MalformedRowError, Scale, fraction, is_missing, quoted, read_number, word_of
from data.comments.names import LABEL
from data.label_report import BELOW, REACHED
from data.options import set_option
from fairgate.errors import InputError

KAGGLE_LABEL = "target"
LABEL_COLUMNS = (LABEL, KAGGLE_LABEL)  # the label is the first of these columns that a source has, if the user names none
LABEL_OF = "label:"
THRESHOLD = 0.5  # of the raters
_USUAL_SCALES = ((-1, 1), (1, 5), (1, 10), (0, 100))


def is_label(cell_name: str) -> bool:
    """Return whether the cell is of a column that the user names as a label."""
    return cell_name.startswith(LABEL_OF)


def read_scales(written: Mapping[str, tuple[float, float]]) -> dict[str, Scale]:
    """Return label column -> the scale of its ratings, from their ends, the least toxic one first.

    Raises:
        InputError: both ends are the same.
    """
    for column, (least, most) in written.items():
        if least == most:
            option = set_option("[1,5]", "input", "label_scales", column)
            raise InputError(f"the scale of {column!r} starts and ends at {least:g}; name its two ends, for example {option}")
    return {column: Scale(*ends) for column, ends in written.items()}


def read_labels(
    row: Mapping[str, Cell], thresholds: Mapping[str, float], scales: Mapping[str, Scale] = MappingProxyType({})
) -> tuple[bool, dict[str, str]]:
    """Return whether a row is positive, and label column -> the way in which it is written, as `LabelReport.rows` has it.

    Args:
        row: cells by column.
        thresholds: label column -> the least fraction that is positive; THRESHOLD where it has none.
        scales: label column -> the scale of its ratings, of which the threshold is a share.

    Raises:
        MalformedRowError: there is no label, or a cell is no label.
    """
    named = {name.removeprefix(LABEL_OF): cell for name, cell in row.items() if is_label(name)}
    if not named:
        named = next(({name: row[name]} for name in LABEL_COLUMNS if name in row), {})
    if not named:
        raise MalformedRowError(f"{LABEL} is missing")
    read = {column: _read(column, cell, thresholds.get(column, THRESHOLD), scales.get(column)) for column, cell in named.items()}
    return any(positive for positive, _ in read.values()), {column: word for column, (_, word) in read.items()}


@lru_cache(maxsize=1 << 12)  # few fractions make up most rows
def _read(column: str, cell: Cell, threshold: float, scale: Scale | None) -> tuple[bool, str]:
    if is_missing(cell):
        said = "empty" if cell == "" else f"{quoted(cell)}, which says nothing; leave the row out, or write its label"
        raise MalformedRowError(f"{column} is {said}")
    try:
        number = fraction(column, cell, scale)
    except MalformedRowError as error:
        raise MalformedRowError(f"{error}{'' if scale else _scale_hint(column, cell)}") from None
    positive = number >= threshold
    if isinstance(cell, str) and (word := word_of(cell)) in WORDS:
        return positive, word
    if number in (0, 1) and not scale:
        return positive, f"{number:g}"
    return positive, REACHED if positive else BELOW


def _scale_hint(column: str, cell: Cell) -> str:
    """Return the option that reads ratings such as this cell, a whole or half number, with the usual ends of such scales."""
    try:
        number = read_number(cell) if isinstance(cell, str) else cell
    except ValueError:
        return ""
    if not isinstance(number, float) or not (2 * number).is_integer():
        return ""
    usual = (ends for ends in _USUAL_SCALES if ends[0] <= number <= ends[1])
    if (ends := next(usual, None)) is None:
        return ""
    option = set_option(f"[{ends[0]},{ends[1]}]", "input", "label_scales", column)
    return f"; if these are ratings, name the least and the most toxic: {option}" if option else ""
