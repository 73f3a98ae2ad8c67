"""Which training images are held out for early stopping.

In: labels int64[N]. Out: rows to fit and rows to hold out.
"""

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


def hold_out(labels: Labels, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to fit and rows to hold out, `share` of each class (rounded); both in rising order."""
    random = np.random.default_rng(seed)
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held_out[rows[: round(share * len(rows))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
