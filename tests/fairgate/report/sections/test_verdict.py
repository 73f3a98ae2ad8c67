"""The first section: every rule, the gravest first."""

from fairgate.report.content import ReportContent
from fairgate.report.sections import verdict
from fairgate.report.view import build_view


def test_the_gravest_outcomes_stand_first(binary_content: ReportContent) -> None:
    """What failed, then what stayed open, then what passed; none is left out."""
    rules = verdict.parts(build_view(binary_content)).values["rules"]
    outcomes = [rule.outcome for rule in rules]
    order = ("failed", "unproven", "not enough data", "not applicable", "passed")
    assert outcomes == sorted(outcomes, key=order.index)
    assert {rule.id for rule in rules} == {rule.id for rule in binary_content.verdict.rules}
