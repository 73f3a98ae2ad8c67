"""Predictions of the image tasks: images from any file, decided by confidence, margin, ties and shortlist.

In: PNG, JPEG, IDX or CSV files. Out: their canonical tf.Examples for the model, and from its probabilities the decisions; with
labels, how much is decided under which rule, and how much of it is right. Pure numpy and Pillow.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.modelling.prediction import AmongSeveral, InputFile, Inputs, Prediction, Predictor
from components.modelling.signature import Answers
from components.tasks.images.coverage import CoveragePoint, coverage_curve, coverage_of
from components.tasks.images.decision import ABSTAINS, MOST_PROBABLE, DecisionRule
from components.tasks.images.decision import decide as decide_rows
from components.tasks.images.domain import differences
from data.images import formats
from data.images.formats import IMAGE, ImageFormat
from data.images.labels import load_labels
from data.images.loading import load_images
from data.images.pictures import picture_notes
from data.records import decode_example, encode_example
from fairgate.errors import InputError
from fairgate.training_profile import TrainingProfile

_SHOWN_LIMITS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)


def predictor(image_format: ImageFormat) -> Predictor:
    """Return the predictor of the task with these images."""

    def read(given: Sequence[str], file: InputFile | None) -> Inputs:
        if file is not None:
            raise InputError(f"--file {file.path} is for comments; give image files as arguments.")
        if not given:
            raise InputError("No images to classify. Give PNG, JPEG, IDX or CSV files as arguments.")
        named = [pair for path in given for pair in _read_file(Path(path), image_format)]
        names, examples = zip(*named, strict=True)
        notes = (note for path in given for note in picture_notes(Path(path), image_format.shape))
        return Inputs(names, examples, notes=tuple(notes))

    def unlike(examples: Sequence[bytes], profile: TrainingProfile) -> list[list[str]]:
        images = [np.asarray(decode_example(record)[IMAGE], np.uint8).reshape(image_format.shape) for record in examples]
        return [list(differences(image, image_format.pixel_max, profile)) for image in images]

    several = AmongSeveral(load_labels, decide, coverage_lines)
    return Predictor(read, DecisionRule, decide, unlike=unlike, several=several)


def decide(probabilities: Answers, rule: DecisionRule, seed: int, second: Answers | None = None) -> list[Prediction]:
    """Decide each row of probabilities float[N, C].

    Args:
        probabilities: of the model.
        rule: what it decides, and what it leaves open.
        seed: of the draws among ties.
        second: float[N, C] of the model that decides among the shortlist; None for the first one.
    """
    found = decide_rows(probabilities, rule, seed, second)
    return [
        Prediction(
            chosen=None if found.classes[row] == ABSTAINS else int(found.classes[row]),
            reason="" if found.reasons[row] == MOST_PROBABLE else str(found.reasons[row]),
            numbers={"confidence": float(found.confidence[row]), "margin": float(found.margin[row])},
            probabilities=tuple(map(float, probabilities[row])),
            shortlist=tuple(map(int, np.flatnonzero(found.shortlist[row]))) if rule.lists else (),
        )
        for row in range(len(found))
    ]


def coverage_lines(probabilities: Answers, rule: DecisionRule, second: Answers | None, labels: NDArray[np.int64]) -> list[str]:
    """Return coverage against accuracy in words: under the rule that was asked for, then a table of every kind of rule.

    Args:
        probabilities: float[N, C].
        rule: as `decide`.
        second: as `decide`.
        labels: int[N].
    """
    asked = coverage_of("", 0, decide_rows(probabilities, rule, second=second), labels)
    expected = " (of ties the expected share)" if rule.near_tie else ""
    lines = [f"Accuracy on what is decided: {_share(asked.accuracy)}{expected}, coverage {_share(asked.coverage)}."]
    points = coverage_curve(probabilities, labels, _SHOWN_LIMITS, second)
    width = max(len(point.rule) for point in points)
    header = f"{'coverage against accuracy':<{width}}  limit  decided  accuracy"
    return [*lines, header, *(_row(point, width) for point in points)]


def _row(point: CoveragePoint, width: int) -> str:
    return f"{point.rule:<{width}}  {point.limit:5.2f}  {_share(point.coverage):>7}  {_share(point.accuracy):>8}"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1%}"


def _read_file(path: Path, image_format: ImageFormat) -> Iterator[tuple[str, bytes]]:
    """Return name and example of each image; with several images the name states the position, from 1."""
    images = load_images(path, image_format)
    for number, image in enumerate(images, start=1):
        name = f"{path}: image {number}" if len(images) > 1 else str(path)
        yield name, encode_example({IMAGE: image.ravel().tolist()})


FASHION_MNIST = predictor(formats.FASHION_MNIST)
DIGITS = predictor(formats.DIGITS)
