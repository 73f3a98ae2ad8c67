from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.slices import MAX_SLICES, Flags, SliceKey, SliceSpec, members, slice_name_of
from fairgate.errors import InputError

COLUMNS = {
    "gender": pa.array([[b"male"], [b"male", b"female"], [], None, [b"female", b"female"]], pa.large_list(pa.large_binary())),
    "race": pa.array([[b"black"], [b"black", b"asian"], [b"asian"], [b"black"], []], pa.large_list(pa.large_binary())),
    "label": pa.array([[1], [0], [1], [1], [2]], pa.list_(pa.int64())),
    "nothing": pa.nulls(5),
}


def sliced(specs: Iterable[SliceSpec], columns: Mapping[str, pa.Array] = COLUMNS) -> dict[SliceKey, list[int]]:
    """Slice key -> the rows in it."""
    found = members(columns.get, specs, 5)
    return {key: sorted(found.rows[found.slices == at].tolist()) for at, key in enumerate(found.keys)}


def test_every_row_is_in_the_overall_slice() -> None:
    """A spec without features means all rows."""
    assert sliced([SliceSpec()]) == {(): [0, 1, 2, 3, 4]}


def test_a_row_is_in_the_slice_of_each_of_its_values_once() -> None:
    """Lists with several values, repeated values, no value and no list."""
    assert sliced([SliceSpec(("gender",))]) == {(("gender", "male"),): [0, 1], (("gender", "female"),): [1, 4]}


def test_pairs_are_all_combinations_within_a_row() -> None:
    """Only combinations that occur are slices."""
    assert sliced([SliceSpec(("gender", "race"))]) == {
        (("gender", "male"), ("race", "black")): [0, 1],
        (("gender", "male"), ("race", "asian")): [1],
        (("gender", "female"), ("race", "black")): [1],
        (("gender", "female"), ("race", "asian")): [1],
    }


def test_values_restrict_the_rows() -> None:
    """A wanted value selects its rows, and joins the key in order of feature names."""
    specs = [SliceSpec(("gender",), (("race", "asian"),)), SliceSpec((), (("label", 1),))]
    assert sliced(specs) == {
        (("gender", "male"), ("race", "asian")): [1],
        (("gender", "female"), ("race", "asian")): [1],
        (("label", 1),): [0, 2, 3],
    }


@pytest.mark.parametrize("name", ["nothing", "never_heard_of"])
def test_an_absent_feature_makes_no_slice(name: str) -> None:
    """Neither as a feature of its own nor in a pair."""
    assert sliced([SliceSpec((name,)), SliceSpec(("gender", name))]) == {}


def test_a_key_of_several_specs_counts_once() -> None:
    """As in TFMA, which takes the set of an example's slices."""
    assert sliced([SliceSpec(("label",)), SliceSpec((), (("label", 2),))])[(("label", 2),)] == [4]


def test_a_value_that_is_no_text_is_an_error() -> None:
    """The message names the feature and the value."""
    columns = {"gender": pa.array([[b"\xff"], [], [], [], []], pa.list_(pa.binary()))}
    with pytest.raises(InputError, match=r"gender has the value b'\\xff'"):
        sliced([SliceSpec(("gender",))], columns)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ((), "overall"),
        ((("gender", "male"),), "gender:male"),
        ((("gender", "male"), ("race", "black")), "gender:male × race:black"),
        ((("label", 1),), "class:Sneaker"),
        ((("age", 4),), "age:4"),
        ((("share", 0.5),), "share:0.5"),
    ],
)
def test_slices_have_names(key: SliceKey, name: str) -> None:
    """As verdicts and reports write them."""
    assert slice_name_of(key, "label", ("Bag", "Sneaker")) == name


def test_a_feature_of_too_many_values_is_an_error() -> None:
    """One slice more than can be held: the message names the feature and both numbers."""
    values = [f"user {number}".encode() for number in range(MAX_SLICES + 1)]
    allowed = members({"user": pa.array([values[:MAX_SLICES]])}.get, [SliceSpec(("user",))], 1)
    assert len(allowed.keys) == MAX_SLICES
    with pytest.raises(InputError, match=r"^The slices by \['user'\] are 20001, over 20000; slice by features with few values.$"):
        members({"user": pa.array([values])}.get, [SliceSpec(("user",))], 1)


