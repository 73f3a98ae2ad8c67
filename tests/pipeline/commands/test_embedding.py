"""`fairgate data embedding-bias`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.terms import Group
from fairgate.cli import main as cli
from fairgate.counterfactual import EmbeddingBias
from pipeline import tasks

FORMS = {"adjective": {"male": "male", "female": "female"}}
PLAN = CounterfactualPlan(
    text_feature="text",
    groups={"gender": Group(forms=FORMS)},
    neutral=("{term}", "so {term}"),
    pleasant=("good",),
    unpleasant=("bad",),
)


def embed(training: Mapping[str, Any], texts: Sequence[str]) -> Any:
    """Female sentences point where the bad one does, in an embedding of this name only; it knows four words."""
    assert training == {"embedding": "some/folder"}
    words = [set(text.split()) for text in texts]
    return np.array([[bool(of_text & {"female", "bad"}), bool(of_text & {"male", "good"})] for of_text in words], float)


@pytest.fixture(autouse=True)
def examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toxicity task with an embedding that needs no TensorFlow."""
    task = replace(tasks.TASKS["civil-comments"], counterfactual=PLAN, embedder=lambda: embed, check_inputs=None)
    monkeypatch.setitem(tasks.TASKS, "civil-comments", task)


def test_pairs_are_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table for people, JSON for programs; two sentences each at 1 and -1 lie 2 / √(4/3) deviations apart."""
    to = tmp_path / "bias.json"
    assert cli.main(["data", "embedding-bias", "some/folder", "--json", str(to), "--seed", "3"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("gender"))
    assert row.split()[:7] == ["gender", "male", "–", "female", "1.000", "1.000–1.000", "+1.73"]
    written = json.loads(to.read_text())
    assert (written["embedding"], written["seed"], written["confidence"]) == ("some/folder", 3, 0.95)
    assert [pair.distance for pair in EmbeddingBias.model_validate(written).pairs] == [1.0]


def test_pair_with_an_unknown_word_is_not_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An embedding of zeros knows neither word; a number near 0 would read as no bias."""
    blind = replace(tasks.TASKS["civil-comments"], embedder=lambda: lambda _, texts: np.zeros((len(texts), 2)))
    monkeypatch.setitem(tasks.TASKS, "civil-comments", blind)
    assert cli.main(["data", "embedding-bias", "some/folder"]) == 0
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("gender"))
    assert "not measured: male, female unknown" in row


def test_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that does not exist."""
    to = tmp_path / "absent" / "bias.json"
    assert cli.main(["data", "embedding-bias", "some/folder", "--json", str(to)]) == 3
    assert str(to) in capsys.readouterr().err


def test_task_without_embedding_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Images have none."""
    assert cli.main(["data", "embedding-bias", "some/folder", "--task", "digits"]) == 3
    assert "digits has no text embedding to examine; choose from civil-comments." in capsys.readouterr().err
