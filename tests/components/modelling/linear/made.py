"""Feature shards made in memory, which the tests of the linear model share."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from components.modelling.linear.solver import Shards
from data.text.feature_shards import BLOCKS, FeatureShard, SparseBlock

WIDTH = 60  # buckets that occur, of each block


@dataclass(frozen=True, eq=False)
class Example:
    """Examples in one piece: dense features float32[n, k], labels, groups, keys."""

    words: npt.NDArray[np.float32]
    characters: npt.NDArray[np.float32]
    vectors: npt.NDArray[np.float32]
    labels: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]

    def shards(self, rows: int = 100) -> Shards:
        """Return the examples in shards of that many rows; dense column j becomes bucket 1000 · j."""
        parts = [slice(begin, begin + rows) for begin in range(0, len(self.labels), rows)]

        def read() -> Iterator[FeatureShard]:
            for part in parts:
                words, characters = (_block(getattr(self, block)[part]) for block in BLOCKS)
                yield FeatureShard(words, characters, self.labels[part], self.groups[part], self.keys[part], self.vectors[part])

        return read

    def design(self) -> npt.NDArray[np.float64]:
        """Return words and characters side by side."""
        return np.hstack([self.words, self.characters]).astype(np.float64)


def examples(rows: int, prevalence: float = 0.3, seed: int = 0, group_share: float = 0.3, group_effect: float = 0.0) -> Example:
    """Draw examples whose labels depend on the features.

    The one group has its own word, in the last column of `words`. Its members are more often of label 1 by `group_effect` on the
    logit.
    """
    rng = np.random.default_rng(seed)
    blocks = [rng.random((rows, WIDTH)) * (rng.random((rows, WIDTH)) < 0.15) for _ in BLOCKS]
    member = rng.random(rows) < group_share
    blocks[0][:, -1] = member * 0.5
    normed = [(block / np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-9)).astype(np.float32) for block in blocks]
    vectors = rng.normal(size=(rows, 4)).astype(np.float32)
    effects = rng.normal(scale=4, size=2 * WIDTH)
    effects[WIDTH - 1] = 0
    logits = np.hstack(normed) @ effects + vectors @ rng.normal(size=4) + group_effect * member + rng.logistic(size=rows)
    labels = (logits > np.quantile(logits, 1 - prevalence)).astype(np.uint8)
    keys = rng.integers(0, 1 << 63, rows).astype(np.uint64)
    return Example(normed[0], normed[1], vectors, labels, member.astype(np.uint64), keys)


def _block(dense: npt.NDArray[np.float32]) -> SparseBlock:
    matrix = sparse.csr_matrix(dense)
    return SparseBlock(matrix.indptr.astype(np.int64), (1000 * matrix.indices).astype(np.int32), matrix.data)


def dense(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the weights of the buckets that occur, by dense column."""
    return weights[: 1000 * WIDTH : 1000]
