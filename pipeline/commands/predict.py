"""`fairgate predict`: decide on new inputs with a published model.

In: comments or image files, a run's root folder or a SavedModel. Out: one line per input, a table on a terminal, or JSON; where a
threshold decides, also that threshold, and what the model says of how it was chosen. What only images have is in
`pipeline.commands.predict_several`.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from components.modelling import metadata, prediction
from components.modelling.metadata import ModelMetadata
from components.modelling.prediction import Asked, InputFile, Inputs, Prediction, Predictor
from components.modelling.signature import PROBABILITY, Answers
from components.tasks.base import Task
from fairgate.cli import completion
from fairgate.cli.group import examples
from fairgate.errors import InputError
from fairgate.run_folder import SERVING
from fairgate.text import printable
from fairgate.training_profile import TrainingProfile
from pipeline import config as configuration
from pipeline import serving, tasks
from pipeline.commands import predict_several

MOST_WARNINGS = 20
MOST_SHOWN = 60  # characters of an input in a warning

if TYPE_CHECKING:
    from rich.table import Table

UNKNOWN = "unknown_words"  # share of a text's words that the model does not know
HALF = 0.5


EXAMPLES = examples(
    "fairgate predict civil-comments 'You are kind.' --json",
    "fairgate predict civil-comments --file comments.csv --columns text=body",
    "fairgate predict digits picture.png --min-confidence 0.6",
    "fairgate predict digits a.png b.png --model runs/digits/serving/1",
)


@dataclass(frozen=True)
class DecidedAt:
    """The threshold of a decision.

    Attributes:
        threshold: a greater score is a positive decision.
        operating_point: what the threshold aims at, in words; "" where the model does not say, or another threshold was given.
    """

    threshold: float
    operating_point: str = ""

    def __str__(self) -> str:
        how = f": {self.operating_point}" if self.operating_point else ""
        return f"Decided at the threshold {self.threshold:g}{how}."


@dataclass(frozen=True)
class Predicted:
    """One input and the decision on it.

    Attributes:
        input: the text of a comment, or the file of an image and its position in the file.
        label: name of the class; None if the model abstains.
        prediction: the decision.
        decided_at: the threshold; None for a task without one.
        row: number of the input in its file, from 1; 0 for an argument; None where no file of rows was given.
        malformed: why its row is none that can be predicted on; "" if it is.
        probabilities: class -> its probability, for a task with several classes; else empty.
        shortlist: classes that were left to decide among; empty where there was no shortlist.
        warnings: how it differs from everything that training saw.
    """

    input: str
    label: str | None
    prediction: Prediction
    decided_at: DecidedAt | None = None
    row: int | None = None
    malformed: str = ""
    probabilities: Mapping[str, float] = field(default_factory=dict)
    shortlist: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return the decision as text: "Sneaker", "Sneaker (drawn from a tie)", "abstains (margin too small)", "malformed"."""
        if self.malformed:
            return "malformed"
        reason = self.prediction.reason
        return f"{self.label or 'abstains'}{f' ({reason})' if reason else ''}"

    def to_json(self) -> str:
        """Return one line of JSON; an undefined number is null, and so are the row of an argument and a malformed input."""
        numbers = _finite(self.prediction.numbers)
        at = self.decided_at
        how = {"threshold": at.threshold, "operating_point": at.operating_point or None} if at else {}
        row = {} if self.row is None else {"row": self.row or None}
        decision = {"decision": self.label, "reason": self.prediction.reason}
        unlike = {"warnings": list(self.warnings)} if self.warnings else {}
        line = {**row, "input": None if self.malformed else self.input, **decision, **numbers, **how, **self._classes(), **unlike}
        return json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode()

    def _classes(self) -> dict[str, Any]:
        if not self.probabilities:
            return {}
        listed = {"shortlist": self.shortlist} if self.shortlist else {}
        return {"probabilities": _finite(self.probabilities), **_finite({"sum": sum(self.probabilities.values())}), **listed}


