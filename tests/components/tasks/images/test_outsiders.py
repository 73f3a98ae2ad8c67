"""The candidate's answers on images unlike those of training."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

from components.tasks.images.domain import INVERTED
from components.tasks.images.outsiders import outsiders
from data.images.formats import DIGITS, IMAGE
from fairgate.training_profile import TrainingProfile

TRAIN = [{IMAGE: image.ravel().astype(np.int64)} for image in load_digits().images[:100]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The answers of a model that is the surer of a nine, the brighter an image is, and of a zero else."""
    folder = tmp_path_factory.mktemp("model")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator,unused-ignore]
    def serve(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(examples, {IMAGE: tf.io.FixedLenFeature([DIGITS.pixels], tf.int64)})
        bright = tf.reduce_mean(tf.cast(parsed[IMAGE], tf.float32), axis=1) / DIGITS.pixel_max
        rest = tf.zeros([tf.shape(bright)[0], 8])
        return {"probabilities": tf.concat([1 - bright[:, None], rest, bright[:, None]], axis=1)}

    tf.saved_model.save(tf.Module(), str(folder), signatures={"serving_default": serve})
    return dict(outsiders(DIGITS, TRAIN, str(folder)))


def test_each_image_has_the_answer_of_the_model(found: dict[str, object]) -> None:
    """White is a nine for certain, black a zero; the inverted image is as bright as the first one of training is dark."""
    table = found["outsiders"].set_index("input")  # type: ignore[attr-defined]
    assert table["decision"].loc[["an empty image, black", "an empty image, white"]].tolist() == ["0", "9"]
    assert table["value"].loc[["an empty image, black", "an empty image, white"]].tolist() == [1.0, 1.0]
    brightness = float(np.mean(TRAIN[0][IMAGE])) / DIGITS.pixel_max
    assert table.loc["an image of training, inverted", "value"] == pytest.approx(1 - brightness, abs=1e-6)


def test_each_image_has_the_warnings_of_predict(found: dict[str, object]) -> None:
    """A photograph is made grey and small; an inverted image is known for what it is."""
    warnings = found["outsiders"].set_index("input")["warnings"]  # type: ignore[attr-defined]
    assert "colour" in warnings["a photograph in colour"]
    assert warnings["an image of training, inverted"].startswith(INVERTED)
    assert all(warnings)


def test_the_profile_is_that_of_training(found: dict[str, object]) -> None:
    known = found["profile"]
    assert isinstance(known, TrainingProfile)
    assert (known.rows, known.noun) == (100, "images")
