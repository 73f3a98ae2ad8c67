"""Make scores and counts for the tests of metrics."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import group, keys_of, merge
from fairgate.metrics.counted import Scores

Array = npt.NDArray[Any]


def scores_of(labels: Array, scores: Array, weights: Array | None = None, limit: int = 10**6) -> tuple[Scores, Scores]:
    """Return negative and positive scores of raw arrays."""
    weights = np.ones(len(labels)) if weights is None else weights
    cells = merge([group(keys_of(labels, scores, (0.5,)), weights, scores.astype(np.float64))], limit)
    squares = [float((weights[labels == label] ** 2).sum()) for label in (0, 1)]
    return Scores(cells.one_label(0), squares[0]), Scores(cells.one_label(1), squares[1])


def drawn(rows: int, seed: int, spread: float = 0.2) -> tuple[Array, Array, Array, Array]:
    """Return labels, float32 scores that tell them apart somewhat, weights, and membership of a group."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(np.int64)
    scores = (1 / (1 + np.exp(-(generator.normal(-1, 1, rows) + labels) * spread))).astype(np.float32)
    return labels, scores, generator.choice([0.5, 1.0, 4.0], rows), generator.random(rows) < 0.1
