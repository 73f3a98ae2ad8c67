import pytest

from data.comments.cells import Cell, MalformedRowError
from data.comments.labels import read_labels


@pytest.mark.parametrize(
    ("cell", "positive", "word"),
    [
        ("1", True, "1"),
        ("0", False, "0"),
        (1.0, True, "1"),
        ("1.0", True, "1"),
        ("TRUE", True, "true"),
        ("False", False, "false"),
        (" Yes ", True, "yes"),
        ("no", False, "no"),
        ("0.5", True, "reached"),
        (0.25, False, "below"),
    ],
)
def test_ways_to_write_a_label(cell: Cell, positive: bool, word: str) -> None:
    assert read_labels({"label:x": cell}, {}) == (positive, {"x": word})


def test_any_label_that_reaches_its_threshold_is_positive() -> None:
    thresholds = {"b": 0.8}
    assert read_labels({"label:a": "0.4", "label:b": "0.7"}, thresholds) == (False, {"a": "below", "b": "below"})
    assert read_labels({"label:a": "0.4", "label:b": "0.8"}, thresholds) == (True, {"a": "below", "b": "reached"})


def test_named_labels_go_before_known_ones() -> None:
    assert read_labels({"toxicity": "1", "label:a": "0"}, {}) == (False, {"a": "0"})


@pytest.mark.parametrize(("cell", "reason"), [("", "a is empty"), ("maybe", "a is 'maybe', not a number, true or false")])
def test_other_cells_are_malformed(cell: str, reason: str) -> None:
    with pytest.raises(MalformedRowError, match=reason):
        read_labels({"label:a": cell}, {})
