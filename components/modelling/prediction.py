"""Predictions on new inputs with an exported model.

In: inputs as a task reads them (`Predictor.read`) and a SavedModel with the one signature. Out: the model's answers, which the
task turns into decisions (`Predictor.decide`). Only `answers` imports TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.modelling.signature import PROBABILITY, SIGNATURE, Answers, Served, deciding
from data.plain_paths import plain
from fairgate.errors import InputError
from fairgate.training_profile import TrainingProfile

GRAPH = "saved_model.pb"
BATCH = 1024


@dataclass(frozen=True)
class InputFile:
    """A file of inputs, and what the user says about it.

    Attributes:
        path: of the file or pipe.
        columns: known column -> the column of the file that holds it.
        delimiter: of a table, as it was typed; "" to detect it.
        encoding: of a text; "" for UTF-8.
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class MalformedInput:
    """A row of an input file that cannot be predicted on: its number in the file, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class Inputs:
    """What to predict on.

    Attributes:
        names: what each is called: a comment's text, an image's file and place in it.
        examples: as many serialized raw tf.Examples, without a label.
        rows: the number of each in its file, 0 for one given as an argument; empty where there is no file of rows.
        malformed: rows of the file that have no example.
        notes: sentences for the user about what was read.
    """

    names: tuple[str, ...]
    examples: tuple[bytes, ...]
    rows: tuple[int, ...] = ()
    malformed: tuple[MalformedInput, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """The decision on one input.

    Attributes:
        chosen: the class by number; None when the model abstains.
        reason: why it abstains, or why another class than the plain answer's was chosen; "" for a plain answer.
        numbers: behind the decision, by name; NaN is undefined.
        probabilities: of each class as the model answers them, for a task with several classes; else empty.
        shortlist: numbers of the classes that were left to decide among; empty where there was no shortlist.
    """

    chosen: int | None
    reason: str
    numbers: Mapping[str, float]
    probabilities: tuple[float, ...] = ()
    shortlist: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Asked:
    """What a model answers to N inputs.

    Attributes:
        answers: float32[N, 1 or C], that decide.
        probability: float32[N], of the positive class, calibrated to its real share; None where the model answers none.
    """

    answers: Answers
    probability: Answers | None = None


@dataclass(frozen=True)
class Predictor:
    """How a task predicts; pure functions around the model.

    Attributes:
        read: (what was given as arguments, the file or None) -> inputs. Raises InputError.
        rule: frozen dataclass whose fields are the options, all with defaults; it raises InputError for wrong values.
        decide: (answers float[N, 1 or C], an instance of `rule`, seed) -> N predictions.
        unknown_words: (folder of the SavedModel, names of N inputs) -> float64[N], the share of each text's words that the model
            does not know, NaN for a text without words; None where the model cannot tell. None for inputs that are no texts.
        several: what only a task with several classes can; None for another.
        unlike: (N examples, what training saw) -> for each, sentences on how it differs; None where nobody knows.
    """

    read: Callable[[Sequence[str], InputFile | None], Inputs]
    rule: type[Any]
    decide: Callable[[Answers, Any, int], list[Prediction]]
    unlike: Callable[[Sequence[bytes], TrainingProfile], list[list[str]]] | None = None
    unknown_words: Callable[[Path, Sequence[str]], Answers | None] | None = None
    several: "AmongSeveral | None" = None


@dataclass(frozen=True)
class AmongSeveral:
    """What a task with several classes adds to `Predictor`.

    Attributes:
        labels: (file, names of the classes, number of inputs) -> int[N], the true classes. Raises InputError.
        decide: (answers float[N, C], an instance of `rule`, seed, answers of the second model or None) -> N predictions. Raises
            InputError where a second model has nothing to decide.
        coverage: (answers, an instance of `rule`, answers of the second model or None, labels int[N]) -> lines of text: how much
            is decided and how much of it is right under this rule, then under others.
    """

    labels: Callable[[Path, Sequence[str], int], NDArray[np.int64]]
    decide: Callable[[Answers, Any, int, Answers | None], list[Prediction]]
    coverage: Callable[[Answers, Any, Answers | None, NDArray[np.int64]], list[str]]


def newest(serving: Path) -> Path:
    """Return the folder of the highest published version.

    Args:
        serving: folder with a SavedModel in each `<version>/`.

    Raises:
        InputError: there is none.
    """
    versions = [path for path in serving.glob("*") if path.name.isdecimal() and (path / GRAPH).is_file()]
    if not versions:
        raise InputError(
            f"No model is published in {serving}. A run publishes its candidate when the gate blesses it: "
            "run the pipeline, or name the root of another run with --root FOLDER, or a SavedModel with --model FOLDER."
        )
    return max(versions, key=lambda path: int(path.name))


def answers(model: Path, examples: Sequence[bytes], columns: int) -> Answers:
    """Ask the model for the answers that decide, float32[N, columns]; see `ask`."""
    return ask(model, examples, columns).answers


def ask(model: Path, examples: Sequence[bytes], columns: int) -> Asked:
    """Ask the model for its answers to serialized raw tf.Examples.

    Args:
        model: folder of the SavedModel.
        examples: N of them, at least one.
        columns: of the answers: 1 for a binary task, else the number of classes.

    Raises:
        InputError: there is no such model, it cannot be loaded, or it is one of another task.
    """
    if not (model / GRAPH).is_file():
        raise InputError(f"{model}: no SavedModel (no {GRAPH} in it); name the folder of an exported model.")
    with plain(model) as path:
        return _ask(path, model, examples, columns)


def _ask(path: Path, model: Path, examples: Sequence[bytes], columns: int) -> Asked:
    """Ask the model at `path`, which messages call `model`."""
    import tensorflow as tf

    try:
        serve = Served(path)
    except KeyError:
        raise InputError(f"{model}: the model has no signature {SIGNATURE}; name a model that fairgate exported.") from None
    except Exception as error:  # a damaged file can make TensorFlow raise anything, AttributeError and DecodeError among them
        raise InputError(f"{model}: the model cannot be loaded ({_first_line(error)}); publish it again.") from None
    try:
        parts = [serve.outputs(list(examples[start : start + BATCH])) for start in range(0, len(examples), BATCH)]
        found: Answers = np.concatenate([deciding(part) for part in parts])
    except (TypeError, ValueError, tf.errors.OpError) as error:
        problem = _first_line(error)
        raise InputError(f"{model}: the model cannot read these inputs ({problem}); is it one of this task?") from None
    if found.shape != (len(examples), columns):
        wanted = (len(examples), columns)
        raise InputError(f"{model}: the model answers in the shape {found.shape}, not {wanted}; is it one of this task?")
    probability = np.concatenate([part[PROBABILITY] for part in parts])[:, 0] if PROBABILITY in parts[0] else None
    return Asked(found, probability)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
