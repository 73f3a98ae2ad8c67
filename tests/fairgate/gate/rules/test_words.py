"""Every rule in the short words that stand over its column in page and verdict.md."""

from typing import Any

import pytest

from fairgate.gate.policy import Policy
from fairgate.gate.rule import KINDS, Rule


def rule(**written: Any) -> Rule:
    (found,) = Policy.model_validate({"rules": [{"id": "a", **written}]}).rules
    return found


GAP = {"kind": "gap", "metric": "false_positive_rate"}
RECALL_GAP = {"kind": "gap", "metric": "recall"}
LIMIT_WORDS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "quality", "metric": "auc", "min": 0.8}, "at least 0.8"),
    ({"kind": "quality", "metric": "false_positive_rate", "max": 0.35}, "at most 0.35"),
    ({"kind": "quality", "metric": "positive_rate", "min": 0.1, "max": 0.2}, "0.1 to 0.2"),
    ({"kind": "worst_slice", "metric": "recall", "min": 0.6}, "at least 0.6, worst slice"),
    ({"kind": "worst_slice", "metric": "false_positive_rate", "max": 0.4}, "at most 0.4, worst slice"),
    ({"kind": "beats_trivial", "metric": "auc"}, "more than 0.5"),
    ({"kind": "beats_trivial", "metric": "false_negative_rate", "reference": 0.4}, "less than 0.4"),
    ({"kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"}, "better than a trivial model"),
    ({**GAP, "limit": 1.25}, "at most 1.25 times overall"),
    ({**GAP, "limit": 1.25, "against": "rest"}, "at most 1.25 times the rest"),
    ({**GAP, "limit": 1.25, "against": "best"}, "at most 1.25 times the best slice"),
    ({**GAP, "limit": 1.25, "direction": "both"}, "0.8 to 1.25 times overall"),
    ({**RECALL_GAP, "limit": 1.25}, "at least 0.8 times overall"),
    ({**GAP, "limit": 0.05, "measure": "difference"}, "at most 0.05 above overall"),
    ({**RECALL_GAP, "limit": 0.05, "measure": "difference", "against": "rest"}, "at most 0.05 below the rest"),
    ({**GAP, "limit": 0.05, "measure": "difference", "direction": "both"}, "at most 0.05 from overall"),
    ({"kind": "guard", "metric": "false_negative_rate", "margin": 0.1}, "at most 0.1 worse than baseline"),
    ({"kind": "guard", "metric": "false_negative_rate", "margin": 0.0}, "not worse than baseline"),
    ({"kind": "not_worse", "metric": "auc"}, "not worse than baseline"),
    ({"kind": "not_worse", "metric": "auc", "margin": 0.02}, "at most 0.02 worse than baseline"),
    ({"kind": "not_worse", "metric": "auc", "against": "reference"}, "not worse than reference"),
    ({"kind": "improvement", "metric": "false_positive_rate"}, "gap to overall shrinks"),
    (
        {"kind": "improvement", "metric": "false_positive_rate", "small_enough": 1.25},
        "gap to overall shrinks, or is at most 1.25 times",
    ),
    (
        {"kind": "improvement", "metric": "false_positive_rate", "measure": "difference", "small_enough": 0.02},
        "gap to overall shrinks, or is at most 0.02",
    ),
    ({"kind": "counterfactual", "metric": "flip_rate", "limit": 0.1}, "at most 0.1, worst term"),
    ({"kind": "counterfactual", "metric": "flip_rate", "limit": 0.1, "across": "each"}, "at most 0.1"),
]


@pytest.mark.parametrize(("written", "words"), LIMIT_WORDS)
def test_limit_in_words(written: dict[str, Any], words: str) -> None:
    assert rule(**written).limit_words == words


def test_every_kind_says_its_limit() -> None:
    assert {written["kind"] for written, _ in LIMIT_WORDS} == set(KINDS)


def test_words_name_the_metric_and_the_thresholds() -> None:
    assert rule(**GAP, limit=1.25, thresholds=[0.3, 0.5]).words == (
        "False positive rate at 0.3 and 0.5: at most 1.25 times overall"
    )
    assert rule(kind="quality", metric="auc", min=0.8).words == "AUC: at least 0.8"


def test_a_kind_that_does_not_say_its_limit_is_its_metric() -> None:
    one = rule(kind="quality", metric="auc", min=0.8)
    assert Rule.limit_words.fget(one) == ""  # type: ignore[attr-defined]  # mypy takes the property for its value
    assert rule(kind="quality", metric="auc", min=0.8).model_copy(update={"min": None}).words == "AUC"
