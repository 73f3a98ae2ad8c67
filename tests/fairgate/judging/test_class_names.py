"""What classes are called, where their names begin alike, and which column is whose, in whatever order the file has them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, recall_score

import fairgate
from fairgate.errors import InputError
from fairgate.judging.class_names import class_names, cuts, with_columns_of
from fairgate.judging.roles import Roles

COLUMNS = ("p_new_class_1", "p_new_class_10", "p_new_class_2")


def test_columns_are_cut_between_words() -> None:
    assert cuts(("p_cat", "p_car", "p_can")) == [("cat", "car", "can"), ("p_cat", "p_car", "p_can")]
    assert cuts(("p_ab", "p_abc", "p")) == [("p_ab", "p_abc", "p")]
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


@pytest.mark.parametrize(
    ("columns", "numbers"),
    [
        (("p_class2", "p_class0", "p_class1"), ("2", "0", "1")),
        (("p_10", "p_11", "p_12"), ("10", "11", "12")),
        (("p02", "p10", "p01"), ("2", "10", "1")),
        (("p[2]", "p[0]", "p[1]"), ("2", "0", "1")),
        (("v1_2_x", "v1_0_x", "v1_1_x"), ("2", "0", "1")),
        (("p2.0", "p0.0", "p1.0"), ("2", "0", "1")),
    ],
)
def test_a_class_may_be_the_number_in_a_name(columns: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    """Whole numbers alone: p1 of p10 is none."""
    assert numbers in cuts(columns)


@pytest.mark.parametrize("columns", [("p1", "p01", "p2"), ("x", "y", "z")])
def test_names_without_one_number_each_have_none(columns: tuple[str, ...]) -> None:
    """Two of one number, and names that differ in more than the number."""
    assert all(columns[0].endswith(names[0]) and not names[0].isdecimal() for names in cuts(columns))


def test_models_may_have_their_columns_in_other_orders() -> None:
    roles = Roles("y", {"candidate": ("p_b", "p_a", "p_c"), "baseline": ("q_a", "q_b", "q_c")})
    names = class_names((), roles)
    assert names == ("b", "a", "c")
    assert with_columns_of(roles, names).scores == {"candidate": ("p_b", "p_a", "p_c"), "baseline": ("q_b", "q_a", "q_c")}


ORDER = (2, 0, 1)
WORDS = np.array(["cat", "dog", "eel"])


def _rows() -> tuple[Any, Any]:
    """Labels of three classes, and probabilities of which a fifth is wrong."""
    random = np.random.default_rng(5)
    label = random.integers(0, 3, 900)
    sure = np.eye(3)[np.where(random.random(900) < 0.8, label, random.integers(0, 3, 900))]
    return label, 0.7 * sure + 0.1


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("p_{}", [0, 1, 2]),
        ("p_{}", ["0", "1", "2"]),
        ("p_{}", [0.0, 1.0, 2.0]),
        ("p_{}.0", ["0.0", "1.0", "2.0"]),
        ("p_class{}", [0, 1, 2]),
        ("p_class{}", ["class0", "class1", "class2"]),
        ("p_0{}", [0.0, 1.0, 2.0]),
        ("p_0{}", ["00", "01", "02"]),
    ],
)
def test_permuted_columns_are_the_same_classes(name: str, labels: list[Any]) -> None:
    """As scikit-learn counts them, of candidate and baseline, whose columns have another order still."""
    label, scores = _rows()
    table: dict[str, Any] = {"y": np.array(labels)[label]}
    table |= {name.format(at): scores[:, at] for at in ORDER} | {f"b{name.format(at)}": scores[:, at] for at in range(3)}
    found = fairgate.evaluate(table, label="y", scores={"candidate": "p_*", "baseline": "bp_*"}).metrics
    predicted = scores.argmax(axis=1)
    for model in ("candidate", "baseline"):
        rates = found[found["model"] == model].set_index(["slice", "metric"])["value"]
        assert rates["overall", "accuracy"] == pytest.approx(accuracy_score(label, predicted), abs=1e-12)
        recalls = recall_score(label, predicted, average=None)
        names = [f"class:{each.removesuffix('.0')}" for each in map(str, labels)]
        assert [rates[each, "recall"] for each in names] == pytest.approx(recalls, abs=1e-12)


def test_float_classes_of_arrays_are_called_by_whole_numbers() -> None:
    label, scores = _rows()
    found = fairgate.evaluate(y_true=label.astype(float), y_score=scores).metrics
    assert {"class:0", "class:1", "class:2"} <= set(found["slice"])


def test_numbers_of_classes_in_words_need_a_list_in_their_order() -> None:
    """A pattern takes the columns as the file has them; what the message says to type is judged right."""
    label, scores = _rows()
    table = {"y": label, **{f"p_{WORDS[at]}": scores[:, at] for at in ORDER}}
    message = "the classes are 'eel', 'cat', 'dog', .* in the order of the numbers: .*COLUMN_OF_0., .COLUMN_OF_1., .COLUMN_OF_2"
    with pytest.raises(InputError, match=message):
        fairgate.evaluate(table, label="y", scores="p_*")
    found = fairgate.evaluate(table, label="y", scores={"candidate": ["p_cat", "p_dog", "p_eel"]}).metrics
    rates = found.set_index(["slice", "metric"])["value"]
    assert rates["overall", "accuracy"] == accuracy_score(label, scores.argmax(axis=1))
    assert rates["class:eel", "recall"] == recall_score(label, scores.argmax(axis=1), average=None)[2]


def test_numbers_that_may_count_from_one_are_refused() -> None:
    """Where none is 0."""
    label, scores = _rows()
    table = {"y": label[label > 0], **{f"p_{WORDS[at]}": scores[label > 0, at] for at in range(3)}}
    with pytest.raises(
        InputError, match="by '1', '2', of which none is 0, so it is not plain whether it counts from 0 or from 1"
    ):
        fairgate.evaluate(table, label="y", scores=["p_cat", "p_dog", "p_eel"])


@pytest.mark.parametrize("by", ["scores", "decisions"])
def test_a_class_without_an_example_is_named(by: str) -> None:
    """Nothing tells how the model treats it, so a verdict on every class must say that it is not one of them."""
    kinds, number = np.array(["cat", "dog", "eel"]), 900
    label = np.arange(number) % 2
    called = np.where(np.arange(number) % 10 == 0, 2, label)  # 90 examples are called by the name of the absent class
    probabilities = np.where(called[:, None] == np.arange(3), 0.8, 0.1)
    table = {"y": kinds[label], "d": kinds[called], **{f"p_{kind}": probabilities[:, at] for at, kind in enumerate(kinds)}}
    answers: dict[str, Any] = {"scores": ["p_cat", "p_dog", "p_eel"]} if by == "scores" else {"decisions": "d"}
    rule = {"id": "recall", "kind": "quality", "metric": "recall", "slices": ["class:*"], "min": 0.5}
    verdict = fairgate.evaluate(table, label="y", policy={"rules": [rule]}, **answers).verdict
    assert (verdict.outcome, verdict.absent_groups) == ("blessed", ("class:eel",))
    assert verdict.summary.endswith("; no example of class:eel.")
