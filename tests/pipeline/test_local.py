"""What the local runner does around the graph."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from pipeline.local import RUN_ID, free_moment


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "20261231T235959Z"),
        (["20261231T235958Z", "20270101T000000Z"], "20261231T235959Z"),
        (["20261231T235959Z", "20270101T000000Z"], "20270101T000001Z"),
    ],
    ids=["no run yet", "none in this second", "one in this second and in the next"],
)
def test_a_run_in_the_same_second_takes_the_next_free_one(tmp_path: Path, taken: list[str], expected: str) -> None:
    """Two runs that end within a second of each other have folders of their own."""
    for name in taken:
        (tmp_path / name).mkdir()
    now = datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=timezone.utc)
    assert free_moment(tmp_path, now).strftime(RUN_ID) == expected
