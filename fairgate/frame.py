"""Hold a table as NumPy columns: the little that a report needs of a data frame, without the time that importing pandas takes.

In: columns, or a table of pandas. Out: columns, rows as dictionaries, or a table of pandas.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Values = npt.NDArray[Any]
Tabular = Union["Frame", "pd.DataFrame"]


class Frame:
    """A table of N rows. Nothing changes it.

    Attributes:
        columns: name -> N values: bool, int or float (NaN is undefined); of anything else dtype object (text, None, lists of
            text).
    """

    def __init__(self, columns: Mapping[str, Values | Sequence[Any]]) -> None:
        """Take columns of equal length.

        Raises:
            ValueError: their lengths differ.
        """
        self.columns: dict[str, Values] = {name: _array(values) for name, values in columns.items()}
        if len({len(column) for column in self.columns.values()}) > 1:
            raise ValueError(f"Columns differ in length: { {name: len(column) for name, column in self.columns.items()} }.")

    @classmethod
    def of(cls, table: Tabular) -> "Frame":
        """Return a table of pandas as a frame, and a frame as it is."""
        if isinstance(table, Frame):
            return table
        return cls({str(name): _of_series(series) for name, series in table.items()})

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[Any]], names: Sequence[str]) -> "Frame":
        """Return rows as a frame with the columns `names`."""
        values = list(zip(*rows, strict=True)) or [()] * len(names)
        return cls(dict(zip(names, values, strict=True)))

    @classmethod
    def stacked(cls, parts: Sequence["Frame"], names: Sequence[str]) -> "Frame":
        """Return the rows of all parts one below the other, with the columns `names`; without parts there are none."""
        return cls({name: np.concatenate([part[name] for part in parts]) if parts else [] for name in names})

    def __getitem__(self, name: str) -> Values:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Frame":
        """Return the rows that are chosen: bool[N]."""
        return self.take(np.flatnonzero(chosen))

    def take(self, places: npt.NDArray[np.intp]) -> "Frame":
        """Return the rows at these places, in their order."""
        return Frame({name: column[places] for name, column in self.columns.items()})

    def assign(self, **columns: Values | Sequence[Any] | float) -> "Frame":
        """Return the frame with these columns, new ones or in place of others; a text or number stands in every row."""
        whole = {name: [value] * len(self) if isinstance(value, str | float) else value for name, value in columns.items()}
        return Frame({**self.columns, **whole})

    def select(self, names: Iterable[str]) -> "Frame":
        """Return only these columns."""
        return Frame({name: self.columns[name] for name in names})

    def distinct(self, name: str) -> list[Any]:
        """Return every value of a column once, as they come."""
        return list(dict.fromkeys(self.columns[name].tolist()))

    def keys(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the values of these columns row by row, fit for a dictionary: None for NaN, which differs from itself."""
        return list(zip(*(_plain(self.columns[name]) for name in names), strict=True))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of plain values."""
        lists = [column.tolist() for column in self.columns.values()]
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*lists, strict=True)]

    def pandas(self) -> "pd.DataFrame":
        """Return the same as a table of pandas."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))


def is_text(column: Values) -> bool:
    """Return whether a column holds text, or lists of it, rather than numbers or truth values."""
    return column.dtype.kind == "O"


def joined(left: Frame, right: Frame, on: Sequence[str], columns: Mapping[str, str]) -> Frame:
    """Add numbers of another frame to the rows that have the same keys.

    Args:
        left: the rows.
        right: where the numbers stand; of rows with the same keys, the first counts.
        on: the names of the keys.
        columns: name in `right` -> its name in the result.

    Returns:
        `left` with float64 columns; NaN where `right` has no such row.
    """
    found: dict[tuple[Any, ...], int] = {}
    for place, key in enumerate(right.keys(on)):
        found.setdefault(key, place)
    absent = len(right)
    places = np.array([found.get(key, absent) for key in left.keys(on)], np.intp)
    return left.assign(**{new: np.append(right[name].astype(np.float64), np.nan)[places] for name, new in columns.items()})


def _plain(column: Values) -> list[Any]:
    values: list[Any] = column.tolist()
    return [None if value != value else value for value in values] if column.dtype.kind == "f" else values


def _of_series(series: "pd.Series[Any]") -> Values | list[Any]:
    kind = getattr(series.dtype, "kind", "O")
    return series.to_numpy() if isinstance(series.dtype, np.dtype) and kind in "biuf" else list(series)


def _array(values: Values | Sequence[Any]) -> Values:
    if isinstance(values, np.ndarray):
        return values if values.dtype.kind in "biufO" else values.astype(object)
    kinds = {type(value) for value in values}
    if kinds and kinds <= {bool, np.bool_}:
        return np.array(values, np.bool_)
    if kinds and kinds <= {int, np.int64}:
        return np.array(values, np.int64)
    if kinds and kinds <= {int, float, np.float64, np.int64}:
        return np.array(values, np.float64)
    column = np.empty(len(values), object)
    for place, value in enumerate(values):
        column[place] = value
    return column
