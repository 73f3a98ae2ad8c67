"""Check what a run on comments is to read, before anything heavy is imported: headers, first rows, and the text embedding.

In: `CommentsInput` and `CommentsTraining`. Out: nothing, or an InputError. No TensorFlow.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining, unloadable
from components.tasks.civil_comments.embedding_source import check_stored, wanted_embedding


def check_inputs(chosen: CommentsInput, training: CommentsTraining) -> None:
    """Check that the files and the embedding of a run are there, and are what they should be, as far as their beginning shows.

    Raises:
        InputError: a file cannot be read, lacks a column or has too few rows that can be used, or the embedding is missing or
            cannot be reached.
    """
    if training.embeds_text:
        check_embedding(wanted_embedding(training.embedding, generated=chosen.sample))
    if chosen.train:
        from components.tasks.civil_comments.conversion_sources import options_of, sources_of
        from data.comments.conversion_checks import check_first_rows
        from data.comments.conversion_plan import make_plan

        check_first_rows(make_plan(sources_of(chosen)), options_of(chosen))


def check_embedding(embedding: str) -> None:
    """Check that an embedding is there.

    Raises:
        InputError: as `check_stored`, or the address cannot be reached.
    """
    check_stored(embedding)
    if embedding.startswith("https://"):
        _check_address(embedding)


def _check_address(address: str) -> None:
    """Ask the server for an embedding that TF-Hub has not downloaded yet; a server that does not answer in time may yet do so."""
    cache = os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir(), "tfhub_modules")
    if Path(cache, hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()).exists():
        return
    from data.download import unreachable

    query = "&" if "?" in address else "?"
    if problem := unreachable(f"{address}{query}tf-hub-format=compressed"):
        raise unloadable(address, problem)
