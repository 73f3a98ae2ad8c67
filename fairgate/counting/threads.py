"""Compute several things at once. NumPy's sorting, taking and counting of whole columns wait for no other thread."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

LONG = 4_000_000
MOST = 4  # threads: each needs memory for its own intermediate columns


def at_once(compute: Callable[[T], U], given: Iterable[T], rows: int) -> list[U]:
    """Return what a function makes of each of the arguments, in their order; what it raises is raised.

    Args:
        compute: is called in several threads.
        given: its arguments.
        rows: of its columns; of more than `LONG` it is called here, one after the other, so that no more memory is needed: what
            another thread gives back stays with it.
    """
    if rows > LONG:
        return [compute(each) for each in given]
    with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1)) as threads:
        return list(threads.map(compute, given))
