"""A table of predictions that several libraries measure; docs/from-fairlearn.md and docs/from-aequitas.md state its numbers."""

import numpy as np
import pandas as pd

ROWS = 3000
RACES = np.array(["asian", "black", "latino", "white"])
THRESHOLD = 0.5


def predictions() -> pd.DataFrame:
    """Return label, score (three digits), decision, weight, race and sex of 3,000 people; the model scores one race too high."""
    draw = np.random.default_rng(7)
    label = (draw.random(ROWS) < 0.3).astype(int)
    race = RACES[np.minimum((draw.random(ROWS) ** 1.5 * 4).astype(int), 3)]
    sex = np.where(draw.random(ROWS) < 0.55, "female", "male")
    noise = 0.9 * (draw.random(ROWS) - 0.5)
    score = np.clip(np.round(0.25 + 0.35 * label + 0.15 * (race == "black") + noise, 3), 0, 1)
    decision = (score > THRESHOLD).astype(int)
    weight = np.round(0.5 + draw.random(ROWS), 2)
    return pd.DataFrame({"label": label, "score": score, "decision": decision, "weight": weight, "race": race, "sex": sex})
