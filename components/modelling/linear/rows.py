"""What is known of every row beside its features: label, groups and fold, ten bytes a row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.modelling.linear.folds import fold_of
from components.modelling.linear.solver import Shards


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of all shards, in their order.

    Attributes:
        labels: uint8[n], 0 or 1.
        groups: uint64[n]; bit i is set where the example belongs to group i of the feature index.
        folds: uint8[n], of `fold_of`.
    """

    labels: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint64]
    folds: npt.NDArray[np.uint8]


def read_rows(shards: Shards) -> Rows:
    """Collect the rows of all shards."""
    parts = [(np.array(shard.labels), np.array(shard.groups), fold_of(shard.keys)) for shard in shards()]
    labels, groups, folds = zip(*parts, strict=True) if parts else ([], [], [])
    return Rows(
        np.concatenate([np.zeros(0, np.uint8), *labels]),
        np.concatenate([np.zeros(0, np.uint64), *groups]),
        np.concatenate([np.zeros(0, np.uint8), *folds]),
    )
