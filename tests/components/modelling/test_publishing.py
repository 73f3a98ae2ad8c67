"""A version below serving/ appears whole or not at all, once, and only with the bytes that were judged."""

import errno
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from components.modelling import publishing
from components.modelling.publishing import publish, versions
from data.folders import remove_partial
from fairgate.errors import InputError
from fairgate.files import folder_digest

NOW = 1_800_000_000.9
KILLS = int(os.environ.get("FAIRGATE_KILLS", "20"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a SavedModel."""
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    return folder


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "serving"


def everything(serving: Path) -> list[str]:
    """The names below a folder, hidden ones too."""
    return sorted(path.relative_to(serving).as_posix() for path in serving.rglob("*"))


def test_version_is_the_time_and_holds_the_model(model: Path, serving: Path) -> None:
    """Nothing else lies beside it."""
    version = publish(model, folder_digest(model), serving, NOW)
    assert version == serving / "1800000000"
    assert folder_digest(version) == folder_digest(model)
    assert [path.name for path in serving.iterdir()] == ["1800000000"]


def test_same_model_is_not_published_twice(model: Path, serving: Path) -> None:
    """As after a run that was killed before it could record its version."""
    first = publish(model, folder_digest(model), serving, NOW)
    assert publish(model, folder_digest(model), serving, NOW + 60) == first
    assert versions(serving) == [1800000000]


@pytest.mark.parametrize("later", [0.0, 0.5, -100.0], ids=["same second", "same second still", "clock went back"])
def test_another_model_gets_a_greater_version(model: Path, serving: Path, later: float) -> None:
    """Servers take the greatest; TFX's own Pusher would skip the second of one second."""
    publish(model, folder_digest(model), serving, NOW)
    (model / "saved_model.pb").write_bytes(b"another graph")
    second = publish(model, folder_digest(model), serving, NOW + later)
    assert second.name == "1800000001"
    assert (second / "saved_model.pb").read_bytes() == b"another graph"


def test_older_version_with_the_same_content_does_not_count(model: Path, serving: Path) -> None:
    """Going back to an earlier model is a new version: servers take the greatest."""
    publish(model, folder_digest(model), serving, NOW)
    (model / "saved_model.pb").write_bytes(b"another graph")
    publish(model, folder_digest(model), serving, NOW + 1)
    (model / "saved_model.pb").write_bytes(b"graph")
    assert publish(model, folder_digest(model), serving, NOW + 2).name == "1800000002"


@pytest.mark.parametrize("damage", ["cut off", "flipped", "missing", "extra"])
def test_model_that_changed_since_the_gate_is_not_published(model: Path, serving: Path, damage: str) -> None:
    """The message names the model and the remedy; nothing is left in serving/."""
    judged = folder_digest(model)
    graph = model / "saved_model.pb"
    if damage == "extra":
        (model / "more").touch()
    elif damage == "missing":
        graph.unlink()
    else:
        graph.write_bytes({"cut off": b"grap", "flipped": b"grapi"}[damage])
    with pytest.raises(InputError, match=r"model: not the model that the gate judged .* Run again with a new --root"):
        publish(model, judged, serving, NOW)
    assert everything(serving) == []


def test_full_disk_leaves_nothing(model: Path, serving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The half copy vanishes, and the message says what to mend."""

    def full(_: Path, target: Path) -> None:
        target.mkdir()
        (target / "saved_model.pb").write_bytes(b"gr")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publishing, "copy_folder", full)
    with pytest.raises(InputError, match=r"cannot be published \(No space left on device\); fix that and run again"):
        publish(model, folder_digest(model), serving, NOW)
    assert everything(serving) == []


def test_kill_before_the_renaming_leaves_no_version(model: Path, serving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is on the disk before the renaming is hidden and no version; the next run gets past it."""
    states: list[list[str]] = []
    monkeypatch.setattr(publishing, "_write_through", lambda folder: states.append(everything(folder.parent)))
    publish(model, folder_digest(model), serving, NOW)
    ((first, *_),) = states
    assert first == ".1800000000.partial"


def test_killed_processes_never_leave_half_a_version(model: Path, serving: Path) -> None:
    """SIGKILL at random moments of publishing; the next attempt publishes exactly once."""
    for number in range(20):
        (model / f"part-{number}").write_bytes(os.urandom(50_000))
    judged, chance = folder_digest(model), random.Random(1)  # noqa: S311  # moments, not secrets
    begun = time.monotonic()
    publish(model, judged, serving / "whole", NOW)
    duration = time.monotonic() - begun
    for number in range(KILLS):
        place = serving / str(number)
        kill_after(chance.uniform(0, duration), partial(publish, model, judged, place, NOW))
        assert {folder_digest(place / str(version)) for version in versions(place)} <= {judged}
        publish(model, judged, place, NOW + 1)
        assert len(versions(place)) == 1
        remove_partial(place)
        assert len(list(place.iterdir())) == 1


def kill_after(seconds: float, work: Callable[[], object]) -> None:
    """Does the work in a process of its own, and kills it."""
    pid = os.fork()
    if not pid:
        with suppress(BaseException):
            work()
        os._exit(0)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_half_copy_of_a_killed_run_is_replaced(model: Path, serving: Path) -> None:
    """Even where its version is the same."""
    (serving / ".1800000000.partial").mkdir(parents=True)
    (serving / ".1800000000.partial" / "rest").touch()
    version = publish(model, folder_digest(model), serving, NOW)
    assert folder_digest(version) == folder_digest(model)


def test_other_names_are_no_versions(serving: Path) -> None:
    """Only whole numbers are."""
    for name in ("12", ".13.partial", "v14", "notes.txt"):
        (serving / name).mkdir(parents=True)
    assert versions(serving) == [12]
    assert versions(serving / "absent") == []


def test_file_with_the_name_of_a_version_is_none(model: Path, serving: Path) -> None:
    """It stays, and the model gets a version of its own."""
    serving.mkdir(exist_ok=True)
    (serving / "1").touch()
    assert publish(model, folder_digest(model), serving, NOW).name == str(int(NOW))
    assert (serving / "1").is_file()
