"""The tables of words and edits of a report, by hand."""

import math

import pandas as pd

SENTENCES = pd.DataFrame(
    [
        ("I am", f"I am {word}", model, score, share)
        for word, score, share in (("gay", 0.75, 0.5), ("kind", 0.25, math.nan))
        for model in ("baseline", "candidate")
    ],
    columns=["set", "text", "model", "score", "unknown_words"],
)
EDITS = pd.DataFrame(
    [
        (0.0, "most changed", "toxic", "original", "", "", "", "a secret man", 0.75, 0.25),
        (0.0, "most changed", "toxic", "removed", "gender", "male", "", "a secret", 0.5, 0.25),
        (0.0, "most changed", "toxic", "swapped", "gender", "male", "female", "a secret woman", 0.75, 0.25),
    ],
    columns=["example", "reason", "label", "kind", "group", "term", "other", "text", "baseline", "candidate"],
)
SHARES = pd.DataFrame(
    [
        (0.0, model, place - 1.0, word, share, True)
        for model in ("baseline", "candidate")
        for place, (word, share) in enumerate((("", 0.5), ("secret", 1.0), ("man", -0.25), ("secret", 1.0)))
    ],
    columns=["example", "model", "position", "word", "share", "exact"],
)
NEAREST = pd.DataFrame(
    [(0.0, "a secret dog", "toxic", 0.5, 0.75, 0.125, 1438.0)],
    columns=["example", "text", "label", "baseline", "candidate", "distance", "n"],
)
VOCABULARY = pd.DataFrame({"split": ["eval"], "n": [2000.0], "unknown": [0.125], "half": [40.0], "none": [3.0]})
