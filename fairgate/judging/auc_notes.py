"""Say how far the AUCs of a long table may be from those of its scores.

In: the counts. Out: sentences for the notes of a model.
"""

import math

from fairgate.asked import typed
from fairgate.counting.detail import EvaluationCounts
from fairgate.metrics.scores import auc_error


def auc_notes(detail: EvaluationCounts, model: str) -> tuple[str, ...]:
    """Return the greatest error of the model's AUCs of slices in a sentence; none where they rest on all scores."""
    if detail.aucs or detail.settings.kind != "binary":
        return ()
    error = max((auc_error(counts.series[0]) for counts in detail.counts.get(model, {}).values()), default=0.0)
    if not error:
        return ()
    exact = typed("auc", "exact")
    return (f"Its AUCs come from tables of scores and are off by {_up(error)} at most; `{exact}` computes them from all scores.",)


def _up(error: float) -> str:
    """Return a number above 0 rounded up to two significant digits."""
    places = 1 - math.floor(math.log10(error))
    return f"{math.ceil(error * 10**places) / 10**places:.{places}f}"
