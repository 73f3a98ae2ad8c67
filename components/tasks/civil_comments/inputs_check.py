"""Check what a run on comments is to read, before anything heavy is imported: the files' headers, and the text embedding.

In: `CommentsInput` and `CommentsTraining`. Out: nothing, or an InputError. No TensorFlow.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from components.tasks.civil_comments.config import (
    AUTO,
    HUB_EMBEDDING,
    TRAINING_TEXT,
    VECTORS_ENDING,
    CommentsInput,
    CommentsTraining,
    unloadable,
)
from fairgate.errors import InputError

_SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")


def check_inputs(chosen: CommentsInput, training: CommentsTraining) -> None:
    """Check that the files and the embedding of a run are there, and are what they should be, as far as their beginning shows.

    Raises:
        InputError: a file cannot be read or lacks a column, or the embedding is missing or cannot be reached.
    """
    if training.embeds_text:
        check_embedding(wanted_embedding(training.embedding, generated=chosen.sample))
    if chosen.train:
        from components.tasks.civil_comments.conversion_sources import sources_of
        from data.comments.conversion_plan import make_plan

        make_plan(sources_of(chosen))


def wanted_embedding(embedding: str, *, generated: bool) -> str:
    """Return the embedding that AUTO stands for, or the one that is named."""
    if embedding == AUTO:
        return TRAINING_TEXT if generated else HUB_EMBEDDING
    return embedding


def check_embedding(embedding: str) -> None:
    """Check that an embedding is there.

    Raises:
        InputError: the file of word vectors or the folder of a SavedModel is missing, or the address cannot be reached.
    """
    if embedding.endswith(VECTORS_ENDING):
        if not Path(embedding).is_file():
            raise InputError(f"training.embedding: no such file: {embedding}; give a file of word vectors in GloVe's text form.")
    elif embedding.startswith("https://"):
        _check_address(embedding)
    elif embedding != TRAINING_TEXT and "://" not in embedding:
        _check_folder(Path(embedding), embedding)


def _check_folder(folder: Path, handle: str) -> None:
    if not folder.exists():
        raise unloadable(handle, "there is no such folder")
    if folder.is_dir() and not any((folder / name).is_file() for name in _SAVED_MODEL):
        raise unloadable(handle, f"the folder has no {_SAVED_MODEL[0]}")


def _check_address(address: str) -> None:
    """Ask the server for an embedding that TF-Hub has not downloaded yet; a server that does not answer in time may yet do so."""
    cache = os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir(), "tfhub_modules")
    if Path(cache, hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()).exists():
        return
    from data.download import unreachable

    query = "&" if "?" in address else "?"
    if problem := unreachable(f"{address}{query}tf-hub-format=compressed"):
        raise unloadable(address, problem)
