"""Which splits an artifact has: train and eval always, validation where train was large enough to spare one."""

from pathlib import Path

from fairgate.names import ALL_SPLITS


def split_folder(uri: str | Path, split: str) -> Path:
    """Return the folder of a split in an artifact of examples, statistics or anomalies."""
    return Path(uri, f"Split-{split}")


def splits_in(uri: str | Path) -> tuple[str, ...]:
    """Return the splits that an artifact has, in the order of ALL_SPLITS; folders of other names are no splits of a run."""
    return tuple(split for split in ALL_SPLITS if split_folder(uri, split).is_dir())
