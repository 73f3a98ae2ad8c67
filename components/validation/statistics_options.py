"""How StatisticsGen computes: in memory that does not grow with the rows.

In: the task's text features. Out: options of TFDV.
"""

from collections.abc import Iterable

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2


def statistics_options(text_features: Iterable[str]) -> tfdv.StatsOptions:
    """Return options that count the values of categories in sketches, and those of texts not at all.

    TFDV's default groups all rows by value, which keeps every text of a split in memory. Its sketches have a fixed size and are
    exact for a category of up to 16,384 values. Of texts they would name values that are no more frequent than others; how many
    texts differ is counted by the DataGate.

    Args:
        text_features: features whose values are almost all distinct.
    """
    schema = schema_pb2.Schema()
    for name in text_features:
        feature = schema.feature.add(name=name, type=schema_pb2.BYTES)
        feature.string_domain.is_categorical = schema_pb2.StringDomain.CATEGORICAL_NO
    return tfdv.StatsOptions(schema=schema, use_sketch_based_topk_uniques=True)
