"""What a report draws of the counts: score histograms, confusion matrices, calibration, coverage against accuracy. Pure numpy."""

from dataclasses import dataclass

import numpy as np

from components.evaluation.cells import LABEL_SHIFT, Floats, ScoreCells
from components.evaluation.counts import Counts, layout
from components.evaluation.settings import CountSettings


@dataclass(frozen=True, eq=False)
class Histogram:
    """Weights by score.

    Attributes:
        edges: float64[B + 1], 0 to 1.
        weights: float64[2, B], by label and bin; a bin includes its upper edge. Scores outside of 0 to 1 are in the outer bins.
    """

    edges: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class Reliability:
    """Calibration by bins of equal width, empty bins left out.

    Attributes:
        score: float64[B], mean score (or confidence).
        share: float64[B], share of positive examples (or of right predictions).
        weight: float64[B].
    """

    score: Floats
    share: Floats
    weight: Floats


@dataclass(frozen=True, eq=False)
class Coverage:
    """What remains when predictions below a minimum are withheld.

    Attributes:
        minimum: float64[K], the least confidence or margin that is still answered.
        coverage: float64[K], share of examples answered.
        accuracy: float64[K], share of right answers among them; NaN where nothing is answered.
    """

    minimum: Floats
    coverage: Floats
    accuracy: Floats


def histogram(cells: ScoreCells, bins: int) -> Histogram:
    """The scores of both labels in `bins` bins of equal width."""
    at = _bins(cells.means(), bins)
    label = cells.keys >> LABEL_SHIFT
    weights = np.bincount(label * bins + at, weights=cells.weights, minlength=2 * bins).astype(np.float64)
    return Histogram(np.linspace(0, 1, bins + 1), weights.reshape(2, bins))


def reliability(cells: ScoreCells, bins: int) -> Reliability:
    """Mean score against share of positives, in `bins` bins of equal width."""
    at = _bins(cells.means(), bins)
    label = (cells.keys >> LABEL_SHIFT).astype(np.float64)
    columns = (cells.weights, cells.weights * label, cells.sums)
    weight, positive, score = (np.bincount(at, values, bins).astype(np.float64) for values in columns)
    used = weight > 0
    return Reliability(score[used] / weight[used], positive[used] / weight[used], weight[used])


def confusion(counts: Counts, settings: CountSettings) -> Floats:
    """float64[C, C]: weights by label and predicted class of a multi-class task."""
    return layout(settings).read(counts.totals)["confusion"]


def coverage(cells: ScoreCells, minimum: Floats) -> Coverage:
    """Coverage and accuracy at each minimum, of the confidence or margin table of a multi-class task."""
    order = np.argsort(cells.means(), kind="stable")
    score = cells.means()[order]
    weight = _from_above(cells.weights[order])
    right = _from_above((cells.weights * (cells.keys >> LABEL_SHIFT))[order])
    first = np.searchsorted(score, minimum, side="left")
    with np.errstate(invalid="ignore"):
        return Coverage(minimum, weight[first] / weight[0], right[first] / weight[first])


def _bins(scores: Floats, bins: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.clip(np.ceil(scores * bins).astype(np.int64) - 1, 0, bins - 1)  # type: ignore[no-any-return]


def _from_above(values: Floats) -> Floats:
    """float64[K + 1]: the sum of the values from each position on."""
    return np.concatenate((np.cumsum(values[::-1])[::-1], [0.0]))