def _finite(numbers: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def predict(
    task: Annotated[
        str,
        typer.Argument(metavar="TASK", help="As in `fairgate run`.", show_default=False, autocompletion=completion.tasks),
    ],
    inputs: Annotated[list[str] | None, typer.Argument(metavar="INPUT", help="Comments, or paths of image files.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File of comments: one per line, CSV or TFRecord with the column comment_text; - for a pipe."
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="KNOWN=NAME", help="Of --file: as in `fairgate run`, for example text=body."),
    ] = None,
    delimiter: Annotated[
        str, typer.Option(metavar="CHARACTER", help="Of --file: , ; tab | or none for one comment per line (default: detected).")
    ] = "",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Of --file (default: UTF-8, or by the byte-order mark).")] = "",
    root: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Root directory of a run; its newest published model is used (default: runs/TASK)."),
    ] = None,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Directory of a SavedModel to use instead.")] = None,
    min_confidence: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Images: abstain if no class reaches this probability.")
    ] = None,
    min_margin: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Abstain if the best class leads by less, or the score is closer to the threshold."),
    ] = None,
    near_tie: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Images: draw one of all classes that lie behind the best by less.")
    ] = None,
    shortlist_top: Annotated[
        int | None,
        typer.Option(metavar="K", help="Images: decide among the K most probable classes, and those that tie with them."),
    ] = None,
    shortlist_min: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Images: decide among the classes of at least this probability.")
    ] = None,
    second_model: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Images: this model decides among the shortlist: baseline, a SavedModel, or the root directory of a run.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Images: their true classes, one a line, or IDX; prints coverage against accuracy."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Comments: toxic above this score (default: the model's own threshold, else 0.5)."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Random seed of random choices.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """Decide on new comments or images with a published model."""
    chosen, predictor = _find(task)
    limits = {"min_confidence": min_confidence, "min_margin": min_margin, "near_tie": near_tie, "threshold": threshold}
    rule = make_rule(task, predictor.rule, {**limits, "shortlist_top": shortlist_top, "shortlist_min": shortlist_min})
    predict_several.check(task, predictor, {"--second-model": second_model, "--labels": labels})
    folder, profile = _model(task, root, model)
    other = predict_several.second_folder(second_model, folder, published=model is None)
    predict_several.rehearse(predictor, rule, len(chosen.labels.classes), by_two=other is not None)
    rule, decided_at = at_threshold(rule, threshold, metadata.read(folder))
    given = predictor.read(inputs or (), input_file(file, columns, delimiter, encoding))
    for note in given.notes:
        typer.echo(note, err=True)
    classes = chosen.labels.classes
    right = predictor.several.labels(labels, classes, len(given.examples)) if predictor.several and labels else None
    answers = 1 if chosen.labels.kind == "binary" else len(classes)
    asked = _ask(folder, given.examples, answers)
    second = _ask(other, given.examples, answers).answers if other else None
    if predictor.several:
        predictions = predictor.several.decide(asked.answers, rule, seed, second)
    else:
        predictions = with_probability(predictor.decide(asked.answers, rule, seed), asked.probability)
    unknown = predictor.unknown_words(folder, given.names) if predictor.unknown_words else None
    if unknown is not None:
        predictions = with_number(predictions, UNKNOWN, unknown)
        for note in unknown_notes(unknown):
            typer.echo(note, err=True)
    differences = predictor.unlike(given.examples, profile) if predictor.unlike and profile else [[] for _ in given.names]
    for warning in warnings_of(given.names, differences):
        typer.echo(warning, err=True)
    lines = with_warnings(named(given.names, predictions, classes, decided_at), differences)
    _show(with_rows(lines, given), as_json)
    if predictor.several and right is not None:
        typer.echo("\n".join(predictor.several.coverage(asked.answers, rule, second, right)), err=as_json)


def input_file(path: Path | None, columns: Sequence[str] | None, delimiter: str, encoding: str) -> InputFile | None:
    """Return the file of `--file` with the options about it, None without one; "-" is the standard input.

    Raises:
        InputError: an option is not of its form, or there is no file that it could be about.
    """
    options = {"--columns": columns, "--delimiter": delimiter, "--encoding": encoding}
    if path is None:
        if given := [name for name, value in options.items() if value]:
            raise InputError(f"{given[0]} is about a file; name it with --file FILE.")
        return None
    mapping = configuration.input_values(columns=columns).get("columns", {})
    return InputFile(Path("/dev/stdin") if str(path) == "-" else path, mapping, delimiter, encoding)


