"""The work of a sample run without the pipeline: two trainings, two inferences, counting.

In: JSON {"examples": folder, "embedding": folder, "steps": {recipe: batches}}. Out: false positive rates at 0.5, printed.
Every training and every inference reads its own files, in batches, and embeds each text once.
Run: python -m benchmarks.bare_parts JSON.
"""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.remedies.reweighting import baseline_weights, candidate_weights
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.model import build_classifier
from data.comments.names import IDENTITIES, LABEL, TEXT
from fairgate.counting.config import EvaluationConfig

BATCH = 4096
THRESHOLDS = EvaluationConfig().thresholds
SEED = 1

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Comments:
    """One split in memory.

    Attributes:
        embeddings: float32[N, d].
        labels: float32[N].
        groups: identity -> int64[k], the rows that mention it.
    """

    embeddings: Array
    labels: Array
    groups: Mapping[str, Array]


def read(folder: Path, embedding: TextEmbedding, features: tuple[str, ...]) -> Comments:
    """Read the files of a split, with the identities of the given features."""
    spec = {TEXT: tf.io.FixedLenFeature([], tf.string), LABEL: tf.io.FixedLenFeature([], tf.float32)}
    spec |= {name: tf.io.RaggedFeature(tf.string) for name in features}
    files = sorted(str(path) for path in folder.iterdir())
    embedded, labels = [], []
    groups: dict[str, list[Array]] = {}
    rows = 0
    for batch in tf.data.TFRecordDataset(files, "GZIP").batch(BATCH).prefetch(2):
        parsed = tf.io.parse_example(batch, spec)
        embedded.append(embedding(parsed[TEXT]).numpy())
        labels.append(parsed[LABEL].numpy())
        for name in features:
            values, at = parsed[name].flat_values.numpy().astype("S40"), parsed[name].value_rowids().numpy()
            for value in np.unique(values):
                groups.setdefault(value.decode(), []).append(rows + at[values == value])
        rows += len(labels[-1])
    together = {value: np.concatenate(parts) for value, parts in groups.items()}
    return Comments(np.concatenate(embedded), np.concatenate(labels), together)


def train(folder: Path, embedding: TextEmbedding, recipe: str, steps: int) -> Any:
    """Train a head for the given number of batches, validated after every epoch as in the run."""
    training = CommentsTraining()
    comments = read(folder, embedding, () if recipe == "baseline" else ("gender",))
    weights = baseline_weights(comments.labels) if recipe == "baseline" else _candidate_weights(comments)
    held_back = round(len(weights) * training.validation_share)
    columns = (comments.embeddings, comments.labels[:, None], weights[:, None])
    texts, labels, fitted_weights = (column[held_back:] for column in columns)
    model = build_classifier(embedding.dimension, training.hidden, training.learning_rate, SEED)
    model.fit(
        texts,
        labels,
        sample_weight=fitted_weights,
        batch_size=training.batch_size,
        epochs=math.ceil(steps / math.ceil(len(labels) / training.batch_size)),
        validation_data=tuple(column[:held_back] for column in columns),
        callbacks=[_StopAfter(steps)],
        verbose=0,
    )
    return model


def count(folder: Path, embedding: TextEmbedding, model: Any) -> dict[tuple[str, int], Array]:
    """Return (identity or "", label) -> int64[T + 1]: the number of comments by how many thresholds their score exceeds."""
    comments = read(folder, embedding, tuple(IDENTITIES))
    batches = range(0, len(comments.labels), BATCH)
    scores = np.concatenate([model(comments.embeddings[at : at + BATCH], training=False).numpy()[:, 0] for at in batches])
    above = np.searchsorted(THRESHOLDS, scores.astype(np.float64), side="left")
    groups = {"": np.arange(len(scores)), **comments.groups}
    return {
        (name, label): np.bincount(above[rows][comments.labels[rows] == label], minlength=len(THRESHOLDS) + 1)
        for name, rows in groups.items()
        for label in (0, 1)
    }


def main() -> None:
    """Train, predict, count, print."""
    request = json.loads(sys.argv[1])
    examples = Path(request["examples"])
    for recipe, steps in request["steps"].items():
        embedding = TextEmbedding(request["embedding"])
        model = train(examples / "Split-train", embedding, recipe, steps)
        tables = count(examples / "Split-eval", embedding, model)
        middle = THRESHOLDS.index(0.5) + 1
        rates = {name: table[middle:].sum() / table.sum() for (name, label), table in tables.items() if label == 0}
        print(recipe, steps, *(f"{name or 'overall'} {rate:.3f}" for name, rate in sorted(rates.items())))


class _StopAfter(keras.callbacks.Callback):
    """Ends a training after a number of batches."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._left = steps

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  # Keras's signature
        self._left -= 1
        self.model.stop_training = self._left <= 0


def _candidate_weights(comments: Comments) -> Array:
    genders: list[list[str]] = [[] for _ in comments.labels]
    for identity in IDENTITIES["gender"]:
        for row in comments.groups.get(identity, ()):
            genders[row].append(identity)
    return candidate_weights(comments.labels, genders)


if __name__ == "__main__":
    main()
