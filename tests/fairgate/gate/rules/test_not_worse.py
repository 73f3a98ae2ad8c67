"""A rule of kind `not_worse`: what it measures, by numbers that can be checked by hand, and its lint."""

from typing import Any

import pytest

from tests.fairgate.gate.judging import MakeSlice, of_models, outcome
from tests.fairgate.gate.linting import messages_of


def test_not_worse_counts_proven_losses_alone(of: MakeSlice) -> None:
    """A loss within the interval passes, one beyond it fails, a gain passes."""
    rule = {"kind": "not_worse", "metric": "auc"}
    before = of(auc=0.90, error=0.01, n=1000)
    slight, great, gain = (of_models(of(auc=value, error=0.01, n=1000), before) for value in (0.88, 0.86, 0.95))
    assert outcome(slight, rule).outcome == "passed"
    assert outcome(slight, rule).reason.endswith(
        "it must not be worse. The limit is broken, but the interval reaches back within it."
    )
    assert outcome(great, rule).outcome == "failed"
    assert outcome(gain, rule).outcome == "passed"
    assert outcome(great, rule).limit == 0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "not_worse", "metric": "positive_rate", "thresholds": [0.5]}, "positive_rate has no direction"),
    ],
)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each alone, by one message that names the rule, the value and the remedy."""
    (found,) = messages_of(rule)
    assert found.startswith("policy, rule 'a': ")
    assert message in found


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "not_worse", "metric": "calibration_error"},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []
