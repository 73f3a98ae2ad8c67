"""Gets the comments ready for the graph: converts files or generates the sample, and resolves the text embedding.

In: `CommentsInput` and `CommentsTraining`. Out: `Prepared`. Everything lies under a name that is a digest of what it was made
from, so that a second run finds it again.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from glob import glob
from pathlib import Path
from typing import Any

from components.civil_comments.config import HUB_EMBEDDING, CommentsInput, CommentsTraining
from components.task import Preparation, Prepared
from data import sample, text_embedding
from data.civil_comments import TEXT
from data.conversion import QUARANTINE_NAME, ConversionOptions, Sources, convert
from data.conversion_report import ConversionReport
from data.digests import file_digest
from data.errors import InputError
from data.records import decode_example, read_records

AUTO = "auto"
TRAINING_TEXT = "training-text"
VECTORS_ENDING = ".txt"
SAMPLE_REPORT = "sample.json"

logger = logging.getLogger(__name__)


def prepare(request: Preparation) -> Prepared:
    """Makes or finds the examples and the embedding.

    Raises:
        InputError: no source was chosen, or one that cannot be used.
    """
    chosen, training = request.input, request.training
    if not isinstance(chosen, CommentsInput) or not isinstance(training, CommentsTraining):
        raise TypeError(f"not of this task: {type(chosen).__name__}, {type(training).__name__}")
    if not chosen.sample and not chosen.train:
        raise InputError(
            "No comments to work on. Give --train FILES (CSV or TFRecord), or --sample to generate some without files."
        )
    examples, source, rows, warnings = _generated(chosen, request) if chosen.sample else _converted(chosen, request)
    embedding = _embedding(training.embedding, examples, request, generated=chosen.sample)
    return Prepared(
        examples=examples,
        training=training.model_copy(update={"embedding": embedding}),
        source=source,
        rows=rows,
        warnings=warnings,
        generated=chosen.sample,
    )


Found = tuple[Path, str, dict[str, int], tuple[str, ...]]


def _generated(chosen: CommentsInput, request: Preparation) -> Found:
    rows = {"train": chosen.sample_train_rows, "eval": chosen.sample_eval_rows}
    made_from = {"rows": rows, "seed": request.seed, "bias": repr(sample.PLANTED_BIAS), "generator": file_digest(sample.__file__)}
    folder = request.root / "examples" / f"sample-{_key(made_from)}"
    if not folder.exists():
        sample.write_sample(folder, train_rows=rows["train"], eval_rows=rows["eval"], seed=request.seed)
    return folder, f"generated sample (seed {request.seed}), with a planted bias; no real comments", rows, ()


def _converted(chosen: CommentsInput, request: Preparation) -> Found:
    options = ConversionOptions(
        eval_fraction=chosen.eval_fraction,
        seed=request.seed,
        max_malformed_fraction=chosen.max_malformed_fraction,
        beam_args=request.beam_args,
    )
    made_from = {"train": _stamps(chosen.train), "eval": _stamps(chosen.eval), "options": repr(options)}
    folder = request.root / "examples" / f"comments-{_key(made_from)}"
    report = (
        ConversionReport.read(folder) if folder.exists() else convert(Sources(chosen.train, chosen.eval), folder, options=options)
    )
    rows = {split: known.rows for split, known in report.splits.items()}
    return (
        folder,
        ", ".join(Path(source.file).name for source in report.sources),
        rows,
        (*report.warnings, *_losses(report, folder)),
    )


def _losses(report: ConversionReport, folder: Path) -> Iterator[str]:
    if report.rows_empty:
        yield f"{report.rows_empty} of {report.rows_read} rows were dropped: their text is empty."
    if report.rows_malformed:
        quarantine = folder / QUARANTINE_NAME
        yield f"{report.rows_malformed} of {report.rows_read} rows were set aside as malformed; {quarantine} says why."


def _embedding(wanted: str, examples: Path, request: Preparation, *, generated: bool) -> str:
    """What the Trainer loads: a handle, or the folder of a SavedModel, built here if need be."""
    if wanted == AUTO:
        wanted = TRAINING_TEXT if generated else HUB_EMBEDDING
    vectors = Path(wanted)
    if wanted == TRAINING_TEXT:
        made_from: dict[str, Any] = {"examples": examples.name, "seed": request.seed}
    elif wanted.endswith(VECTORS_ENDING) and vectors.is_file():
        made_from = {"vectors": file_digest(vectors)}
    else:
        return wanted
    folder = request.root / "embeddings" / _key({**made_from, "builder": file_digest(text_embedding.__file__)})
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        if wanted == TRAINING_TEXT:
            text_embedding.build_from_texts(_texts(examples), folder)
        else:
            text_embedding.build_from_vectors(vectors, folder)
    return str(folder)


def _texts(examples: Path) -> Iterator[str]:
    for file in sorted((examples / "train").glob("*.tfrecord.gz")):
        for record in read_records(file):
            (text,) = decode_example(record)[TEXT]
            yield text.decode() if isinstance(text, bytes) else str(text)


def _stamps(patterns: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Name, size and time of change of every source file: enough to see that it is another one, without reading it twice."""
    names = {name for pattern in patterns for name in glob(pattern, recursive=True)}  # noqa: PTH207  # patterns may be absolute
    return [(str(Path(name).resolve()), Path(name).stat().st_size, Path(name).stat().st_mtime_ns) for name in sorted(names)]


def _key(made_from: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
