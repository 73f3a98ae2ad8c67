"""The nearest text on which a model decides otherwise: what would have to be different? Exact, by comparison with every text.

In: texts, scores, threshold. Out: for each text that is asked about, which one is nearest. The distance is 1 minus the cosine of
the texts' TF-IDF vectors (words of lower case; idf = log((1 + n) / (1 + texts with the word)) + 1 over the n texts), in [0, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

_WORD = r"(?u)\w+"


@dataclass(frozen=True)
class Nearest:
    """The nearest text with the opposite decision.

    Attributes:
        row: of it, among the texts.
        distance: in [0, 1]; 0 for the same words as often, 1 for no word in common.
    """

    row: int
    distance: float


def nearest_opposites(
    texts: Sequence[str], scores: npt.NDArray[np.float64], threshold: float, asked: Sequence[int]
) -> list[Nearest | None]:
    """Find the nearest text with the opposite decision; of several equally near the first.

    Args:
        texts: N of them.
        scores: float64[N]; above the threshold is a positive decision. A text whose score is not finite is never found.
        threshold: of the decision.
        asked: rows of the texts that are asked about.

    Returns:
        one per row asked; None where no text is decided otherwise, or no text has a word.
    """
    try:
        vectors = TfidfVectorizer(token_pattern=_WORD).fit_transform(texts)
    except ValueError:  # no text has a word
        return [None] * len(asked)
    positive, finite = scores > threshold, np.isfinite(scores)
    cosines = (vectors[list(asked)] @ vectors.T).toarray()
    found: list[Nearest | None] = []
    for row, similar in zip(asked, cosines, strict=True):
        others = finite & (positive != positive[row])
        distances = np.where(others, np.clip(1 - similar, 0, 1), np.inf)
        best = int(distances.argmin())
        found.append(Nearest(best, float(distances[best])) if others.any() else None)
    return found
