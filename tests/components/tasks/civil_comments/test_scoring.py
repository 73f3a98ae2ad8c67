"""Asking the models of a finished run."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.modelling.sealing import seal
from components.tasks.civil_comments.scoring import open_models
from fairgate import manifest
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from tests.components.modelling.test_text_model import save
from tests.pipeline.published import verdict_on


def finished(root: Path, *names: str) -> Path:
    """A run that trained these models, of which the second trainer's is the one that this run used."""
    models = []
    for name in names:
        folder = root / "artifacts" / f"Trainer{name}" / "model" / "8" / "Format-Serving"
        folder.parent.mkdir(parents=True)
        save(folder, tf.Module(), feature="comment_text")
        seal(folder)
        models.append(folder)
    report = root / "reports" / "20260302T080000Z"
    report.mkdir(parents=True)
    verdicts.write(verdict_on(folder_digest(models[0])), report / "verdict.json")
    manifest.write(root, report, report.name, {"models": models})
    return root


def test_both_models_score_and_explain_texts(tmp_path: Path) -> None:
    models = open_models(finished(tmp_path, "Baseline", "Candidate", "Reference"))
    scores = models.score(["nice", "unheard"])
    assert list(scores) == ["baseline", "candidate"]
    np.testing.assert_allclose(scores["candidate"], 1 / (1 + np.exp([0.75, -0.25])), atol=1e-6)
    assert models.explain(["nice"])["baseline"][0].words == ("nice",)
    assert models.unknown_words(["nice unheard"]) == {"baseline": [0.5], "candidate": [0.5]}


def test_a_model_that_was_changed_is_not_opened(tmp_path: Path) -> None:
    root = finished(tmp_path, "Baseline", "Candidate")
    shutil.rmtree(next(root.glob("artifacts/TrainerCandidate/model/8/Format-Serving/variables")))
    with pytest.raises(InputError, match="is not the model that was trained"):
        open_models(root)


def test_a_run_without_a_candidate_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no candidate; name the root folder of a run that trained both models"):
        open_models(finished(tmp_path, "Baseline"))
