"""What a run on comments is to read is checked before anything heavy is imported."""

import hashlib
from pathlib import Path

import pytest

from components.tasks.civil_comments.config import HUB_EMBEDDING, CommentsInput, CommentsTraining
from components.tasks.civil_comments.inputs_check import check_embedding, check_inputs
from data import download
from fairgate.errors import InputError

HANDLE = "https://tfhub.dev/google/nnlm-en-dim129/1"


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are asked for; none of them answers. TF-Hub has no downloads."""
    found: list[str] = []

    def unreachable(url: str) -> str:
        found.append(url)
        return "HTTP status 404"

    monkeypatch.setattr(download, "unreachable", unreachable)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))
    return found


def test_unknown_address_is_named_with_its_remedy(asked: list[str]) -> None:
    """The server is asked for what TF-Hub would download."""
    with pytest.raises(
        InputError, match=rf"'{HANDLE}' cannot be loaded \(HTTP status 404\); give the folder .*embedding=training-text"
    ):
        check_embedding(HANDLE)
    assert asked == [f"{HANDLE}?tf-hub-format=compressed"]


def test_embedding_that_was_downloaded_needs_no_network(tmp_path: Path, asked: list[str]) -> None:
    """As TF-Hub finds it again: by the SHA-1 of its address."""
    (tmp_path / "hub" / hashlib.sha1(HANDLE.encode(), usedforsecurity=False).hexdigest()).mkdir(parents=True)
    check_embedding(HANDLE)
    assert asked == []


@pytest.mark.parametrize("name", ["model", "we[ir]d *?", "a b"])
def test_folder_of_a_model_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "saved_model.pb").touch()
    check_embedding(str(tmp_path / name))


def test_archive_and_other_stores_are_left_to_tf_hub(tmp_path: Path) -> None:
    """They take TensorFlow to read."""
    (tmp_path / "model.tar.gz").touch()
    check_embedding(str(tmp_path / "model.tar.gz"))
    check_embedding("gs://bucket/model")


def test_embedding_is_checked_only_where_one_is_used(asked: list[str]) -> None:
    """n-grams have none by default, the network of the sample its own, the one of files that of TF-Hub."""
    check_inputs(CommentsInput(sample=True), CommentsTraining())
    check_inputs(CommentsInput(sample=True), CommentsTraining(model="dnn"))
    assert asked == []
    with pytest.raises(InputError, match=HUB_EMBEDDING):
        check_inputs(CommentsInput(train=("a.csv",)), CommentsTraining(model="dnn"))