def make_rule(task: str, rule: type[Any], limits: Mapping[str, float | None]) -> Any:
    """Build the task's decision rule with the limits that were given.

    Raises:
        InputError: the task has no such limit, or its value is wrong.
    """
    known = {field.name for field in fields(rule)}
    given = {name: value for name, value in limits.items() if value is not None}
    for name in given:
        if name not in known:
            options = ", ".join(_option(other) for other in limits if other in known)
            raise InputError(f"{_option(name)} does not apply to {task}; choose from {options}.")
        if name.startswith("shortlist") and not given[name]:
            raise InputError(f"{_option(name)} is 0, which leaves every class on the list; leave it out, or give more.")
    return rule(**given)


def at_threshold(rule: Any, given: float | None, said: ModelMetadata | None) -> tuple[Any, DecidedAt | None]:
    """Return the rule at the threshold that was given, or else the model's own, or else the task's; and what that is.

    Args:
        rule: of the task; None is returned beside it if it has no threshold.
        given: on the command line.
        said: what the model says of itself.
    """
    if "threshold" not in {field.name for field in fields(rule)}:
        return rule, None
    point = said.operating_point if said is not None and given is None else None
    if point is None:
        return rule, DecidedAt(rule.threshold)
    return replace(rule, threshold=point.threshold), DecidedAt(point.threshold, point.words)


def with_probability(predictions: Sequence[Prediction], probability: Answers | None) -> list[Prediction]:
    """Return the predictions with the calibrated probability, float[N], among their numbers, where the model answers one."""
    return list(predictions) if probability is None else with_number(predictions, PROBABILITY, probability)


def with_number(predictions: Sequence[Prediction], name: str, values: Answers) -> list[Prediction]:
    """Return the predictions with one more number each, float[N]."""
    return [replace(made, numbers={**made.numbers, name: float(value)}) for made, value in zip(predictions, values, strict=True)]


def unknown_notes(shares: Answers) -> Iterator[str]:
    """Say of how many texts the model knows no word, or at most half of the words.

    Args:
        shares: float[N], of each text's words that the model does not know; NaN for a text without words.
    """
    none, half = int((shares == 1).sum()), int(((shares >= HALF) & (shares < 1)).sum())
    if none:
        yield f"Of {none:,} of {len(shares):,} comments the model knows no word: their scores say nothing about them."
    if half:
        yield f"Of {half:,} of {len(shares):,} comments the model knows at most half of the words: their scores say little."


def named(
    names: Sequence[str], predictions: Sequence[Prediction], classes: Sequence[str], decided_at: DecidedAt | None = None
) -> list[Predicted]:
    """Pair each input with its decision, classes by name."""
    return [
        Predicted(
            name,
            None if made.chosen is None else classes[made.chosen],
            made,
            decided_at,
            probabilities=dict(zip(classes, made.probabilities, strict=True)) if made.probabilities else {},
            shortlist=tuple(classes[number] for number in made.shortlist),
        )
        for name, made in zip(names, predictions, strict=True)
    ]


def with_warnings(lines: Sequence[Predicted], differences: Sequence[Sequence[str]]) -> list[Predicted]:
    """Return the lines with the sentences on each input."""
    return [replace(line, warnings=tuple(own)) for line, own in zip(lines, differences, strict=True)]


