"""The curated schemas of the image tasks, as TFDV and Transform understand them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.images import digits, fashion_mnist, formats
from data.images.examples import encode_images
from data.images.formats import IMAGE, LABEL, ImageFormat
from data.records import Values, encode_example

SCHEMAS = Path(__file__).parents[3] / "data" / "schemas"
FORMATS = {"fashion_mnist": formats.FASHION_MNIST, "digits": formats.DIGITS}
Features = dict[str, Values]


def read(name: str) -> Any:
    """The schema as a message."""
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2

    return text_format.Parse((SCHEMAS / f"{name}.pbtxt").read_text(), schema_pb2.Schema())


@pytest.mark.parametrize(("name", "image_format"), FORMATS.items(), ids=FORMATS)
def test_ranges_and_shapes_are_those_of_the_format(name: str, image_format: ImageFormat) -> None:
    """The format has one home, and the schema agrees with it."""
    image, label = read(name).feature
    assert (image.name, label.name) == (IMAGE, LABEL)
    assert (image.int_domain.min, image.int_domain.max) == (0, image_format.pixel_max)
    assert [dim.size for dim in image.shape.dim] == [image_format.pixels]
    assert (label.int_domain.min, label.int_domain.max) == (0, len(image_format.classes) - 1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "image_format"), FORMATS.items(), ids=FORMATS)
def test_transform_reads_both_dense(name: str, image_format: ImageFormat) -> None:
    """Fixed shapes, so that Transform needs no defaults."""
    import tensorflow as tf
    from tensorflow_transform.tf_metadata import schema_utils

    assert schema_utils.schema_as_feature_spec(read(name)).feature_spec == {
        IMAGE: tf.io.FixedLenFeature([image_format.pixels], tf.int64),
        LABEL: tf.io.FixedLenFeature([1], tf.int64),
    }


def example(brightest: int, pixels: int = 64, label: int = 9) -> Features:
    """One image and its label."""
    return {IMAGE: [brightest, *[0] * (pixels - 1)], LABEL: [label]}


GOOD = [example(16), example(0, label=0)]
CASES = {
    "good": (GOOD, {}),
    "too bright": ([*GOOD, example(17)], {IMAGE: "Out-of-range values"}),
    "negative": ([*GOOD, example(-1)], {IMAGE: "Out-of-range values"}),
    "one pixel short": ([*GOOD, example(3, pixels=63)], {IMAGE: "Feature shape dropped"}),
    "images of Fashion-MNIST": ([example(16, pixels=784)], {IMAGE: "Feature shape dropped"}),
    "label 10": ([*GOOD, example(3, label=10)], {LABEL: "Out-of-range values"}),
    "no label": ([*GOOD, {IMAGE: GOOD[0][IMAGE]}], {LABEL: "Multiple errors"}),
    "no label at all": ([{IMAGE: GOOD[0][IMAGE]}], {LABEL: "Column dropped"}),
    "no image": ([*GOOD, {LABEL: [1]}], {IMAGE: "Multiple errors"}),
    "fractions": ([{IMAGE: [0.5] * 64, LABEL: [1]}], {IMAGE: "Unexpected data type"}),
    "label as text": ([{**GOOD[0], LABEL: [b"Bag"]}], {LABEL: "Multiple errors"}),
    "two labels": ([*GOOD, {**GOOD[0], LABEL: [1, 2]}], {LABEL: "Feature shape dropped"}),
    "another column": ([{**GOOD[0], "comment_text": [b"hello"]}], {"comment_text": "New column"}),
}


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "anomalies"), CASES.values(), ids=CASES)
def test_anomalies(examples: Sequence[Features], anomalies: dict[str, str]) -> None:
    """Good digits have none; each defect has one at its feature."""
    assert anomalies_of([encode_example(features) for features in examples], "digits") == anomalies


@pytest.mark.slow
def test_the_real_digits_have_no_anomaly() -> None:
    """Both splits, as they are converted."""
    for labelled in digits.read_splits().values():
        assert anomalies_of(list(encode_images(labelled)), "digits") == {}


@pytest.mark.slow
def test_the_official_images_have_no_anomaly(shared_data: Path) -> None:
    """The 10,000 test images."""
    labelled = fashion_mnist.read_splits(shared_data / "fashion-mnist")["eval"]
    assert anomalies_of(list(encode_images(labelled)), "fashion_mnist") == {}


def anomalies_of(serialized: list[bytes], schema: str) -> dict[str, str]:
    """What ExampleValidator would find: feature -> short description."""
    import tensorflow_data_validation as tfdv
    from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
    from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

    statistics = generate_statistics_in_memory(ExamplesToRecordBatchDecoder().DecodeBatch(serialized))
    found = tfdv.validate_statistics(statistics, read(schema)).anomaly_info
    return {name: anomaly.short_description for name, anomaly in found.items()}
