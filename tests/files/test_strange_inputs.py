"""Strange but good files of comments and pictures reach the model right; every row is answered."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from components.modelling import prediction
from components.modelling.prediction import Asked
from components.modelling.text_model import TextModel
from data.comments.names import TEXT
from data.images.formats import IMAGE
from data.records import decode_example
from fairgate.cli import main as cli
from tests.files.strange import StrangeInput, StrangePicture
from tests.files.strange_inputs import INPUTS
from tests.files.strange_pictures import PICTURES


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The examples that the model is asked about; the model answers zeros."""
    examples: list[bytes] = []

    def ask(_model: Path, given: Sequence[bytes], columns: int) -> Asked:
        examples.extend(given)
        return Asked(np.zeros((len(given), columns), np.float32))

    monkeypatch.setattr(prediction, "ask", ask)
    monkeypatch.setattr(TextModel, "__init__", lambda *_: None)
    monkeypatch.setattr(TextModel, "unknown_share", lambda *_: None)
    return examples


def predict(folder: Path, *arguments: str) -> int:
    """Run `fairgate predict`; no model is looked for."""
    return cli.main(("predict", *arguments, "--model", str(folder), "--json"))


@pytest.mark.parametrize("given", INPUTS.values(), ids=INPUTS)
def test_a_strange_file_of_comments_is_read_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[bytes], given: StrangeInput
) -> None:
    path = tmp_path / given.name
    path.write_bytes(given.content.encode() if isinstance(given.content, str) else given.content)
    code = predict(tmp_path, "civil-comments", "--file", str(path), *given.arguments)
    printed = capsys.readouterr()
    assert (code, "Error" in printed.err) == (0, False), printed.err
    assert [decode_example(example)[TEXT] for example in asked] == [[text.encode()] for text in given.texts]
    answers = [json.loads(line) for line in printed.out.split("\n") if line]
    assert [answer["input"] for answer in answers if answer["input"] is not None] == list(given.texts)
    malformed = {answer["row"]: answer["reason"] for answer in answers if answer["input"] is None}
    assert malformed.keys() == given.malformed.keys()
    assert all(words in malformed[row] for row, words in given.malformed.items())
    assert given.said in printed.err


@pytest.mark.parametrize("given", PICTURES.values(), ids=PICTURES)
def test_a_strange_picture_is_read_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[bytes], given: StrangePicture
) -> None:
    path = tmp_path / given.name
    path.write_bytes(given.content)
    code = predict(tmp_path, "digits", str(path))
    printed = capsys.readouterr()
    assert (code, [line for line in printed.err.splitlines() if "it was made to fit" not in line]) == (0, [])
    assert [decode_example(example)[IMAGE] for example in asked] == [list(image) for image in given.images]
    assert len(printed.out.splitlines()) == len(given.images)