def warnings_of(names: Sequence[str], differences: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each input that is unlike those of training, at most MOST_WARNINGS, then how many more there are."""
    found = [(name, own) for name, own in zip(names, differences, strict=True) if own]
    for name, own in found[:MOST_WARNINGS]:
        shown = printable(" ".join(name.split()))
        short = shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"
        yield f"Unlike the training data: {short}: {'; '.join(own)}."
    if len(found) > MOST_WARNINGS:
        yield f"And {len(found) - MOST_WARNINGS:,} more inputs are unlike the training data; --json names them all."


def with_rows(lines: Sequence[Predicted], given: Inputs) -> list[Predicted]:
    """Return the lines with the numbers of their rows, and among them those of malformed rows; as they are without a file."""
    if not given.rows:
        return list(lines)
    numbered = [replace(line, row=row) for line, row in zip(lines, given.rows, strict=True)]
    undefined = dict.fromkeys(lines[0].prediction.numbers, math.nan)
    malformed = [
        Predicted("", None, Prediction(None, f"malformed: {row.reason}", undefined), lines[0].decided_at, row.row, row.reason)
        for row in given.malformed
    ]
    return sorted([*numbered, *malformed], key=lambda line: line.row or 0)


def plain_lines(lines: Sequence[Predicted]) -> Iterator[str]:
    """Format a header and one line per input in aligned columns, the input last for its length; then what all are decided by."""
    table = _cells(lines)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    left = table[0].index("decision")
    for *cells, name in table:
        sized = zip(cells, widths, strict=False)  # the input is not padded
        padded = [cell.ljust(width) if place == left else cell.rjust(width) for place, (cell, width) in enumerate(sized)]
        yield "  ".join([*padded, name])
    yield from notes(lines)


def notes(lines: Sequence[Predicted]) -> list[str]:
    """Return what stands below the decisions: the threshold, or the probabilities of several classes and the abstentions."""
    at = [] if lines[0].decided_at is None else [str(lines[0].decided_at)]
    return [*at, *(predict_several.notes(lines) if lines[0].probabilities else ())]


def as_table(lines: Sequence[Predicted]) -> "Table":
    """Return the same as a table for a terminal; long inputs are truncated."""
    from rich.markup import escape
    from rich.table import Table

    header, *rows = _cells(lines)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header[:-1]:
        table.add_column(name, justify="left" if name == "decision" else "right")
    table.add_column(header[-1], no_wrap=True, overflow="ellipsis")
    for row, line in zip(rows, lines, strict=True):
        table.add_row(*map(escape, row), style="yellow" if line.label is None else None)
    return table


def _cells(lines: Sequence[Predicted]) -> list[list[str]]:
    """Return the cells of the header and of each line; an input's text is reduced to printable characters on one line."""
    numbers = list(lines[0].prediction.numbers)
    numbered = lines[0].row is not None
    return [
        [*(["row"] if numbered else []), "decision", *numbers, "input"],
        *([*([str(line.row or "")] if numbered else []), *_line_cells(line, numbers)] for line in lines),
    ]


def _line_cells(line: Predicted, numbers: Sequence[str]) -> list[str]:
    if line.malformed:
        return [line.words, *("–" for _ in numbers), f"({printable(line.malformed)})"]
    values = (f"{line.prediction.numbers[name]:.3f}" for name in numbers)
    return [line.words, *values, printable(" ".join(line.input.split()))]


def _find(task: str) -> tuple[Task, Predictor]:
    found = tasks.find(task)
    if found.predictor is None:
        raise InputError(f"{task} does not support predictions on new inputs.")
    return found, found.predictor()


def _model(task: str, root: Path | None, model: Path | None) -> tuple[Path, TrainingProfile | None]:
    """Return the model, and what its training saw, where a report says so."""
    if model is not None and root is not None:
        raise InputError(f"Give either --root {root} or --model {model}.")
    if model is not None:
        return model, None
    version = prediction.newest((root or Path("runs") / task) / SERVING)
    from fairgate.report.content import load_profile  # it imports pandas

    return version, load_profile(serving.check_accounted(version))


def _ask(model: Path, examples: Sequence[bytes], columns: int) -> Asked:
    """Return the model's predictions; TensorFlow's output is discarded."""
    from pipeline.terminal import Steps, quiet

    with quiet(Path(os.devnull)) as console:
        steps = Steps(console)
        steps.start("Loading TensorFlow and the model")
        try:
            return prediction.ask(model, examples, columns)
        finally:
            steps.stop()


def _show(lines: Sequence[Predicted], as_json: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    if as_json:
        typer.echo("\n".join(line.to_json() for line in lines))
    elif console.is_terminal:
        console.print(as_table(lines))
        for note in notes(lines):
            console.print(note, style="dim", markup=False)
    else:
        typer.echo("\n".join(plain_lines(lines)))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
