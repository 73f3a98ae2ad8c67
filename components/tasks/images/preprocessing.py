"""Preprocessing of the image tasks for TFX Transform: scale pixels to 0..1, so that serving takes raw images.

In: `image` int64[N, height * width] and `label` int64[N, 1]. Out: `image_xf` float32 of the same shape, and `label_xf`.
"""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from components.tasks.images.features import IMAGE_XF, LABEL_XF, SCALE
from data.images.formats import IMAGE, LABEL


def preprocessing_fn(inputs: Mapping[str, tf.Tensor], custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """Divide the pixels by `custom_config["scale"]`, the brightest pixel (255 or 16), or 1; the label stays as it is."""
    return {IMAGE_XF: tf.cast(inputs[IMAGE], tf.float32) / float(custom_config[SCALE]), LABEL_XF: inputs[LABEL]}
