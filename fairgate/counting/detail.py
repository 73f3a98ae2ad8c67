"""Hold the counts behind an evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairgate.counting.counts import Counts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey


@dataclass(frozen=True)
class EvaluationCounts:
    """The counts behind an evaluation.

    Attributes:
        settings: how they were counted.
        counts: model name -> slice name -> counts; "overall" is always there.
        keys: slice name -> the feature values that define it.
        omitted: slice name -> its examples, for intersections that were too small.
    """

    settings: CountSettings
    counts: Mapping[str, Mapping[str, Counts]]
    keys: Mapping[str, SliceKey]
    omitted: Mapping[str, int] = field(default_factory=dict)
