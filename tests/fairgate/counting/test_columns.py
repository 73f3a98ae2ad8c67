import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.columns import Columns, needed, select
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError

SETTINGS = CountSettings("toxicity", ("ok", "toxic"), "binary", weight_key="weight")


def record_batch(**columns: Sequence[Any] | pa.Array) -> pa.RecordBatch:
    """A batch of list columns as tfx-bsl makes them."""
    arrays = [values if isinstance(values, pa.Array) else pa.array(values) for values in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


def test_batches_that_lack_a_column_are_joined() -> None:
    """Absent, null-typed and list-of-null columns count as empty where another batch has values."""
    batches = [
        record_batch(toxicity=[[1.0]], race=[[b"black"]]),
        record_batch(toxicity=[[0.0]], race=pa.nulls(1)),
        record_batch(toxicity=[[0.0]], race=pa.array([[]], pa.list_(pa.null()))),
        record_batch(toxicity=[[0.0]]),
    ]
    assert Columns(batches, ["race"])("race").to_pylist() == [[b"black"], None, None, None]


def test_labels_and_weights_are_arrays() -> None:
    """One of each per row, over all batches."""
    columns = Columns([record_batch(toxicity=[[1.0], [0.0]], weight=[[0.5], [2.0]])] * 2, ["toxicity", "weight"])
    assert columns.labels(SETTINGS).tolist() == [1, 0, 1, 0]
    np.testing.assert_array_equal(columns.weights(SETTINGS), [0.5, 2, 0.5, 2])


def test_without_a_weight_feature_every_example_counts_once() -> None:
    """Weights of 1."""
    settings = CountSettings("toxicity", ("ok", "toxic"), "binary")
    np.testing.assert_array_equal(Columns([record_batch(toxicity=[[1.0]])], ["toxicity"]).weights(settings), [1])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[0.4]], "the value 0.4, not one of 0 to 1"),
        ([[2.0]], "the value 2"),
        ([[float("nan")]], "the value nan"),
        ([[1.0, 0.0]], "1 of 1 examples do not have exactly one value of toxicity, the label"),
        ([[]], "have no feature toxicity"),
        ([None, [1.0]], "1 of 2 examples"),
    ],
)
def test_a_label_that_is_none_is_an_error(labels: list[Any], message: str) -> None:
    """The message names the feature and the value or the number of rows."""
    with pytest.raises(InputError, match=message):
        Columns([record_batch(toxicity=labels)], ["toxicity"]).labels(SETTINGS)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_a_bad_weight_is_an_error(bad: float) -> None:
    """Negative weights would make counts meaningless."""
    with pytest.raises(InputError, match=f"weight has the value {bad:g}"):
        Columns([record_batch(weight=[[bad]])], ["weight"]).weights(SETTINGS)


def test_types_that_change_are_an_error() -> None:
    """A feature that is text in one file and a number in another."""
    with pytest.raises(InputError, match="race has several types"):
        Columns([record_batch(race=[[b"black"]]), record_batch(race=[[1]])], ["race"])


def test_only_needed_columns_are_kept() -> None:
    """What is counted and nothing else."""
    names = needed(SETTINGS, [SliceSpec(("race",), (("gender", "male"),))])
    assert names == ("gender", "race", "toxicity", "weight")
    assert select(record_batch(race=[[b"x"]], image=[[1]]), names).schema.names == ["race"]


def test_an_example_has_the_bucket_of_its_content() -> None:
    """By CRC-32 of its texts, one after another; the same in another batch."""
    batch = record_batch(text=[[b"a"], [b"b"], [b"a"]], title=[[b"x"], [b"x"], [b"y"]])
    columns = Columns([batch, batch], ["text", "title"])
    of_text, of_both = (columns.buckets(names).tolist() for names in (["text"], ["text", "title"]))
    assert of_text[:3] == [zlib.crc32(text) % 50 for text in (b"a", b"b", b"a")]
    assert of_both[:3] == [zlib.crc32(text) % 50 for text in (b"ax", b"bx", b"ay")]
    assert (of_text[3:], of_both[3:]) == (of_text[:3], of_both[:3])


@pytest.mark.parametrize(
    ("column", "distinct"),
    [
        (pa.array([[1.5, 2.5], [1.5], [], [1.5, 2.5]]), 3),
        (pa.array([[b"a", b"b"], [b"ab"], None, [b"a", b"b"]], pa.list_(pa.binary())), 3),
        (pa.nulls(4), 1),
    ],
    ids=["numbers", "several texts", "nothing"],
)
def test_any_column_can_be_content(column: pa.Array, distinct: int) -> None:
    """Equal values are in one bucket."""
    found = Columns([record_batch(content=column)], ["content"]).buckets(["content"]).tolist()
    assert found[0] == found[3]
    assert len(set(found)) == distinct


def test_content_is_read() -> None:
    settings = CountSettings("toxicity", ("ok", "toxic"), "binary", content_keys=("text",))
    assert "text" in needed(settings, [])


def test_strings_are_the_one_value_of_every_row() -> None:
    """Bytes, as serialized examples are."""
    assert Columns([record_batch(raw=[[b"a"], [b""]]), record_batch(raw=[[b"c"]])], ["raw"]).strings("raw") == [b"a", b"", b"c"]
