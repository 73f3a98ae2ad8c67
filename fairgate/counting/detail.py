"""Hold the counts behind an evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairgate.counting.counts import Counts
from fairgate.counting.joint import JointCells
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
        joint: slice name -> the decisions of two models together, see `joint.compared_pair` and `joint.pair_keys`; empty where
            none are compared.
        ranks: slice name -> the ranks of both, see `joint.rank_keys`, where their AUCs are compared.
        unknown: slice feature -> examples that have no value of it.
    """

    settings: CountSettings
    counts: Mapping[str, Mapping[str, Counts]]
    keys: Mapping[str, SliceKey]
    omitted: Mapping[str, int] = field(default_factory=dict)
    joint: Mapping[str, JointCells] = field(default_factory=dict)
    ranks: Mapping[str, JointCells] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
