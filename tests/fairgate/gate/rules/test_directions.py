"""Every metric under every kind of rule: the side that harms is refused, the other is not, and without a side both are.

Two slices of one size: `g:a` at .2, `g:b` at .4, all examples at .3, which is also what the baseline had everywhere.
"""

from typing import Any

import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.lint import lint
from fairgate.gate.measured import Measured, measured
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.registry import Metric
from tests.fairgate.gate.judging import outcomes

A, B = "g:a", "g:b"
VALUES = {"overall": 0.3, A: 0.2, B: 0.4}
N = 1_000_000
KINDS: dict[str, dict[str, Any]] = {
    "gap, ratio to overall": {"kind": "gap", "limit": 1.25},
    "gap, difference to overall": {"kind": "gap", "measure": "difference", "limit": 0.05},
    "gap, ratio to the rest": {"kind": "gap", "against": "rest", "limit": 1.25},
    "gap, difference to the rest": {"kind": "gap", "against": "rest", "measure": "difference", "limit": 0.05},
    "improvement of ratios": {"kind": "improvement", "across": "each"},
    "improvement of differences": {"kind": "improvement", "across": "each", "measure": "difference"},
    "guard": {"kind": "guard", "margin": 0.05},
    "not worse": {"kind": "not_worse", "margin": 0.05},
    "beats trivial": {"kind": "beats_trivial", "reference": 0.3},
}
NEED_A_SIDE = ("guard", "not worse", "beats trivial")
SIDED = {"higher": {A: "passed", B: "failed"}, "lower": {A: "failed", B: "passed"}, None: {A: "failed", B: "failed"}}
MEASURED = [metric for metric in registry.known() if "counterfactual" not in metric.needs]
OF_SLICES = [metric for metric in MEASURED if metric.on != "overall"]


def _measured(metric: Metric) -> Measured:
    classes = ("0", "1") if metric.task != "multiclass" else ("x", "y", "z")
    config = EvaluationConfig(slice_features=("g",), splits=("train", "eval"), thresholds=(0.5,))
    labels = LabelSpec("label", classes, "binary" if len(classes) == 2 else "multiclass")
    found = measured(labels, config, {"g": ("a", "b")})
    return Measured(found.task, found.thresholds, found.features, splits=found.splits, of_table=True)


def _slice(metric: Metric, value: float, n: int) -> SliceMetrics:
    key = MetricKey(metric.name, 0.5 if metric.at_thresholds else None)
    if metric.name in _RATES:
        return SliceMetrics(n, n // 2, n // 2, {key: Rate(value * n, n)})
    return SliceMetrics(n, n // 2, n // 2, {}, {key: Scalar(value, 1e-4)})


_RATES = {
    "false_positive_rate",
    "false_negative_rate",
    "true_positive_rate",
    "true_negative_rate",
    "precision",
    "positive_rate",
    "scoring_rate",
    "false_discovery_rate",
    "false_omission_rate",
    "accuracy",
    "recall",
}


def _rule(metric: Metric, kind: str, worse: str | None) -> dict[str, Any]:
    at = {"thresholds": [0.5]} if metric.at_thresholds else {}
    side = {} if worse is None else {"worse": worse}
    return {"metric": metric.name, "slices": [A, B], **at, **side, **KINDS[kind]}


def _evaluation(metric: Metric) -> Evaluation:
    sizes = {name: N if name == "overall" else N // 2 for name in VALUES if name != "overall" or metric.on != "groups"}
    candidate = {name: _slice(metric, VALUES[name], n) for name, n in sizes.items()}
    baseline = {name: _slice(metric, VALUES["overall"], n) for name, n in sizes.items()}
    return Evaluation({"candidate": candidate, "baseline": baseline})


def _problems(metric: Metric, rule: dict[str, Any]) -> list[str]:
    return [str(each) for each in lint(Policy.model_validate({"rules": [{"id": "a", **rule}]}), _measured(metric))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", OF_SLICES, ids=lambda metric: metric.name)
def test_the_side_that_harms_is_refused(metric: Metric, kind: str) -> None:
    """By the metric's own direction, or, without one, on both sides, and on the side that the rule names."""
    sides = (None,) if metric.worse else (None, "higher", "lower")
    for side in sides:
        rule = _rule(metric, kind, side)
        direction = metric.worse or side
        problems = _problems(metric, rule)
        if direction is None and kind in NEED_A_SIDE:
            assert any("has no direction in which it gets worse; add worse" in problem for problem in problems)
            continue
        if problems:  # not measured on all examples or on these slices, or no rate
            assert any("is not evaluated on" in problem or "is no rate" in problem for problem in problems), problems
            continue
        lines = outcomes(_evaluation(metric), rule)
        assert {line.slice: line.outcome for line in lines} == SIDED[direction]
        assert all(line.proven for line in lines)


@pytest.mark.parametrize("metric", OF_SLICES, ids=lambda metric: metric.name)
def test_the_worst_slice_is_held_to_the_best_one(metric: Metric) -> None:
    """Whatever the direction, .4 and .2 are a ratio of 2; the worst one is named, the higher one where neither is worse."""
    rule = {**_rule(metric, "gap, ratio to overall", None), "against": "best"}
    if not any("is not evaluated on" in problem for problem in _problems(metric, rule)):
        (line,) = outcomes(_evaluation(metric), rule)
        worst, ratio = (A, 0.5) if metric.worse == "lower" else (B, 2.0)
        assert (line.outcome, line.slice) == ("failed", worst)
        assert line.value == pytest.approx(ratio)


@pytest.mark.parametrize("metric", OF_SLICES, ids=lambda metric: metric.name)
def test_the_limit_of_the_worst_slice_is_on_the_side_that_harms(metric: Metric) -> None:
    """Else everything that harms keeps it; a rule of kind quality says itself which side it limits."""
    rule = {**_rule(metric, "gap, ratio to overall", None), "kind": "worst_slice"}
    del rule["limit"]
    floor, ceiling = (_problems(metric, {**rule, key: 0.3}) for key in ("min", "max"))
    if not any("is not evaluated on" in problem for problem in floor):
        assert bool(floor) == (metric.worse == "higher")
        assert bool(ceiling) == (metric.worse == "lower")


def test_metrics_of_all_examples_alone_have_no_slices_to_compare() -> None:
    """Every kind that names slices is refused for them."""
    for metric in (each for each in MEASURED if each.on == "overall"):
        for kind in KINDS:
            assert any("is not evaluated on 'g:a'" in problem for problem in _problems(metric, _rule(metric, kind, None)))
