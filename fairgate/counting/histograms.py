"""Compute what a report draws of the counts: score histograms and confusion matrices. Pure numpy."""

from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import LABEL_SHIFT, Floats, Ints, ScoreCells
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings

_AT_EDGE = 1e-7  # the scores of float32 below 1 lie up to 6e-8 apart


@dataclass(frozen=True, eq=False)
class Histogram:
    """Weights by score.

    Attributes:
        edges: float64[B + 1], 0 to 1.
        weights: float64[2, B], by label and bin; a bin includes its upper edge. Scores outside of 0 to 1 are in the outer bins.
    """

    edges: Floats
    weights: Floats


def histogram(cells: ScoreCells, bins: int) -> Histogram:
    """Count the scores of both labels in `bins` bins of equal width."""
    at = bins_of(cells.means(), bins)
    label = labels_of(cells)
    weights = np.bincount(label * bins + at, weights=cells.weights, minlength=2 * bins).astype(np.float64)
    return Histogram(np.linspace(0, 1, bins + 1), weights.reshape(2, bins))


def confusion(counts: Counts, settings: CountSettings) -> Floats:
    """Return float64[C, C]: weights by label and predicted class of a multi-class task."""
    return layout(settings).read(counts.totals)["confusion"]


def labels_of(cells: ScoreCells) -> Ints:
    """Return the label of each cell, int64[K]."""
    return cells.keys >> LABEL_SHIFT


def bins_of(scores: Floats, bins: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return which of `bins` bins of equal width each score lies in, int64[K]; those outside of 0 to 1 lie in the outer ones.

    A bin includes its upper edge, and what float32 cannot tell from it: .2 is in the same bin in whatever width it was written,
    and whatever rounding leaves of the mean of many.
    """
    return np.clip(np.ceil((scores - _AT_EDGE) * bins).astype(np.int64) - 1, 0, bins - 1)  # type: ignore[no-any-return]
