"""Predictions of the image tasks: images from any file, decided by confidence and margin.

In: PNG, JPEG, IDX or CSV files. Out: their canonical tf.Examples for the model, and from its probabilities the decisions. Pure
numpy and Pillow.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from components.modelling.prediction import InputFile, Inputs, Prediction, Predictor
from components.modelling.signature import Answers
from components.tasks.images.decision import ABSTAINS, MOST_PROBABLE, DecisionRule
from components.tasks.images.decision import decide as decide_rows
from components.tasks.images.domain import differences
from data.images import formats
from data.images.formats import IMAGE, ImageFormat
from data.images.loading import load_images
from data.images.pictures import picture_notes
from data.records import decode_example, encode_example
from fairgate.errors import InputError
from fairgate.training_profile import TrainingProfile


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

    return Predictor(read, DecisionRule, decide, unlike=unlike)


def decide(probabilities: Answers, rule: DecisionRule, seed: int) -> list[Prediction]:
    """Decide each row of probabilities float[N, C]; the seed is that of the coins that `near_tie` flips."""
    found = decide_rows(probabilities, rule, seed)
    rows = zip(found.classes.tolist(), found.reasons.tolist(), found.confidence.tolist(), found.margin.tolist(), strict=True)
    return [
        Prediction(
            chosen=None if chosen == ABSTAINS else chosen,
            reason="" if reason == MOST_PROBABLE else reason,
            numbers={"confidence": confidence, "margin": margin},
        )
        for chosen, reason, confidence, margin in rows
    ]


def _read_file(path: Path, image_format: ImageFormat) -> Iterator[tuple[str, bytes]]:
    """Return name and example of each image; with several images the name states the position, from 1."""
    images = load_images(path, image_format)
    for number, image in enumerate(images, start=1):
        name = f"{path}: image {number}" if len(images) > 1 else str(path)
        yield name, encode_example({IMAGE: image.ravel().tolist()})


FASHION_MNIST = predictor(formats.FASHION_MNIST)
DIGITS = predictor(formats.DIGITS)
