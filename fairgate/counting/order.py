"""Sort the scores of one model once: where every row stands among the rows of its own and of the other label.

In: scores and labels of all rows. Out: `ScoreOrder`, from which AUCs (`fairgate.metrics.exact_auc`) and tables of scores follow
for any slice without sorting again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import Predictions

Places = npt.NDArray[np.int32]
POSITION_BITS = 32
POSITIONS = (1 << POSITION_BITS) - 1


@dataclass(frozen=True, eq=False)
class LabelOrder:
    """The valid rows of one label in the order of their scores; equal scores in the order of the rows.

    Attributes:
        rows: int32[n].
        below, upto: int32[n]: how many rows of the other label score lower than each, and how many not higher.
    """

    rows: Places
    below: Places
    upto: Places


@dataclass(frozen=True, eq=False)
class ScoreOrder:
    """The scores of one model in order.

    Attributes:
        labels: the negatives and the positives.
        places: int32[N], the place of every row among those of its label; -1 for an invalid score.
        complete: whether no score is invalid.
    """

    labels: tuple[LabelOrder, LabelOrder]
    places: Places
    complete: bool

    def of(self, rows: Places) -> Places:
        """Return the places of rows, those of invalid scores left out."""
        places = np.take(self.places, rows)
        return places if self.complete else places[places >= 0]


def order_scores(scores: Predictions, labels: npt.NDArray[np.bool_]) -> tuple[ScoreOrder, tuple[Predictions, Predictions]]:
    """Sort scores.

    Args:
        scores: float[N]; those that are not finite are invalid.
        labels: bool[N].

    Returns:
        The order, and the scores of the negatives and of the positives, ascending.
    """
    valid = np.isfinite(scores)
    complete = bool(valid.all())
    places = np.full(len(scores), -1, np.int32)
    rows, ascending = [], []
    for chosen in (~labels, labels):
        own = np.flatnonzero(chosen if complete else chosen & valid).astype(np.int32)
        values = scores[own]
        order = _stable_order(values)
        rows.append(own[order])
        ascending.append(values[order])
        places[rows[-1]] = np.arange(own.size, dtype=np.int32)
    beside = _beside(*ascending)
    both = LabelOrder(rows[0], *beside[0]), LabelOrder(rows[1], *beside[1])
    return ScoreOrder(both, places, complete), (ascending[0], ascending[1])


def _stable_order(values: Predictions) -> npt.NDArray[Any]:
    """Return the order of values, equal ones as they come.

    Values of 32 bits are sorted in place with their positions behind them, where no two are equal. Of others the quick sort of
    numpy is taken, and then only its ties.
    """
    if values.dtype == np.float32:
        keys = _ascending_bits(values).astype(np.uint64)
        keys <<= np.uint64(POSITION_BITS)
        keys |= np.arange(values.size, dtype=np.uint32)
        keys.sort()
        return (keys & np.uint64(POSITIONS)).astype(np.int32)
    order = np.argsort(values)
    ranked = values[order]
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
        runs = np.cumsum(np.concatenate(([True], ~same)))[tied]
        order[tied] = order[tied][np.lexsort((order[tied], runs))]
    return order


def _ascending_bits(values: Predictions) -> npt.NDArray[np.uint32]:
    """Return uint32[n] in the order of finite float32 values."""
    bits = (values + np.float32(0)).view(np.uint32)  # + 0 makes one zero of the two
    negative = bits >> np.uint32(31) == 1
    bits ^= np.uint32(1 << 31)  # above all negative ones
    bits[negative] = ~bits[negative] & np.uint32((1 << 31) - 1)
    return bits


def _beside(negative: Predictions, positive: Predictions) -> tuple[tuple[Places, Places], tuple[Places, Places]]:
    """Return below and upto of the negatives, and of the positives; only the fewer ones are looked up."""
    few, many = (positive, negative) if len(positive) <= len(negative) else (negative, positive)
    below, upto = (np.searchsorted(many, few, side=side) for side in ("left", "right"))
    steps = (np.bincount(at, minlength=len(many) + 1)[: len(many)] for at in (upto, below))
    of_many = next(steps).cumsum(dtype=np.int32), next(steps).cumsum(dtype=np.int32)
    of_few = below.astype(np.int32), upto.astype(np.int32)
    return (of_many, of_few) if few is positive else (of_few, of_many)
