"""The image tasks' additions to a report: pictures, confusion matrix, coverage, and the wording of the model card."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from components.modelling.signature import Served
from components.tasks.base import ReportParts
from components.tasks.images.decision import coverage_curve
from components.tasks.images.outsiders import outsiders
from components.tasks.images.views import class_grid, pixel_histogram, thumbnail
from data.images import formats
from data.images.formats import IMAGE, LABEL, ImageFormat
from data.records import decode_example
from fairgate.report.content import ModelCard
from fairgate.report.tallies import confusion

LIMITS = (
    "Grey pictures of one centred object on an empty background, of the size it was trained on; photographs are another matter.",
)


def _card(title: str, origin: str, licence: str) -> ModelCard:
    return ModelCard(
        title=title,
        intended_use=(
            "A reference for image classifiers, and an example of a gate on accuracy, its spread over classes and over-fitting.",
        ),
        limits=LIMITS,
        data_sheet={"Origin": origin, "Labels": "one of ten classes for each picture, balanced"},
        licence=licence,
    )


def _parts(image_format: ImageFormat, card: ModelCard) -> ReportParts:
    def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
        images = [np.asarray(decode_example(record)[IMAGE], np.uint8).reshape(image_format.shape) for record in serialized]
        return {"image": [_base64(thumbnail(image, image_format.pixel_max)) for image in images]}

    def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:
        images, labels, probabilities = _scored(examples_uri, models, image_format)
        coverage = [
            pd.DataFrame([asdict(point) for point in coverage_curve(found, labels)]).assign(model=model)
            for model, found in probabilities.items()
        ]
        return {
            "card": card,
            "pixels": pd.DataFrame([asdict(part) for part in pixel_histogram(images, image_format.pixel_max)]),
            "class_grids": {
                name: _base64(class_grid(images, labels, label, pixel_max=image_format.pixel_max))
                for label, name in enumerate(image_format.classes)
            },
            "confusion": confusion(detail),
            "coverage": pd.concat(coverage, ignore_index=True),
        }

    return ReportParts(show, add, partial(outsiders, image_format))


def _scored(uri: str, models: Mapping[str, str], image_format: ImageFormat) -> tuple[Any, Any, dict[str, Any]]:
    """Return images uint8[N, height, width], labels int64[N] and per model probabilities float32[N, C] of the eval split."""
    import tensorflow as tf

    from components.artifacts.examples import serialized_batches

    features = {IMAGE: tf.io.FixedLenFeature([image_format.pixels], tf.int64), LABEL: tf.io.FixedLenFeature([], tf.int64)}
    loaded = {name: Served(folder) for name, folder in models.items()}
    images, labels = [], []
    found: dict[str, list[Any]] = {name: [] for name in models}
    for batch in serialized_batches(uri, "eval"):
        parsed = tf.io.parse_example(batch, features)
        images.append(parsed[IMAGE].numpy().astype(np.uint8).reshape(-1, *image_format.shape))
        labels.append(parsed[LABEL].numpy())
        for name, serve in loaded.items():
            found[name].append(serve(batch))
    return np.concatenate(images), np.concatenate(labels), {name: np.concatenate(parts) for name, parts in found.items()}


def _base64(png: bytes) -> str:
    return base64.b64encode(png).decode()


FASHION_MNIST = _parts(
    formats.FASHION_MNIST,
    _card(
        "Classifier of clothing",
        "Fashion-MNIST, Zalando Research, 70,000 pictures of 28x28 pixels",
        "Data: MIT. fairgate: Apache-2.0.",
    ),
)
DIGITS = _parts(
    formats.DIGITS,
    _card(
        "Classifier of digits",
        "UCI optical digits as shipped with scikit-learn, 1,797 pictures of 8x8 pixels",
        "Data: CC BY 4.0. fairgate: Apache-2.0.",
    ),
)
