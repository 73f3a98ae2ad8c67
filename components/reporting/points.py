"""Score all examples of the slices that a policy names, for the scatter of one slice with all of its points.

In: raw examples, both models, the policy's slices. Out: one row per example, without a word of it. The number of rows is bounded:
of each slice the first `POINTS_PER_SLICE` are kept, and the report's metrics say how many there are in all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from components.reporting.tables import scored_batches
from fairgate.counting.config import LabelSpec
from fairgate.names import OVERALL, matching

POINTS_PER_SLICE = 25_000


class NamedSlices:
    """The slices of a policy, and how many examples of each were chosen so far.

    Args:
        patterns: names or patterns of slices, "gender:*"; "overall" is left out.
        most: examples chosen of each.
    """

    def __init__(self, patterns: Iterable[str], most: int = POINTS_PER_SLICE) -> None:
        self._patterns = [pattern for pattern in patterns if pattern != OVERALL]
        self._most = most
        self._known: dict[str, bool] = {}
        self._counts: Counter[str] = Counter()

    def named(self, slices: Sequence[str]) -> list[str]:
        """Return those of an example's slices that the policy names."""
        return [name for name in slices if self._is_named(name)]

    def chosen(self, slices: list[list[str]]) -> list[int]:
        """Return the rows that lie in a named slice which is not full yet, and count them."""
        rows = []
        for row, own in enumerate(slices):
            named = self.named(own)
            if any(self._counts[name] < self._most for name in named):
                rows.append(row)
                self._counts.update(named)
        return rows

    def _is_named(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = any(matching(pattern, [name]) for pattern in self._patterns)
        return self._known[name]


def slice_points(
    uri: str, models: Mapping[str, str], labels: LabelSpec, slice_features: Sequence[str], patterns: Iterable[str]
) -> pd.DataFrame | None:
    """Score the examples of the eval split that lie in a slice of the policy.

    Args:
        uri: artifact of raw examples.
        models: "baseline" and "candidate" -> folder of the SavedModel.
        labels: of the task.
        slice_features: whose values are slices.
        patterns: names or patterns of the policy's slices.

    Returns:
        slices (list of str, those that the policy names), label, baseline, candidate (float32 scores in [0, 1], of the positive
        class, or of the true class where there are several), wrong (float32); None where no example lies in such a slice.
    """
    wanted = NamedSlices(patterns)
    scored = scored_batches(uri, models, labels, slice_features, wanted.chosen)
    parts = [part for _, part in scored]
    if not parts:
        return None
    points = pd.concat(parts, ignore_index=True).drop(columns="predicted", errors="ignore")
    scores = {name: points[name].astype(np.float32) for name in (*models, "wrong")}
    named = pd.Series([wanted.named(own) for own in points["slices"]], dtype=object)
    return points.assign(slices=named, **scores)
