"""Measurements that cannot be believed refuse under every policy."""

import math
from dataclasses import replace
from typing import Any

import pytest

from fairgate.counterfactual import CounterfactualResults
from fairgate.gate import sound
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

FPR = MetricKey("false_positive_rate", 0.5)
WHOLE = SliceMetrics(1000, 200, 800, rates={FPR: Rate(80, 800)}, scalars={MetricKey("auc"): Scalar(0.9, 0.01)})
PART = SliceMetrics(100, 20, 80, rates={FPR: Rate(8, 80)})
SOUND = Evaluation({"candidate": {"overall": WHOLE, "g:a": PART}, "baseline": {"overall": WHOLE, "g:a": PART}})


def reasons(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(check.name, check.reason) for check in sound.checks(evaluation) if check.ok is False]


def with_part(**changes: Any) -> Evaluation:
    """The sound evaluation with other values of the candidate's slice g:a."""
    return replace(SOUND, models={**SOUND.models, "candidate": {"overall": WHOLE, "g:a": replace(PART, **changes)}})


def test_sound_measurements_pass() -> None:
    assert reasons(SOUND) == []


def test_a_few_examples_that_weigh_nothing_are_no_mistake() -> None:
    """From 100 on they may hide a group; all examples together must weigh something."""
    few = {"mean_weight": 0.0, "rates": {FPR: Rate(0, 0)}, "n_positive": 19, "n_negative": 80}
    assert reasons(with_part(n=99, **few))[0][0] == "same-examples"  # of the baseline, whose group has 100
    assert "possible-values" not in dict(reasons(with_part(n=99, **few)))
    assert (
        "g:a: a mean example weight of 0" in dict(reasons(with_part(mean_weight=0.0, rates={FPR: Rate(0, 0)})))["possible-values"]
    )
    whole = replace(WHOLE, mean_weight=0.0)
    ((name, reason),) = reasons(replace(SOUND, models={"candidate": {"overall": whole}}))
    assert (name, "overall: a mean example weight of 0" in reason) == ("possible-values", True)


@pytest.mark.parametrize(
    ("span", "remedy"),
    [
        ((0.0, 100.0), "(from 0 to 100); they look like percentages: divide them by 100."),
        ((-4.5, 3.25), "(from −4.5 to 3.25); they look like logits: apply the sigmoid."),
        ((0.0, 1.5), "(from 0 to 1.5); they look like percentages: divide them by 100."),
        ((0.0, 101.0), "(from 0 to 101); give probabilities."),
        ((0.0, 5000.0), "(from 0 to 5,000); give probabilities."),
        (None, "outside 0 to 1; give probabilities."),
    ],
)
def test_scores_out_of_range(span: tuple[float, float] | None, remedy: str) -> None:
    found = reasons(
        replace(SOUND, out_of_range={"candidate": 1234, "baseline": 0}, score_ranges={"candidate": span} if span else {})
    )
    assert [name for name, _ in found] == ["scores-in-range"]
    assert found[0][1].startswith("The candidate gave 1,234 scores outside 0 to 1")
    assert found[0][1].endswith(remedy)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n": 101, "n_negative": 81}, "different examples (101 and 100 of g:a); they cannot be compared."),
        ({"n_positive": 30, "n_negative": 70}, "different examples (100 and 100 of g:a, 30 and 20 of them positive)"),
        ({"n_positive": 0, "n_negative": 100}, "different examples (100 and 100 of g:a, 0 and 20 of them positive)"),
    ],
)
def test_slice_of_different_size(changes: dict[str, Any], says: str) -> None:
    (found,) = reasons(with_part(**changes))
    assert found[0] == "same-examples"
    assert says in found[1]


def test_baseline_without_positives_of_a_slice() -> None:
    models = {
        "candidate": SOUND.models["candidate"],
        "baseline": {"overall": WHOLE, "g:a": replace(PART, n_positive=0, n_negative=100)},
    }
    (found,) = reasons(replace(SOUND, models=models))
    assert "(100 and 100 of g:a, 20 and 0 of them positive)" in found[1]


def test_model_without_overall() -> None:
    found = reasons(Evaluation({"baseline": {"g:a": PART}}))
    assert found == [
        ("measured", "The baseline was not measured on overall."),
        ("measured", "The candidate was not measured on overall."),
    ]


