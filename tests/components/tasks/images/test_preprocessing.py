"""The transform of the image tasks."""

import numpy as np
import pytest
import tensorflow as tf

from components.tasks.images.features import IMAGE_XF, LABEL_XF, SCALE
from components.tasks.images.preprocessing import preprocessing_fn
from data.images.formats import DIGITS, FASHION_MNIST, IMAGE, LABEL, ImageFormat


@pytest.mark.parametrize("image_format", [FASHION_MNIST, DIGITS], ids=["fashion-mnist", "digits"])
def test_the_brightest_pixel_becomes_one(image_format: ImageFormat) -> None:
    """Pixels are fractions of the brightest, in float32; labels stay integers."""
    most = image_format.pixel_max
    inputs = {IMAGE: tf.constant([[0, 4, most]], tf.int64), LABEL: tf.constant([[7]], tf.int64)}
    outputs = preprocessing_fn(inputs, {SCALE: float(most)})
    assert outputs[IMAGE_XF].dtype == tf.float32
    np.testing.assert_array_equal(outputs[IMAGE_XF], np.array([[0, 4 / most, 1]], np.float32))
    assert outputs[LABEL_XF].dtype == tf.int64
    assert outputs[LABEL_XF].numpy().tolist() == [[7]]
