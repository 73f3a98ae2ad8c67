"""What classes are called, where their names begin alike."""

import pyarrow as pa
import pytest

from fairgate.judging.class_names import class_names, cuts
from fairgate.judging.roles import Roles

COLUMNS = ("p_new_class_1", "p_new_class_10", "p_new_class_2")


def test_columns_are_cut_between_words() -> None:
    assert cuts(("p_cat", "p_car", "p_can")) == [("cat", "car", "can"), ("p_cat", "p_car", "p_can")]
    assert cuts(COLUMNS)[0] == ("1", "10", "2")
    assert cuts(COLUMNS)[1] == ("class_1", "class_10", "class_2")


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["class_10", " class_1"], ("class_1", "class_10", "class_2")),
        (["10"], ("1", "10", "2")),
        ([0, 1, 2], ("1", "10", "2")),
    ],
)
def test_labels_say_where(labels: list[object], names: tuple[str, ...]) -> None:
    """Without one that fits, the names are as short as can be."""
    other = tuple(name.replace("new", "old") for name in COLUMNS)
    batches = [(1, pa.table({"y": pa.array(labels)}).to_batches()[0])]
    assert class_names(batches, Roles("y", {"candidate": COLUMNS, "baseline": other})) == names
