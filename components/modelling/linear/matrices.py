"""Views of a shard's sparse features as scipy matrices; nothing that grows with the features is copied."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse

from data.text.feature_shards import BLOCKS, FeatureShard, SparseBlock

MAX_RUNS = 8
"""A shard whose rows of interest lie in more runs is multiplied whole: each run costs a call, and short runs save nothing."""


def csr(shard: FeatureShard, block: str, rows: slice = slice(None), power: int = 1) -> sparse.csr_matrix:
    """Return some rows of a block as a float32 matrix that shares the memory of the shard.

    Args:
        shard: its block is read.
        block: "words" or "characters".
        rows: a slice of step 1.
        power: of the values; those of another power than 1 are copied.
    """
    features: SparseBlock = getattr(shard, block)
    first, last, _ = rows.indices(len(shard.labels))
    starts = np.asarray(features.starts[first : last + 1])
    begin, end = int(starts[0]), int(starts[-1])
    values, buckets = np.asarray(features.values)[begin:end], np.asarray(features.buckets)[begin:end]
    if power != 1:
        values = values**power
    return sparse.csr_matrix((values, buckets, starts - begin), shape=(last - first, BLOCKS[block]), copy=False)


def runs(weights: npt.NDArray[np.float32]) -> Iterator[slice]:
    """Yield the runs of rows whose weight is not 0: exactly if they are few, otherwise one run that holds them all."""
    used = np.concatenate([[False], weights != 0, [False]])
    edges = np.flatnonzero(used[1:] != used[:-1])
    if len(edges) > 2 * MAX_RUNS:
        edges = edges[[0, -1]]
    for begin, end in edges.reshape(-1, 2):
        yield slice(int(begin), int(end))
