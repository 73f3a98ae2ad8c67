from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks import training
from components.tasks.base import Recipe
from components.tasks.civil_comments.features import WEIGHT_KEYS
from data.comments.civil_comments import Comment
from data.records import decode_example

GENDERS = [(), ("male",), ("female", "transgender"), ("transgender", "male"), ("other_gender",)]
COMMENTS = [Comment(f"text {toxic}", toxic, {"gender": gender}) for gender in GENDERS for toxic in (False, True)]


@pytest.fixture
def records() -> Iterator[bytes]:
    """The comments as the files hold them."""
    return training._transformed(iter(COMMENTS))


@pytest.mark.parametrize("recipe", ["baseline", "remediated"])
def test_both_sides_train_with_the_same_weights(records: Iterator[bytes], recipe: Recipe) -> None:
    """What the tutorial's chain of conditions chooses per row is what Transform writes."""
    for record in records:
        row: Any = training.parse_row(record, recipe)
        features = decode_example(record)
        text, label, weight = (part.numpy() for part in row)
        assert [text.tolist(), label.tolist()] == [features["text"], features["label"]]
        np.testing.assert_array_equal(weight, np.array(features[WEIGHT_KEYS[recipe]], np.float32))
