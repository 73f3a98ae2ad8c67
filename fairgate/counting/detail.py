"""Hold the counts behind an evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairgate.counting.counts import Counts
from fairgate.counting.joint import JointCells
from fairgate.counting.ranks import RankCells
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey
from fairgate.measurement import Scalar


@dataclass(frozen=True, eq=False)
class SliceAucs:
    """The AUCs of one slice from all its scores in order.

    Attributes:
        models: model name -> metric -> AUC and standard error.
        covariances: metric -> that of the two compared models' AUCs; absent where it is not known.
    """

    models: Mapping[str, Mapping[str, Scalar]]
    covariances: Mapping[str, float] = field(default_factory=dict)


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
        ranks: slice name -> the ranks of both where their AUCs are compared.
        unknown: slice feature -> examples that have no value of it.
        aucs: slice name -> its AUCs from all scores in order; a slice that is not there has those of its tables of scores.
    """

    settings: CountSettings
    counts: Mapping[str, Mapping[str, Counts]]
    keys: Mapping[str, SliceKey]
    omitted: Mapping[str, int] = field(default_factory=dict)
    joint: Mapping[str, JointCells] = field(default_factory=dict)
    ranks: Mapping[str, RankCells] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    aucs: Mapping[str, SliceAucs] = field(default_factory=dict)
