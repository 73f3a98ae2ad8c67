"""Prepare the comments for the graph: convert files or generate the sample, and resolve the text embedding.

In: `CommentsInput` and `CommentsTraining`. Out: `Prepared`, its embedding "" where n-grams have none beside them. Everything lies
where `Preparation.folder` says, so that a second run finds it again.
"""

from collections.abc import Iterator
from pathlib import Path

from components.tasks.base import Preparation, Prepared
from components.tasks.civil_comments.config import (
    TRAINING_TEXT,
    VECTORS_ENDING,
    CommentsInput,
    CommentsTraining,
)
from components.tasks.civil_comments.conversion import convert_comments
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.embedding_source import check_stored, wanted_embedding
from data.comments import sample
from data.comments.conversion import QUARANTINE_NAME
from data.comments.names import TEXT
from data.conversion_report import ConversionReport
from data.opening import stored
from data.patterns import matching
from data.records import decode_example, read_records
from data.text import text_embedding
from fairgate.errors import InputError, os_reason
from fairgate.files import file_digest, folder_digest


def prepare(request: Preparation) -> Prepared:
    """Create the examples and the embedding, or find those of an earlier run.

    Raises:
        InputError: no source was chosen, or one that cannot be used.
    """
    chosen, training = request.input, request.training
    if not isinstance(chosen, CommentsInput) or not isinstance(training, CommentsTraining):
        raise TypeError(f"not of this task: {type(chosen).__name__}, {type(training).__name__}")
    if missing := chosen.missing_inputs():
        raise InputError("\n".join(missing))
    wanted = _wanted(training.embedding, generated=chosen.sample) if training.embeds_text else ""
    examples, source, warnings, notes = _generated(chosen, request) if chosen.sample else _converted(chosen, request)
    embedding = _embedding(wanted, examples, request) if wanted else ""
    return Prepared(
        examples=examples,
        training=training.model_copy(update={"embedding": embedding}),
        source=source,
        warnings=warnings,
        generated=chosen.generated,
        notes=notes,
        rows=_sample_rows(chosen) if chosen.sample else {},
    )


Found = tuple[Path, str, tuple[str, ...], tuple[str, ...]]


def _generated(chosen: CommentsInput, request: Preparation) -> Found:
    rows = _sample_rows(chosen)
    folder = request.folder("examples", "sample", {"rows": rows, "seed": request.seed, "shards": chosen.shards})
    if not folder.exists():
        sample.write_sample(folder, train_rows=rows["train"], eval_rows=rows["eval"], seed=request.seed, shards=chosen.shards)
    return folder, f"generated sample (seed {request.seed}), with a planted bias; no real comments", (), ()


def _sample_rows(chosen: CommentsInput) -> dict[str, int]:
    return {"train": chosen.sample_train_rows, "eval": chosen.sample_eval_rows}


def _converted(chosen: CommentsInput, request: Preparation) -> Found:
    stamps = [_stamps(patterns) for patterns in (chosen.train, chosen.eval)]
    folder = request.folder("examples", "comments", {"input": chosen.model_dump(), "stamps": stamps, "seed": request.seed})
    if folder.exists():
        report = ConversionReport.read(folder)
    else:
        report = convert_comments(chosen, folder, request.seed, request.beam_args)
    source = ", ".join(Path(source.file).name for source in report.sources)
    return folder, source, (*report.warnings, *_losses(report, folder)), report.notes


def _losses(report: ConversionReport, folder: Path) -> Iterator[str]:
    if report.rows_empty:
        yield f"{report.rows_empty} of {report.rows_read} rows were dropped: their text is empty."
    if report.rows_malformed:
        quarantine = folder / QUARANTINE_NAME
        yield f"{report.rows_malformed} of {report.rows_read} rows were set aside as malformed; {quarantine} says why."


def _wanted(embedding: str, *, generated: bool) -> str:
    """Resolve AUTO to an embedding. An unavailable one is an error here, before a long conversion."""
    embedding = wanted_embedding(embedding, generated=generated)
    check_stored(embedding)
    if embedding != TRAINING_TEXT and not embedding.endswith(VECTORS_ENDING):
        TextEmbedding(embedding)
    return embedding


def _embedding(wanted: str, examples: Path, request: Preparation) -> str:
    """Return the Trainer's embedding: a handle, or a folder named by its content, so that no cached model outlives it."""
    if wanted == TRAINING_TEXT:
        folder = request.folder("embeddings", "texts", {"examples": examples.name})
        if not folder.exists():
            text_embedding.build_from_texts(_texts(examples), folder)
    elif wanted.endswith(VECTORS_ENDING):
        folder = request.folder("embeddings", "vectors", {"vectors": file_digest(wanted)})
        if not folder.exists():
            text_embedding.build_from_vectors(Path(wanted), folder)
    elif Path(wanted).is_dir():
        folder = request.folder("embeddings", "saved", {"model": folder_digest(wanted)})
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.unlink(missing_ok=True)  # a link to a folder that was moved
            folder.symlink_to(Path(wanted).resolve())
    else:
        return wanted
    return str(folder)


def _texts(examples: Path) -> Iterator[str]:
    for file in sorted((examples / "Split-train").glob("*.tfrecord.gz")):
        for record in read_records(file):
            (text,) = decode_example(record)[TEXT]
            yield text.decode() if isinstance(text, bytes) else str(text)


def _stamps(patterns: tuple[str, ...]) -> list[tuple[str, int, int | str]]:
    """Return name, size and modification time of every source file: enough to notice a change without reading the files twice.

    Of a pipe, the digest of its content takes the place of the time.
    """
    return [_stamp(Path(name)) for pattern in patterns for name in matching(pattern)]


def _stamp(path: Path) -> tuple[str, int, int | str]:
    try:
        content = stored(path)
        known = content.stat()
        if content == path:
            return str(path.resolve()), known.st_size, known.st_mtime_ns
        return str(path), known.st_size, file_digest(content)
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a file; name its files, for example {path}/*.csv") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({os_reason(error)}); check the file and its permissions") from None
