"""Predictions of the toxicity task: comments given as arguments or in a file, classified at a threshold.

In: texts. Out: their canonical tf.Examples for the model, and from its scores the decisions. Pure Python and numpy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from components.modelling.prediction import InputFile, Inputs, MalformedInput, Prediction, Predictor
from components.modelling.signature import Answers
from components.modelling.text_model import TextModel
from components.tasks.civil_comments.domain import differences, example_text
from data.comments.civil_comments import MalformedRowError
from data.comments.column_mapping import read_mapping
from data.comments.names import TEXT
from data.comments.readers import inspect, read_rows, row_text
from data.delimited import delimiter_of
from data.opening import TextFormat, check_encoding
from data.records import encode_example
from fairgate.errors import InputError
from fairgate.text import plural
from fairgate.training_profile import TrainingProfile

SMALL_MARGIN = "score too close to the threshold"
NOT_FINITE = "score not finite"
NON_TOXIC, TOXIC = 0, 1


@dataclass(frozen=True)
class ScoreRule:
    """The rule by which a comment counts as toxic.

    Attributes:
        threshold: a greater score is toxic.
        min_margin: the model abstains when the score is nearer to the threshold than this.

    Raises:
        InputError: a value is outside 0..1.
    """

    threshold: float = 0.5
    min_margin: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise InputError(f"{name} is {value}; give a number from 0 to 1")


def read(given: Sequence[str], file: InputFile | None) -> Inputs:
    """Return the comments as inputs, those of the file last; rows with an empty text are counted in a note.

    Args:
        given: texts.
        file: of comments, as `data.comments.readers` reads it: a table or TFRecords with a text column, or one comment a line.

    Raises:
        InputError: there is no comment, one that was given is blank or no valid text, or the file cannot be used.
    """
    arguments = [(text, _encode(text)) for text in given]
    read_file = _read_file(file) if file else _FileComments()
    pairs = [*arguments, *read_file.comments]
    if not pairs:
        raise InputError(_nothing(file, read_file))
    return Inputs(
        names=tuple(text for text, _ in pairs),
        examples=tuple(example for _, example in pairs),
        rows=(*[0] * len(arguments), *read_file.rows) if file else (),
        malformed=tuple(read_file.malformed),
        notes=tuple(read_file.notes),
    )


def decide(scores: Answers, rule: ScoreRule, seed: int) -> list[Prediction]:  # noqa: ARG001  # the task interface
    """Return a decision for each score float[N, 1]; nothing is random."""
    return [_decide(float(score), rule) for score in scores[:, 0]]


def _decide(score: float, rule: ScoreRule) -> Prediction:
    margin = abs(score - rule.threshold)
    numbers = {"score": score, "margin": margin}
    if not math.isfinite(score):
        return Prediction(None, NOT_FINITE, numbers)
    if margin < rule.min_margin:
        return Prediction(None, SMALL_MARGIN, numbers)
    return Prediction(TOXIC if score > rule.threshold else NON_TOXIC, "", numbers)


def _encode(text: str) -> bytes:
    if not text.strip():
        raise InputError("A comment is blank; give a text.")
    try:
        return _encode_valid(text)
    except UnicodeEncodeError:
        raise InputError(f"The comment {text!r} is not valid UTF-8; correct its encoding.") from None


def _encode_valid(text: str) -> bytes:
    return encode_example({TEXT: [text.encode()]})


@dataclass
class _FileComments:
    """What a file holds: text and example of each comment, their rows, the rows without one, and what to say of them."""

    comments: list[tuple[str, bytes]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    malformed: list[MalformedInput] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _read_file(file: InputFile) -> _FileComments:
    check_encoding(file.encoding)
    text_format = TextFormat(delimiter_of(file.delimiter), file.encoding)
    columns = read_mapping(file.columns)
    source = inspect(file.path, columns, text_format, needs_label=False)
    if absent := [name for name in columns.renamed() if name not in source.renamed]:
        raise InputError(f"{file.path}: no column {absent[0]!r}, which --columns names; correct its spelling")
    found, number, empty = _FileComments(notes=list(source.notes)), 0, 0
    for row in read_rows(source):
        number = row.number
        try:
            text = row_text(row)
        except MalformedRowError as error:
            found.malformed.append(MalformedInput(row.number, str(error)))
            continue
        if text:
            found.comments.append((text, _encode_valid(text)))
            found.rows.append(row.number)
        else:
            empty += 1
    if empty or found.malformed:
        answered = f"{len(found.comments):,} of {plural(number, 'row')} answered"
        found.notes.append(f"{file.path}: {answered} ({empty:,} without text, {len(found.malformed):,} malformed)")
    return found


def _nothing(file: InputFile | None, found: _FileComments) -> str:
    if file is None:
        return "No comments to judge. Give them as arguments, each in quotes, or name a file with --file FILE."
    first = f"; row {found.malformed[0].row}: {found.malformed[0].reason}" if found.malformed else ""
    if not (found.malformed or found.notes):
        return f"{file.path}: no comments to judge, because the file has no row; export it again, with its rows."
    notes = f" {found.notes[-1]}" if found.notes else ""
    return f"{file.path}: no comments to judge{first}.{notes}"


def _unknown_words(model: Path, texts: Sequence[str]) -> Answers | None:
    return TextModel(model, TEXT).unknown_share(texts)


def unlike(examples: Sequence[bytes], profile: TrainingProfile) -> list[list[str]]:
    """Return for each comment how it differs from those of training."""
    return [list(differences(example_text(record), profile)) for record in examples]


PREDICTOR = Predictor(read, ScoreRule, decide, unlike=unlike, unknown_words=_unknown_words)
