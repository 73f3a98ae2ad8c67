"""The image tasks' additions to a report: the training images, confusion matrix, coverage, and the wording of the model card."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from components.modelling.signature import served
from components.tasks.base import ReportParts
from components.tasks.images.coverage import coverage_curve
from components.tasks.images.exploration import Exploration
from components.tasks.images.outsiders import outsiders
from components.tasks.images.published import published
from components.tasks.images.training_facts import facts_table, read_facts
from components.tasks.images.views import class_grid, thumbnail
from data.images import formats
from data.images.formats import IMAGE, LABEL, ImageFormat
from data.records import decode_example
from fairgate.names import EVAL, TRAIN
from fairgate.report.content import ModelCard
from fairgate.report.tallies import confusion

LIMITS = (
    "Grey pictures of one centred object on an empty background, of the size it was trained on; photographs are another matter.",
)
OUT_OF_SCOPE = ("Photographs, and pictures of several objects, with a background, or of another size.",)


def _card(title: str, origin: str, licence: str) -> ModelCard:
    return ModelCard(
        title=title,
        intended_use=(
            "A reference for image classifiers, and an example of a gate on accuracy, its spread over classes and over-fitting.",
        ),
        limits=LIMITS,
        out_of_scope=OUT_OF_SCOPE,
        data_sheet={"Origin": origin, "Labels": "one of ten classes for each picture, balanced"},
        licence=licence,
    )


def _parts(image_format: ImageFormat, card: ModelCard) -> ReportParts:
    def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
        images = [np.asarray(decode_example(record)[IMAGE], np.uint8).reshape(image_format.shape) for record in serialized]
        return {"image": [_base64(thumbnail(image, image_format.pixel_max)) for image in images]}

    def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:
        labels, probabilities = _scored(examples_uri, models)
        explored = explore(examples_uri, image_format)
        facts = read_facts(models)
        coverage = [
            pd.DataFrame([asdict(point) for point in coverage_curve(found, labels, second=_other(probabilities, model))]).assign(
                model=model
            )
            for model, found in probabilities.items()
        ]
        return {
            "card": card,
            **explored.tables(),
            "class_grids": {
                name: _base64(class_grid(images, image_format.pixel_max)) for name, images in explored.examples().items()
            },
            "confusion": confusion(detail),
            "coverage": pd.concat(coverage, ignore_index=True),
            "trainings": facts_table(facts),
            "published_training": published(
                {name: fact.settings for name, fact in facts.items()}, explored.digest(), len(labels)
            ),
        }

    return ReportParts(show, add, partial(outsiders, image_format))


def explore(uri: str, image_format: ImageFormat, split: str = TRAIN) -> Exploration:
    """Explore the images of a split of raw examples, batch by batch; an example without label or all pixels is incomplete."""
    import tensorflow as tf

    from components.artifacts.examples import parsed_batches

    exploration = Exploration(image_format)
    features = {name: tf.io.RaggedFeature(tf.int64) for name in (IMAGE, LABEL)}
    for batch in parsed_batches(uri, split, features):
        lengths = {name: batch[name].row_lengths().numpy() for name in features}
        whole = (lengths[IMAGE] == image_format.pixels) & (lengths[LABEL] == 1)
        images, labels = (tf.ragged.boolean_mask(batch[name], whole).flat_values.numpy() for name in (IMAGE, LABEL))
        exploration.add(images.reshape(-1, image_format.pixels), labels, int((~whole).sum()))
    return exploration


def _other(probabilities: Mapping[str, Any], model: str) -> Any:
    """Return the probabilities of the model that it is compared with; None where there is no other."""
    return next((found for name, found in probabilities.items() if name != model), None)


def _scored(uri: str, models: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
    """Return labels int64[N] and per model probabilities float32[N, C] of the eval split."""
    import tensorflow as tf

    from components.artifacts.examples import serialized_batches

    features = {LABEL: tf.io.FixedLenFeature([], tf.int64)}
    loaded = {name: served(folder) for name, folder in models.items()}
    labels = []
    found: dict[str, list[Any]] = {name: [] for name in models}
    for batch in serialized_batches(uri, EVAL):
        labels.append(tf.io.parse_example(batch, features)[LABEL].numpy())
        for name, serve in loaded.items():
            found[name].append(serve(batch))
    return np.concatenate(labels), {name: np.concatenate(parts) for name, parts in found.items()}


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
