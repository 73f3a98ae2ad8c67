"""What a rule is given: slices, and estimates that rest on enough examples."""

from typing import Any

import pytest

from fairgate.gate.decision import decide
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Scalar, SliceMetrics
from tests.fairgate.gate.judging import outcome, outcomes

BEATS: dict[str, Any] = {"id": "beats", "kind": "beats_trivial", "metric": "auc", "slices": ["g:a"]}


def by_labels(positives: int, negatives: int, metric: str = "auc", value: float = 0.1) -> SliceMetrics:
    return SliceMetrics(
        positives + negatives,
        positives,
        negatives,
        scalars={MetricKey(metric): Scalar(value, 0.01), MetricKey("auc"): Scalar(value)},
    )


def on(positives: int, negatives: int, metric: str = "auc", value: float = 0.1) -> Evaluation:
    """A slice whose ranking seems inverted, within 10,000 examples that are well ranked."""
    whole = by_labels(1000, 9000, metric, 0.9)
    return Evaluation({"candidate": {"overall": whole, "g:a": by_labels(positives, negatives, metric, value)}})


@pytest.mark.parametrize(("positives", "result"), [(1, "not enough data"), (19, "not enough data"), (20, "failed")])
def test_auc_of_few_positives_is_not_judged(positives: int, result: str) -> None:
    """One positive below most negatives: an AUC of .1 among 500 examples says nothing."""
    line = outcome(on(positives, 480), BEATS)
    assert line.outcome == result
    if positives == 1:
        assert line.reason == (
            "AUC of g:a rests on 1 positive; 20 are needed. "
            "At least 9,139 more examples of g:a are needed before this is judged (there are 481)."
        )


@pytest.mark.parametrize(
    ("metric", "positives", "negatives", "result"),
    [
        ("bpsn_auc", 5, 400, "failed"),  # its positives lie outside
        ("bpsn_auc", 400, 5, "not enough data"),
        ("bpsn_auc", 990, 400, "not enough data"),
        ("bnsp_auc", 400, 5, "failed"),
        ("bnsp_auc", 5, 400, "not enough data"),
        ("subgroup_auc", 400, 5, "not enough data"),
    ],
)
def test_labels_that_an_auc_compares(metric: str, positives: int, negatives: int, result: str) -> None:
    assert outcome(on(positives, negatives, metric), {**BEATS, "metric": metric}).outcome == result


def test_policy_that_judges_few_examples_takes_fewer_of_a_label() -> None:
    assert outcome(on(5, 400), {**BEATS, "min_examples": 5}).outcome == "failed"


def test_auc_of_few_positives_is_no_proof_where_no_rule_looks() -> None:
    policy = Policy.model_validate({"rules": [{**BEATS, "slices": ["overall"]}]})
    few, many = (decide(policy, on(positives, 480)).not_judged for positives in (3, 30))
    assert [[(each.slice, each.proven) for each in listed] for listed in (few, many)] == [[("g:a", False)], [("g:a", True)]]


def test_slice_that_is_named_twice_is_judged_once() -> None:
    assert len(outcomes(on(30, 480), {**BEATS, "slices": ["g:a", "g:*"]})) == 1
