"""What readers of a verdict see, and in which order."""

from typing import get_args

import pytest

from fairgate.gate import selection
from fairgate.gate.outcome import RuleLine, RuleResult


def line(name: str, outcome: str, *, where: str = "overall", n: float = 100, kind: str = "gap", proven: bool = False) -> RuleLine:
    """A line of a rule."""
    return RuleLine.model_validate(
        {
            "id": name,
            "kind": kind,
            "slice": where,
            "metric": "auc",
            "measure": "value",
            "n": n,
            "outcome": outcome,
            "proven": proven,
            "reason": f"{where} has {n:g}.",
        }
    )


def test_every_result_has_its_place() -> None:
    """A result without one would end in an error where lines are sorted."""
    results = get_args(RuleResult)
    assert sorted(selection.GRAVITY) == sorted(results)
    lines = [line(f"rule-{at}", result) for at, result in enumerate(results)]
    assert [each.outcome for each in selection.gravest_first(lines)] == list(selection.GRAVITY)


@pytest.mark.parametrize(
    ("outcome", "kind", "proven", "expected"),
    [
        ("passed", "gap", True, "proven"),
        ("passed", "gap", False, "not disproven"),
        ("failed", "gap", True, "proven"),
        ("failed", "gap", False, "not proven"),
        ("waived", "gap", True, "proven"),
        ("unproven", "gap", False, ""),
        ("not enough data", "gap", False, ""),
        ("passed", "check", True, ""),
    ],
)
def test_proof_in_words(outcome: str, kind: str, proven: bool, expected: str) -> None:
    assert selection.proof(line("rule", outcome, kind=kind, proven=proven)) == expected


def test_a_rule_that_no_slice_had_enough_examples_for_decides() -> None:
    """It is why a run is inconclusive; beside another slice that was judged, the same line decides nothing."""
    alone = [line("a", "not enough data"), line("b", "passed")]
    assert selection.deciding(alone) == [alone[0]]
    assert selection.deciding([*alone, line("a", "passed", where="race:black")]) == []
    assert selection.deciding([*alone, line("c", "failed")]) == [line("c", "failed")]


def test_too_few_examples_of_one_slice_keep_their_reason() -> None:
    """Of several, all are named, the largest first."""
    lines = [line("a", "not enough data", where="x", n=3), line("b", "not enough data", where="x", n=3)]
    lines.append(line("b", "not enough data", where="y", n=50))
    assert selection.too_few(lines) == {"a": "x has 3.", "b": "2 slices have too few examples: y (50) and x (3)."}
