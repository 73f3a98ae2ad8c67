"""Against the resident memory of this process, as Linux says it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from fairgate.counting import freed
from fairgate.counting.threads import LONG

pytestmark = pytest.mark.skipif(sys.platform != "linux" or freed._TRIM is None, reason="only glibc gives memory back")
COLUMNS, COLUMN = 2000, 8_000  # of 64,000 bytes, which glibc never maps one by one


def resident() -> int:
    """Bytes."""
    (line,) = (line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize(("rows", "given_back"), [(LONG, False), (LONG + 1, True)])
def test_freed_columns_of_a_long_table_are_given_back(rows: int, given_back: bool) -> None:
    """Between any two of them lies one that lives on."""
    columns = [np.ones(COLUMN + at % 2) for at in range(2 * COLUMNS)]
    living = columns[1::2]
    del columns
    before = resident()
    freed.give_back(rows)
    assert (before - resident() > COLUMNS * COLUMN * 8 // 2) is given_back
    assert len(living) == COLUMNS
