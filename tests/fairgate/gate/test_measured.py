import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import UnknownNameError
from fairgate.gate.measured import measured
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
