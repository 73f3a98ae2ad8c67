"""The advice of each message of the corpus, typed as it stands: the command goes on, or says something else."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import pipeline
from components.modelling import prediction
from components.modelling.prediction import Asked
from components.modelling.text_model import TextModel
from data import download
from fairgate.cli import main as cli
from pipeline import serving
from tests.files.bad_corpus import MISTAKES

ADVISED = {name: mistake for name, mistake in MISTAKES.items() if mistake.advice}


@pytest.fixture(autouse=True)
def _nothing_is_trained_or_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run crashes where its first step would begin, every model answers zeros, and a download is there at once."""

    def ask(_model: Path, given: Sequence[bytes], columns: int) -> Asked:
        return Asked(np.zeros((len(given), columns), np.float32))

    def fetch(_url: str, destination: Path, **_: object) -> None:
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.touch()

    def begin(*_: object) -> None:
        raise RuntimeError("the first step begins")

    local = SimpleNamespace(run=begin)
    monkeypatch.setitem(sys.modules, "pipeline.local", local)
    monkeypatch.setattr(pipeline, "local", local, raising=False)
    monkeypatch.setattr(prediction, "ask", ask)
    monkeypatch.setattr(TextModel, "__init__", lambda *_: None)
    monkeypatch.setattr(TextModel, "unknown_share", lambda *_: None)
    monkeypatch.setattr(prediction, "newest", lambda folder: folder)
    monkeypatch.setattr(serving, "check_accounted", lambda version: version)
    monkeypatch.setattr(download, "fetch", fetch)


@pytest.mark.parametrize("name", ADVISED)
def test_the_advice_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    mistake = ADVISED[name]
    for number, arguments in enumerate(mistake.advised()):
        folder = tmp_path / str(number)
        folder.mkdir()
        mistake.make(folder)
        monkeypatch.chdir(folder)
        code = cli.main(arguments)
        assert code != 3, f"{arguments}: {capsys.readouterr().err}"