AUC = MetricKey("auc")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scalars": {AUC: Scalar(17.0)}}, "candidate, auc on g:a of 17"),
        ({"scalars": {AUC: Scalar(-0.1)}}, "candidate, auc on g:a of -0.1"),
        ({"scalars": {AUC: Scalar(math.inf)}}, "candidate, auc on g:a of inf"),
        ({"scalars": {AUC: Scalar(0.8, -0.1)}}, "candidate, auc on g:a with a standard error of -0.1"),
        ({"rates": {FPR: Rate(-2, 80)}}, "candidate, false_positive_rate@0.5 on g:a of -2 in 80"),
        ({"rates": {FPR: Rate(81, 80)}}, "false_positive_rate@0.5 on g:a of 81 in 80"),
        ({"rates": {FPR: Rate(math.nan, 80)}}, "false_positive_rate@0.5 on g:a of nan in 80"),
        ({"rates": {FPR: Rate(8, math.nan)}}, "false_positive_rate@0.5 on g:a of 8 in nan"),
        ({"rates": {FPR: Rate(8, math.inf)}}, "false_positive_rate@0.5 on g:a of 8 in inf"),
        ({"rates": {FPR: Rate(0, 0)}}, "false_positive_rate@0.5 on g:a without weight, although it has 80 examples"),
        (
            {"rates": {MetricKey("false_negative_rate", 0.5): Rate(0, 0)}},
            "false_negative_rate@0.5 on g:a without weight, although it has 20 examples",
        ),
        (
            {"rates": {MetricKey("true_positive_rate", 0.5): Rate(0, 0)}},
            "true_positive_rate@0.5 on g:a without weight, although it has 20 examples",
        ),
        (
            {"rates": {MetricKey("true_negative_rate", 0.5): Rate(0, 0)}},
            "true_negative_rate@0.5 on g:a without weight, although it has 80 examples",
        ),
        ({"mean_weight": math.nan}, "g:a: a mean example weight of nan"),
        ({"mean_weight": math.inf}, "g:a: a mean example weight of inf"),
        ({"design_effect": math.nan}, "g:a: a design effect of nan"),
        ({"design_effect": 0.0}, "g:a: a design effect of 0"),
        ({"design_effect": math.inf}, "g:a: a design effect of inf"),
    ],
)
def test_values_that_cannot_be(changes: dict[str, Any], says: str) -> None:
    (found,) = reasons(with_part(**changes))
    assert found[0] == "possible-values"
    assert found[1].startswith("The evaluation holds values that cannot be: ")
    assert says in found[1]


@pytest.mark.parametrize("changes", [{"mean_weight": -1.0}, {"design_effect": 0.0}])
def test_weight_of_a_single_example_counts(changes: dict[str, Any]) -> None:
    part = replace(PART, n=1, n_positive=0, n_negative=1, rates={}, **changes)
    models = {model: {"overall": WHOLE, "g:a": part} for model in ("candidate", "baseline")}
    assert [name for name, _ in reasons(replace(SOUND, models=models))] == ["possible-values"]


@pytest.mark.parametrize("changes", [{"n": -1}, {"n": 100, "n_positive": 30, "n_negative": 80}])
def test_counts_that_cannot_be(changes: dict[str, Any]) -> None:
    part = replace(PART, **changes)
    models = {model: {"overall": WHOLE, "g:a": part} for model in ("candidate", "baseline")}
    assert [name for name, _ in reasons(replace(SOUND, models=models))] == ["possible-values"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rates": {FPR: Rate(80.000001, 80)}},
        {"rates": {FPR: Rate(0, 80)}},
        {"rates": {FPR: Rate(0.1, 0.8)}},  # of 80 examples of weight 0.01
        {"scalars": {AUC: Scalar(0.0, 0.0)}},
        {"rates": {MetricKey("precision", 0.5): Rate(0, 0)}},
        {"scalars": {AUC: Scalar(math.nan)}},
        {"scalars": {AUC: Scalar(1.0000001)}},
        {"scalars": {MetricKey("of-a-plugin"): Scalar(17.0)}},
        {"n_positive": 0, "n_negative": 100, "rates": {MetricKey("true_positive_rate", 0.5): Rate(0, 0)}},
        {"n": 0, "n_positive": 0, "n_negative": 0, "rates": {}, "mean_weight": math.nan, "design_effect": math.nan},
        {"n": 0, "n_positive": 0, "n_negative": 0, "rates": {}, "design_effect": math.nan},
    ],
)
def test_undefined_and_rounded_values_are_possible(changes: dict[str, Any]) -> None:
    part = replace(PART, **changes)
    models = {model: {"overall": WHOLE, "g:a": part} for model in ("candidate", "baseline")}
    assert reasons(replace(SOUND, models=models)) == []


def test_many_impossible_values_are_counted() -> None:
    bad = {MetricKey(name): Scalar(2.0) for name in ("auc", "subgroup_auc", "bpsn_auc", "bnsp_auc", "mean_score")}
    (found,) = reasons(with_part(scalars=bad))
    assert found[1].endswith("; and 2 more. Check scores and weights, and evaluate again.")


def test_three_impossible_values_are_all_named() -> None:
    bad = {MetricKey(name): Scalar(2.0) for name in ("auc", "bpsn_auc", "bnsp_auc")}
    (found,) = reasons(with_part(scalars=bad))
    assert found[1] == (
        "The evaluation holds values that cannot be: candidate, auc on g:a of 2; candidate, bpsn_auc on g:a of 2; "
        "candidate, bnsp_auc on g:a of 2. Check scores and weights, and evaluate again."
    )


@pytest.mark.parametrize(
    ("rows", "distinct", "clustered", "says"),
    [
        (1000, None, False, ""),
        (None, 5, False, ""),
        (None, None, False, ""),
        (1000, 950, False, ""),
        (1000, 949, False, "Only 949 of the 1,000 examples are distinct, so every interval is too narrow; remove the copies."),
        (20_000, 200, True, "Only 200 of the 20,000 examples are distinct; the intervals take that into account."),
        (0, 0, False, ""),
    ],
)
def test_copies(rows: int | None, distinct: int | None, *, clustered: bool, says: str) -> None:
    assert sound.copies(replace(SOUND, rows=rows, distinct=distinct, clustered=clustered)) == says


def test_scores_of_swapped_texts() -> None:
    results = CounterfactualResults(
        confidence=0.95, seed=1, mentioned={}, left_out={}, terms=(), invalid_scores={"candidate": 3, "baseline": 0}
    )
    (check,) = sound.of_swaps(results)
    assert (check.name, check.ok, check.reason) == (
        "invalid-scores",
        False,
        "The candidate gave 3 scores of the counterfactual test that are NaN or infinite; every text needs an answer.",
    )
    assert list(sound.of_swaps(None)) == []
