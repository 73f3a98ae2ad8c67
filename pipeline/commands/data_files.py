"""`fairgate data …`: fetch public files, convert files, generate a sample, build and examine a text embedding."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.conversion_report import ConversionReport
from data.folders import check_replaceable
from fairgate.cli import completion
from fairgate.cli.group import examples, group
from fairgate.errors import InputError, os_reason
from fairgate.text import plural
from pipeline import config as configuration
from pipeline import tasks
from pipeline.commands.embedding import embedding_bias
from pipeline.config import RunConfig
from pipeline.few_examples import few_examples

if TYPE_CHECKING:
    from data.comments.conversion_blocks import PlannedSource

SAMPLE_CSV = "comments.csv"

app = group("Fetch, convert and generate examples.")

TaskName = Annotated[
    str,
    typer.Argument(metavar="TASK", help="As in `fairgate run`.", show_default=False, autocompletion=completion.tasks),
]
To = Annotated[Path, typer.Option(metavar="FOLDER", help="Output directory.", show_default=False)]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="Random seed.", min=0)]


app.command(epilog=examples("fairgate data embedding-bias runs/embedding"))(embedding_bias)


@app.command(epilog=examples("fairgate data fetch fashion-mnist --to downloads"))
def fetch(task: TaskName, to: To) -> None:
    """Download the public files of a task.

    An interrupted download is resumed.
    """
    wanted = tasks.find(task).fetch
    if wanted is None:
        raise InputError(f"There is nothing to fetch for {task}: run `fairgate run {task}` directly.")
    from pipeline.terminal import transfers

    with transfers() as progress:
        wanted(to, progress)
    typer.echo("\n".join(str(path) for path in sorted(to.iterdir())))


@app.command(
    epilog=examples(
        "fairgate data convert civil-comments --train train.csv --to converted",
        "fairgate data convert civil-comments --train train.csv --to converted \\",
        "    --columns text=comment,label=rating,gender=sex",
    )
)
def convert(
    task: TaskName,
    to: To,
    train: Annotated[list[str] | None, typer.Option(metavar="FILES", help="As in `fairgate run`.")] = None,
    evaluation: Annotated[list[str] | None, typer.Option("--eval", metavar="FILES", help="As in `fairgate run`.")] = None,
    columns: Annotated[list[str] | None, typer.Option(metavar="KNOWN=NAME,…", help="As in `fairgate run`.")] = None,
    ignored: Annotated[list[str] | None, typer.Option("--ignore-column", metavar="NAME", help="As in `fairgate run`.")] = None,
    delimiter: Annotated[str | None, typer.Option(metavar="CHARACTER", help="As in `fairgate run`.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="As in `fairgate run`.")] = None,
    tagged: Annotated[bool, typer.Option("--tag-identities", help="As in `fairgate run`.")] = False,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in `fairgate run`.")] = None,
    shards: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Files per split (default: by size, 8 MiB of examples each).", min=1)
    ] = None,
    seed: Seed = 1,
) -> None:
    """Convert files to canonical TFRecords.

    As `fairgate run` does before its first step.
    """
    chosen_task = tasks.find(task)
    if chosen_task.convert is None:
        raise InputError(f"The files of {task} have no separate conversion: `fairgate run {task}` converts them.")
    given = configuration.input_values(
        train=train,
        eval=evaluation,
        columns=columns,
        ignored_columns=ignored,
        delimiter=delimiter,
        encoding=encoding,
        tag_identities=tagged,
        shards=shards,
    )
    config = configuration.load(task, configuration.Overrides(settings=settings or (), values={"input": given}))
    if missing := config.input.missing_inputs():
        raise InputError("\n".join(missing))
    check_replaceable(to)
    if chosen_task.check_inputs is not None:
        chosen_task.check_inputs(config.input, config.training)
    from pipeline.terminal import quiet

    with quiet(Path(os.devnull)):
        report = chosen_task.convert(config.input, to, seed)
    typer.echo("\n".join(_described(report, to, config)))


@app.command(epilog=examples("fairgate data sample --to sample", "fairgate data sample --to sample --csv --rows 6000"))
def sample(
    to: To,
    rows: Annotated[
        int, typer.Option(metavar="NUMBER", help="Number of comments; a third of them for evaluation.", min=3)
    ] = 60_000,
    csv: Annotated[bool, typer.Option("--csv", help=f"Write {SAMPLE_CSV} with Kaggle's columns instead of TFRecords.")] = False,
    seed: Seed = 1,
) -> None:
    """Generate comments with a planted bias."""
    from data.comments import sample as generated

    _require_unused(to)
    if csv:
        try:
            generated.write_csv(to / SAMPLE_CSV, rows=rows, seed=seed)
        except OSError as error:
            raise InputError(
                f"{to / SAMPLE_CSV}: cannot be written ({os_reason(error)}); name a writable folder with --to."
            ) from None
    else:
        generated.write_sample(to, train_rows=rows - rows // 3, eval_rows=rows // 3, seed=seed)
    typer.echo(f"{to}: {plural(rows, 'row')}. {generated.DESCRIPTION}")


@app.command(
    epilog=examples(
        "fairgate data embedding --texts train.csv --to runs/embedding",
        "fairgate data embedding --vectors glove.txt --to runs/embedding",
    )
)
def embedding(
    to: To,
    vectors: Annotated[Path | None, typer.Option(metavar="FILE", help="File of word vectors in GloVe's text format.")] = None,
    texts: Annotated[
        list[str] | None, typer.Option(metavar="FILES", help="Comments to learn vectors from, CSV or TFRecord. Repeatable.")
    ] = None,
) -> None:
    """Build a text embedding without a network.

    Use it with --set training.embedding=FOLDER.
    """
    if (vectors is None) == (not texts):
        raise InputError("Give either --vectors FILE or --texts FILES.")
    _require_unused(to)
    from pipeline.terminal import quiet

    if vectors is not None and not vectors.is_file():  # before TensorFlow is imported
        raise InputError(f"--vectors {vectors}: no such file; give a file of word vectors in GloVe's text form.")
    unused = Counter[str]()
    read_texts = _texts(tuple(texts or ()), unused) if vectors is None else iter(())
    with quiet(Path(os.devnull)):
        from data.text import text_embedding

        if vectors is not None:
            text_embedding.build_from_vectors(vectors, to)
        else:
            text_embedding.build_from_texts(read_texts, to)
    if unused:
        typer.echo(f"Rows left out: {unused['empty']:,} without text, {unused['malformed']:,} malformed.", err=True)
    typer.echo(f"{to}: text embedding; use it with {configuration.typed_setting('training.embedding', str(to))}")


def _texts(patterns: tuple[str, ...], unused: Counter[str]) -> Iterator[str]:
    """Return the texts of the files, from all splits, and count other rows in `unused`; the files are checked at once."""
    from data.comments.conversion_plan import Sources, make_plan

    return _texts_of(make_plan(Sources(patterns, columns=None)).sources, unused)


def _texts_of(sources: Sequence["PlannedSource"], unused: Counter[str]) -> Iterator[str]:
    from data.comments.civil_comments import MalformedRowError, parse_comment
    from data.comments.readers import read_rows, row_text

    for row in chain.from_iterable(read_rows(source.file) for source in sources):
        try:
            comment = parse_comment(row.cells) if row_text(row) else None
        except MalformedRowError:
            unused["malformed"] += 1
            continue
        if comment:
            yield comment.text
        else:
            unused["empty"] += 1


def _described(report: ConversionReport, folder: Path, config: RunConfig) -> Iterator[str]:
    lost = f"{report.rows_empty:,} without text, {report.rows_malformed:,} malformed"
    if report.rows_removed:
        lost += f", {report.rows_removed:,} with a text of eval"
    yield f"{folder}: {report.rows_kept:,} of {plural(report.rows_read, 'row')} kept ({lost})"
    for split, known in report.splits.items():
        counts = f"{plural(known.rows, 'row')}, {known.positive:,} positive, {plural(known.duplicates, 'duplicate')}"
        yield f"  {split}: {counts}; {_counted(known.identities)}"
    yield from report.notes
    for warning in (*report.warnings, *few_examples(config, report)):
        yield f"Warning: {warning}"


def _counted(values: Mapping[str, Mapping[str, int]]) -> str:
    return ", ".join(f"{feature} {sum(counts.values()):,}" for feature, counts in values.items())


def _require_unused(folder: Path) -> None:
    """Raise InputError if the folder has content that the result would replace."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} already exists; name a new or an empty folder with --to FOLDER.")
