"""How many texts of each split hold words that the candidate does not know.

In: raw examples, the candidate. Out: a table, one row per split. A text of unknown words gets the score of an empty one, or of
what its letters resemble; such a score says little about it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from components.artifacts.splits import splits_in
from components.counterfactual.run import texts
from components.modelling.text_model import TextModel

ROWS = 2_000  # of each split


def vocabulary(uri: str, model: str, feature: str) -> pd.DataFrame | None:
    """Count unknown words in the first ROWS texts of each split.

    Args:
        uri: artifact of raw examples.
        model: folder of the SavedModel.
        feature: name of the text feature.

    Returns:
        columns split, n (texts with at least one word), unknown (mean share of a text's words that the model does not know),
        half (texts of which it knows at most half), none (texts of which it knows no word); None where the model cannot tell.
    """
    opened = TextModel(Path(model), feature)
    rows = []
    for split in splits_in(uri):
        shares = opened.unknown_share(list(texts(uri, feature, split, ROWS)))
        if shares is None:
            return None
        known = shares[np.isfinite(shares)]
        mean = float(known.mean()) if len(known) else np.nan
        counts = {"half": float((known >= 0.5).sum()), "none": float((known == 1).sum())}
        rows.append({"split": split, "n": float(len(known)), "unknown": mean, **counts})
    return pd.DataFrame(rows)
