"""Judge rules on evaluations that were made by hand."""

from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

import numpy as np

from fairgate.gate import decides, decision
from fairgate.gate.outcome import CHECK, Decision, RuleLine
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Paired, PairedBuckets, PairedRate, Rate, SliceMetrics

Cells = tuple[float, float, float, float]
MakeSlice = Callable[..., SliceMetrics]
FPR: dict[str, Any] = {"metric": "false_positive_rate", "thresholds": [0.5]}
FPR_KEY = MetricKey("false_positive_rate", 0.5)


def decide(policy: Policy, evaluation: Evaluation, **facts: Any) -> Decision:
    """What the rules answer; whether the candidate decides at all is tested apart, on evaluations that are complete."""
    with patch.object(decides, "check", return_value=iter(())):
        return decision.decide(policy, evaluation, **facts)


def outcomes(evaluation: Evaluation, *rules: dict[str, Any], **settings: Any) -> list[RuleLine]:
    """What the gate finds by some rules; its own checks are tested apart."""
    named = [{"id": f"rule-{number}", **rule} for number, rule in enumerate(rules)]
    lines = decide(Policy.model_validate({"rules": named, **settings}), evaluation).rules
    return [line for line in lines if line.kind != CHECK]


def outcome(evaluation: Evaluation, rule: dict[str, Any], **settings: Any) -> RuleLine:
    """The only thing that the gate finds."""
    (found,) = outcomes(evaluation, rule, **settings)
    return found


def ends_of(line: RuleLine) -> tuple[float, float]:
    """The ends of an interval that is bounded."""
    assert line.interval is not None
    low, high = line.interval
    assert low is not None
    assert high is not None
    return low, high


def of_models(candidate: SliceMetrics, baseline: SliceMetrics) -> Evaluation:
    """Both models on overall alone."""
    return Evaluation({"candidate": {"overall": candidate}, "baseline": {"overall": baseline}})


def paired(cells: Mapping[str, Cells], buckets: int | None = None, key: MetricKey = FPR_KEY) -> Evaluation:
    """Both models with their joint counts: slice -> both, baseline alone, candidate alone, neither.

    Where a number of buckets is given, the examples of each cell are spread evenly over them.
    """
    pairs = {}
    for name, of_slice in cells.items():
        both, lost, gained, neither = of_slice
        totals = (both + lost + gained + neither, both + lost, both + gained)
        spread = None if buckets is None else PairedBuckets(*(np.full(buckets, total / buckets) for total in totals))
        pairs[name] = PairedRate(of_slice, of_slice, of_slice, spread)

    def model(own: int) -> dict[str, SliceMetrics]:
        return {
            name: SliceMetrics(round(sum(pair.rows)), rates={key: Rate(pair.rows[0] + pair.rows[own], sum(pair.rows))})
            for name, pair in pairs.items()
        }

    joint = {name: Paired({key: pair}) for name, pair in pairs.items()}
    return Evaluation({"baseline": model(1), "candidate": model(2)}, paired=joint)
