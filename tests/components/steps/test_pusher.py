"""The Pusher step with real artifacts of TFX, and without a pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.artifacts.seals import seal
from components.modelling.publishing import MODEL_DIGEST
from components.steps.pusher import Executor
from fairgate.errors import InputError
from fairgate.files import folder_digest


@pytest.fixture
def model(tmp_path: Path) -> Any:
    """A trained model as an artifact."""
    artifact = standard_artifacts.Model()
    artifact.uri = str(tmp_path / "model")
    folder = tmp_path / "model" / "Format-Serving"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    return artifact


def push(model: Any, tmp_path: Path, *, blessed: bool, digest: str, tamper: Callable[[Path], None] = lambda _: None) -> Any:
    """Runs the step on a sealed blessing that is then tampered with; returns the pushed model's artifact."""
    blessing, pushed = standard_artifacts.ModelBlessing(), standard_artifacts.PushedModel()
    blessing.uri, pushed.uri = str(tmp_path / "blessing"), str(tmp_path / "pushed")
    blessing.set_int_custom_property("blessed", int(blessed))
    blessing.set_string_custom_property(MODEL_DIGEST, digest)
    (tmp_path / "blessing").mkdir()
    (tmp_path / "blessing" / ("BLESSED" if blessed else "NOT_BLESSED")).touch()
    seal(blessing)
    tamper(tmp_path / "blessing")
    filesystem = pusher_pb2.PushDestination.Filesystem(base_directory=str(tmp_path / "serving"))
    destination = proto_utils.proto_to_json(pusher_pb2.PushDestination(filesystem=filesystem))
    Executor().Do({"model": [model], "model_blessing": [blessing]}, {"pushed_model": [pushed]}, {"push_destination": destination})
    return pushed


def test_blessed_model_is_published_and_described(model: Any, tmp_path: Path) -> None:
    """The artifact says what TFX's Pusher would say, and keeps a copy."""
    digest = folder_digest(tmp_path / "model" / "Format-Serving")
    pushed = push(model, tmp_path, blessed=True, digest=digest)
    (version,) = (tmp_path / "serving").iterdir()
    assert folder_digest(version) == folder_digest(pushed.uri) == digest
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_string_custom_property("pushed_destination") == str(version)
    assert pushed.get_string_custom_property("pushed_version") == version.name


def test_model_without_blessing_is_not_published(model: Any, tmp_path: Path) -> None:
    """There is not even a folder for it."""
    digest = folder_digest(tmp_path / "model" / "Format-Serving")
    pushed = push(model, tmp_path, blessed=False, digest=digest)
    assert pushed.get_int_custom_property("pushed") == 0
    assert not (tmp_path / "serving").exists()


@pytest.mark.parametrize("digest", ["", "sha256:0"], ids=["a blessing without a digest", "another model's digest"])
def test_blessing_of_another_model_is_refused(model: Any, tmp_path: Path, digest: str) -> None:
    """The blessing is for the very bytes that were judged."""
    with pytest.raises(InputError, match="not the model that the gate judged"):
        push(model, tmp_path, blessed=True, digest=digest)
    assert list((tmp_path / "serving").iterdir()) == []


def test_blessing_that_was_exchanged_publishes_nothing(model: Any, tmp_path: Path) -> None:
    """Also where the change would withdraw it: the step does not choose between two answers."""
    digest = folder_digest(tmp_path / "model" / "Format-Serving")
    with pytest.raises(InputError, match=r"blessing: changed since the step wrote it"):
        push(model, tmp_path, blessed=True, digest=digest, tamper=lambda folder: (folder / "BLESSED").unlink())
    assert not (tmp_path / "serving").exists()


def test_blessing_whose_metadata_were_edited_publishes_nothing(model: Any, tmp_path: Path) -> None:
    blessing, pushed = standard_artifacts.ModelBlessing(), standard_artifacts.PushedModel()
    blessing.uri, pushed.uri = str(tmp_path / "blessing"), str(tmp_path / "pushed")
    (tmp_path / "blessing").mkdir()
    (tmp_path / "blessing" / "NOT_BLESSED").touch()
    seal(blessing)
    blessing.set_int_custom_property("blessed", 1)
    with pytest.raises(InputError, match="the blessing holds NOT_BLESSED, its metadata say blessed"):
        Executor().Do({"model": [model], "model_blessing": [blessing]}, {"pushed_model": [pushed]}, {})
