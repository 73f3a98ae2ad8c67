"""The seal of a step's output."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfx.types import standard_artifacts

from components.artifacts.seals import CONTENT_DIGEST, seal, sealed_folder
from fairgate.errors import InputError
from fairgate.files import folder_digest


@pytest.fixture
def evaluation(tmp_path: Path) -> Any:
    artifact = standard_artifacts.ModelEvaluation()
    artifact.uri = str(tmp_path / "evaluation")
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "metrics").write_bytes(b"candidate baseline")
    seal(artifact)
    return artifact


def test_sealed_artifact_is_read_where_it_lies(evaluation: Any, tmp_path: Path) -> None:
    assert sealed_folder(evaluation) == tmp_path / "evaluation"
    assert evaluation.get_string_custom_property(CONTENT_DIGEST) == folder_digest(tmp_path / "evaluation")


def exchange(folder: Path) -> None:
    (folder / "metrics").write_bytes(b"baseline candidate")


def cut(folder: Path) -> None:
    (folder / "metrics").write_bytes(b"candidate")


def add(folder: Path) -> None:
    (folder / "more").touch()


def remove(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize("change", [exchange, cut, add, remove])
def test_changed_artifact_is_an_error_with_its_remedy(evaluation: Any, tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = tmp_path / "evaluation"
    change(folder)
    with pytest.raises(InputError, match="changed since the step wrote it") as raised:
        sealed_folder(evaluation)
    assert str(raised.value).startswith(f"{folder}: ")
    assert f"`rm -r {folder}`) and run again" in str(raised.value)


def test_artifact_without_a_seal_is_an_error(tmp_path: Path) -> None:
    artifact = standard_artifacts.ModelEvaluation()
    artifact.uri = str(tmp_path)
    with pytest.raises(InputError, match="no step has recorded a digest"):
        sealed_folder(artifact)
