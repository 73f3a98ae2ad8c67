"""Training batches: what is held out, and in which order the rest is learned from. The seed decides both.

In: scaled square images float32[N, pixels] and labels int64[N]. Out: rows to hold out, batches for Keras.
"""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


def hold_out(labels: Labels, share: float, seed: int) -> tuple[Rows, Rows]:
    """Return rows to fit and rows to hold out, `share` of each class (rounded), both in ascending order."""
    random = np.random.default_rng(seed)
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held_out[rows[: round(share * len(rows))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def shuffled(images: Images, labels: Labels, batch_size: int, seed: int) -> tf.data.Dataset:
    """Return batches (float32[n, pixels], int64[n]) of all rows, in another order in each epoch.

    `Model.fit` would shuffle arrays by itself, but once a seed is set it repeats one order in every epoch.
    """
    all_images, all_labels = tf.constant(images), tf.constant(labels)  # arrays would be copied into the graph of `map`
    rows = tf.data.Dataset.range(len(labels)).shuffle(len(labels), seed=seed).batch(batch_size)
    return rows.map(lambda chosen: (tf.gather(all_images, chosen), tf.gather(all_labels, chosen))).prefetch(1)
