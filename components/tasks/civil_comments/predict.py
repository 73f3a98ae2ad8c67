"""Predictions of the toxicity task: comments given as arguments or in a file, classified at a threshold.

In: texts. Out: their canonical tf.Examples for the model, and from its scores the decisions. Pure Python and numpy.
"""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.modelling.prediction import Inputs, Prediction, Predictor
from components.modelling.signature import Answers
from data.comments.names import TEXT
from data.records import encode_example, open_plain_or_gzip
from fairgate.errors import InputError

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


def read(given: Sequence[str], file: Path | None) -> Inputs:
    """Return the comments as inputs, those of the file last; blank lines are skipped.

    Args:
        given: texts.
        file: text with one comment a line, or CSV with a column `comment_text`; plain or gzip.

    Raises:
        InputError: there is no comment, one is blank or no valid text, or the file cannot be read.
    """
    texts = [*given, *(_read_file(file) if file else ())]
    if not texts:
        raise InputError("No comments to judge. Give them as arguments, each in quotes, or name a file with --file.")
    return Inputs(tuple(texts), tuple(_encode(text) for text in texts))


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
        return encode_example({TEXT: [text.encode()]})
    except UnicodeEncodeError:
        raise InputError(f"The comment {text!r} is not valid UTF-8; correct its encoding.") from None


def _read_file(path: Path) -> list[str]:
    try:
        with open_plain_or_gzip(path) as file:
            content = file.read().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); name a text or CSV file with --file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start + 1:,}; save it as UTF-8") from None
    texts = _parse_csv(path, content) if ".csv" in path.name.lower() else content.splitlines()
    return [text for text in texts if text.strip()]


def _parse_csv(path: Path, content: str) -> list[str]:
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        if TEXT not in (names := reader.fieldnames or ()):
            raise InputError(f"{path}: no column {TEXT}; columns found: {', '.join(names) or 'none'}. Rename the text column")
        texts = []
        for row in reader:
            if None in row:  # a text with a comma outside quotes would be cut there
                raise InputError(f"{path}: line {reader.line_num} has more than {len(names)} cells; quote texts that hold commas")
            texts.append(row[TEXT] or "")
    except csv.Error as error:
        raise InputError(f"{path}: no valid CSV after line {reader.line_num} ({error}); close every quoted text") from None
    return texts


PREDICTOR = Predictor(read, ScoreRule, decide)
