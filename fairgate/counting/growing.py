"""Hold a column whose rows come batch by batch in one piece of memory, which is longer than the rows by an eighth at most.

A list of batches that is joined at the end would need the memory twice.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]

_SHARE = 8  # of the rows that are there, room is made for one of so many more


class GrowingColumn:
    """A column that is added to."""

    def __init__(self, kind: npt.DTypeLike) -> None:
        """Start empty, for values of a dtype."""
        self._size = 0
        self._held = np.empty(0, kind)

    def add(self, values: Column) -> None:
        """Add values [n], which are cast to the dtype."""
        size = self._size + len(values)
        if size > len(self._held):
            self._held.resize(max(size, self._size + self._size // _SHARE), refcheck=False)  # in place; nobody has a view yet
        self._held[self._size : size] = values
        self._size = size

    def values(self) -> Column:
        """Return all values as a view; nothing can be added any more."""
        return self._held[: self._size]
