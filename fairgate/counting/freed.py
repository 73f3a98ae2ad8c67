"""Give the memory of freed columns back to the system, before much is needed again."""

import ctypes
import sys

import pyarrow as pa

from fairgate.counting.threads import LONG

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # glibc has it


def give_back(rows: int) -> None:
    """Give back what Arrow and the C library keep of freed columns, which lies in pieces between those that live on.

    Args:
        rows: of the table; of no more than `LONG` nothing is done, for time matters more.
    """
    if rows > LONG:
        pa.default_memory_pool().release_unused()
        if _TRIM is not None:
            _TRIM(0)
