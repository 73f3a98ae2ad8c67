"""Where the text embedding of a run comes from, and whether it is there. No TensorFlow, no network."""

from pathlib import Path

from components.tasks.civil_comments.config import AUTO, HUB_EMBEDDING, TRAINING_TEXT, VECTORS_ENDING, unloadable
from fairgate.errors import InputError

_SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")


def wanted_embedding(embedding: str, *, generated: bool) -> str:
    """Return the embedding that AUTO stands for, or the one that is named."""
    if embedding == AUTO:
        return TRAINING_TEXT if generated else HUB_EMBEDDING
    return embedding


def check_stored(embedding: str) -> None:
    """Check that an embedding of this machine is there; an address is left to TF-Hub.

    Raises:
        InputError: the file of word vectors or the folder of a SavedModel is missing.
    """
    if embedding.endswith(VECTORS_ENDING):
        if not Path(embedding).is_file():
            raise InputError(
                f"training.embedding: no such file: {embedding}; name a file of word vectors in GloVe's text form with "
                "--set training.embedding=FILE.txt, or have one built with --set training.embedding=training-text."
            )
    elif embedding != TRAINING_TEXT and "://" not in embedding:
        _check_folder(Path(embedding), embedding)


def _check_folder(folder: Path, handle: str) -> None:
    if not folder.exists():
        raise unloadable(handle, "there is no such folder")
    if folder.is_dir() and not any((folder / name).is_file() for name in _SAVED_MODEL):
        raise unloadable(handle, f"the folder has no {_SAVED_MODEL[0]}")
