"""The answer of a worker: what it is, and how it sees the run's folder and inputs."""

import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import apache_beam
import pytest

from pipeline import prepared
from pipeline.engines import answers
from pipeline.engines.answers import MISSING, SEEN, TOKEN, Answer, WorkerQuestion, own_answer, worker_answer


@pytest.fixture
def question(tmp_path: Path) -> WorkerQuestion:
    """A folder with the token, and a file and a folder to read."""
    worker_answer.cache_clear()
    (tmp_path / answers.TOKEN).write_text("17")
    (tmp_path / "train.csv").write_text("text\n")
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "a.gz").write_text("a")
    return WorkerQuestion(str(tmp_path), "17", (str(tmp_path / "train.csv"), str(tmp_path / "shards"), str(tmp_path / "none")))


def refuse(*_: object, **__: object) -> NoReturn:
    """Take the place of what root, whom tests may run as, is refused by no mode of a file."""
    raise PermissionError(13, "Permission denied")


def seen(question: WorkerQuestion) -> list[str]:
    """How the inputs are seen."""
    return list(own_answer(question).inputs.values())


def test_answer_names_what_this_process_is(question: WorkerQuestion) -> None:
    answer = Answer.from_json(worker_answer(question))
    assert (answer.user, answer.python, answer.source) == (os.geteuid(), platform.python_version(), prepared.source())
    assert answer.packages["apache-beam"] == apache_beam.__version__
    assert answer.root == SEEN
    assert asdict(answer) == asdict(own_answer(question))


def test_answer_is_left_in_the_folder(question: WorkerQuestion) -> None:
    line = worker_answer(question)
    assert (Path(question.folder) / Answer.from_json(line).process).read_text() == line


@pytest.mark.parametrize(("token", "expected"), [("18", MISSING), (None, MISSING)])
def test_empty_or_other_folder_of_that_name_is_not_the_run_s(question: WorkerQuestion, token: str | None, expected: str) -> None:
    path = Path(question.folder) / answers.TOKEN
    path.unlink() if token is None else path.write_text(token)
    before = set(path.parent.iterdir())
    assert Answer.from_json(worker_answer(question)).root == expected
    assert set(path.parent.iterdir()) == before


def test_folder_that_cannot_be_written(question: WorkerQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_text", refuse)
    assert Answer.from_json(worker_answer(question)).root == "cannot be written (Permission denied)"


def test_folder_that_cannot_be_read(question: WorkerQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_text

    def read_others(path: Path, encoding: str | None = None, **options: Any) -> str:  # packages are read too
        return refuse() if path.name == TOKEN else read(path, encoding, **options)

    monkeypatch.setattr(Path, "read_text", read_others)
    assert Answer.from_json(worker_answer(question)).root == "cannot be read (Permission denied)"


def test_missing_package_is_empty(question: WorkerQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "PACKAGES", ("numpy", "no-such-package"))
    assert own_answer(question).packages["no-such-package"] == ""


def test_source_that_cannot_be_read_says_why(question: WorkerQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ImportError("no grimp")

    monkeypatch.setattr(prepared, "source", fail)
    assert own_answer(question).source == "ImportError: no grimp"


def test_inputs_are_known_by_their_content(question: WorkerQuestion) -> None:
    file, folder, none = seen(question)
    assert none == MISSING
    (Path(question.folder) / "train.csv").write_text("texT\n")
    (Path(question.folder) / "shards" / "a.gz").write_text("aa")
    other_file, other_folder, _ = seen(question)
    assert (file == other_file, folder == other_folder) == (False, False)
    assert MISSING not in (file, folder)


def test_input_that_cannot_be_read_says_why(question: WorkerQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_ends", refuse)
    assert own_answer(question).inputs[question.inputs[0]] == "cannot be read (Permission denied)"
