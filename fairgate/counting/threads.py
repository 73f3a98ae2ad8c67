"""Compute several things at once. NumPy's sorting, taking and counting of whole columns wait for no other thread."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

MOST = 4  # threads: each needs memory for its own intermediate columns


def at_once(compute: Callable[[T], U], given: Iterable[T]) -> list[U]:
    """Return what a function makes of each of the arguments, in their order; what it raises is raised."""
    with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1)) as threads:
        return list(threads.map(compute, given))
