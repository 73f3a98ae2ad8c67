"""Preparation: what is made where, and when it is made again."""

import csv
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from components.tasks.base import Preparation, Prepared, TaskModel
from components.tasks.civil_comments import prepare as module
from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from components.tasks.civil_comments.prepare import prepare
from data.comments.civil_comments import IDENTITY_COLUMNS
from data.text import text_embedding
from fairgate.errors import InputError

SAMPLE = CommentsInput(sample=True, sample_train_rows=1000, sample_eval_rows=1000)

Prepare = Callable[..., Prepared]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """A file of word vectors."""
    path = tmp_path / "glove.txt"
    path.write_text("good 1 0\nbad 0 -1\n")
    return path


@pytest.fixture
def prepared(tmp_path: Path, vectors: Path) -> Prepare:
    """Prepares below one root, with word vectors by default."""

    def run(
        chosen: CommentsInput = SAMPLE, embedding: object = vectors, seed: int = 1, source: str = "one", **chosen_training: Any
    ) -> Prepared:
        training = CommentsTraining(embedding=str(embedding), steps=7, **chosen_training)
        return prepare(Preparation(chosen, training, tmp_path / "root", source, seed))

    return run


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    """A CSV file: 20 usable rows, one without text, one that is malformed; without the column `male`."""
    path = tmp_path / "comments.csv"
    columns = [name for name in IDENTITY_COLUMNS if name != "male"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["comment_text", "toxicity", *columns])
        rows = [(f"text {number}", number % 2) for number in range(20)]
        writer.writerows([text, label, *[""] * len(columns)] for text, label in [*rows, ("", 0), ("odd", "very")])
    return path


def test_sample_is_generated_and_says_so(prepared: Prepare) -> None:
    """Source, both splits."""
    found = prepared()
    assert (found.generated, found.warnings) == (True, ())
    assert found.source == "generated sample (seed 1), with a planted bias; no real comments"
    assert sorted(path.name for path in found.examples.iterdir()) == ["Split-eval", "Split-train"]
    assert found.rows == {"train": SAMPLE.sample_train_rows, "eval": SAMPLE.sample_eval_rows}


