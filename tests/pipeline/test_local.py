"""What the local runner does around the graph."""

from datetime import datetime, timezone
from pathlib import Path

import pytest
from ml_metadata.proto import Artifact

from components.modelling.publishing import publish
from fairgate.files import folder_digest
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict
from pipeline.local import RUN_ID, free_moment, published_version


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


NOW = datetime(2026, 12, 31, tzinfo=timezone.utc)


def model(folder: Path, weights: str) -> Path:
    """A folder with a model."""
    folder.mkdir()
    (folder / "saved_model.pb").write_text(weights)
    return folder


def pushed(copy: Path, version: str) -> Artifact:
    """What the Pusher recorded, perhaps in an earlier run: its own copy of the model, and the version; "" for none."""
    artifact = Artifact(uri=str(copy))
    artifact.custom_properties["pushed_destination"].string_value = version
    return artifact


def blessed(folder: Path) -> Verdict:
    """The verdict on a model."""
    return Verdict(
        task="digits",
        outcome="blessed",
        summary="",
        models={"candidate": ModelInfo(digest=folder_digest(folder))},
        overall={},
        rules=(),
        slices=(),
        omitted={},
        invalid_scores={},
        confidence=0.95,
        data=DataInfo(source="files"),
        provenance=Provenance(),
    )


def test_version_that_is_the_newest_stays(tmp_path: Path) -> None:
    first, serving = model(tmp_path / "first", "one"), tmp_path / "serving"
    version = publish(first, folder_digest(first), serving, 7)
    assert published_version(pushed(first, str(version)), blessed(first), serving, NOW) == version
    assert [path.name for path in serving.iterdir()] == ["7"]


def test_version_that_a_later_run_superseded_is_published_again(tmp_path: Path) -> None:
    """A change is undone, the first run comes from the cache: what is served must be what it judged."""
    first, second, serving = model(tmp_path / "first", "one"), model(tmp_path / "second", "two"), tmp_path / "serving"
    version = publish(first, folder_digest(first), serving, 7)
    publish(second, folder_digest(second), serving, 8)
    again = published_version(pushed(first, str(version)), blessed(first), serving, NOW)
    assert again is not None
    assert again.name == str(int(NOW.timestamp()))
    assert folder_digest(again) == folder_digest(first)


def test_refused_model_has_no_version(tmp_path: Path) -> None:
    refused = model(tmp_path / "refused", "one")
    assert published_version(pushed(refused, ""), blessed(refused), tmp_path / "serving", NOW) is None
    assert not (tmp_path / "serving").exists()
