"""Ask the candidate about images unlike those of training: a colour photograph, inverted and empty images, noise.

In: decoded examples of train, the candidate. Out: the parts `outsiders` and `profile` of ReportContent.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.modelling.signature import served
from components.tasks.images.domain import Image, differences, profile
from data.images.formats import IMAGE, ImageFormat
from data.images.loading import load_images
from data.images.pictures import picture_notes
from data.records import encode_example


def outsiders(image_format: ImageFormat, train: Sequence[Mapping[str, Any]], model: str) -> Mapping[str, Any]:
    """Return what the candidate decides on images of other kinds, with the warnings of `fairgate predict`.

    Args:
        image_format: of the task.
        train: decoded examples, at least one.
        model: folder of the candidate.
    """
    images = [np.asarray(row[IMAGE], np.uint8).reshape(image_format.shape) for row in train]
    known = profile(images, image_format.pixel_max)
    named = list(_unlike(images[0], image_format))
    answers = served(model)([encode_example({IMAGE: image.ravel().tolist()}) for _, image, _ in named])
    rows = [
        {
            "input": name,
            "decision": image_format.classes[int(probabilities.argmax())],
            "value": float(probabilities.max()),
            "warnings": "; ".join([*notes, *differences(image, image_format.pixel_max, known)]),
        }
        for (name, image, notes), probabilities in zip(named, answers, strict=True)
    ]
    return {"outsiders": pd.DataFrame(rows), "profile": known}


def _unlike(image: Image, image_format: ImageFormat) -> Iterator[tuple[str, Image, list[str]]]:
    """Yield name, image and what reading it says."""
    import sklearn

    photo = Path(sklearn.__file__).parent / "datasets" / "images" / "china.jpg"
    if photo.is_file():
        notes = [note.partition(": ")[2] for note in picture_notes(photo, image_format.shape)]
        yield "a photograph in colour", load_images(photo, image_format)[0], notes
    most = image_format.pixel_max
    noise = np.random.default_rng(0).integers(0, most + 1, image_format.shape).astype(np.uint8)
    yield "an image of training, inverted", (most - image).astype(np.uint8), []
    yield "an empty image, black", np.zeros(image_format.shape, np.uint8), []
    yield "an empty image, white", np.full(image_format.shape, most, np.uint8), []
    yield "noise", noise, []
