"""The Trainer that checks its features; training itself is tested where it lives."""

from pathlib import Path
from unittest.mock import patch

import pytest
from tfx.components.trainer import executor
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.steps.feature_trainer import CheckingExecutor
from fairgate.errors import InputError


def sealed(folder: Path) -> standard_artifacts.Examples:
    """Features that were written and sealed."""
    (folder / "Split-train").mkdir()
    (folder / "Split-train" / "labels.npy").write_bytes(b"labels")
    features = standard_artifacts.Examples()
    features.uri = str(folder)
    seals.seal(features)
    return features


def test_features_as_they_were_written_are_trained_on(tmp_path: Path) -> None:
    inputs = {"examples": [sealed(tmp_path)]}
    with patch.object(executor.GenericExecutor, "Do") as train:
        CheckingExecutor().Do(inputs, {}, {})
    train.assert_called_once_with(inputs, {}, {})


def test_changed_features_are_refused_before_training(tmp_path: Path) -> None:
    inputs = {"examples": [sealed(tmp_path)]}
    (tmp_path / "Split-train" / "labels.npy").write_bytes(b"others")
    with patch.object(executor.GenericExecutor, "Do") as train, pytest.raises(InputError, match=rf"rm -r {tmp_path}"):
        CheckingExecutor().Do(inputs, {}, {})
    train.assert_not_called()
