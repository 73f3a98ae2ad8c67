"""Mistakes in the arguments of `evaluate_predictions`: each names the argument, the row, the value and the remedy."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairgate.errors import InputError
from fairgate.predictions import evaluate_predictions

LABELS = [0, 1, 0]
SCORES = [0.1, 0.8, 0.3]
GROUPS = ["x", "y", "x"]
FRAME = pd.DataFrame([["x", "y"]] * 3, columns=["g", "g"])
NAN = float("nan")

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no labels": ({"labels": None}, "labels has the shape (); give a list of numbers."),
    "labels of two columns": ({"labels": np.zeros((3, 2))}, "labels has the shape (3, 2); give a list of numbers."),
    "labels in words": ({"labels": ["no", "yes", "no"]}, "labels[0] is 'no'; give numbers."),
    "labels of several lengths": ({"labels": [0, [1, 0], 0]}, "labels[1] is [1, 0]; give numbers."),
    "labels that are no list": ({"labels": object()}, "labels is <object object"),
    "a third label": (
        {"labels": [0, 1, 2]},
        "labels[2] is 2, not one of 0 to 1 (0, 1); number the classes in this order, or name all of them: classes=(…).",
    ),
    "an absent label": ({"labels": [0, None, 1]}, "labels[1] is nan, not one of 0 to 1 (0, 1)"),
    "scores of no model": ({"scores": {}}, "scores is empty; give the scores of one model at least, scores={'candidate': …}."),
    "scores alone": (
        {"scores": SCORES},
        "scores is a list; give a mapping: model -> its scores, such as scores={'candidate': …}.",
    ),
    "a misspelt model": (
        {"scores": {"candidat": SCORES}},
        "there is no model in scores, 'candidat'; did you mean 'candidate'? known: candidate, baseline, reference.",
    ),
    "too few scores": (
        {"scores": {"candidate": SCORES[:2]}},
        "scores['candidate'] has the shape (2,), not (3,); give one score for every example.",
    ),
    "too many scores": ({"scores": {"candidate": SCORES * 2}}, "has the shape (6,), not (3,)"),
    "a score in words": ({"scores": {"candidate": [0.1, "high", 0.3]}}, "scores['candidate'][1] is 'high'; give numbers."),
    "complex scores": ({"scores": {"candidate": [1j, 0, 0]}}, "scores['candidate'] holds complex128 values; give numbers."),
    "scores of one class of three": (
        {"classes": ("a", "b", "c")},
        "scores['candidate'] has the shape (3,), not (3, 3); give 3 probabilities, one of each class, for every example.",
    ),
    "an absent column": ({"slices": {"g": None}}, "slices['g'] is None; give the value of every example, a list of 3."),
    "a table of slices": (
        {"slices": FRAME},
        "slices is a DataFrame; give a mapping: feature -> the value of every example, such as {name: frame[name]}.",
    ),
    "two columns of one name": (
        {"slices": {"g": FRAME["g"]}},
        "slices['g'] has 2 dimensions, as of two columns of one name; give one column.",
    ),
    "too few values": ({"slices": {"g": GROUPS[:2]}}, "slices['g'] has 2 values for 3 examples; give one for every example."),
    "a text for a list": ({"slices": {"g": "xyx"}}, "slices['g'] is 'xyx'; give the value of every example, a list of 3."),
    "a value that is a number": (
        {"slices": {"g": ["x", 2, "x"]}},
        "slices['g'][1] is 2; give a text, a list of texts, or None for an example without a value.",
    ),
    "a value that holds numbers": ({"slices": {"g": [["x"], [2], []]}}, "slices['g'][1] is [2]; give a text"),
    "a value that is no UTF-8": (
        {"slices": {"g": ["\udcff", "y", "x"]}},
        r"slices['g'] has the value '\udcff', which is not UTF-8 text; decode it first.",
    ),
    "a feature that is a number": (
        {"slices": {1: GROUPS}},
        "slices has a feature called 1; call it by a text, such as 'gender'.",
    ),
    "a feature without a name": ({"slices": {"": GROUPS}}, "slices has a feature called ''"),
    "one threshold": ({"thresholds": 0.5}, "thresholds has the shape (); give a list of numbers."),
    "falling thresholds": (
        {"thresholds": (0.5, 0.4)},
        "thresholds [0.5, 0.4] do not rise; sort them, and name each once: [0.4, 0.5].",
    ),
    "a threshold twice": ({"thresholds": (0.5, 0.5)}, "thresholds [0.5, 0.5] do not rise"),
    "a threshold NaN": ({"thresholds": (NAN,)}, "thresholds has nan, which is no number; give numbers between 0 and 1."),
    "too few weights": ({"weights": [1, 2]}, "weights has 2 values for 3 examples; give one for every example."),
    "a negative weight": ({"weights": [1, -2, 1]}, "has the value -2; weights must be finite and not negative."),
    "one class": (
        {"classes": ("yes",)},
        "classes has 1 names; a model decides between two at least, such as classes=('no', 'yes').",
    ),
    "classes in one text": ({"classes": "01"}, "classes is '01'; give a tuple of texts."),
    "classes by numbers": ({"classes": (0, 1)}, "classes has 0; give texts."),
    "an intersection of an unknown feature": (
        {"intersections": [("g", "h")]},
        "there is no feature in intersections, 'h'; known: g.",
    ),
    "an intersection with itself": (
        {"intersections": [("g", "g")]},
        "intersections has ('g', 'g'); give pairs of two features, such as [('gender', 'race')].",
    ),
    "intersections that are one pair": ({"intersections": ("g", "h")}, "intersections has 'g'; give pairs of two features"),
    "a number in words": ({"min_intersection": "5"}, "min_intersection is '5'; give a whole number, such as 1."),
    "clusters that are one number": ({"clusters": 3}, "clusters has 3 for 3 examples; give one for every example."),
    "an example without a cluster": (
        {"clusters": ["u", None, "v"]},
        "clusters[1] is None; give every example a cluster, of its own where it depends on no other.",
    ),
    "one pattern": ({"auc_slices": "g:*"}, "auc_slices is 'g:*'; give a tuple of texts."),
    "a long value": ({"slices": {"g": [b"x" * 1000] * 3}}, f"slices['g'][0] is b'{'x' * 78}…; give a text"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_names_argument_value_and_remedy(name: str) -> None:
    changed, message = MISTAKES[name]
    given: dict[str, Any] = {"labels": LABELS, "scores": {"candidate": SCORES}, "slices": {"g": GROUPS}}
    with pytest.raises(InputError, match=f"^.*{re.escape(message)}"):
        evaluate_predictions(**given | changed)


@pytest.mark.parametrize("absent", [None, NAN])
def test_an_example_may_have_no_value(absent: object) -> None:
    slices: dict[str, Any] = {"g": pd.Series(["x", absent, "y"], dtype=object)}
    evaluation = evaluate_predictions(LABELS, {"candidate": SCORES}, slices)
    assert sorted(evaluation.models["candidate"]) == ["g:x", "g:y", "overall"]
    assert evaluation.unknown_groups == {"g": 1}


@pytest.mark.parametrize("absent", [None, NAN])
def test_an_absent_score_is_no_answer_of_the_model(absent: object) -> None:
    """The gate refuses a candidate that does not answer."""
    scores: dict[str, Any] = {"candidate": [0.1, absent, 0.3]}
    evaluation = evaluate_predictions(LABELS, scores)
    assert evaluation.invalid_scores == {"candidate": 1}


def test_several_values_of_an_example_may_stand_in_any_list() -> None:
    values: list[Any] = [np.array(["x", "y"]), ("y",), {"x"}]
    evaluation = evaluate_predictions(LABELS, {"candidate": SCORES}, {"g": values})
    sizes = {name: metrics.n for name, metrics in evaluation.models["candidate"].items()}
    assert sizes == {"overall": 3, "g:x": 2, "g:y": 2}
