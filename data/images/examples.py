"""Labelled grey images and their canonical examples.

In: images uint8 [N, height, width] and labels. Out: serialized `tf.train.Example`s with `image` int64[height * width], row by
row, and `label` int64[1]. Only `encode_images` imports TensorFlow, when it is called.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from data.images.formats import IMAGE, LABEL

Messages = NDArray[np.object_]


@dataclass(frozen=True)
class LabelledImages:
    """Images uint8 [N, height, width] and their labels uint8 [N]."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def first(self, rows: int | None) -> "LabelledImages":
        """Return the first `rows` of them; all for None."""
        return LabelledImages(self.images[:rows], self.labels[:rows])

    def __len__(self) -> int:
        return len(self.labels)


def encode_images(labelled: LabelledImages) -> list[bytes]:
    """Return the canonical serialized examples, in the order of the images.

    The same bytes as `data.records.encode_example`, written from whole arrays in a third of its time.
    """
    if not len(labelled):
        return []
    labels = labelled.labels[:, None]
    entries = [_entry(IMAGE, labelled.images.reshape(len(labels), -1)), _entry(LABEL, labels)]
    features = _encode("Features", feature=np.concatenate(entries, axis=1))
    return cast(list[bytes], _encode("Example", features=features).ravel().tolist())


def _entry(name: str, values: NDArray[np.uint8]) -> Messages:
    """Return the entry of each row of values [N, M] in its map of features: the name and the values as an int64 list."""
    lists = _encode("Int64List", value=values.astype(np.int64))
    names = np.full(lists.shape, name, np.object_)
    return _encode("Features.FeatureEntry", key=names, value=_encode("Feature", int64_list=lists))


def _encode(message: str, **fields: NDArray[Any]) -> Messages:
    """Return N serialized messages of a type of `tensorflow/core/example`, [N, 1], from the values [N, M] of their fields."""
    import tensorflow as tf

    sizes = np.stack([np.full(len(values), values.shape[1], np.int32) for values in fields.values()], axis=1)
    encoded = tf.io.encode_proto(sizes, list(fields.values()), list(fields), f"tensorflow.{message}")
    return cast(Messages, encoded.numpy()[:, None])
