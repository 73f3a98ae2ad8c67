"""The published figures of the image lab, for runs that repeat it: the preset `lab` on the official Fashion-MNIST files.

In: what both models were trained with, and what the images are. Out: a table for the report. Imports no TensorFlow.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from components.tasks.images.config import ImagesTraining
from fairgate.names import BASELINE, CANDIDATE, EVAL, TRAIN

PRESET = "lab"
# `Exploration.digest` of the 60,000 official training images, and the number of the test images.
OFFICIAL_TRAIN = "914bcfa63610546cb91cb31d8e80485b8e22ed2e2058229ae354f5e37c4b6718"
OFFICIAL_TEST_ROWS = 10_000
# One training of each network; those of train are the running means of the last epoch.
FIGURES = (
    (BASELINE, TRAIN, "accuracy", 0.959),
    (BASELINE, TRAIN, "loss", 0.110),
    (BASELINE, EVAL, "accuracy", 0.8823),
    (BASELINE, EVAL, "loss", 0.701),
    (CANDIDATE, TRAIN, "accuracy", 0.919),
    (CANDIDATE, TRAIN, "loss", 0.218),
    (CANDIDATE, EVAL, "accuracy", 0.8814),
    (CANDIDATE, EVAL, "loss", 0.398),
)


def published(settings: Mapping[str, Mapping[str, Any]], train_digest: str, test_rows: int) -> pd.DataFrame | None:
    """Return the published figures: model, split, metric, value; None for any other training or other images.

    Args:
        settings: "baseline" and "candidate" -> what the model was trained with, see `ImagesTraining.settings`.
        train_digest: of the training images, see `Exploration.digest`.
        test_rows: number of the test images.
    """
    lab = ImagesTraining(preset=PRESET)
    expected = {BASELINE: lab.settings(lab.model("baseline")), CANDIDATE: lab.settings(lab.model("remediated"))}
    if dict(settings) != expected or (train_digest, test_rows) != (OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS):
        return None
    return pd.DataFrame(FIGURES, columns=["model", "split", "metric", "value"])
