"""How often chance alone refuses: models that keep every limit in truth, measured on samples.

The errors of the two models are drawn independently, which is harder than reality, where both answer the same examples.
"""

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from fairgate.gate import decision
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import decide

FPR, FNR, AUC = MetricKey("false_positive_rate", 0.5), MetricKey("false_negative_rate", 0.5), MetricKey("auc")
RUNS = 150
pytestmark = pytest.mark.no_cover  # a simulation; the lines are counted where each rule is tested


def _model(random: np.random.Generator, groups: dict[str, int], rates: dict[str, float]) -> dict[str, SliceMetrics]:
    """Groups of some negatives (and a quarter as many positives) with true false positive rates; 9 others for each of a group."""
    errors = {name: int(random.binomial(n, rates[name])) for name, n in groups.items()}
    rest = 9 * sum(groups.values())
    counts = {name: (errors[name], n) for name, n in groups.items()}
    counts["overall"] = (sum(errors.values()) + int(random.binomial(rest, rates["rest"])), sum(groups.values()) + rest)
    slices = {}
    for name, (false_positives, negatives) in counts.items():
        positives = negatives // 4
        measured = {FPR: Rate(false_positives, negatives), FNR: Rate(int(random.binomial(positives, 0.25)), positives)}
        auc = Scalar(float(random.normal(0.88, 0.004)), 0.004)
        slices[name] = SliceMetrics(negatives + positives, positives, negatives, measured, {AUC: auc})
    return slices


def refused(policy: Policy, groups: dict[str, int], rates: dict[str, float]) -> float:
    """The share of runs in which a candidate with the baseline's true rates is refused.

    How many examples an open rule needs is not computed: it takes nine tenths of the time and changes no outcome.
    """
    random = np.random.default_rng(20)
    with patch.object(decision, "_with_needed", lambda line, *_: line):
        outcomes = [
            decide(policy, Evaluation({name: _model(random, groups, rates) for name in ("candidate", "baseline")})).outcome
            for _ in range(RUNS)
        ]
    return outcomes.count("refused") / RUNS


@pytest.mark.parametrize(("negatives", "rate"), [(100, 0.05), (1000, 0.28)])
def test_the_default_policy_refuses_an_equal_model_rarely(negatives: int, rate: float) -> None:
    """Four groups with the same true rates as everyone, the candidate no better or worse than the baseline: at most 5 %."""
    groups = {f"gender:{index}": negatives for index in range(4)}
    assert refused(binary_fairness(("gender",)), groups, dict.fromkeys([*groups, "rest"], rate)) <= 0.05


def test_a_gap_exactly_at_its_limit_is_refused_rarely() -> None:
    """The hardest case that still keeps the limit: 0.2 is 1.25 times the overall 0.16, which the other 90 % have at 0.1556."""
    rule = {
        "kind": "gap",
        "id": "gap",
        "metric": "false_positive_rate",
        "thresholds": [0.5],
        "slices": ["gender:*"],
        "limit": 1.25,
    }
    policy = Policy.model_validate({"rules": [rule]})
    assert refused(policy, {"gender:0": 500}, {"gender:0": 0.2, "rest": (0.16 - 0.1 * 0.2) / 0.9}) <= 0.05


@pytest.mark.parametrize(("multiplicity", "least", "most"), [("none", 0.2, 0.7), ("holm", 0.0, 0.05)])
def test_many_slices_need_the_correction(multiplicity: str, least: float, most: float) -> None:
    """24 groups, none of which may be worse than in the baseline: by chance one often is, and Holm's correction holds 5 %."""
    groups = {f"gender:{index}": 300 for index in range(24)}
    rule: dict[str, Any] = {"kind": "not_worse", "id": "a", "metric": "false_positive_rate", "thresholds": [0.5]}
    policy = Policy.model_validate({"rules": [{**rule, "slices": ["gender:*"]}], "multiplicity": multiplicity})
    assert least <= refused(policy, groups, dict.fromkeys([*groups, "rest"], 0.2)) <= most
