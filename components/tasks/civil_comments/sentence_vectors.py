"""The text embedding alone, without a classifier."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding


def embed(training: Mapping[str, Any], texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Embed texts with the embedding that a training configuration names.

    Args:
        training: CommentsTraining as plain values, its embedding a TF-Hub handle or the folder of a SavedModel.
        texts: N of them.

    Returns:
        float32[N, d].

    Raises:
        InputError: the embedding cannot be loaded.
    """
    embedding = TextEmbedding(CommentsTraining.model_validate(training).embedding)
    vectors: npt.NDArray[np.float32] = embedding(tf.constant(list(texts), tf.string)).numpy()
    return vectors
