"""The published results of the exercise that the preset `exercise` repeats: the only place that holds them.

The exercise trained on the real Civil Comments, and printed two digits. No interval was published.
"""

from collections.abc import Mapping

import pandas as pd

from fairgate.names import BASELINE, CANDIDATE, OVERALL

SOURCE = (
    "Course exercise “Fairness Indicators” on Civil Comments: text embedding nnlm-en-dim128/1, remediation by example weights, "
    "decision threshold 0.5."
)
THRESHOLD = 0.5
# The public training and validation file together: the comments of Kaggle's train.csv, which is the split `train` of
# https://www.tensorflow.org/datasets/catalog/civil_comments and has that many.
PUBLIC_ROWS = 1_804_874
# Rows without text are set aside when files are read, so the number need not be met exactly.
ROWS_TOLERANCE = 0.01

SLICES = (OVERALL, "gender:male", "gender:female")
# Metric, model -> the values of SLICES.
FIGURES: Mapping[tuple[str, str], tuple[float, float, float]] = {
    ("false_positive_rate", BASELINE): (0.28, 0.51, 0.47),
    ("false_positive_rate", CANDIDATE): (0.23, 0.28, 0.24),
    ("false_negative_rate", BASELINE): (0.27, 0.13, 0.15),
    ("false_negative_rate", CANDIDATE): (0.34, 0.33, 0.38),
}


def published(rows: Mapping[str, int] | None) -> pd.DataFrame | None:
    """Return the published figures as `ReportContent.published`.

    Args:
        rows: split -> rows of the run's data, which must be as many as those of the public files; None for any data.

    Returns:
        model, slice, metric, threshold, value, source; None where the data are others.
    """
    if rows is not None and abs(sum(rows.values()) - PUBLIC_ROWS) > ROWS_TOLERANCE * PUBLIC_ROWS:
        return None
    lines = [
        (model, slice_name, metric, THRESHOLD, value, SOURCE)
        for (metric, model), values in FIGURES.items()
        for slice_name, value in zip(SLICES, values, strict=True)
    ]
    return pd.DataFrame(lines, columns=["model", "slice", "metric", "threshold", "value", "source"])
