"""The splits of an artifact."""

from pathlib import Path

from components.artifacts.splits import split_folder, splits_in


def test_known_splits_are_found_in_their_order(tmp_path: Path) -> None:
    for split in ("eval", "train", "other", "validation"):
        split_folder(tmp_path, split).mkdir()
    assert splits_in(str(tmp_path)) == ("train", "validation", "eval")
    split_folder(tmp_path, "validation").rmdir()
    split_folder(tmp_path, "validation").touch()
    assert splits_in(tmp_path) == ("train", "eval")
    assert splits_in(tmp_path / "absent") == ()
