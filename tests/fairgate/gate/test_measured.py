import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import UnknownNameError
from fairgate.gate.measured import Measured, measured
from fairgate.metrics.registry import get

TOXICITY = LabelSpec("toxicity", ("ok", "toxic"), "binary")
COMMENTS = measured(TOXICITY, EvaluationConfig(slice_features=("gender",)), {"gender": ("male",)}, ("swaps:gender:male",))
IMAGES = measured(LabelSpec("label", ("Bag", "Coat"), "multiclass"), EvaluationConfig(splits=("train", "eval")), {})


@pytest.mark.parametrize(
    ("name", "overall", "gender"),
    [("false_positive_rate", True, True), ("precision", True, True), ("bpsn_auc", False, True), ("jigsaw_score", True, False)],
)
def test_where_a_binary_task_is_measured(name: str, overall: bool, gender: bool) -> None:
    """Rates everywhere, bias AUCs on groups, summaries over the groups on all examples."""
    assert COMMENTS.measured_on(get(name), "overall") is overall
    assert COMMENTS.measured_on(get(name), "gender:male") is gender


@pytest.mark.parametrize(
    ("name", "overall", "of_class", "group"),
    [
        ("accuracy", True, True, True),
        ("precision", False, True, False),
        ("recall", False, True, False),
        ("train_test_accuracy_difference", True, False, False),
    ],
)
def test_where_a_multiclass_task_is_measured(name: str, overall: bool, of_class: bool, group: bool) -> None:
    """Recall and precision belong to classes, and to no other slice."""
    names = ("overall", "class:Bag", "colour:red")
    assert [IMAGES.measured_on(get(name), slice_name) for slice_name in names] == [overall, of_class, group]


def test_only_a_binary_task_has_thresholds() -> None:
    """Precision is a metric of both kinds."""
    assert COMMENTS.at_thresholds(get("precision"))
    assert not IMAGES.at_thresholds(get("precision"))
    assert not COMMENTS.at_thresholds(get("auc"))


def test_a_metric_of_another_task_is_not_measured() -> None:
    """It is registered, so that asking for it is no error."""
    assert COMMENTS.metric("accuracy") is None
    assert IMAGES.metric("auc") is None
    assert COMMENTS.metric("auc") is get("auc")


def test_the_counterfactual_test_is_apart() -> None:
    """The evaluation does not measure flip rates, whether there is a counterfactual test or not."""
    assert COMMENTS.metric("flip_rate") is None
    assert COMMENTS.counterfactual == ("swaps:gender:male",)


def test_an_unregistered_metric_is_an_error() -> None:
    """Nothing measures it."""
    with pytest.raises(UnknownNameError, match="no metric 'nothing'"):
        COMMENTS.metric("nothing")


def test_everything_of_a_binary_task() -> None:
    config = EvaluationConfig(slice_features=("gender", "race"), intersections=(("race", "gender"),), thresholds=(0.3, 0.5))
    found = measured(TOXICITY, config, {"gender": ("male", "female"), "race": ("black",)}, ["swaps:gender:male"])
    assert found == Measured(
        "binary",
        (0.3, 0.5),
        {"gender": ("male", "female"), "race": ("black",)},
        (("race", "gender"),),
        config.splits,
        ("swaps:gender:male",),
    )
    assert found.slices() == [
        "overall",
        "gender:male",
        "gender:female",
        "race:black",
        "gender:male × race:black",
        "gender:female × race:black",
    ]


def test_everything_of_a_multiclass_task() -> None:
    """Classes are one more feature; there are no thresholds. The values of a feature may not be known."""
    config = EvaluationConfig(splits=("train", "eval"), slice_features=("shop", "day"), intersections=(("shop", "day"),))
    found = measured(LabelSpec("label", ("Bag", "Coat"), "multiclass"), config, {"shop": ("a",)})
    features: dict[str, tuple[str, ...]] = {"shop": ("a",), "day": (), "class": ("Bag", "Coat")}
    assert found == Measured("multiclass", (), features, (("shop", "day"),), ("train", "eval"))
    assert found.slices() == ["overall", "shop:a", "class:Bag", "class:Coat"]
    unknown = measured(TOXICITY, EvaluationConfig(slice_features=("a", "b"), intersections=(("c", "d"),)), {})
    assert unknown.slices() == ["overall"]


def test_metric_of_the_training_split_is_measured_where_that_is_evaluated() -> None:
    labels = LabelSpec("label", ("Bag", "Coat"), "multiclass")
    with_train, without = (measured(labels, EvaluationConfig(splits=splits), {}) for splits in (("train", "eval"), ("eval",)))
    assert with_train.metric("train_test_accuracy_difference") is get("train_test_accuracy_difference")
    assert without.metric("train_test_accuracy_difference") is None


@pytest.mark.parametrize(("name", "known"), [("auc", True), ("bpsn_auc", False), ("jigsaw_score", False), ("flip_rate", False)])
def test_metrics_of_groups_are_not_measured_without_features(name: str, *, known: bool) -> None:
    """bpsn_auc is measured on each, jigsaw_score over all; flip_rate is one of the counterfactual test, not of the evaluation."""
    without = measured(TOXICITY, EvaluationConfig(slice_features=()), {})
    assert (without.metric(name) is not None) is known
    assert (COMMENTS.metric(name) is not None) is (name != "flip_rate")
