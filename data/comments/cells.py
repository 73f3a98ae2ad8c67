"""Read single cells of a source row: numbers and yes-or-no words.

In: a cell as a reader yields it. Out: a fraction, or `MalformedRowError` with the reason. Pure Python.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Cell = str | float | tuple[str, ...]  # text or a number as text (CSV), a number (raw TFRecord), names (processed TFRecord)
TRUE_FALSE = ("true", "false")  # the positive word first
YES_NO = ("yes", "no")
WORDS: Mapping[str, float] = MappingProxyType(
    {word: 1.0 - place for pair in (TRUE_FALSE, YES_NO, ("t", "f"), ("y", "n")) for place, word in enumerate(pair)}
)
# Of any table program, for a cell that holds nothing; as `word_of` returns them.
MISSING = frozenset(("", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "-", "--", "?", "."))

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_SHOWN = 40  # characters of an offending value that a reason quotes


class MalformedRowError(ValueError):
    """A row that cannot be read; the message is the reason, without the comment's text."""


@dataclass(frozen=True)
class Scale:
    """The ends of a scale of ratings: 1 to 5, -1 to 1, 0 to 100.

    Attributes:
        least: the rating that is as negative as can be.
        most: the rating that is as positive as can be; it may be the smaller number.
    """

    least: float
    most: float

    def fraction(self, rating: float) -> float:
        """Return where between the ends a rating lies: 0 at the least, 1 at the most."""
        return (rating - self.least) / (self.most - self.least)


def fraction(column: str, cell: Cell, scale: Scale | None = None) -> float:
    """Return a cell as a number from 0 to 1: 0 or 1, true or false, yes or no, t, f, y or n in any case, or a fraction.

    A fraction may have a decimal comma ("0,7") or be a percentage with its sign ("70 %").

    Args:
        column: for the reason.
        cell: text or number.
        scale: of the column, where its numbers are ratings.

    Raises:
        MalformedRowError: the cell is none of these.
    """
    if isinstance(cell, tuple):
        raise MalformedRowError(f"{column} has {len(cell)} values, not one number")
    word = word_of(cell) if isinstance(cell, str) else ""
    if (by_word := WORDS.get(word)) is not None and word:
        return by_word
    try:
        number = read_number(cell) if isinstance(cell, str) else cell
    except ValueError:
        raise MalformedRowError(f"{column} is {quoted(cell)}, not a number, true or false, or yes or no{_hint(cell)}") from None
    if scale and not word.endswith("%"):
        ends = sorted((scale.least, scale.most))
        if not ends[0] <= number <= ends[1]:  # also catches NaN
            raise MalformedRowError(f"{column} is {quoted(cell)}, outside of its scale from {scale.least:g} to {scale.most:g}")
        return scale.fraction(number)
    if not 0 <= number <= 1:  # also catches NaN
        raise MalformedRowError(f"{column} is {quoted(cell)}, not a fraction from 0 to 1")
    return number


def is_missing(cell: Cell | None) -> bool:
    """Return whether the cell says nothing: it is empty, white space, NaN, or a word such as NA or null."""
    return cell is None or (isinstance(cell, str) and word_of(cell) in MISSING) or cell != cell  # NaN


def word_of(cell: str) -> str:
    """Return the cell as `WORDS` has it; it need not be one of them."""
    return cell.strip().casefold()


def quoted(value: object) -> str:
    """Return the value as a message shows it: quoted, escaped and cut."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def read_number(cell: str) -> float:
    """Return the number in a cell, also with a decimal comma or as a percentage.

    Raises:
        ValueError: it holds none, or one whose comma may stand before thousands ("1,000").
    """
    written = cell.strip()
    share = written.endswith("%")
    written = written[:-1].rstrip() if share else written
    if "_" in written:  # Python reads 0_1 as 1
        raise ValueError(cell)
    if _DECIMAL_COMMA.fullmatch(written) and not _THOUSANDS.fullmatch(written):
        written = written.replace(",", ".")
    return float(written) / 100 if share else float(written)


def _hint(cell: Cell) -> str:
    """Return what else may be wrong with a cell that is no number."""
    text = str(cell)
    if '"' in text:
        return "; a quote behind a space does not quote: remove the space"
    return "; the comma may stand before thousands: write the number without it" if _THOUSANDS.fullmatch(text.strip()) else ""
