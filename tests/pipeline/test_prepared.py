"""What `fairgate prepare` leaves for the steps, and what is wrong with it when a step cannot use it."""

from pathlib import Path

import pytest

from fairgate.errors import InputError, UnknownNameError
from pipeline import prepared
from pipeline.prepared import PreparedRun


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a root with a prepared run of two steps."""
    monkeypatch.setattr("pipeline.provenance.source_digests", lambda: {"fairgate/names.py": "sha256:1"})
    rows = {"StatisticsGen": 1797, "Pusher": 0}
    prepared.write(PreparedRun("one", str(tmp_path), prepared.source(), {"task": "digits"}, {}, rows, {"nodes": []}), tmp_path)
    return tmp_path


def test_prepared_run_is_read_as_it_was_written(root: Path) -> None:
    run = prepared.read(root, "Pusher")
    assert (run.name, run.config, run.rows["StatisticsGen"], run.graph) == ("one", {"task": "digits"}, 1797, {"nodes": []})


def test_unknown_step_names_the_known_ones(root: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        prepared.read(root, "Statistics")
    words = "there is no step 'Statistics'; did you mean 'StatisticsGen'? known: StatisticsGen, Pusher."
    assert str(caught.value) == words


def test_root_without_a_prepared_run_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        prepared.read(tmp_path)
    command = f"type `fairgate prepare TASK --root {tmp_path}` first, with the options of the run"
    assert str(caught.value) == f"{tmp_path}: no run is prepared here; {command}."


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "one"}'])
def test_damaged_file_is_named(root: Path, content: str) -> None:
    (root / "steps" / "prepared.json").write_text(content)
    with pytest.raises(InputError, match=r"steps/prepared\.json: damaged \(.*\); type `fairgate prepare TASK --root"):
        prepared.read(root)


def test_source_that_has_changed_since_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New code under the cache keys of the old one would be found in the cache ever after."""
    monkeypatch.setattr("pipeline.provenance.source_digests", lambda: {"fairgate/names.py": "sha256:2"})
    with pytest.raises(InputError, match="fairgate's source has changed since the run was prepared; type `fairgate prepare"):
        prepared.read(root)


def test_root_that_was_moved_is_refused(root: Path) -> None:
    """The graph's paths lead to where it was."""
    moved = root.rename(root.with_name("moved"))
    with pytest.raises(InputError, match=f"moved: the run was prepared as {root}; use that name, or type `fairgate prepare"):
        prepared.read(moved)
