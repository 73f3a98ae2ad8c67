"""Whole runs on a machine that fails them: interrupted, without room, without permission, with damaged files, in company."""

import os
import signal
import time
from pathlib import Path

import pytest

from fairgate.cli.exit_codes import INPUT_ERROR
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from tests.faults.harness import COLLECT, STEPS, check_finished, check_left, fill_up, finish, small_disk, start

pytestmark = pytest.mark.faults

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount file systems")


@pytest.mark.parametrize("step", ["StatisticsGen", "TrainerCandidate", "FairnessGate"])
def test_ctrl_c_leaves_a_state_that_the_next_run_takes_up(tmp_path: Path, step: str) -> None:
    """It ends with 130, holds no lock, and what was finished comes from the cache."""
    root = tmp_path / "root"
    child = start(root, tmp_path / "log")
    assert child.wait_for(step)
    time.sleep(0.5)
    child.kill(signal.SIGINT)
    assert child.end() == 130
    check_left(root)
    finish(root, tmp_path / "log")
    check_finished(root, versions=1)


@needs_root
def test_full_disk_is_told_and_the_run_goes_on_with_more_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From 1 MB on, more each time, until a run finishes: every failure is one message, and nothing is half published."""
    root, lines = tmp_path / "disk" / "root", []
    with small_disk(tmp_path / "disk", 1) as remount:
        for kilobytes in (1024, 1536, 2048, 2560, 3072, 4096, 5120, 6144, 8192, 12288, 65536):
            remount(f"size={kilobytes}k")
            child = start(root, tmp_path / "log")
            code = child.end()
            steps = [told for told in child.told if told.isalnum()]
            lines.append(f"{kilobytes} KB: exit {code}, last step {steps[-1] if steps else 'none'}: {child.message[:90]}")
            check_left(root)
            if code == 0:
                break
            assert (code, "no space left on the disk" in child.message or "cannot be" in child.message) == (INPUT_ERROR, True), (
                lines
            )
        check_finished(root, versions=1)
    with capsys.disabled():
        print("", *lines, sep="\n")


@needs_root
def test_disk_that_fills_up_during_a_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Step by step: the run says so or needed no more room, what was published stays, and the next run goes on from there."""
    disk, lines = tmp_path / "disk", []
    with small_disk(disk, 64):
        finish(disk / "root", tmp_path / "log", seed=1)
        for step in (*STEPS, COLLECT):
            child = start(disk / "root", tmp_path / "log", seed=2)
            if not child.wait_for(step):  # the run before had all the room that it needed
                assert child.end() == 0
                continue
            fill_up(disk / "rest")
            code = child.end()
            steps = [told for told in child.told if told.isalnum()]
            lines.append(f"full at {step}: exit {code}, last step {steps[-1]}: {child.message[:90]}")
            assert code == 0 or (code, "no space left on the disk" in child.message) == (INPUT_ERROR, True), lines
            check_left(disk / "root")
            (disk / "rest").unlink()
        assert sum("exit 3" in line for line in lines) > len(STEPS) // 2, lines  # or the disk was never full
        finish(disk / "root", tmp_path / "log", seed=2)
        check_finished(disk / "root", versions=2)
    with capsys.disabled():
        print("", *lines, sep="\n")


@needs_root
def test_read_only_root_is_told(tmp_path: Path) -> None:
    """Before anything runs; earlier results stay."""
    root = tmp_path / "disk" / "root"
    with small_disk(tmp_path / "disk", 64) as remount:
        finish(root, tmp_path / "log")
        remount("ro")
        child = start(root, tmp_path / "log")
        assert (child.end(), "read-only" in child.message or "cannot be written" in child.message) == (INPUT_ERROR, True)
        check_finished(root, versions=1)


def test_model_that_is_cut_off_between_gate_and_push_is_not_published(tmp_path: Path) -> None:
    """The run is killed when the Pusher starts, and the model's file is cut."""
    root = tmp_path / "root"
    child = start(root, tmp_path / "log")
    assert child.wait_for("FairnessGate")
    assert child.wait_for("Pusher")
    child.kill()
    child.end()
    for version in (root / "serving").glob("*"):  # where the kill came too late, there is nothing to test
        pytest.skip(f"published before the kill: {version.name}")
    (graph,) = root.glob("artifacts/TrainerCandidate/model/*/Format-Serving/saved_model.pb")
    graph.write_bytes(graph.read_bytes()[:-100])
    child = start(root, tmp_path / "log")
    assert child.end() == INPUT_ERROR
    assert "not the model that the gate judged" in child.message
    assert list((root / "serving").glob("*")) == []


def test_version_that_was_removed_is_published_again(tmp_path: Path) -> None:
    """By a run that comes from the cache; it is the model that was blessed."""
    root = tmp_path / "root"
    finish(root, tmp_path / "log")
    (version,) = (root / "serving").iterdir()
    version.rename(tmp_path / "removed")
    finish(root, tmp_path / "log")
    (again,) = (root / "serving").iterdir()
    assert folder_digest(again) == folder_digest(tmp_path / "removed")


def test_damaged_metadata_is_told_and_can_be_moved_away(tmp_path: Path) -> None:
    """The published model stays; without the old cache the run works anew."""
    root = tmp_path / "root"
    finish(root, tmp_path / "log")
    (version,) = (root / "serving").iterdir()
    before, database = folder_digest(version), root / "metadata.sqlite"
    database.write_bytes(database.read_bytes()[:5000])
    child = start(root, tmp_path / "log")
    assert (child.end(), "metadata.sqlite: damaged" in child.message) == (INPUT_ERROR, True)
    assert folder_digest(version) == before
    database.rename(tmp_path / "old.sqlite")
    (root / "artifacts").rename(tmp_path / "old")
    finish(root, tmp_path / "log")
    assert folder_digest(version) == before


def test_two_runs_on_one_root(tmp_path: Path) -> None:
    """The second is refused at once, the first goes on."""
    root = tmp_path / "root"
    first = start(root, tmp_path / "first")
    assert first.wait_for("ImportExamples")
    second = start(root, tmp_path / "second")
    assert (second.end(), "Another run is using" in second.message) == (INPUT_ERROR, True)
    assert first.end() == 0
    check_finished(root, versions=1)


def test_two_runs_on_two_roots(tmp_path: Path) -> None:
    """They do not disturb each other: the same numbers in both, as the seed is the same."""
    roots = tmp_path / "one", tmp_path / "two"
    children = [start(root, tmp_path / f"{root.name}.log") for root in roots]
    assert [child.end() for child in children] == [0, 0]
    for root in roots:
        check_finished(root, versions=1)
    one, two = (verdicts.read(root / "latest" / "verdict.json") for root in roots)
    assert (one.overall, one.rules, one.slices) == (two.overall, two.rules, two.slices)
