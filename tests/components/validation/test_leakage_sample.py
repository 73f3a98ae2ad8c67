"""The sample of examples that signs of leakage are looked for in."""

from pathlib import Path

import pytest

from components.validation import leakage
from data.records import encode_example, write_split


def test_sample_is_spread_over_the_whole_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three times as many examples as are wanted, each third one."""
    monkeypatch.setattr(leakage, "SAMPLE", 10)
    rows = 30
    write_split(tmp_path, "train", (encode_example({"row": [row]}) for row in range(rows)))
    found = [row["row"][0] for row in leakage.sample(str(tmp_path), "train", rows)]
    assert found == list(range(0, rows, 3))


def test_small_split_is_taken_whole(tmp_path: Path) -> None:
    write_split(tmp_path, "eval", (encode_example({"row": [row]}) for row in range(7)))
    assert len(leakage.sample(str(tmp_path), "eval", 7)) == 7
