"""Which outcome follows from the lines, and which lines led to it."""

import pytest

from fairgate.gate.outcome import Outcome, RuleLine, RuleResult, decisive, outcome_of


def lines(*results: tuple[str, RuleResult], kind: str = "quality") -> list[RuleLine]:
    """Lines by the id of the rule and the result, each on a slice of its own."""
    return [
        RuleLine(id=name, kind=kind, slice=f"g:{number}", measure="value", outcome=result, reason="Because.")
        for number, (name, result) in enumerate(results)
    ]


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([("a", "passed"), ("b", "passed")], "blessed"),
        ([("a", "waived")], "blessed"),
        ([("a", "waived"), ("a", "not enough data")], "blessed"),
        ([("a", "passed"), ("a", "not enough data"), ("b", "not applicable")], "blessed"),
        ([("a", "passed"), ("b", "failed")], "refused"),
        ([("a", "unproven"), ("b", "failed")], "refused"),
        ([("a", "passed"), ("b", "unproven")], "inconclusive"),
        ([("a", "passed"), ("b", "not enough data")], "inconclusive"),
        ([("a", "not applicable")], "inconclusive"),
        ([], "inconclusive"),
    ],
)
def test_outcome(results: list[tuple[str, RuleResult]], outcome: Outcome) -> None:
    assert outcome_of(lines(*results)) == outcome


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("passed", "blessed"), ("failed", "refused"), ("unproven", "inconclusive"), ("not enough data", "blessed")],
)
def test_outcome_with_a_check(result: RuleResult, outcome: Outcome) -> None:
    """A check alone never blesses; one that failed or is open outweighs a rule that passed."""
    check = lines(("c", result), kind="check")
    assert outcome_of([*check, *lines(("a", "passed"))]) == outcome
    assert outcome_of(lines(("c", "passed"), kind="check")) == "inconclusive"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([("a", "passed"), ("b", "failed"), ("c", "unproven")], ["g:1"]),
        ([("a", "passed"), ("b", "not enough data"), ("c", "unproven")], ["g:2", "g:1"]),
        ([("a", "waived"), ("a", "not enough data"), ("b", "passed")], ["g:2"]),
        ([("a", "passed"), ("a", "not enough data"), ("b", "waived")], ["g:0"]),
    ],
)
def test_decisive_lines(results: list[tuple[str, RuleResult]], expected: list[str]) -> None:
    """A waived slice judges its rule, so that others without data leave nothing open."""
    assert [line.slice for line in decisive(lines(*results))] == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_number_that_is_not_finite_is_none(value: float) -> None:
    line = RuleLine(
        id="a", kind="gap", measure="ratio", value=value, interval=(value, 2.0), limit=1.5, outcome="passed", reason="So."
    )
    assert (line.value, line.interval, line.limit) == (None, (None, 2.0), 1.5)
