"""Weights of counted n-grams: (1 + log count) × smooth inverse document frequency, divided by the L2 norm of the row.

As scikit-learn's `TfidfTransformer(sublinear_tf=True, smooth_idf=True)`, except that a bucket that no training text has gets 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class DocumentFrequencies:
    """In how many texts each bucket occurs.

    Attributes:
        texts: how many were counted.
        frequencies: int64[width].
    """

    texts: int
    frequencies: npt.NDArray[np.int64]

    def __add__(self, other: "DocumentFrequencies") -> "DocumentFrequencies":
        """Return the frequencies in the texts of both."""
        return DocumentFrequencies(self.texts + other.texts, self.frequencies + other.frequencies)


def smooth_idf(known: DocumentFrequencies) -> npt.NDArray[np.float32]:
    """Return log((1 + texts) / (1 + frequency)) + 1 for each bucket, float32[width]; 0 where the frequency is 0."""
    idf = np.log((1 + known.texts) / (1 + known.frequencies)) + 1
    return np.where(known.frequencies > 0, idf, 0).astype(np.float32)


def weigh(
    starts: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    counts: npt.NDArray[np.uint16],
    idf: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return the weights float32[k] of a block of n rows in the form of a CSR matrix.

    Args:
        starts: int64[n + 1], where each row begins.
        buckets: int32[k].
        counts: [k], at least 1.
        idf: float32[width] of the block; a row of buckets with idf 0 alone keeps weights of 0.
    """
    weights = (1 + np.log(counts.astype(np.float64))) * idf[buckets]
    lengths = np.diff(starts)
    filled = lengths > 0
    squares = np.add.reduceat(weights * weights, starts[:-1][filled]) if filled.any() else np.zeros(0)
    norms = np.sqrt(np.where(squares > 0, squares, 1))
    normed: npt.NDArray[np.float32] = (weights / np.repeat(norms, lengths[filled])).astype(np.float32)
    return normed
