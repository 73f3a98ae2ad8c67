import numpy as np
import tensorflow as tf

from components.modelling.feature_settings import FeatureSettings
from components.modelling.row_features import RowExtractor, group_bits, joined, load_embedding
from data.records import encode_example

SETTINGS = FeatureSettings(text="text", label="toxic", groups={"gender": ("male", "female"), "race": ("black",)})


def sparse(*rows: list[str]) -> tf.SparseTensor:
    return tf.ragged.constant(list(rows), tf.string).to_sparse()


def test_groups_are_bits_in_their_order() -> None:
    parsed = {"gender": sparse(["female"], [], ["male", "female"]), "race": sparse([], ["black"], ["black"])}
    bits = group_bits(parsed, SETTINGS.groups, 3)
    np.testing.assert_array_equal(bits, np.array([0b010, 0b100, 0b111], np.uint64), strict=True)


def test_groups_that_are_named_twice_or_not_known() -> None:
    parsed = {"gender": sparse(["male", "male"], ["other", "male "]), "race": sparse([], [])}
    assert group_bits(parsed, SETTINGS.groups, 2).tolist() == [1, 0]


def test_rows_have_lengths_counts_and_columns() -> None:
    examples = [encode_example({"text": [text], "toxic": [label]}) for text, label in ((b"a a b", 1.0), (b"", 0.0))]
    arrays = RowExtractor(SETTINGS)(tf.constant(examples))
    assert arrays["words.lengths"].tolist() == [4, 0]
    assert sorted(arrays["words.counts"]) == [1, 1, 1, 2]
    assert arrays["characters.lengths"].tolist() == [0, 0]
    assert (arrays["labels"].tolist(), arrays["truncated"].tolist()) == ([1, 0], [False, False])
    assert {name: str(array.dtype) for name, array in arrays.items()} == {
        "truncated": "bool",
        **{f"{block}.lengths": "int64" for block in ("words", "characters")},
        **{f"{block}.buckets": "int32" for block in ("words", "characters")},
        **{f"{block}.counts": "uint16" for block in ("words", "characters")},
        "labels": "uint8",
        "groups": "uint64",
        "keys": "uint64",
    }


def test_joined_rows_begin_where_the_others_end() -> None:
    batches = [
        {f"{block}.lengths": np.array(lengths, np.int64) for block in ("words", "characters")} | {"labels": np.array(lengths)}
        for lengths in ([2, 0], [3])
    ]
    arrays = joined(batches)
    assert arrays["words.starts"].tolist() == arrays["characters.starts"].tolist() == [0, 2, 2, 5]
    assert arrays["labels"].tolist() == [2, 0, 3]
    assert set(arrays) == {"words.starts", "characters.starts", "labels"}


def test_no_embedding_is_loaded_where_none_is_named() -> None:
    assert load_embedding(SETTINGS) is None
