"""The curated schema, as TFDV and Transform understand it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.comments.names import IDENTITIES
from data.records import Values, encode_example

SCHEMA = Path(__file__).parents[3] / "data" / "schemas" / "civil_comments.pbtxt"
Features = dict[str, Values]
GOOD: list[Features] = [
    {"comment_text": [b"a"], "toxicity": [1.0], "gender": [b"male", b"female"], "race": [b"black"]},
    {"comment_text": [b"b"], "toxicity": [0.0]},
]


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema as a message."""
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2

    return text_format.Parse(SCHEMA.read_text(), schema_pb2.Schema())


def test_its_domains_are_the_identities(schema: Any) -> None:
    """The names have one home, and the schema agrees with it."""
    assert {domain.name: tuple(domain.value) for domain in schema.string_domain} == dict(IDENTITIES)
    domains = {feature.name: feature.domain for feature in schema.feature if feature.domain}
    assert domains == {name: name for name in IDENTITIES}


@pytest.mark.slow
def test_transform_reads_dense_text_and_label(schema: Any) -> None:
    """Identities are sparse."""
    import tensorflow as tf
    from tensorflow_transform.tf_metadata import schema_utils

    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    assert spec.pop("comment_text") == tf.io.FixedLenFeature([1], tf.string)
    assert spec.pop("toxicity") == tf.io.FixedLenFeature([1], tf.float32)
    assert spec == dict.fromkeys(IDENTITIES, tf.io.VarLenFeature(tf.string))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("examples", "anomalies"),
    [
        (GOOD, {}),
        (GOOD[1:], {}),
        ([*GOOD, {**GOOD[1], "gender": [b"martian"]}], {"gender": "Unexpected string values"}),
        ([*GOOD, {"comment_text": [b"a"]}], {"toxicity": "Multiple errors"}),
        ([{"comment_text": [b"a"]}], {"toxicity": "Column dropped"}),
        ([{"comment_text": [b"a"], "toxicity": [1]}], {"toxicity": "Unexpected data type"}),
        ([*GOOD, {"comment_text": [b"a"], "toxicity": [1.5]}], {"toxicity": "Out-of-range values"}),
        ([*GOOD, {"comment_text": [b"a"], "toxicity": [float("nan")]}], {"toxicity": "Invalid values"}),
        ([*GOOD, {"comment_text": [b"a", b"b"], "toxicity": [0.0]}], {"comment_text": "Feature shape dropped"}),
        ([{**GOOD[0], "race": [1]}], {"race": "Unexpected data type"}),
        ([{**GOOD[0], "image": [1]}], {"image": "New column"}),
    ],
)
def test_anomalies(schema: Any, examples: Sequence[Features], anomalies: dict[str, str]) -> None:
    """Good examples have none, also without any identity; each defect has one at its feature."""
    import tensorflow_data_validation as tfdv
    from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
    from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

    batch = ExamplesToRecordBatchDecoder().DecodeBatch([encode_example(example) for example in examples])
    statistics = generate_statistics_in_memory(batch)  # what StatisticsGen computes with Beam
    found = tfdv.validate_statistics(statistics, schema).anomaly_info
    assert {name: anomaly.short_description for name, anomaly in found.items()} == anomalies
