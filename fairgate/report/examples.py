"""Select the examples that a report shows: the most wrong ones of every slice, and a random sample for the scatter.

In: one row per evaluated example, or per example of a random part of them. Out: few rows. Imports pandas, not TensorFlow.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fairgate.names import OVERALL

if TYPE_CHECKING:
    import pandas as pd


PER_SLICE = 10
OVERALL_WORST = 24
SAMPLE = 1_200
MAX_TEXT = 2_000  # characters of a text that are kept


def select(
    examples: "pd.DataFrame", per_slice: int = PER_SLICE, overall: int = OVERALL_WORST, sample: int = SAMPLE, seed: int = 0
) -> "pd.DataFrame":
    """Keep what a report needs.

    Args:
        examples: columns slices (list of slice names, "overall" among them), label (str), baseline, candidate (scores in [0,
            1]: of the positive class, or of the true class where there are several), wrong (how wrong the candidate is, 0 to
            1), and text (str) or image (base64 PNG).
        per_slice: most wrong examples kept of every slice.
        overall: most wrong examples kept of all.
        sample: examples kept at random, each with the same chance, so that their cloud shows the true proportions.
        seed: of the sample.

    Returns:
        the kept rows, most wrong first, with the column sampled (bool: in the random sample); texts cut to 2,000 characters.
    """
    chosen = np.random.default_rng(seed).permutation(len(examples))[:sample]
    sampled = np.zeros(len(examples), dtype=bool)
    sampled[chosen] = True
    ranked = examples.assign(sampled=sampled).reset_index(drop=True).sort_values("wrong", ascending=False, kind="stable")
    kept = ranked[ranked["sampled"] | _among_worst(ranked["slices"], per_slice, overall)].reset_index(drop=True)
    return kept.assign(text=[shorten(text) for text in kept["text"]]) if "text" in kept else kept


def most_wrong(examples: "pd.DataFrame", slice_name: str, count: int = PER_SLICE) -> "pd.DataFrame":
    """Return the examples of a slice on which the candidate is most wrong, the worst first."""
    inside = [slice_name in slices for slices in examples["slices"]]
    return examples[inside].sort_values("wrong", ascending=False, kind="stable").head(count)


def shorten(text: str, limit: int = MAX_TEXT) -> str:
    """Cut the text to `limit` characters and say so."""
    return text if len(text) <= limit else f"{text[:limit]}… [{len(text):,} characters in all]"


def _among_worst(slices: "pd.Series[list[str]]", per_slice: int, overall: int) -> npt.NDArray[np.bool_]:
    """Return whether each row, in order of wrongness, is among the first of any of its slices."""
    seen: dict[str, int] = {}
    worst = np.zeros(len(slices), dtype=bool)
    for row, names in enumerate(slices):
        for name in names:
            seen[name] = seen.get(name, 0) + 1
            worst[row] |= seen[name] <= (overall if name == OVERALL else per_slice)
    return worst