def test_second_preparation_finds_everything(prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is generated or built twice."""
    first = prepared()
    for name in ("sample.write_sample", "text_embedding.build_from_vectors"):
        monkeypatch.setattr(f"{module.__name__}.{name}", _forbidden)
    assert prepared() == first


def _forbidden(*_: Any, **__: Any) -> None:
    raise AssertionError("made twice")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"source": "two"},
        {"chosen": SAMPLE.model_copy(update={"sample_train_rows": 1001})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_sample_lies_elsewhere(prepared: Prepare, change: dict[str, Any]) -> None:
    """Other rows, another seed, another version of the generator."""
    assert prepared(**change).examples != prepared().examples


@pytest.mark.slow
def test_files_are_converted_and_losses_are_told(prepared: Prepare, comments: Path) -> None:
    """Absent columns, empty texts and malformed rows are warnings, with the place where they are listed."""
    found = prepared(CommentsInput(train=(str(comments),), max_malformed_fraction=0.1))
    assert (found.source, found.generated) == ("comments.csv", False)
    absent, empty, malformed = found.warnings
    assert absent == f"identity columns that are absent count as not annotated: {comments}: male"
    assert [note.partition(":")[0] for note in found.notes] == ["toxicity"]
    assert empty == "1 of 22 rows were dropped: their text is empty."
    assert malformed == f"1 of 22 rows were set aside as malformed; {found.examples / 'quarantine.jsonl'} says why."


@pytest.mark.slow
def test_changed_file_is_converted_again(prepared: Prepare, comments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one is not; neither is it when Beam gets other options."""
    chosen = CommentsInput(train=(str(comments),), max_malformed_fraction=0.1)
    first = prepared(chosen)
    with monkeypatch.context() as forbidden:
        forbidden.setattr(module, "convert_comments", _forbidden)
        assert prepared(chosen) == first
    comments.write_text(comments.read_text().replace("text 3", "text three"))
    assert prepared(chosen).examples != first.examples


def test_a_pipe_is_converted_and_found_again_by_its_content(prepared: Prepare, comments: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=(comments.read_bytes(),), daemon=True).start()
    chosen = CommentsInput(train=(str(pipe),), max_malformed_fraction=0.1)
    first, again = (prepared(chosen) for _ in range(2))
    assert first == again
    assert first.source == "pipe"


def test_sources_that_cannot_be_read_are_named(prepared: Prepare, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a folder, not a file; name its files, for example .*/\*.csv"):
        prepared(CommentsInput(train=(str(tmp_path),)))


def test_embedding_of_word_vectors_is_built(prepared: Prepare, tmp_path: Path) -> None:
    """Below the root; the rest of the training configuration stays."""
    found: Any = prepared().training
    assert found == CommentsTraining(embedding=found.embedding, steps=7)
    assert Path(found.embedding).parent == tmp_path / "root" / "embeddings"
    assert tf.saved_model.load(found.embedding)(tf.constant(["bad"])).numpy().tolist() == [[0, -1]]


@pytest.mark.parametrize("wanted", ["auto", "training-text"])
def test_embedding_of_the_sample_is_learnt_from_its_training_text(prepared: Prepare, wanted: str) -> None:
    """That is what "auto" means where no network is needed."""
    found: Any = prepared(embedding=wanted, model="dnn").training
    assert tf.saved_model.load(found.embedding)(tf.constant(["the people"])).shape[0] == 1


@pytest.mark.parametrize("wanted", ["auto", ""])
def test_ngrams_have_no_embedding_unless_one_is_named(
    prepared: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """Nothing is built and nothing is downloaded."""
    monkeypatch.setattr(module, "TextEmbedding", _forbidden)
    found = prepared(embedding=wanted)
    assert found.training == CommentsTraining(embedding="", steps=7)
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["examples"]


def test_saved_embedding_has_a_name_of_its_content(prepared: Prepare, tmp_path: Path, vectors: Path) -> None:
    """A cached model must not outlive the embedding that it was trained on."""
    saved = text_embedding.build_from_vectors(vectors, tmp_path / "saved")
    first: Any = prepared(embedding=saved).training
    assert Path(first.embedding).resolve() == saved.resolve()
    assert prepared(embedding=saved).training == first
    vectors.write_text("good 2 0\nbad 0 -1\n")
    shutil.rmtree(saved)
    text_embedding.build_from_vectors(vectors, saved)
    second: Any = prepared(embedding=saved).training
    assert second.embedding != first.embedding
    assert tf.saved_model.load(second.embedding)(tf.constant(["good"])).numpy().tolist() == [[2, 0]]


def test_moved_embedding_is_found_again(prepared: Prepare, tmp_path: Path, vectors: Path) -> None:
    """The same content at another place."""
    saved = text_embedding.build_from_vectors(vectors, tmp_path / "saved")
    first: Any = prepared(embedding=saved).training
    moved = saved.rename(tmp_path / "moved")
    second: Any = prepared(embedding=moved).training
    assert second == first
    assert Path(second.embedding).resolve() == moved.resolve()


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        ("nowhere.txt", r"training\.embedding: no such file: nowhere\.txt; name a file of word vectors"),
        ("nowhere/model", "text embedding 'nowhere/model' cannot be loaded"),
        ("nowhere/model", r"have one built from the training text \(--set training\.embedding=training-text\)"),
    ],
)
def test_embedding_that_cannot_be_had_is_noticed_first(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch, embedding: str, message: str
) -> None:
    """Before anything else is made."""
    monkeypatch.setattr(f"{module.__name__}.sample.write_sample", _forbidden)
    with pytest.raises(InputError, match=message):
        prepared(embedding=embedding)


def test_nothing_to_work_on(prepared: Prepare) -> None:
    """The warnings reach the runner, too, when the command has not asked."""
    with pytest.raises(InputError, match="No comments to work on"):
        prepared(CommentsInput())


def test_configuration_of_another_task_is_a_bug(tmp_path: Path) -> None:
    """The user cannot fix it."""
    with pytest.raises(TypeError, match="not of this task: TaskModel"):
        prepare(Preparation(TaskModel(), CommentsTraining(), tmp_path, "", 1))