def test_rows_without_any_value_of_a_feature_are_counted() -> None:
    """Empty, null and absent columns; of single features alone, however often they are named."""
    columns = {"gender": pa.array([[b"male"], [], None, [b"male", b"female"]], pa.list_(pa.binary()))}
    specs = [SliceSpec(), SliceSpec(("gender",)), SliceSpec(("race",)), SliceSpec(("gender", "race"))]
    specs += [SliceSpec(("gender",), (("age", 4),)), SliceSpec((), (("age", 4),))]
    assert members(columns.get, specs, 4).unknown == {"gender": 2, "race": 4}


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (float(np.float32(0.1)), "0.1"),
        (0.1, "0.1"),
        (float(np.float32(0.12345678)), "0.12345678"),
        (0.123456789, "0.123456789"),
        (1234567.0, "1234567"),
        (1000000.0, "1e+06"),
        (3.0, "3"),
    ],
)
def test_numbers_that_differ_have_different_names(value: float, digits: str) -> None:
    """Float32, as tf.Examples hold, and float64."""
    assert slice_name_of((("share", value),)) == f"share:{digits}"


def test_neighbouring_numbers_are_two_slices() -> None:
    first, second = 1.2345678, float(np.nextafter(1.2345678, 2))
    assert slice_name_of((("share", first),)) != slice_name_of((("share", second),))


def test_nan_is_no_value() -> None:
    """Such a row is of unknown membership."""
    found = members({"share": pa.array([[0.5], [np.nan], [0.5]])}.get, [SliceSpec(("share",))], 3)
    assert (found.keys, found.rows.tolist(), found.unknown) == ([(("share", 0.5),)], [0, 2], {"share": 1})


def test_zero_has_one_sign() -> None:
    """0.0 and -0.0 are equal, so all of their rows are in one slice."""
    column = pa.array([[0.0], [-0.0], [-0.0], [1.0]], pa.list_(pa.float32()))
    found = members({"share": column}.get, [SliceSpec(("share",))], 4)
    assert (found.keys, found.rows.tolist()) == ([(("share", 0.0),), (("share", 1.0),)], [0, 1, 2, 3])


def test_a_null_in_a_list_is_no_value() -> None:
    column = pa.array([["a", None], [None], ["b"]], pa.list_(pa.string()))
    found = members({"group": column}.get, [SliceSpec(("group",))], 3)
    assert (found.keys, found.rows.tolist(), found.unknown) == ([(("group", "a"),), (("group", "b"),)], [0, 2], {"group": 1})


def test_values_that_look_alike_are_one_slice() -> None:
    """Composed and decomposed letters are the same text; the slice has the composed name."""
    columns = {
        "city": pa.array([["K\u00f6ln"], ["Ko\u0308ln"], ["Ko\u0308ln", "K\u00f6ln"], [], ["Koln"]], pa.list_(pa.string()))
    }
    cologne = (("city", "K\u00f6ln"),)
    assert sliced([SliceSpec(("city",))], columns) == {cologne: [0, 1, 2], (("city", "Koln"),): [4]}
    assert sliced([SliceSpec((), (("city", "Ko\u0308ln"),))], columns) == {cologne: [0, 1, 2]}


def test_flags_are_the_values_whose_columns_are_true() -> None:
    """Alone, beside other features, and for a value that nobody has."""
    flags = Flags(["a", "b", "none"], [np.array([True, False, True]), np.array([True, False, False]), np.zeros(3, bool)])
    columns = {"group": flags, "site": pa.array([["x"], ["x"], ["y"]])}
    specs = [SliceSpec(), SliceSpec(("group",)), SliceSpec(("group", "site"))]
    found = members(columns.get, specs, 3)
    rows = {key: found.rows[found.slices == at].tolist() for at, key in enumerate(found.keys)}
    assert rows == {
        (): [0, 1, 2],
        (("group", "a"),): [0, 2],
        (("group", "b"),): [0],
        (("group", "a"), ("site", "x")): [0],
        (("group", "a"), ("site", "y")): [2],
        (("group", "b"), ("site", "x")): [0],
    }
    assert found.unknown == {"group": 1}
