"""Read single cells of a source row: numbers and yes-or-no words.

In: a cell as a reader yields it. Out: a fraction, or `MalformedRowError` with the reason. Pure Python.
"""

from collections.abc import Mapping
from types import MappingProxyType

Cell = str | float | tuple[str, ...]  # text or a number as text (CSV), a number (raw TFRecord), names (processed TFRecord)
TRUE_FALSE = ("true", "false")  # the positive word first
YES_NO = ("yes", "no")
WORDS: Mapping[str, float] = MappingProxyType(
    {word: 1.0 - place for pair in (TRUE_FALSE, YES_NO) for place, word in enumerate(pair)}
)

_SHOWN = 40  # characters of an offending value that a reason quotes


class MalformedRowError(ValueError):
    """A row that cannot be read; the message is the reason, without the comment's text."""


def fraction(column: str, cell: Cell) -> float:
    """Return a cell as a number from 0 to 1: 0 or 1, true or false, yes or no in any case, or a fraction.

    Raises:
        MalformedRowError: the cell is none of these.
    """
    if isinstance(cell, tuple):
        raise MalformedRowError(f"{column} has {len(cell)} values, not one number")
    try:
        number = _number(cell) if isinstance(cell, str) else cell
    except ValueError:
        raise MalformedRowError(f"{column} is {quoted(cell)}, not a number, true or false, or yes or no") from None
    if not 0 <= number <= 1:  # also catches NaN
        raise MalformedRowError(f"{column} is {quoted(cell)}, not a fraction from 0 to 1")
    return number


def word_of(cell: str) -> str:
    """Return the cell as `WORDS` has it; it need not be one of them."""
    return cell.strip().casefold()


def quoted(value: object) -> str:
    """Return the value as a message shows it: quoted, escaped and cut."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _number(cell: str) -> float:
    if (number := WORDS.get(word_of(cell))) is not None:
        return number
    if "_" in cell:  # Python reads 0_1 as 1
        raise ValueError(cell)
    return float(cell)
