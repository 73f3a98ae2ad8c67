"""Fit a logistic regression on feature shards, shard by shard, so that memory does not grow with the rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.text.feature_shards import FeatureShard

Shards = Callable[[], Iterator[FeatureShard]]  # one pass over the data
Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LinearModel:
    """The weights of a logistic regression.

    Attributes:
        words: float32[WORD_BUCKETS].
        characters: float32[CHARACTER_BUCKETS]; empty for a model of words alone.
        vectors: float32[d], of the text embedding's vectors; empty without one.
        bias: added to every logit.
    """

    words: Array
    characters: Array
    vectors: Array
    bias: float
